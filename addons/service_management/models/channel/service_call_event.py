from odoo import fields, models

CALL_EVENTS = [
    ("ringing", "Ringing"),
    ("answered", "Picked Up"),
    ("hung_up", "Hung Up"),
    ("missed", "Not Answered"),
]


class ServiceCallEvent(models.Model):
    """One thing that the telephone system reported of a call.

    A hunt group rings at several telephones: each is an event of its own.
    """

    _name = "service.call.event"
    _description = "Call Event"
    _order = "date, id"
    _rec_name = "kind"

    call_id = fields.Many2one(
        "service.call", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(CALL_EVENTS, required=True)
    extension = fields.Char(string="Phone Extension", required=True, default="")
    user_id = fields.Many2one("res.users", string="Agent")
    date = fields.Datetime(required=True)

    _once = models.Constraint(
        "UNIQUE (call_id, kind, extension)", "This event of the call is known already."
    )
