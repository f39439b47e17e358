from odoo import fields, models


class ServiceBrand(models.Model):
    """Whose products they are: manufacturers authorise service points by brand."""

    _name = "service.brand"
    _description = "Brand"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "There is already a brand of this name."
    )
