from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    service_line_ids = fields.One2many(
        "sale.order.line",
        "order_id",
        string="Service Contracts",
        domain=[("service_contract_template_id", "!=", False)],
        help="The lines that make a service contract when the order is confirmed.",
    )
    service_contract_count = fields.Integer(compute="_compute_service_contract_count")

    @api.depends("order_line.service_contract_ids")
    def _compute_service_contract_count(self):
        for order in self:
            # sudo: service.contract: how many there are, not what is in them
            order.service_contract_count = len(
                order.order_line.sudo().service_contract_ids
            )

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._make_service_contracts()
        return result

    def _action_cancel(self):
        """What was not sold after all covers nothing."""
        result = super()._action_cancel()
        # sudo: service.contract: follows from the sale
        contracts = self.order_line.sudo().service_contract_ids
        contracts.filtered(lambda rec: rec.state != "closed").action_close()
        return result

    def action_view_service_contracts(self):
        self.ensure_one()
        contracts = self.order_line.service_contract_ids
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_contract"
        )
        if len(contracts) == 1:
            return action | {
                "res_id": contracts.id,
                "views": [(False, "form")],
                "context": {},
            }
        return action | {"domain": [("id", "in", contracts.ids)], "context": {}}
