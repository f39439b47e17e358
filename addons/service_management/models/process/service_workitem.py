from odoo import api, fields, models
from odoo.fields import Domain

WORKITEM_STEPS = [
    ("register", "Complete the Request"),
    ("dispatch", "Find a Service Point"),
    ("resolve", "Answer the Request"),
    ("answer", "Accept or Refuse the Offer"),
    ("plan", "Plan the Visit"),
    ("visit", "Carry Out the Visit"),
    ("confirm", "Confirm With the Customer"),
]


class ServiceWorkitem(models.Model):
    """What is somebody's to do now about an order.

    An open order always has an open work item, and an open work item always has
    somebody who may act and a time by which; the database holds it to that.
    """

    _name = "service.workitem"
    _description = "Work Item"
    _order = "deadline, id"
    _rec_name = "step"

    step = fields.Selection(WORKITEM_STEPS, required=True)
    state = fields.Selection(
        [("open", "Open"), ("done", "Done"), ("cancelled", "Cancelled")],
        default="open",
        required=True,
    )
    # Who acts
    user_id = fields.Many2one("res.users", index="btree_not_null")
    team_id = fields.Many2one("service.team", index="btree_not_null")
    point_id = fields.Many2one("service.point", index="btree_not_null")
    technician_id = fields.Many2one("service.technician", index="btree_not_null")
    # By when, and what came of it
    deadline = fields.Datetime(required=True)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    done_at = fields.Datetime()
    done_by_id = fields.Many2one("res.users")
    result = fields.Char()

    _has_actor = models.Constraint(
        "CHECK (COALESCE(user_id, team_id, point_id, technician_id) IS NOT NULL)",
        "A work item needs somebody who acts: a user, a team, a service point or a "
        "technician.",
    )
    _open_idx = models.Index("(deadline) WHERE state = 'open'")

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for item in self:
            item.is_late = item.state == "open" and item.deadline < now

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "open") & Domain(
            "deadline", "<", fields.Datetime.now()
        )
        return late if True in value else ~late
