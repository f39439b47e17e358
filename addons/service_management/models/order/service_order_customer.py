from odoo import models
from odoo.exceptions import UserError

from .service_order import CLOSED_STATES

# Until somebody has promised a time, a customer may take the request back alone.
CUSTOMER_CANCEL_STATES = ("new", "offered", "accepted")


class ServiceOrder(models.Model):
    """What a customer may do with an own request. The caller has checked whose the
    order is and passes it in sudo; the user stays the customer, so that events and
    messages name the right person."""

    _inherit = "service.order"

    def _write_by_customer(self, body, photos=()):
        """A message or photos to whoever handles the request."""
        self.ensure_one()
        if self.state in CLOSED_STATES:
            raise UserError(
                self.env._("This request is closed. Please file a new one instead.")
            )
        if not body and not photos:
            raise UserError(self.env._("Message is missing: write one or add a photo."))
        message = self._post_from_portal(body, attachments=list(photos))
        self._throw_message("customer_reply")
        return message

    def _cancel_by_customer(self, reason=""):
        """Take the request back; an appointment is cancelled by the service desk."""
        self.ensure_one()
        if self.state not in CUSTOMER_CANCEL_STATES:
            raise UserError(
                self.env._(
                    "An appointment has been made already. Please ask for another "
                    "time or write to us instead."
                )
            )
        return self.action_cancel(reason or self.env._("Cancelled by the customer"))

    def _ask_other_time(self, text):
        """Record the wish for another time and give it to whoever plans.

        Nothing is moved: the appointment stands until somebody has answered.
        """
        self.ensure_one()
        text = (text or "").strip()
        if not text:
            raise UserError(
                self.env._("Preferred time is missing: say when it would suit you.")
            )
        if self.state not in (*CUSTOMER_CANCEL_STATES, "scheduled"):
            raise UserError(
                self.env._("The time can no longer be changed. Please write to us.")
            )
        self._log_event("reschedule_asked", name=text, is_public=True)
        desk = self._with_desk_lang().env
        if self.state == "scheduled":
            summary = desk._("The customer asks for another time")
        else:
            summary = desk._("The customer named a preferred time")
        self.date_preferred = text
        self._schedule_for_desk(summary, text)
        return self._post_from_portal(self.env._("I would like another time: %s", text))

    def _post_from_portal(self, body, attachments=None, subscribe=True):
        """A public message by the portal user; ``attachments`` as (name, content).

        :param bool subscribe: whether the author hears of answers by e-mail; never
            for people who may lose the order again, like a service point's.
        """
        self.ensure_one()
        self._log_event("message", is_public=True)
        return self.with_context(
            mail_post_autofollow_author_skip=not subscribe
        ).message_post(
            body=body,
            attachments=attachments,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _schedule_for_desk(self, summary, note, kind="mail.mail_activity_data_todo"):
        """An activity for the owner, else for somebody of the owning team."""
        self.ensure_one()
        return self.activity_schedule(
            kind, summary=summary, note=note, user_id=self._get_desk_user().id
        )

    def _get_desk_user(self):
        team = self.team_id
        user = self.user_id or team.leader_id or team.member_ids[:1]
        return user or self.env.ref("base.user_admin")

    def _with_desk_lang(self):
        """In the language of who gets the work, not of the customer who asks for it."""
        # sudo: res.users: the language only
        lang = self._get_desk_user().sudo().lang
        return self.with_context(lang=lang or self.env.lang)
