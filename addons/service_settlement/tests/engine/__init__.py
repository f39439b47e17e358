from . import test_occasions
from . import test_pricing
