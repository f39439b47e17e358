from . import service_margin_report
from . import service_settlement_audit
from . import service_settlement_reconciliation
