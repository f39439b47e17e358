from odoo import fields, models


class ServiceContractTemplateLine(models.Model):
    _name = "service.contract.template.line"
    _description = "Contract Template Entitlement"
    _inherit = "service.entitlement.terms"

    template_id = fields.Many2one(
        "service.contract.template", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="template_id.currency_id")

    _quantity_not_negative = models.Constraint(
        "CHECK (quantity >= 0 AND rollover_limit >= 0 AND overage_price >= 0)",
        "Quantities and prices of an entitlement cannot be negative.",
    )
