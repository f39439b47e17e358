from . import service_stage
from . import service_type
from . import service_skill_requirement
from . import service_fault_code
from . import service_reject_reason
from . import service_checklist_item
from . import service_checklist
from . import service_type_checklist
