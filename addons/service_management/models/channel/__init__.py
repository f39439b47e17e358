from . import res_company
from . import res_config_settings
from . import res_users
from . import service_order_request
from . import service_call_event
from . import service_call
from . import service_order_call
