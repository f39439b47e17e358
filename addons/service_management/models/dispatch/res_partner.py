from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    designated_point_id = fields.Many2one(
        "service.point",
        string="Designated Service Point",
        index="btree_not_null",
        groups="service_management.group_service_user",
        help="Preferred in dispatch for this customer; a contract's own comes first.",
    )
