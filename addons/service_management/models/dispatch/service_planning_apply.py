import logging

from odoo import api, fields, models

from odoo.addons.service_management.models.mixins.service_queue_mixin import (
    CONCURRENCY_ERRORS,
)

_logger = logging.getLogger(__name__)


class ServicePlanningRunLine(models.Model):
    _inherit = "service.planning.run.line"

    def _apply_later(self):
        """Have the job make the changes: hundreds of visits are told to customers and
        technicians, which takes longer than a page should."""
        self.state = "accepted"
        runs = self.run_id
        runs.write({"state": "applying", "applied_by_id": self.env.uid, "error": False})
        runs._wake()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%(count)s changes are made in the background.", count=len(self)
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


class ServicePlanningRun(models.Model):
    """How a large plan is applied: in the background, with the rights of whoever has
    accepted it, resumed where it was interrupted."""

    _inherit = "service.planning.run"

    applied_by_id = fields.Many2one(
        "res.users",
        string="Accepted By",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    @api.model
    def _compute_waiting(self):
        result = super()._compute_waiting()
        # sudo: service.planning.run: as for the plans to compute
        for run in self.sudo().search([("state", "=", "applying")], order="id"):
            if run.try_lock_for_update(allow_referencing=True):
                run._apply_accepted()
        return result

    def _apply_accepted(self):
        """Make the accepted changes; an error is the plan's, not the job's."""
        self.ensure_one()
        cron = self.env["ir.cron"]
        user = self.applied_by_id or self.user_id

        def keep():
            cron._commit_progress()
            # what the commit let go
            self.try_lock_for_update(allow_referencing=True)

        try:
            lines = self.line_ids.filtered(lambda line: line.state == "accepted")
            # sudo: lines write themselves; visits are planned with the user's rights
            lines.with_user(user).sudo()._make_changes(keep)
            if self.state == "applying":
                self.state = "proposed"
                self._finish()
        except Exception as error:
            if isinstance(error, CONCURRENCY_ERRORS):
                raise
            _logger.exception("Applying plan %s", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            self.line_ids.filtered(
                lambda line: line.state == "accepted"
            ).state = "proposed"
            self.write(
                {"state": "proposed", "error": f"{type(error).__name__}: {error}"}
            )
        user._bus_send(
            "simple_notification",
            {
                "type": "info",
                "message": self.env._(
                    "The plan %(plan)s: %(count)s changes are made.",
                    plan=self.name,
                    count=self.applied_count,
                ),
            },
        )
        cron._commit_progress()
