import io

import xlsxwriter

from odoo import models

# Lines read at once: what a sheet of ten thousand needs in memory.
CHUNK = 500
WIDTHS = (18, 12, 20, 14, 60, 12, 12, 12, 30)


class ServiceSettlement(models.Model):
    """The statement as a sheet with all of its lines, and as rows for pages."""

    _inherit = "service.settlement"

    def _get_xlsx(self) -> bytes:
        """The statement with every line, written row by row: its size is bounded by
        the disk, not by memory."""
        self.ensure_one()
        stream = io.BytesIO()
        # Texts are texts: what looks like a formula is none, whoever typed it
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(stream, options) as book:
            formats = {
                "title": book.add_format({"bold": True, "font_size": 14}),
                "bold": book.add_format({"bold": True}),
                "head": book.add_format({"bold": True, "bottom": 1}),
                "money": book.add_format({"num_format": self._get_money_format()}),
                "sum": book.add_format(
                    {"bold": True, "top": 1, "num_format": self._get_money_format()}
                ),
                "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            }
            self._write_summary(book.add_worksheet(self.env._("Statement")), formats)
            self._write_lines(book.add_worksheet(self.env._("Lines")), formats)
        return stream.getvalue()

    def _get_money_format(self) -> str:
        places = self.currency_id.decimal_places
        return "#,##0" + ("." + "0" * places if places else "")

    def _write_summary(self, sheet, formats):
        # sudo: service.point: who may read the statement may read whose it is
        point = self.sudo().point_id
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 3, 18)
        sheet.write_string(0, 0, self.name or "", formats["title"])
        rows = (
            (self.env._("Service Point"), point.display_name or ""),
            (self.env._("Period"), self._get_period_label()),
            (self.env._("Currency"), self.currency_id.name),
            (self.env._("Invoice of the Point"), self.partner_invoice_number or ""),
        )
        for row, (label, value) in enumerate(rows, start=1):
            sheet.write_string(row, 0, label, formats["bold"])
            sheet.write_string(row, 1, value)
        row = len(rows) + 2
        for column, label in enumerate(
            (self.env._("Kind"), self.env._("Lines"), self.env._("Amount"))
        ):
            sheet.write_string(row, column, label, formats["head"])
        for label, count, amount in self._get_kind_totals():
            row += 1
            sheet.write_string(row, 0, label)
            sheet.write_number(row, 1, count)
            sheet.write_number(row, 2, amount, formats["money"])
        row += 1
        sheet.write_string(row, 0, self.env._("Total without taxes"), formats["bold"])
        sheet.write_number(row, 2, self.amount_total, formats["sum"])

    def _write_lines(self, sheet, formats):
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        heads = (
            self.env._("Order"),
            self.env._("Done On"),
            self.env._("Service Type"),
            self.env._("Kind"),
            self.env._("Computed From"),
            self.env._("Claimed"),
            self.env._("Checked"),
            self.env._("Approved"),
            self.env._("Note"),
        )
        for column, label in enumerate(heads):
            sheet.write_string(0, column, label, formats["head"])
        sheet.freeze_panes(1, 0)
        row = 0
        for line in self._iter_lines():
            row += 1
            sheet.write_string(row, 0, line["order"])
            if line["date"]:
                sheet.write_datetime(row, 1, line["date"], formats["date"])
            sheet.write_string(row, 2, line["type"])
            sheet.write_string(row, 3, line["kind"])
            sheet.write_string(row, 4, line["formula"])
            for column, name in enumerate(("claimed", "checked", "approved"), start=5):
                sheet.write_number(row, column, line[name], formats["money"])
            sheet.write_string(row, 8, line["note"])
        sheet.autofilter(0, 0, max(row, 1), len(heads) - 1)
        sheet.write_string(row + 1, 0, self.env._("Total"), formats["bold"])
        sheet.write_number(row + 1, 7, self.amount_total, formats["sum"])

    def _iter_lines(self):
        """All rows: the claim lines in pieces, then the adjustments."""
        offset = 0
        while rows := self._get_line_rows(offset, CHUNK):
            yield from rows
            offset += CHUNK
            self.env["service.claim.line"].invalidate_model()
        yield from self._get_adjustment_rows()

    def _get_line_rows(self, offset=0, limit=None) -> list[dict]:
        """Claim lines as plain values, in the order of the work."""
        self.ensure_one()
        # sudo: service.claim.line: all of a statement that the reader may read; names
        # of its orders and types are part of it
        lines_sudo = (
            self.env["service.claim.line"]
            .sudo()
            .search(
                [("claim_id.settlement_id", "=", self.id)],
                order="id",
                offset=offset,
                limit=limit,
            )
        )
        kinds = dict(lines_sudo._fields["kind"]._description_selection(self.env))
        return [
            {
                "id": line.id,
                "order": line.claim_id.order_id.name or "",
                "date": line.claim_id.date,
                "type": line.claim_id.type_id.name or "",
                "kind": kinds.get(line.kind, line.kind),
                "formula": line.formula or "",
                "claimed": line.amount_claimed,
                "checked": line.amount_checked,
                "approved": line.amount_approved,
                "note": line.note or "",
            }
            for line in lines_sudo
        ]

    def _get_adjustment_rows(self) -> list[dict]:
        self.ensure_one()
        # sudo: service.settlement.adjustment: as the lines
        adjustments_sudo = self.sudo().adjustment_ids
        kinds = dict(adjustments_sudo._fields["kind"]._description_selection(self.env))
        return [
            {
                "id": row.id,
                "order": row.claim_id.order_id.name or "",
                "date": row.date,
                "type": "",
                "kind": kinds[row.kind],
                "formula": row.reason or "",
                "claimed": row.amount,
                "checked": row.amount,
                "approved": row.amount,
                "note": "",
            }
            for row in adjustments_sudo
        ]

    def action_xlsx(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/my/settlements/{self.id}/xlsx",
            "target": "download",
        }
