from odoo import models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    # The same photo at two orders is looked for by content, for every claim
    _service_photo_idx = models.Index(
        "(checksum) WHERE res_model = 'service.visit' AND res_field IS NULL"
    )
