from odoo import api, models

HOURLY_COST = 12.0


class ServiceDemo(models.AbstractModel):
    """What customers pay: some invoiced, one paid in cash that waits for the cashier,
    the rest still to charge."""

    _inherit = "service.demo"

    @api.model
    def _load_charges(self):
        orders = self._get_orders()
        if not orders or self.env["service.collection"].search_count([], limit=1):
            return
        company = self.env.ref("base.main_company")
        accountant = self.env.ref("service_settlement.demo_user_accountant")
        travel = self.env.ref("service_settlement.demo_product_trip")
        types = self.env["service.type"].search([("charge_product_id", "!=", False)])
        types.charge_travel_product_id = travel
        self.env["service.technician"].search(
            [("point_id.is_settled", "=", False)]
        ).hourly_cost = HOURLY_COST
        orders._settle_charges()
        due = orders.filtered("charge_due").sorted("date_done")
        self._take_cash(due[:2])
        orders = due[: len(due) // 2].with_user(accountant).with_company(company)
        orders.action_charge()

    @api.model
    def _take_cash(self, orders):
        """Two customers paid the crew; one of them with a card."""
        for order, method in zip(orders, ("cash", "card"), strict=False):
            visit = order.visit_ids.filtered(lambda visit: visit.state == "done")[:1]
            user = visit.technician_id.user_id or self.env.user
            if visit:
                visit.with_user(user).action_collect(
                    order.type_id.charge_product_id.lst_price, method
                )
