from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine import mail_message


class ServiceInboxMessage(models.Model):
    """What a person decides about a mail that the rules left in quarantine."""

    _inherit = "service.inbox.message"

    def _check_agent(self):
        if not self.env.user.has_group("service_management.group_service_agent"):
            raise UserError(self.env._("Only the service desk decides about mails."))
        self.check_access("read")

    def action_retry(self):
        """Decide again by the rules, for instance after a customer was added."""
        self._check_agent()
        # sudo: service.inbox.message: an agent decides, and writes nothing by hand
        waiting = self.sudo().filtered(lambda row: row.state in ("quarantine", "spam"))
        waiting.write(
            {
                "state": "new",
                "reason": False,
                "note": False,
                "queue_state": "pending",
                "tries": 0,
                "next_try_at": fields.Datetime.now(),
            }
        )
        # The person waits for what becomes of it; an error leaves it to the queue
        for message in waiting:
            message._queue_process_one()
        return True

    def action_spam(self):
        """Take the mails off the list; they are kept."""
        self._check_agent()
        # sudo: service.inbox.message: see action_retry
        waiting = self.sudo().filtered(lambda row: row.state == "quarantine")
        waiting._end("spam", reason="by_hand")
        return True

    def action_open_file(self):
        """Make an order of the mail by hand, or add it to one."""
        self.ensure_one()
        self._check_agent()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("File the Mail"),
            "res_model": "service.inbox.file",
            "view_mode": "form",
            "target": "new",
            "context": {"default_message_id": self.id},
        }

    def action_view_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }

    def action_download(self):
        """The source as a file: a mail program shows it, no browser runs it."""
        self.ensure_one()
        self._check_agent()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/raw"
            f"?download=true&filename=mail-{self.id}.eml&mimetype=message/rfc822",
            "target": "download",
        }

    def _file_as_order(self, vals):
        """An order with what a person filled in, from this mail's own identity."""
        self.ensure_one()
        self._check_fileable()
        order = (
            self.env["service.order"]
            .with_context(default_inbox_id=self.inbox_id.id)
            ._create_from_channel(
                [
                    {
                        "channel": "email",
                        "source_key": f"{self.company_id.id}:by-hand:{self.id}",
                        "company_id": self.company_id.id,
                        "email": self.email_from_normalized,
                        "date_request": self.date_received,
                        **vals,
                    }
                ]
            )
        )
        self._attach_to(order, "order")
        return order

    def _file_on_order(self, order):
        """The mail as a note on an order: a person says that it belongs there."""
        self.ensure_one()
        self._check_fileable()
        order.check_access("write")
        self._attach_to(order, "reply")

    def _check_fileable(self):
        self._check_agent()
        if self.state not in ("quarantine", "spam", "duplicate", "bounce"):
            raise UserError(
                self.env._(
                    "This mail belongs to %s already.", self.order_id.name or "?"
                )
            )

    def _attach_to(self, order, state):
        # sudo: service.inbox.message: see action_retry
        message_sudo = self.sudo()
        message_sudo._end(
            state,
            reason="by_hand",
            order_id=order.id,
            queue_state="done",
            done_at=fields.Datetime.now(),
        )
        try:
            mail = mail_message.read(message_sudo._get_raw())
        except mail_message.UnreadableMailError:
            # The source stays with the mail, which the order points at
            return
        message_sudo.mail_message_id = message_sudo._post(
            order, mail, message_sudo.partner_id, is_note=True
        )
        order._log_event("message", name=message_sudo.email_from or "")
