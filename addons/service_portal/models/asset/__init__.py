from . import service_asset
from . import service_warranty
from . import stock_lot
