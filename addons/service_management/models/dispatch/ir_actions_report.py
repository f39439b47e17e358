import io
from collections import OrderedDict

from reportlab.pdfgen import canvas

from odoo import models
from odoo.tools.pdf import OdooPdfFileReader, OdooPdfFileWriter, PdfReadError

# Where the number of a page stands, in points from its foot
NUMBER_HEIGHT = 22
NUMBER_SIZE = 8


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
        if not alone or not res_ids:
            return prepare(report_ref, data, res_ids=res_ids)
        streams = OrderedDict()
        for res_id in res_ids:
            streams |= prepare(report_ref, data, res_ids=[res_id])
        for printed in streams.values():
            if printed["stream"] and not printed["attachment"]:
                printed["stream"] = self._number_pages(printed["stream"])
        return streams

    def _number_pages(self, stream: io.BytesIO) -> io.BytesIO:
        """The document with "2 / 5" at the foot of its pages, where it has several.

        The PDF engine as Debian builds it prints no page footers.
        """
        try:
            document = OdooPdfFileReader(stream, strict=False)
            count = document.getNumPages()
        except PdfReadError:
            # Whatever the engine made: it is printed, without numbers
            count = 0
        if count < 2:
            stream.seek(0)
            return stream
        feet = io.BytesIO()
        drawn = canvas.Canvas(feet)
        for number in range(count):
            box = document.getPage(number).mediaBox
            drawn.setPageSize((float(box.getWidth()), float(box.getHeight())))
            drawn.setFont("Helvetica", NUMBER_SIZE)
            drawn.drawCentredString(
                float(box.getWidth()) / 2, NUMBER_HEIGHT, f"{number + 1} / {count}"
            )
            drawn.showPage()
        drawn.save()
        feet.seek(0)
        overlay = OdooPdfFileReader(feet, strict=False)
        writer = OdooPdfFileWriter()
        for number in range(count):
            page = document.getPage(number)
            page.mergePage(overlay.getPage(number))
            writer.addPage(page)
        numbered = io.BytesIO()
        writer.write(numbered)
        numbered.seek(0)
        return numbered
