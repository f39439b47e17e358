from . import service_order
from . import service_order_wording
from . import service_order_page
from . import service_order_rating
from . import service_order_request
from . import service_campaign_asset
