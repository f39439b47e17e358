from collections import OrderedDict

from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_models_printed_alone(self) -> set[str]:
        """Models whose records are printed one by one, then put together: PDF engines
        as Debian builds them refuse more than one document."""
        return {"service.technician", "service.visit"}

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        prepare = super()._render_qweb_pdf_prepare_streams
        report = self._get_report(report_ref)
        alone = report.model in self._get_models_printed_alone()
        if not alone or not res_ids or len(res_ids) < 2:
            return prepare(report_ref, data, res_ids=res_ids)
        streams = OrderedDict()
        for res_id in res_ids:
            streams |= prepare(report_ref, data, res_ids=[res_id])
        return streams
