from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_form_folders(cls):
        return (*super()._get_form_folders(), "/my/service", "/service")

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        # Else what our scripts say on portal pages (checklists, photos, parts pictures)
        # is English for everybody
        modules = super()._get_translation_frontend_modules_name()
        return [*modules, "service_management", "service_portal"]
