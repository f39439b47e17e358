from . import test_asset_import
from . import test_asset_owner
from . import test_employee_assets
from . import test_register
from . import test_warranty_budget
from . import test_warranty_frozen
from . import test_warranty_property
from . import test_warranty_template
