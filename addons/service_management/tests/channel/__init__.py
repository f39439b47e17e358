from . import test_api
from . import test_api_live
