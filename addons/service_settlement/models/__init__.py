# addresses of forms, company, settings
from . import ir_http

# what the others build on
from . import service_amount_mixin

# company, settings
from . import res_company
from . import res_company_claim
from . import res_config_settings

# who is settled
from . import service_point

# prices
from . import service_tariff
from . import service_tariff_line
from . import service_tariff_scope
from . import service_tariff_claim
from . import service_tariff_trial

# what a point claims for an order
from . import service_claim_reason
from . import service_claim
from . import service_claim_line
from . import service_claim_formula
from . import service_claim_payer
from . import service_claim_step
from . import service_claim_amount
from . import service_claim_check
from . import ir_attachment
from . import service_claim_signals
from . import service_photo_print
from . import service_claim_peers
from . import service_claim_insert
from . import service_claim_flow
from . import service_claim_filing
from . import service_claim_authorisation
from . import service_claim_portal
from . import service_order
from . import service_order_facts
from . import service_order_tariff
from . import service_order_result

# statements, their corrections and their bills
from . import service_settlement
from . import service_settlement_step
from . import service_settlement_adjustment
from . import service_settlement_advance
from . import service_settlement_dues
from . import service_settlement_hold
from . import service_settlement_dispute
from . import service_settlement_approval
from . import service_settlement_invoice
from . import service_settlement_run
from . import service_settlement_bill
from . import service_settlement_batch
from . import service_settlement_sheet
from . import service_settlement_cockpit
from . import account_move
from . import ir_actions_report

# what the customer pays
from . import res_company_charge
from . import service_type
from . import service_contract
from . import service_point_analytic
from . import sale_order
from . import account_move_line
from . import service_order_charge
from . import service_collection
from . import service_order_collection
from . import service_visit_collection
from . import service_collection_handover
from . import service_settlement_cash
from . import service_settlement_sold

# what the supplier of a part pays back
from . import service_recovery
from . import service_part_return
from . import service_claim_share

# what an order costs and brings
from . import service_technician
from . import stock_move
from . import service_order_cost

# imported history
from . import service_import
