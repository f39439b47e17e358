from odoo import models


class ServicePartReturn(models.Model):
    _inherit = "service.part.return"

    def action_inspect(self, result, disposition=None, note=None):
        answer = super().action_inspect(result, disposition, note)
        # sudo: service.part.return: who inspects need not be an accountant
        claimed = self.sudo().filtered("supplier_claim")
        self.env["service.recovery"]._file(claimed)
        return answer
