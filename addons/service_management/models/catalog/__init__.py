from . import service_stage
from . import service_type
from . import service_skill_requirement
from . import service_fault_code
from . import service_reject_reason
