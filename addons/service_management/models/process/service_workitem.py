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
    ("task", "Task"),
]
# A token's place: a task of somebody, or what the engine waits for.
WORKITEM_KINDS = [
    ("task", "Task"),
    ("timer", "Waits for a Time"),
    ("message", "Waits for a Message"),
    ("limit", "Time Limit of a Task"),
    ("call", "Called Workflow"),
    ("join", "Waits for Parallel Work"),
    ("automatic", "Automatic Task"),
    ("error", "Workflow Error"),
]


class ServiceWorkitem(models.Model):
    """What is somebody's to do now about an order: a token of its workflow.

    An open order always has an open work item, and an open work item always has
    somebody who may act and a time by which; the database holds it to that.

    What only the engine waits for (a join, a time limit, a called workflow) is a
    work item in the state ``waiting``: nobody's to do, and in no list of tasks.
    """

    _name = "service.workitem"
    _description = "Work Item"
    _order = "deadline, id"

    name = fields.Char(compute="_compute_name", search="_search_name")
    step = fields.Selection(WORKITEM_STEPS, required=True)
    kind = fields.Selection(WORKITEM_KINDS, default="task", required=True)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("waiting", "Waiting"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
    )
    # Where in the workflow
    node_id = fields.Many2one(
        "service.workflow.node", index="btree_not_null", ondelete="restrict"
    )
    flow_id = fields.Many2one(
        "service.workflow.flow",
        string="Arrived By",
        index="btree_not_null",
        ondelete="restrict",
    )
    parent_id = fields.Many2one(
        "service.workitem",
        string="Parent Work Item",
        index="btree_not_null",
        ondelete="cascade",
        help="The task that a time limit belongs to, or the call that the task is a "
        "part of.",
    )
    error = fields.Text(help="Why the workflow could not go on by itself.")
    pending_flow_id = fields.Many2one(
        "service.workflow.flow",
        string="To Be Taken Again",
        index="btree_not_null",
        ondelete="restrict",
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
    checked = fields.Json(
        string="Checklist", help="Which lines of the checklist were ticked."
    )

    _has_actor = models.Constraint(
        "CHECK (COALESCE(user_id, team_id, point_id, technician_id) IS NOT NULL)",
        "A work item needs somebody who acts: a user, a team, a service point or a "
        "technician.",
    )
    _open_idx = models.Index("(deadline) WHERE state = 'open'")
    _timer_idx = models.Index(
        "(deadline) WHERE state IN ('open', 'waiting') AND kind IN ('timer', 'limit')"
    )

    @api.depends("node_id.name", "step")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["step"]._description_selection(self.env))
        for item in self:
            item.name = item.sudo().node_id.name or labels.get(item.step)

    def _search_name(self, operator, value):
        return Domain("node_id.name", operator, value)

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
