from . import service_charge_quote
from . import service_charge_refund
from . import service_claim_hold
from . import service_collection_take
from . import service_settlement_answer
from . import service_claim_decision
from . import service_settlement_run
