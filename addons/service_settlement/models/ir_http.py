from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_form_folders(cls):
        pages = ("/my/settlements", "/my/claims", "/my/payments-on-site")
        return (*super()._get_form_folders(), *pages)
