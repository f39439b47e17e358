import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.models.mixins.service_queue_mixin import (
    CONCURRENCY_ERRORS,
)

_logger = logging.getLogger(__name__)
# Contracts handled between two commits of a nightly run.
BATCH = 100
# No end is announced earlier, whatever number of days somebody has typed
MAX_AHEAD = 730


class ServiceContract(models.Model):
    """What happens to a running contract: suspension, reminders, renewal, its end."""

    _inherit = "service.contract"

    renewal = fields.Selection(
        [("none", "Ends"), ("quotation", "Quotation for Its Renewal")],
        string="At Its End",
        default="none",
        required=True,
    )
    renewal_days = fields.Integer(
        string="Quoted (Days Ahead)",
        default=60,
        help="How long before the end the renewal is quoted.",
    )
    renewal_uplift = fields.Float(string="Price Change (%)")
    reminder_days = fields.Integer(
        string="Reminder (Days)",
        default=30,
        help="How long before the end the responsible person is reminded; 0: never.",
    )
    reminded_end = fields.Date(
        copy=False,
        readonly=True,
        help="The end that somebody has been reminded of; each end once.",
    )
    suspended_on = fields.Date(copy=False, readonly=True)
    suspend_reason = fields.Char(copy=False, readonly=True)

    # Suspension

    def action_suspend(self, reason=""):
        """Nothing is covered until the contract is resumed."""
        self.write(
            {
                "state": "suspended",
                "suspended_on": fields.Date.context_today(self),
                "suspend_reason": reason,
            }
        )
        for contract in self:
            if reason:
                contract.message_post(
                    body=self.env._("Suspended: %(reason)s", reason=reason)
                )

    def action_resume(self, extend=False):
        """Cover again; ``extend`` adds the days of the suspension at the end.

        The last period of each entitlement then lasts until the new end.
        """
        self._check_suspended()
        today = fields.Date.context_today(self)
        for contract in self:
            days = (today - (contract.suspended_on or today)).days
            vals = {"state": "active", "suspended_on": False, "suspend_reason": False}
            if extend and days > 0:
                vals["date_end"] = contract.date_end + timedelta(days=days)
                contract._stretch_periods(vals["date_end"])
            contract.write(vals)
            contract.message_post(
                body=self.env._(
                    "Resumed after %(days)s days; the contract ends on %(end)s.",
                    days=days,
                    end=contract.date_end,
                )
            )

    def _check_suspended(self):
        if any(contract.state != "suspended" for contract in self):
            raise UserError(self.env._("Only a suspended contract can be resumed."))

    def _stretch_periods(self, end):
        # sudo: service.entitlement.period: its dates follow the contract's
        periods = self.entitlement_ids.sudo().period_ids
        last = periods.filtered(lambda period: period.date_end == self.date_end)
        last.write({"date_end": end})

    # By itself, every night

    @api.model
    def _cron_keep(self):
        """The nightly run, recorded as a job."""
        self.env["service.job"]._run("contract_keep", self._keep)

    @api.model
    def _keep(self):
        """Close what has ended, settle ended periods, remind, quote renewals."""
        for step in (
            self._close_ended,
            self._settle_periods,
            self._remind,
            self._quote_renewals,
        ):
            step()
            self.env["ir.cron"]._commit_progress()

    def _run_each(self, contracts, work):
        """Do ``work`` for each contract; one that fails is named and holds up none."""
        for number, contract in enumerate(contracts, 1):
            try:
                with self.env.cr.savepoint():
                    work(contract)
            except CONCURRENCY_ERRORS:
                raise
            except Exception as error:  # pylint: disable=broad-exception-caught
                # Whatever is wrong with this contract, the others have their turn
                _logger.exception("contract %s could not be handled", contract.id)
                contract._report_failure(str(error))
            if number % BATCH == 0:
                self.env["ir.cron"]._commit_progress(BATCH)

    def _report_failure(self, message):
        self._schedule_once(
            self.env._("The nightly run could not handle this contract"), message
        )

    @api.model
    def _close_ended(self):
        ended = self.env["res.company"]._get_today_domain(
            lambda today: [("date_end", "<", today)]
        )
        self.search(
            Domain("state", "in", ("active", "suspended")) & ended
        ).action_close()

    @api.model
    def _settle_periods(self):
        self.env["service.entitlement"]._close_periods()

    @api.model
    def _remind(self):
        """An activity for whoever is responsible, once for each end."""
        self._run_each(self._get_due_reminders(), lambda rec: rec._remind_once())

    @api.model
    def _get_due_reminders(self):
        running = Domain("state", "in", ("active", "suspended"))
        contracts = self._find_ending(
            running & Domain("reminder_days", ">", 0), "reminder_days"
        )
        return contracts.filtered(lambda rec: rec.reminded_end != rec.date_end)

    @api.model
    def _find_ending(self, domain, days):
        """Contracts that end within as many days as their field ``days`` says."""
        soon = self.env["res.company"]._get_today_domain(
            lambda today: [
                ("date_end", ">=", today),
                ("date_end", "<=", today + timedelta(days=MAX_AHEAD)),
            ]
        )
        return self.search(domain & soon).filtered(
            lambda rec: (
                rec.date_end - timedelta(days=rec[days])
                <= rec.company_id._get_service_day()
            )
        )

    def _remind_once(self):
        self.ensure_one()
        self._schedule_once(
            self.env._("The contract ends on %s", self.date_end),
            self.env._("Talk to the customer about what comes after it."),
            date_deadline=self.date_end,
        )
        self.reminded_end = self.date_end

    def _schedule_once(self, summary, note, date_deadline=None):
        """An activity that is not made again while it is open."""
        self.ensure_one()
        if summary in self.activity_ids.mapped("summary"):
            return self.env["mail.activity"]
        return self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=date_deadline,
            summary=summary,
            note=note,
            user_id=(self.user_id or self.env.ref("base.user_admin")).id,
        )

    @api.model
    def _quote_renewals(self):
        """Hook: quote what ends soon; selling is a later file's."""
