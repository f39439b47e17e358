from odoo import api, fields, models
from odoo.exceptions import UserError

SEVERITIES = [("flag", "Shown to a person"), ("block", "Blocks the approval")]


class ServiceClaimReason(models.Model):
    """Why a claim is looked at, reduced, sent back or rejected, as a code.

    Reasons that the system finds by itself are executed on every claim as long as
    they are active; the others are given by people. See ``service_claim_signals``.
    """

    _name = "service.claim.reason"
    _description = "Claim Reason"
    _order = "is_automatic desc, code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    is_automatic = fields.Boolean(
        string="Found by the System",
        readonly=True,
        help="Checked on every claim. Archive the reason to have it checked no more.",
    )
    is_fraud = fields.Boolean(
        string="Fraud Signal", help="Says nothing by itself: a person has to look."
    )
    severity = fields.Selection(
        SEVERITIES,
        default="flag",
        required=True,
        help="Nobody approves a blocked claim before the check is cleared.",
    )
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is already a reason of this code."
    )

    def write(self, vals):
        if "code" in vals and any(reason.is_automatic for reason in self):
            raise UserError(
                self.env._("The code of what the system checks stays as it is.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_automatic(self):
        if any(reason.is_automatic for reason in self):
            raise UserError(
                self.env._("Archive what the system checks instead of deleting it.")
            )
