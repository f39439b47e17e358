from . import service_offer_reject
from . import service_order_dispatch
from . import service_visit_part
from . import service_visit_plan
from . import service_order_reason
from . import service_area_import
from . import service_call_callback
from . import service_inbox_file
