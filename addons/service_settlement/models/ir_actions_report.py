from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_models_printed_alone(self):
        return super()._get_models_printed_alone() | {"service.settlement"}
