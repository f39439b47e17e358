from . import test_customer_pages
from . import test_request
from . import test_photo
from . import test_point_pages
from . import test_access_matrix
from . import test_route_scanner
from . import test_budget
from . import test_portal_browser
