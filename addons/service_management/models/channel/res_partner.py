from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Each mail asks for its sender among hundreds of thousands
    email_normalized = fields.Char(index="btree_not_null")
