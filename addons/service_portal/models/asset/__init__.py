from . import service_asset
from . import service_warranty
