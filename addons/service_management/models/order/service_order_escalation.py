from markupsafe import Markup

from odoo import fields, models
from odoo.tools import plaintext2html


class MailActivity(models.Model):
    _inherit = "mail.activity"

    service_workitem_id = fields.Many2one(
        "service.workitem",
        string="Work Item",
        index="btree_not_null",
        ondelete="cascade",
        help="The activity is about this work item and ends with it.",
    )


class ServiceOrder(models.Model):
    """What an order offers to escalation: its working time, and telling people."""

    _inherit = "service.order"

    escalation_step_ids = fields.One2many("service.escalation.step", "order_id")
    escalation_count = fields.Integer(compute="_compute_escalation_count")

    def _compute_escalation_count(self):
        counts = dict(
            self.env["service.escalation.step"]._read_group(
                [("order_id", "in", self.ids), ("outcome", "=", "fired")],
                ["order_id"],
                ["__count"],
            )
        )
        for order in self:
            order.escalation_count = counts.get(order, 0)

    def action_view_escalations(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Escalations"),
            "res_model": "service.escalation.step",
            "view_mode": "list,kanban,form",
            "domain": [("order_id", "=", self.id), ("outcome", "=", "fired")],
        }

    # Working time

    def _get_escalation_calendars(self) -> dict:
        """``{order id: calendar}``, calendars as in ``engine.working_time``."""
        calendars = self.env["resource.calendar"]
        policies = self.env["service.sla.policy"]
        result = {}
        # sudo: service.order: hours are read whoever acts on the order
        for order in self.sudo():
            policy_id = order._get_sla_source().policy_id
            policy = policies._get_compiled(policy_id) if policy_id else None
            found = order._get_service_hours(policy)
            result[order.id] = calendars._get_service_calendar(
                found.calendar_id, found.zone
            )
        return result

    def _get_working_moment(self, now):
        """The next working moment of the order; None if it is now."""
        self.ensure_one()
        calendar = self._get_escalation_calendars()[self.id]
        if calendar.is_working(now):
            return None
        return calendar.add(now, 0)

    def _get_first_open_item(self):
        self.ensure_one()
        items = self.workitem_ids.filtered(lambda item: item.state == "open")
        return items.sorted("deadline")[:1]

    # Telling people

    def _ask_to_act(self, item, users, note):
        """An activity for each of the users, which ends with the work item."""
        self.ensure_one()
        users = users.filtered(lambda user: user.active and not user.share)
        item.is_asked_for = bool(users)
        # Who is asked is told why in a message of its own
        order = self.with_context(mail_activity_quick_update=True)
        for user in users:
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=item.display_name,
                note=plaintext2html(note),
                user_id=user.id,
                service_workitem_id=item.id,
            )

    def _notify_users(self, users, subject, text):
        """In the inbox or by e-mail, as each user prefers; a replayed history tells
        nobody."""
        self.ensure_one()
        if self._get_moments() is not None:
            return
        partners = users.filtered(lambda user: user.active).partner_id
        if not partners:
            return
        self.message_notify(
            partner_ids=partners.ids,
            subject=subject,
            body=Markup("<p>%s</p>") % plaintext2html(text),
        )
