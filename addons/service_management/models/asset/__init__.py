from . import product_category
from . import product_template
from . import service_asset
from . import service_asset_owner
from . import service_asset_transfer
from . import service_asset_internal
from . import service_warranty
