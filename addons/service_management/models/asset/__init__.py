from . import product_template
from . import service_asset
from . import service_warranty
