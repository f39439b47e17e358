from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.base.append_only import keep_append_only

STEPS = [
    ("filed", "Filed by the Point"),
    ("checked", "Checked"),
    ("approved", "Approved"),
    ("reduced", "Approved, Reduced"),
    ("rejected", "Rejected"),
    ("sent_back", "Sent Back"),
    ("answered", "Answered"),
    ("appealed", "Appealed"),
    ("reopened", "Back to Check"),
    ("goodwill", "Goodwill"),
    ("cleared", "Check Cleared"),
    ("repriced", "Priced Again"),
]
# What the point does not read
INTERNAL_STEPS = ("checked", "cleared", "repriced")


class ServiceClaimStep(models.Model):
    """What people did with a claim, and what they said: added, never changed.

    What the system does by itself (a claim priced and approved at once) stands in
    the log of its order.
    """

    _name = "service.claim.step"
    _description = "Claim Step"
    _inherit = ["service.amount.mixin"]
    _order = "date, id"
    _log_access = False

    claim_id = fields.Many2one(
        "service.claim", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(STEPS, string="Step", required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    reason_id = fields.Many2one(
        "service.claim.reason", readonly=True, ondelete="restrict"
    )
    text = fields.Text(readonly=True)
    amount = fields.Monetary(
        readonly=True, help="What was approved when the step was taken."
    )
    currency_id = fields.Many2one(related="claim_id.currency_id")
    is_public = fields.Boolean(string="Seen by the Point", readonly=True, default=True)

    def init(self):
        keep_append_only(self)

    @api.depends("kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for step in self:
            step.display_name = labels.get(step.kind, step.kind)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("The steps of a claim are facts: they cannot be changed.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The steps of a claim are facts: they cannot be deleted.")
        )


class ServiceClaim(models.Model):
    _inherit = "service.claim"

    step_ids = fields.One2many("service.claim.step", "claim_id", readonly=True)

    def _log_step(self, kind, text="", reason=None):
        """Add a step to each claim, in one statement."""
        # sudo: service.claim.step: the log is the system's, whoever acts
        self.env["service.claim.step"].sudo().create(
            [
                {
                    "claim_id": claim.id,
                    "kind": kind,
                    "text": text,
                    "reason_id": reason.id if reason else False,
                    "amount": claim.amount_approved,
                    "is_public": kind not in INTERNAL_STEPS,
                    "user_id": self.env.uid,
                }
                for claim in self
            ]
        )
