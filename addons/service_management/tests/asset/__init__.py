from . import test_asset_owner
from . import test_register
from . import test_warranty_frozen
