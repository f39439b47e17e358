from odoo import models


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _prepare_installer(self) -> dict:
        vals = super()._prepare_installer()
        if vals and self.technician_id:
            vals["installed_by_technician_id"] = self.technician_id.id
        return vals
