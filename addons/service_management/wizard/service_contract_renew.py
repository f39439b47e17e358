from datetime import timedelta

from odoo import api, fields, models


class ServiceContractRenew(models.TransientModel):
    """Quote a contract's renewal, on the same or on other terms."""

    _name = "service.contract.renew"
    _description = "Renew a Contract"

    contract_id = fields.Many2one("service.contract", required=True, readonly=True)
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_terms",
        store=True,
        readonly=False,
        required=True,
        domain="[('service_contract_template_id', '!=', False)]",
    )
    quantity = fields.Float(compute="_compute_terms", store=True, readonly=False)
    date_start = fields.Date(
        string="Starts On",
        compute="_compute_terms",
        store=True,
        readonly=False,
        required=True,
    )
    uplift = fields.Float(
        string="Price Change (%)",
        compute="_compute_terms",
        store=True,
        readonly=False,
    )

    @api.depends("contract_id")
    def _compute_terms(self):
        for renewal in self:
            contract = renewal.contract_id
            renewal.product_id = (
                contract.product_id
                or contract.template_id.product_ids[:1].product_variant_id
            )
            renewal.quantity = contract.sale_line_id.sudo().product_uom_qty or 1.0
            renewal.date_start = (
                contract.date_end + timedelta(days=1) if contract.date_end else False
            )
            renewal.uplift = contract.renewal_uplift

    def action_confirm(self):
        self.ensure_one()
        self.contract_id.check_access("write")
        self.contract_id._quote_renewal(
            self.product_id, self.quantity, self.date_start, self.uplift
        )
        return self.contract_id.action_view_renewal()
