from base64 import b64encode
from urllib.parse import urlencode

from odoo import models
from odoo.tools.image import image_data_uri


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
        """The code as a picture in the page: printing must not ask this server."""
        code = self.env["ir.actions.report"].barcode(
            "QR", self._get_service_register_url(), width=220, height=220
        )
        return image_data_uri(b64encode(code))
