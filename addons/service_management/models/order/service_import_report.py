from odoo import api, models

from odoo.addons.service_management.engine import open_repair

# Refusals beyond these are counted, not listed: a file of the wrong kind would
# otherwise become a list of a million lines.
MAX_REFUSALS = 20_000


class ServiceImport(models.Model):
    """What an import tells people: refused lines with reasons, figures, whether they
    agree. The engines give codes; the sentences are here."""

    _inherit = "service.import"

    # Refusals

    def _add_refusals(self, refusals):
        """Keep why lines were not taken over."""
        if not refusals:
            return
        room = max(0, MAX_REFUSALS - self.refused_count)
        self.env["service.import.refusal"].sudo().create(
            [
                {
                    "import_id": self.id,
                    "line": refusal.line,
                    "reason": self._explain(refusal.reasons),
                    "raw": refusal.raw,
                }
                for refusal in refusals[:room]
            ]
        )
        self.sudo()._count(refused_count=len(refusals))

    def _add_notes(self, notes):
        """Keep what is to be known of lines that were taken over: (line, reasons)."""
        if not notes:
            return
        room = max(0, MAX_REFUSALS - self.note_count)
        self.env["service.import.refusal"].sudo().create(
            [
                {
                    "import_id": self.id,
                    "line": line,
                    "level": "note",
                    "reason": self._explain(reasons),
                }
                for line, reasons in notes[:room]
            ]
        )
        self.sudo()._count(note_count=len(notes))

    @api.model
    def _explain(self, reasons) -> str:
        texts = self._get_reason_texts()
        return "; ".join(
            texts[reason.code] % {"column": reason.column, "value": reason.value}
            for reason in reasons
        )

    @api.model
    def _get_reason_texts(self) -> dict[str, str]:
        _ = self.env._
        return {
            "columns": _("%(value)s columns instead of %(column)s"),
            "quotes": _("a quotation mark is opened and not closed"),
            "nul": _("contains NUL bytes"),
            "encoding": _("is not UTF-8 text"),
            "missing": _("%(column)s is missing"),
            "not_an_id": _("%(column)s: '%(value)s' cannot identify anything"),
            "id_twice": _("%(column)s: the same as in line %(value)s"),
            "row_twice": _("the same row as line %(value)s"),
            "status": _("%(column)s: '%(value)s' is not known"),
            "date": _("%(column)s: '%(value)s' is not a date"),
            "date_range": _("%(column)s: %(value)s is out of range"),
            "number": _("%(column)s: '%(value)s' is not a number"),
            "left_out": _("%(column)s: '%(value)s' could not be read and was left out"),
            "unserved": _("no service point could take the order: it stays open"),
            "mismatch": _("%(column)s: the order is '%(value)s'"),
            "failed": _("could not be imported: %(value)s"),
        }

    @api.model
    def _explain_file_error(self, error) -> str:
        _ = self.env._
        texts = {
            "empty": _("The file is empty."),
            "damaged": _("The file is damaged and cannot be unpacked: %(value)s"),
            "too_large": _("The unpacked file is larger than 1 GB. Split it."),
            "column_twice": _("Two columns of the file are called %(value)s."),
        }
        return texts[error.code] % {"value": error.value}

    # What came of it, for whoever started it

    def _get_summary(self) -> list:
        """(label, figure) pairs."""
        self.ensure_one()
        _ = self.env._
        return [
            (_("Rows"), self.row_count),
            (_("New orders"), self.created_count),
            (_("Already there"), self.existing_count),
            (_("Closed orders"), self.closed_count),
            (_("Refused rows"), self.refused_count),
            (_("Notes"), self.note_count),
        ]

    def _get_remarks(self, limit=25) -> list:
        """(title, lines) of what was refused and noted: how often, and where first."""
        self.ensure_one()
        _ = self.env._
        remarks = []
        for level, title in (
            ("refused", _("Refused rows by reason")),
            ("note", _("Notes by reason")),
        ):
            groups = self.env["service.import.refusal"]._read_group(
                [("import_id", "=", self.id), ("level", "=", level)],
                ["reason"],
                ["__count", "line:min"],
                order="__count desc, line:min",
                limit=limit,
            )
            if groups:
                remarks.append(
                    (
                        title,
                        [
                            _(
                                "%(count)s × %(reason)s (first in line %(line)s)",
                                count=count,
                                reason=reason,
                                line=line,
                            )
                            for reason, count, line in groups
                        ],
                    )
                )
        return remarks

    def _get_disagreements(self) -> list[str]:
        """Sentences about figures that should be the same and are not."""
        self.ensure_one()
        problems = []
        if self.state != "done":
            problems.append(self.env._("The import has not come to its end."))
        taken = self.created_count + self.existing_count
        lost = self.unit_count - taken
        if self.kind == open_repair.KIND:
            lost -= self.refused_count
        if lost:
            problems.append(
                self.env._("%(count)s entries of the file are no orders.", count=lost)
            )
        if self.failed_count:
            problems.append(
                self.env._(
                    "%(count)s good rows could not be imported.",
                    count=self.failed_count,
                )
            )
        if self.mismatch_count:
            problems.append(
                self.env._(
                    "%(count)s orders are not in the state of the log.",
                    count=self.mismatch_count,
                )
            )
        return problems
