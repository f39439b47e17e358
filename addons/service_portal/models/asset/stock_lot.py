from urllib.parse import quote, urlencode

from odoo import models


class StockLot(models.Model):
    _inherit = "stock.lot"

    def _get_service_register_url(self) -> str:
        """What the code on the label of the product says; signed."""
        self.ensure_one()
        sign = self.env["service.asset.registration"]._sign
        return f"{self.get_base_url()}/my/service/assets/register?" + urlencode(
            {
                "p": self.product_id.id,
                "s": self.name,
                "c": sign(self.product_id.id, self.name),
            }
        )

    def _get_service_register_image(self) -> str:
        """Where the picture of the code is."""
        text = quote(self._get_service_register_url(), safe="")
        return f"/report/barcode/?barcode_type=QR&value={text}&width=220&height=220"
