from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    service_contract_template_id = fields.Many2one(
        "service.contract.template",
        string="Contract Template",
        index="btree_not_null",
        help="Selling this service makes a service contract on these terms.",
    )
