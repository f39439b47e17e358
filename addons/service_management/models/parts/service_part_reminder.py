from datetime import datetime, time, timedelta

from odoo import api, fields, models

from odoo.addons.service_management.engine import local_time

# Days from the day a part is due: before, after, and when somebody has to act
REMINDER_LEVELS = [
    ("soon", "Due Soon"),
    ("late", "Overdue"),
    ("last", "Last Reminder"),
]
REMINDER_DAYS = {"soon": -3, "late": 1, "last": 7}
REMINDER_HOUR = 9


class ServicePartReminder(models.Model):
    """A reminder that a part is due back: each level once, and only while it is due."""

    _name = "service.part.reminder"
    _description = "Reminder of a Part"
    _inherit = "service.queue.mixin"
    _order = "next_try_at, id"
    _rec_name = "return_id"

    _queue_cron = "service_management.cron_part_reminder"
    _queue_job = "part_reminder"

    return_id = fields.Many2one(
        "service.part.return", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="return_id.company_id")
    level = fields.Selection(REMINDER_LEVELS, required=True)
    was_sent = fields.Boolean(readonly=True)

    _level_uniq = models.Constraint(
        "UNIQUE (return_id, level)", "Each level reminds once."
    )

    def _queue_process(self):
        self.ensure_one()
        row = self.return_id
        if row.state != "due":
            return None
        at = self._get_time(row, self.level)
        if at > fields.Datetime.now():
            # The day was put off meanwhile
            return at
        row._remind(self.level)
        self.was_sent = True
        return None

    @api.model
    def _get_time(self, row, level) -> datetime:
        """In the morning of the day, where the point is (UTC)."""
        day = row.date_due + timedelta(days=REMINDER_DAYS[level])
        local = datetime.combine(day, time(REMINDER_HOUR))
        return local_time.to_utc(local, row.point_id._get_zone(row.company_id))


class ServicePartReturn(models.Model):
    _inherit = "service.part.return"

    reminder_ids = fields.One2many("service.part.reminder", "return_id")

    def _plan_reminders(self):
        now = fields.Datetime.now()
        reminders = self.env["service.part.reminder"]
        vals_list = []
        for row in self:
            for level in REMINDER_DAYS:
                at = reminders._get_time(row, level)
                if at > now:
                    vals_list.append(
                        {"return_id": row.id, "level": level, "next_try_at": at}
                    )
        # sudo: service.part.reminder: planned by the system
        reminders.sudo().create(vals_list)

    def _remind(self, level):
        """Write to the service point, or to the office about a customer's loaner; the
        last time somebody of the office is asked to act."""
        self.ensure_one()
        days = (self.company_id._get_service_day() - self.date_due).days
        if days < 0:
            text = self.env._(
                "%(part)s is due back on %(date)s. Please send it.",
                part=self.name,
                date=self.date_due,
            )
        else:
            text = self.env._(
                "%(part)s was due back on %(date)s. Please send it now; what does not "
                "come back is charged.",
                part=self.name,
                date=self.date_due,
            )
        partners = self.point_id.user_ids.partner_id or self.point_id.partner_id
        if self.kind != "old":
            partners = self.order_id.user_id.partner_id or partners
        self.message_post(
            body=text,
            partner_ids=partners.ids,
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_light",
        )
        if level == "last":
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("A part does not come back"),
                note=text,
                user_id=(self.order_id.user_id or self.env.user).id,
            )
