from . import service_order_event
from . import service_order
from . import service_order_flow
from . import service_order_channel
from . import res_partner
from . import service_asset
