from . import service_owner_mixin
from . import service_queue_mixin
from . import service_sheet_mixin
