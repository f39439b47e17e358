from . import test_api
from . import test_api_live
from . import test_call
from . import test_call_browser
from . import test_call_live
from . import test_request_import
