from . import test_charge_rules
from . import test_occasions
from . import test_photo_print
from . import test_pricing
from . import test_amount_text
