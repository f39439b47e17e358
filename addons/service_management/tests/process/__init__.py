from . import test_workitem
from . import test_workflow_version
