from collections import OrderedDict

from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Print the days of several technicians one by one, then together: unpatched
        PDF engines refuse more than one record."""
        prepare = super()._render_qweb_pdf_prepare_streams
        report = self._get_report(report_ref)
        if report.model != "service.technician" or not res_ids or len(res_ids) < 2:
            return prepare(report_ref, data, res_ids=res_ids)
        streams = OrderedDict()
        for res_id in res_ids:
            streams |= prepare(report_ref, data, res_ids=[res_id])
        return streams
