from odoo import fields, models


class ServiceContract(models.Model):
    _inherit = "service.contract"

    designated_point_id = fields.Many2one(
        "service.point",
        string="Designated Service Point",
        index="btree_not_null",
        check_company=True,
        help="Preferred in dispatch for orders under this contract.",
    )
