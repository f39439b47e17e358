from odoo import api, models

from odoo.addons.service_management.engine import sla_clock

from .service_order import FINISHED_STATES
from .service_order_sla import PROMISE_FIELDS, is_answer


class ServiceOrder(models.Model):
    """What starts, stops and moves the clocks of an order."""

    _inherit = "service.order"

    @api.depends("type_id", "date_request")
    def _compute_date_due(self):
        """Where a policy promises a resolution, the clock says until when."""
        bound = self.filtered(
            lambda order: (
                order.sla_state != "none"
                and "resolution" in order.sla_clock_ids.mapped("metric")
            )
        )
        result = super(ServiceOrder, self - bound)._compute_date_due()
        for order in bound:
            order.date_due = order.date_due
        return result

    def _on_events(self, events):
        result = super()._on_events(events)
        registered, heard = set(), set()
        for event in events:
            if event.kind == "registered":
                registered.add(event.order_id.id)
            elif event.kind in sla_clock.KINDS and self._is_heard(event):
                heard.add(event.order_id.id)
        if registered:
            self.browse(registered)._start_clocks()
        # sudo: service.order: whoever acts moves the clocks
        clocked = self.browse(heard - registered).sudo()
        clocked.filtered(lambda order: order.sla_state != "none")._measure_clocks()
        return result

    def _is_heard(self, event) -> bool:
        """Whether an event can move a clock; a customer's message cannot."""
        if event.kind in ("message", "call"):
            return is_answer(event.kind, event.data or {}, event.is_public)
        # A changed promise is measured by whoever logs it, once the rows are written
        return event.kind != "clock_retargeted"

    def _on_transition(self, state):
        result = super()._on_transition(state)
        if state == "in_progress":
            # Work at a customer's site starts with the event that says so
            desk = self.filtered(lambda order: not order.type_id.visit_required)
            desk._log_event("work_started")
        return result

    def write(self, vals):
        result = super().write(vals)
        changed = sorted(PROMISE_FIELDS & vals.keys())
        if changed:
            self.filtered(
                lambda order: order.state not in ("draft", *FINISHED_STATES)
            )._renew_clocks(changed[0])
        return result

    def _pause_clocks(self, reason, metrics=None):
        """Let the clocks of the orders stand, for ``reason``.

        :param reason: names the pause; a clock goes on when each reason has ended
        :param metrics: those that stand; ``None``: all of them
        """
        return self._log_event(
            "clock_paused", name=reason, data={"metrics": metrics, "key": reason}
        )

    def _resume_clocks(self, reason="", metrics=None):
        """Let the clocks go on.

        :param reason: the reason that has ended; without one, or with one that no
            clock stands for, every pause ends
        """
        return self._log_event(
            "clock_resumed", name=reason, data={"metrics": metrics, "key": reason}
        )

    def _message_post_after_hook(self, message, msg_vals):
        """A message to the customer, written by a person of the service, is a fact."""
        result = super()._message_post_after_hook(message, msg_vals)
        if self._is_message_to_customer(message):
            self._log_event("message", is_public=True, data={"by": "staff"})
        return result

    def _is_message_to_customer(self, message) -> bool:
        user = self.env.user
        return (
            message.message_type in ("comment", "email_outgoing")
            and message.subtype_id == self.env.ref("mail.mt_comment")
            and not message.is_internal
            and user._is_internal()
            and not user._is_superuser()
            and message.author_id == user.partner_id
        )
