from . import test_contract
from . import test_order_clocks
from . import test_service_hours
from . import test_sla_access
from . import test_sla_due
from . import test_sla_log
