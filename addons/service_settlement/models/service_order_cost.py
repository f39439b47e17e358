from odoo import fields, models
from odoo.fields import Domain

ACCOUNTANT = "service_settlement.group_settlement_accountant"


class ServiceOrder(models.Model):
    """What an order cost and brought, summed from ``service.margin.report``."""

    _inherit = "service.order"

    cost_parts = fields.Monetary(compute="_compute_costs", groups=ACCOUNTANT)
    cost_labour = fields.Monetary(compute="_compute_costs", groups=ACCOUNTANT)
    cost_travel = fields.Monetary(compute="_compute_costs", groups=ACCOUNTANT)
    cost_fees = fields.Monetary(compute="_compute_costs", groups=ACCOUNTANT)
    cost_total = fields.Monetary(compute="_compute_costs", groups=ACCOUNTANT)
    revenue = fields.Monetary(
        string="Charged to the Customer", compute="_compute_costs", groups=ACCOUNTANT
    )
    margin = fields.Monetary(compute="_compute_costs", groups=ACCOUNTANT)

    def _compute_costs(self):
        report = self.env["service.margin.report"]
        groups = report._read_group(
            Domain("order_id", "in", self.ids),
            ["order_id", "kind"],
            ["cost:sum", "revenue:sum"],
        )
        sums = {(order.id, kind): amounts for order, kind, *amounts in groups}
        for order in self:
            for kind in ("parts", "labour", "travel", "fees"):
                order[f"cost_{kind}"] = sums.get((order.id, kind), (0.0, 0.0))[0]
            order.revenue = sums.get((order.id, "charge"), (0.0, 0.0))[1]
            order.cost_total = (
                order.cost_parts
                + order.cost_labour
                + order.cost_travel
                + order.cost_fees
            )
            order.margin = order.revenue - order.cost_total

    def action_view_margin(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_margin_report"
        )
        return action | {
            "domain": [("order_id", "=", self.id)],
            "view_mode": "list,pivot",
            "views": [(False, "list"), (False, "pivot")],
            "context": {},
        }
