from odoo import fields, models


class ServiceRejectReason(models.Model):
    """Why a service point refuses an offer."""

    _name = "service.reject.reason"
    _description = "Reject Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "The code of a reject reason must be unique."
    )
