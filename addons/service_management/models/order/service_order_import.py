from odoo import fields, models


class ServiceOrder(models.Model):
    _inherit = "service.order"

    import_id = fields.Many2one(
        "service.import",
        string="Imported With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
