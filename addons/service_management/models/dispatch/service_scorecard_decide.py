from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# More decisions than a person waits for are carried out in the background: each one
# writes to its point and tells it by mail
AT_ONCE = 20
# Of many that could not be decided, so many are named
REFUSED_SHOWN = 10


class ServiceScorecardProposal(models.Model):
    """Many proposals decided at once: one that cannot be is named, the others are done.

    A large number is queued, and carried out by the job with the rights, the companies
    and in the language of whoever has decided. Until then a proposal is neither
    changed nor proposed anew.
    """

    _name = "service.scorecard.proposal"
    _inherit = ["service.scorecard.proposal", "service.queue.mixin"]
    _queue_cron = "service_management.cron_scorecard_decide"
    _queue_job = "scorecard_decide"
    _queue_max_tries = 2

    # A proposal that nobody has decided is no work
    queue_state = fields.Selection(default="done")
    asked_by_id = fields.Many2one(
        "res.users", string="Decided Together By", readonly=True, copy=False
    )
    asked_at = fields.Datetime(
        string="Decided Together At", readonly=True, copy=False, index="btree_not_null"
    )
    refusal = fields.Char(string="Why Not Decided", readonly=True, copy=False)

    def action_decide_many(self):
        """Decide those chosen in a list."""
        self._check_manager()
        self.check_access("write")
        if len(self) > AT_ONCE:
            return self._decide_later()
        # sudo: service.scorecard.proposal: what came of it is not for a form
        self.sudo().refusal = False
        for proposal in self:
            proposal._try_decide()
        refused = self.filtered("refusal")
        return self._notify(
            self._get_outcome(len(self) - len(refused), refused),
            "warning" if refused else "success",
            sticky=bool(refused),
        )

    @api.model
    @api.readonly
    def get_decision_progress(self) -> dict:
        """How far the decisions are that the user had made in the background.

        :return: ``{"total", "done"}``, zeros when none are being made
        """
        own = Domain("asked_by_id", "=", self.env.uid)
        waiting = self.search(
            own & Domain("queue_state", "=", "pending"), order="asked_at desc", limit=1
        )
        if not waiting:
            return {"total": 0, "done": 0}
        together = own & Domain("asked_at", "=", waiting.asked_at)
        counts = dict(self._read_group(together, ["queue_state"], ["__count"]))
        total = sum(counts.values())
        return {"total": total, "done": total - counts["pending"]}

    def _decide_later(self):
        """What cannot be decided is named at once, all else is the job's."""
        # sudo: as above
        self.sudo().refusal = False
        for proposal in self:
            proposal.sudo().refusal = proposal._get_refusal()
        refused = self.filtered("refusal")
        queued = self - refused
        queued.sudo().with_context(tracking_disable=True).write(
            {
                "state": "queued",
                "queue_state": "pending",
                "tries": 0,
                "next_try_at": fields.Datetime.now(),
                "last_error": False,
                "asked_by_id": self.env.uid,
                "asked_at": fields.Datetime.now(),
            }
        )
        queued._queue_wake()
        lines = [
            self.env._(
                "%(count)s are being decided in the background: you are told when "
                "that is done, and the list shows which ones are left.",
                count=len(queued),
            )
        ]
        if refused:
            lines.append(self._get_outcome(None, refused))
        return self._notify(
            "\n".join(lines), "warning" if refused else "info", sticky=bool(refused)
        )

    def _try_decide(self):
        """Decide the proposal, or keep why not and nothing else."""
        try:
            with self.env.cr.savepoint():
                self.action_decide()
                self.env.flush_all()
        except UserError as error:
            self.env.invalidate_all(flush=False)
            self.sudo().refusal = self._queue_sentence(error)

    def _queue_process(self):
        if self.state != "queued":
            return
        user = self.asked_by_id
        self.with_context(tracking_disable=True).state = "open"
        self.with_user(user).with_company(self.company_id).with_context(
            lang=user.lang, tz=user.tz
        )._try_decide()
        self._tell_when_done()

    def _queue_poison(self, error):
        # It waits for the person again, with what went wrong
        self.with_context(tracking_disable=True).write(
            {"state": "open", "queue_state": "done", "refusal": error}
        )
        self._tell_when_done()

    def _tell_when_done(self):
        """After the last of those decided together: a note on the screen of whoever
        decided them."""
        together = [
            ("asked_by_id", "=", self.asked_by_id.id),
            ("asked_at", "=", self.asked_at),
        ]
        if self.search_count(
            [*together, ("queue_state", "=", "pending"), ("id", "!=", self.id)], limit=1
        ):
            return
        user = self.asked_by_id
        proposals = self.search(together).with_context(lang=user.lang)
        refused = proposals.filtered("refusal")
        user._bus_send(
            "simple_notification",
            {
                "type": "warning" if refused else "success",
                "sticky": True,
                "message": proposals._get_outcome(
                    len(proposals) - len(refused), refused
                ),
            },
        )

    def _get_outcome(self, done, refused) -> str:
        """How many were decided, and the first of those that were not, with why."""
        lines = []
        if done is not None:
            lines.append(self.env._("%(done)s decided.", done=done))
        if refused:
            lines.append(self.env._("Not decided (%(count)s):", count=len(refused)))
        lines += [
            f"{proposal.point_id.display_name}: {proposal.refusal}"
            for proposal in refused[:REFUSED_SHOWN]
        ]
        if len(refused) > REFUSED_SHOWN:
            more = len(refused) - REFUSED_SHOWN
            lines.append(self.env._("and %(count)s more", count=more))
        return "\n".join(lines)

    def _notify(self, message, kind, sticky=False) -> dict:
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "sticky": sticky,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
