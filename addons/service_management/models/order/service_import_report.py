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
                    "code": _get_code(refusal.reasons),
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
                    "code": _get_code(reasons),
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
        return {
            "columns": self.env._("%(value)s columns instead of %(column)s"),
            "quotes": self.env._("a quotation mark is opened and not closed"),
            "nul": self.env._("contains NUL bytes"),
            "encoding": self.env._("is not UTF-8 text"),
            "missing": self.env._("%(column)s is missing"),
            "not_an_id": self.env._("%(column)s: '%(value)s' cannot identify anything"),
            "id_twice": self.env._("%(column)s: the same as in line %(value)s"),
            "row_twice": self.env._("the same row as line %(value)s"),
            "status": self.env._("%(column)s: '%(value)s' is not known"),
            "date": self.env._("%(column)s: '%(value)s' is not a date"),
            "date_range": self.env._("%(column)s: %(value)s is out of range"),
            "number": self.env._("%(column)s: '%(value)s' is not a number"),
            "left_out": self.env._(
                "%(column)s: '%(value)s' could not be read and was left out"
            ),
            "unserved": self.env._(
                "no service point could take the order: it stays open"
            ),
            "mismatch": self.env._("%(column)s: the order is '%(value)s'"),
            "failed": self.env._("could not be imported: %(value)s"),
        }

    @api.model
    def _explain_file_error(self, error) -> str:
        texts = {
            "empty": self.env._("The file is empty."),
            "damaged": self.env._(
                "The file is damaged and cannot be unpacked: %(value)s"
            ),
            "too_large": self.env._("The unpacked file is larger than 1 GB. Split it."),
            "column_twice": self.env._("Two columns of the file are called %(value)s."),
        }
        return texts[error.code] % {"value": error.value}

    # What came of it, for whoever started it

    def _get_summary(self) -> list:
        """(label, figure) pairs."""
        self.ensure_one()
        return [
            (self.env._("Rows"), self.row_count),
            (self.env._("New orders"), self.created_count),
            (self.env._("Already there"), self.existing_count),
            (self.env._("Closed orders"), self.closed_count),
            (self.env._("Refused rows"), self.refused_count),
            (self.env._("Notes"), self.note_count),
        ]

    def _get_remarks(self, limit=25) -> list:
        """(title, lines) of what was refused and noted: how often, and where first."""
        self.ensure_one()
        remarks = []
        for level, title in (
            ("refused", self.env._("Refused rows by reason")),
            ("note", self.env._("Notes by reason")),
        ):
            groups = self.env["service.import.refusal"]._read_group(
                [("import_id", "=", self.id), ("level", "=", level)],
                ["code"],
                ["__count", "line:min", "reason:min"],
                order="__count desc, line:min",
                limit=limit,
            )
            if groups:
                lines = [
                    self.env._(
                        "%(count)s × %(reason)s (first in line %(line)s)",
                        count=count,
                        reason=reason,
                        line=line,
                    )
                    for __, count, line, reason in groups
                ]
                remarks.append((title, lines))
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


def _get_code(reasons) -> str:
    """The cause without the values of the one line."""
    return "; ".join(f"{reason.code} {reason.column}".strip() for reason in reasons)
