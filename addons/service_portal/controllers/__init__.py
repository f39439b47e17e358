from . import common
from . import photo
from . import customer_asset
from . import customer_order
from . import customer_request
from . import point_offer
from . import point_job
from . import point_visit
