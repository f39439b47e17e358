from . import test_catalog_access
from . import test_checklist_editor
from . import test_data
from . import test_fault_code
from . import test_skill_requirement
from . import test_stage
