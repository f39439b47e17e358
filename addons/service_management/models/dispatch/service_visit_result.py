import base64
import binascii
import contextlib
import hashlib
import hmac
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_management.engine.picture import PictureError, to_signature

MAX_SIGNATURE = 700_000  # base64 of 500 kB
# Codes of the result and their kind in the fault library; kept on the order.
RESULT_CODES = {
    "section_id": "section",
    "defect_id": "defect",
    "repair_code_id": "repair",
}
TEXT_LIMITS = {"report": 5000, "next_visit_note": 200, "signed_by": 100}
# What a device may set before the visit is finished, one field at a time.
DEVICE_FIELDS = (
    "outcome",
    *TEXT_LIMITS,
    "needs_next_visit",
    "next_visit_date",
    *RESULT_CODES,
)
MAX_CODE_TRIES = 5
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class ServiceVisit(models.Model):
    """The result of a visit as devices and forms send it, and who confirms it."""

    _inherit = "service.visit"

    confirmed_at = fields.Datetime(
        string="Confirmed by the Customer",
        readonly=True,
        copy=False,
        help="The customer told the technician the code that the portal shows.",
    )
    code_tries = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.constrains("signature", "signed_by")
    def _check_signed_by(self):
        """A drawing that nobody's name stands beside proves nothing."""
        for visit in self:
            if not (visit.signed_by or "").strip() and visit.signature:
                raise ValidationError(
                    self.env._("Name is missing: who signed for the customer?")
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_signature(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_signature(vals))

    @api.model
    def _with_signature(self, vals) -> dict:
        """A signature is drawn anew, whichever way it comes: it is shown on pages and
        printed, and nothing else may hide in it."""
        if not vals.get("signature"):
            return vals
        return {**vals, "signature": self._read_signature(vals["signature"])}

    @api.model
    def _read_signature(self, data) -> bytes:
        """:param data: a PNG in base64, or its data URL"""
        try:
            data = data.decode() if isinstance(data, bytes) else str(data or "")
            data = data.partition("base64,")[2] or data
            if len(data) > MAX_SIGNATURE:
                raise PictureError("too large")
            content = base64.b64decode(data, validate=True)
            return base64.b64encode(to_signature(content))
        except (PictureError, binascii.Error, ValueError):
            raise UserError(
                self.env._("The signature could not be read. Please sign again.")
            ) from None

    def _get_report_codes(self, name):
        """The codes that the result of this visit can be told with (sudo)."""
        codes = self.env["service.fault.code"]
        return codes.search(
            codes._get_category_domain(self.order_id.category_id, RESULT_CODES[name])
        )

    def _read_result(self, name, value):
        """One value of the result that came from outside, checked and in its type."""
        self.ensure_one()
        if name in TEXT_LIMITS:
            text = value if isinstance(value, str) else ""
            return text.replace("\x00", "").strip()[: TEXT_LIMITS[name]] or False
        if name == "needs_next_visit":
            return bool(value)
        if not value:
            return False
        if name == "outcome" and value in dict(self._fields[name].selection):
            return value
        if name in RESULT_CODES and value in self._get_report_codes(name).ids:
            return value
        if name == "next_visit_date" and DAY.fullmatch(str(value)):
            with contextlib.suppress(ValueError):
                return fields.Date.to_date(value)
        raise UserError(self.env._("Please choose one of the values offered."))

    def _get_result_values(self) -> dict:
        """What the result is now, as a device keeps it (sudo)."""
        self.ensure_one()
        return {
            name: as_plain((self.order_id if name in RESULT_CODES else self)[name])
            for name in DEVICE_FIELDS
        }

    def _set_result(self, values):
        """Write values that ``_read_result`` returned (sudo)."""
        self.ensure_one()
        self._check_visit_state(("planned", "en_route", "on_site"))
        codes = {name: values[name] for name in values if name in RESULT_CODES}
        rest = {name: values[name] for name in values if name not in RESULT_CODES}
        if codes:
            self.order_id.write(codes)
        if rest:
            self.write(rest)

    # The customer's confirmation

    def _get_confirmation_code(self) -> str:
        """Six digits that the customer's page shows while somebody is there: told to
        the technician, they say that the customer has seen the work."""
        self.ensure_one()
        # sudo: ir.config_parameter: a secret of the database, never shown
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        text = f"service.visit.confirmation-{self.id}-{self.create_date}"
        digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return f"{int(digest, 16) % 1_000_000:06d}"

    def _confirm_with_code(self, code) -> str:
        """Take the code that the customer told (sudo).

        A try is a write of the visit that stays when the code was wrong: of two at
        the same moment the second runs again and counts the first (L25).

        :return: why it is refused, empty when it was right
        """
        self.ensure_one()
        self._check_visit_state(("en_route", "on_site", "done"))
        if self.code_tries >= MAX_CODE_TRIES:
            return self.env._("The code was wrong too often. Please take a signature.")
        right = self._get_confirmation_code()
        if not hmac.compare_digest(
            right.encode(), "".join(str(code).split())[:20].encode(errors="replace")
        ):
            self.code_tries += 1
            self.flush_recordset(["code_tries"])
            return self.env._("This is not the code of this visit.")
        self.confirmed_at = fields.Datetime.now()
        self.order_id._log_event("confirmed_on_site")
        return ""


def as_plain(value):
    if isinstance(value, models.BaseModel):
        return value.id
    if value and hasattr(value, "isoformat"):
        return value.isoformat()
    return value or False
