from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .service_claim_reason import SEVERITIES

# Claims that are checked together at night
BATCH = 1000
# What is still to be decided or settled
CHECKED_STATES = ("unpriced", "draft", "checked", "approved", "sent_back", "appealed")


class ServiceClaimCheck(models.Model):
    """What the system noticed about a claim, for a person to look at.

    A check ends when what it found is no longer so, or when a person cleared it and
    said why; then it does not come back.
    """

    _name = "service.claim.check"
    _description = "Claim Check"
    _order = "severity, claim_id, id"

    claim_id = fields.Many2one(
        "service.claim", required=True, readonly=True, index=True, ondelete="cascade"
    )
    order_id = fields.Many2one(related="claim_id.order_id")
    point_id = fields.Many2one(
        related="claim_id.point_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="claim_id.company_id", store=True, index=True, precompute=True
    )
    claim_date = fields.Date(related="claim_id.date", string="Done On")
    claim_state = fields.Selection(related="claim_id.state", string="Claim Status")
    reason_id = fields.Many2one(
        "service.claim.reason", required=True, readonly=True, ondelete="restrict"
    )
    code = fields.Char(related="reason_id.code")
    is_fraud = fields.Boolean(related="reason_id.is_fraud", store=True, precompute=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    data = fields.Json(readonly=True)
    text = fields.Char(string="Found", compute="_compute_text")
    state = fields.Selection(
        [("open", "Open"), ("cleared", "Cleared")],
        string="Status",
        default="open",
        required=True,
        readonly=True,
    )
    cleared_by_id = fields.Many2one("res.users", readonly=True)
    note = fields.Char(string="Why It Is in Order", readonly=True)

    _reason_uniq = models.Constraint(
        "UNIQUE (claim_id, reason_id)", "A claim has each check once."
    )
    _open_idx = models.Index("(claim_id) WHERE state = 'open'")

    @api.depends("reason_id")
    def _compute_display_name(self):
        for check in self:
            check.display_name = check.reason_id.name

    @api.depends("data", "reason_id")
    @api.depends_context("lang")
    def _compute_text(self):
        for check in self:
            check.text = check._describe()

    def _describe(self) -> str:
        """What was found, with its values, in the reader's language."""
        self.ensure_one()
        data = self.data or {}
        currency = self.claim_id.currency_id
        order = {"order": data.get("order", "")}
        code = self.reason_id.code
        if code == "not_covered":
            field = self.env["service.claim.line"]._fields["kind"]
            labels = dict(field._description_selection(self.env))
            kinds = ", ".join(labels.get(kind, kind) for kind in data.get("kinds", ()))
            return self.env._("Neither warranty nor contract covers: %s", kinds)
        if code in ("above_tariff", "no_authorisation", "above_authorisation", "spike"):
            money = {
                name: currency.format(float(value))
                for name, value in data.items()
                if name in ("claimed", "tariff", "limit", "granted", "median")
                and value is not None
            }
            return self._describe_money(code, data, money)
        texts = {
            "duplicate": self.env._("Claimed already for %(order)s", **order),
            "repeat": self.env._(
                "%(days)s days after %(order)s", days=data.get("days"), **order
            ),
            "late": self.env._(
                "Reported %s days after the last visit", data.get("days")
            ),
            "excessive_labour": self.env._(
                "%(hours)s h on site, usual are %(usual)s h",
                hours=data.get("hours"),
                usual=data.get("usual"),
            ),
            "missing_document": self.env._(
                "No signature and no confirmation of the customer"
            ),
            "part_not_returned": self.env._(
                "Old parts due back since %s", data.get("since")
            ),
            "same_photo": self.env._("The same photo stands at %(order)s", **order),
            "far_from_site": self.env._(
                "Reported from %(km)s km away", km=data.get("km")
            ),
        }
        return texts.get(code, self.reason_id.name)

    def _describe_money(self, code, data, money) -> str:
        if code == "above_tariff":
            if "tariff" not in money:
                return self.env._(
                    "%(claimed)s claimed for what no tariff line pays", **money
                )
            return self.env._(
                "%(claimed)s claimed, the tariff gives %(tariff)s", **money
            )
        if code == "no_authorisation":
            return self.env._(
                "%(claimed)s claimed; above %(limit)s has to be asked before", **money
            )
        if code == "above_authorisation":
            return self.env._("%(claimed)s claimed, %(granted)s authorised", **money)
        return self.env._(
            "%(claimed)s claimed; %(count)s claims for such work have a median of "
            "%(median)s (%(times)s deviations)",
            count=data.get("count"),
            times=data.get("times"),
            **money,
        )

    def action_clear_ask(self):
        """Open the question why these checks are in order."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim_decision"
        )
        action["context"] = {"default_kind": "clear", "default_check_ids": self.ids}
        return action

    def _clear(self, note):
        """A person looked at it and says why it is in order."""
        self.check_access("write")
        if not note:
            raise UserError(self.env._("Say why this is in order."))
        checks = self.filtered(lambda check: check.state == "open")
        # sudo: service.claim.check: set by this method only
        checks.sudo().write(
            {"state": "cleared", "cleared_by_id": self.env.uid, "note": note}
        )
        for reason, found in checks.grouped("reason_id").items():
            found.claim_id._log_step("cleared", note, reason)

    def action_view_claim(self):
        self.ensure_one()
        return self.claim_id._get_list_action()


class ServiceClaim(models.Model):
    """Checks are run when a claim is made, priced or filed, and every night."""

    _inherit = "service.claim"

    check_ids = fields.One2many(
        "service.claim.check",
        "claim_id",
        readonly=True,
        groups="service_settlement.group_settlement_accountant",
    )
    open_check_count = fields.Integer(
        string="Open Checks",
        compute="_compute_open_checks",
        search="_search_open_check_count",
        groups="service_settlement.group_settlement_accountant",
    )
    is_blocked = fields.Boolean(
        compute="_compute_open_checks",
        groups="service_settlement.group_settlement_accountant",
        help="A check has to be cleared before the claim can be approved.",
    )

    @api.depends("check_ids.state", "check_ids.severity")
    def _compute_open_checks(self):
        for claim in self:
            checks = claim.check_ids.filtered(lambda check: check.state == "open")
            claim.open_check_count = len(checks)
            claim.is_blocked = "block" in checks.mapped("severity")

    def _search_open_check_count(self, operator, value):
        """Whether there are any: ``> 0``, ``= 0``."""
        has_open = Domain("check_ids", "any", [("state", "=", "open")])
        if (operator, value) == (">", 0):
            return has_open
        if operator in ("=", "in") and (value == 0 or set(value) == {0}):
            return ~has_open
        return NotImplemented

    def action_run_checks(self):
        self.check_access("write")
        self._run_checks()
        return True

    def action_view_checks(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim_check"
        )
        return action | {"domain": [("claim_id", "=", self.id)], "context": {}}

    def _run_checks(self, codes=None):
        """Note what is so now, and take back approvals that checks block.

        A constant number of queries, whatever the number of claims.

        :param codes: only these; those that need no look at others if not given
        """
        # sudo: service.claim.check: the system's, whoever makes the claim
        claims = self.sudo().filtered(lambda claim: claim.state in CHECKED_STATES)
        reasons = self.env["service.claim.reason"].sudo()
        reasons = reasons.search([("is_automatic", "=", True)])
        if codes is None:
            codes = set(reasons.mapped("code")) - self._get_nightly_codes()
        reasons = {rec.code: rec for rec in reasons if rec.code in codes}
        found = {
            (claim_id, reasons[code].id): data
            for claim_id, code, data in claims._find_signals(reasons)
        }
        checks = self.env["service.claim.check"].sudo()
        known = checks.search_fetch(
            [
                ("claim_id", "in", claims.ids),
                ("reason_id", "in", [reason.id for reason in reasons.values()]),
            ],
            ["claim_id", "reason_id", "state", "data"],
        )
        gone = checks
        for check in known:
            data = found.pop((check.claim_id.id, check.reason_id.id), None)
            if check.state != "open":
                continue
            if data is None:
                gone |= check
            elif data != check.data:
                check.data = data
        gone.unlink()
        by_id = {reason.id: reason for reason in reasons.values()}
        checks.create(
            [
                {
                    "claim_id": claim_id,
                    "reason_id": reason_id,
                    "severity": by_id[reason_id].severity,
                    "data": data,
                }
                for (claim_id, reason_id), data in found.items()
            ]
        )
        if found:
            claims._withdraw_approval()

    def _withdraw_approval(self):
        """Take back the approval that no person gave."""
        blocked = self.filtered(
            lambda claim: (
                claim.state == "approved" and claim._is_untouched() and claim.is_blocked
            )
        )
        if blocked:
            blocked._write_flow({"state": "draft"})

    # At night

    @api.model
    def _cron_check_claims(self):
        self.env["service.job"]._run("claim_check", self._check_waiting_claims)

    @api.model
    def _check_waiting_claims(self):
        """Look again at everything that is not on a statement yet."""
        codes = set(self._get_check_statements())
        waiting = self.search(Domain("state", "in", list(CHECKED_STATES)), order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(waiting))
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH].try_lock_for_update()
            batch._run_checks(codes)
            if not cron._commit_progress(len(waiting[start : start + BATCH])):
                break
        return len(waiting)
