from odoo import fields, models


class ServiceWarrantyExtension(models.Model):
    """An extension is sold by Odoo's own sales: one for each asset of the line."""

    _inherit = "service.warranty.extension"

    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Sold By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    _sold_uniq = models.UniqueIndex(
        "(sale_line_id, asset_id) WHERE sale_line_id IS NOT NULL AND state = 'sold'",
        "This sale extends the warranty of the asset already.",
    )
