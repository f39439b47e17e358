from odoo import fields, models


class ServiceWarrantyDocument(models.Model):
    """What a customer shows to prove that a warranty is his."""

    _name = "service.warranty.document"
    _description = "Warranty Document"
    _inherit = ["service.warranty.frozen.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is a warranty document with this code already."
    )
