from . import test_escalation_ladder
from . import test_escalation_race
from . import test_escalation_rule
from . import test_workitem
from . import test_workflow_version
from . import test_workflow_designer
