from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_settlement_journal_id = fields.Many2one(
        related="company_id.service_settlement_journal_id",
        readonly=False,
        domain="[('type', '=', 'purchase'), ('company_id', '=', company_id)]",
    )
    service_settlement_auto_post = fields.Boolean(
        related="company_id.service_settlement_auto_post", readonly=False
    )
    service_claim_auto_approve = fields.Boolean(
        related="company_id.service_claim_auto_approve", readonly=False
    )
    service_settlement_carry = fields.Boolean(
        related="company_id.service_settlement_carry", readonly=False
    )
    service_settlement_invoice_required = fields.Boolean(
        related="company_id.service_settlement_invoice_required", readonly=False
    )
