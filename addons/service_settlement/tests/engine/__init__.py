from . import test_occasions
from . import test_charge
from . import test_pricing
