from . import service_charge_demo
from . import service_demo
from . import service_claim_demo
