from . import service_claim_reject
from . import service_settlement_run
