from odoo import fields, models
from odoo.fields import Domain

from .service_point import POINT_KINDS, POINT_OWNERSHIPS


class ServiceDocumentType(models.Model):
    """A paper that service points hand in: licence, insurance, contract."""

    _name = "service.document.type"
    _description = "Document Type"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_mandatory = fields.Boolean(
        string="Mandatory",
        help="A point whose document of this type has expired gets no new orders, and "
        "nobody becomes a point without it.",
    )
    ownership = fields.Selection(
        POINT_OWNERSHIPS, string="Only For", help="Empty: own points and partners."
    )
    kind = fields.Selection(
        POINT_KINDS, string="Only Kind", help="Empty: every kind of point."
    )
    has_expiry = fields.Boolean(string="Has an End", default=True)
    remind_days = fields.Integer(
        string="Remind Before (Days)",
        default=30,
        help="So long before its end a document is called expiring, and the point is "
        "asked for a new one.",
    )
    note = fields.Text(
        string="Hint", translate=True, help="What those who hand it in should know."
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is already a document type of this code."
    )
    _remind_days_not_negative = models.Constraint(
        "CHECK (remind_days >= 0)", "The days before cannot be negative."
    )

    def _concerns(self, kind, ownership) -> bool:
        self.ensure_one()
        return self.kind in (False, kind) and self.ownership in (False, ownership)

    def _get_for(self, kind, ownership):
        """The types that a point of this kind and ownership hands in."""
        types = self.search(Domain.TRUE)
        return types.filtered(lambda kept: kept._concerns(kind, ownership))
