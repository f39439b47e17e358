import re
import secrets

from odoo import api, fields, models
from odoo.tools import consteq, formataddr, hmac

from odoo.addons.service_management.engine.mail_kind import LOOP_HEADER
from odoo.addons.service_management.models.order.service_order import CLOSED_STATES

# A reference in an address or a Message-ID: order, day of issue, signature
_REFERENCE = re.compile(r"\bsvc-(\d{1,9})-(\d{1,6})-([0-9a-f]{32})\b")
REFERENCE_DAYS = 400
# More are not of an honest thread; each costs a signature.
MAX_REFERENCES = 50
SCOPE = "service-order-mail"


class ServiceOrder(models.Model):
    """What an order says by mail, and what it hears."""

    _inherit = "service.order"

    inbox_id = fields.Many2one(
        "service.inbox",
        string="Mailbox",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Where the request came in, and where answers go.",
    )
    inbox_message_ids = fields.One2many(
        "service.inbox.message",
        "order_id",
        string="Incoming Mails",
        groups="service_management.group_service_agent",
    )
    inbox_message_count = fields.Integer(
        compute="_compute_inbox_message_count",
        groups="service_management.group_service_agent",
    )

    def _compute_inbox_message_count(self):
        counts = dict(
            self.env["service.inbox.message"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.inbox_message_count = counts.get(order, 0)

    def action_view_inbox_messages(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_inbox_message"
        )
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    # Signed references

    def _sign_mail_reference(self, address: str) -> str:
        """What proves that a mail answers to one we sent to ``address``.

        It names the order and the day, and is signed for the order and the address
        with the database's secret; it is good for ``REFERENCE_DAYS``.
        """
        self.ensure_one()
        day = fields.Date.today().toordinal()
        return f"svc-{self.id}-{day}-{self._get_mail_signature(address, day)}"

    def _get_mail_signature(self, address: str, day: int) -> str:
        # sudo: ir.config_parameter: the secret signs, nobody reads it
        return hmac(self.env(su=True), SCOPE, (self.id, address.lower(), day))[:32]

    @api.model
    def _find_by_mail_reference(self, texts, address=""):
        """(order, whether it was signed for ``address``) of the references in texts.

        One that was signed for another address of the order names it, and no more.
        """
        today = fields.Date.today().toordinal()
        found = self.browse()
        references = _REFERENCE.findall("\n".join(texts))[:MAX_REFERENCES]
        orders = self.browse({int(number) for number, __, __ in references}).exists()
        by_number = {order.id: order for order in orders}
        for number, day_text, signature in references:
            day, order = int(day_text), by_number.get(int(number))
            if not order or not today - REFERENCE_DAYS <= day <= today + 1:
                continue
            if address and consteq(order._get_mail_signature(address, day), signature):
                return order, True
            if not found and any(
                consteq(order._get_mail_signature(other, day), signature)
                for other in order._get_mail_addresses()
            ):
                found = order
        return found, False

    def _get_mail_addresses(self) -> set[str]:
        """Normalised addresses of those who may know of the order by mail."""
        self.ensure_one()
        # sudo: res.partner: whose addresses these are is compared, not shown
        order = self.sudo()
        people = (
            order.partner_id
            | order.requester_id
            | order.commercial_partner_id
            | order.message_partner_ids
            | order.user_id.partner_id
        )
        addresses = set(people.mapped("email_normalized"))
        if order.email:
            addresses.add(order.email.strip().lower())
        return addresses - {False}

    def _get_mail_inbox(self):
        self.ensure_one()
        # sudo: service.inbox: technicians and points write from the mailbox as well
        return self.sudo().inbox_id or self.env["service.inbox"]._get_default(
            self.company_id
        )

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Answers come to the mailbox of the order, not to the catch-all address."""
        result = super()._notify_get_reply_to_batch(
            defaults=defaults, author_ids=author_ids
        )
        for order in self:
            inbox = order._get_mail_inbox()
            if inbox:
                result[order.id] = inbox.email_formatted
        return result

    def _sign_outgoing(self, values: dict, address: str) -> dict:
        """Values of a mail to ``address`` about the order, with its reference."""
        self.ensure_one()
        inbox = self._get_mail_inbox()
        if not inbox or not address:
            return values
        reference = self._sign_mail_reference(address)
        local, __, domain = inbox.email_normalized.rpartition("@")
        # A Message-ID is seen once: the tail keeps strict programs content
        message_id = f"<{reference}.{secrets.token_hex(4)}@{domain}>"
        values["references"] = f"{values.get('references') or ''} {message_id}".strip()
        if inbox.has_subaddress:
            name = inbox.with_context(lang=self.env.lang).name
            values["reply_to"] = formataddr((name, f"{local}+{reference}@{domain}"))
        # Not the shared dictionary of the other recipients
        values["headers"] = {
            **(values.get("headers") or {}),
            LOOP_HEADER: str(inbox.id),
        }
        return values

    @api.model
    def _wake_mail_queue(self):
        # sudo: ir.cron: mails that were just queued leave now, not within an hour
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    # What goes out by itself

    def _send_acknowledgement(self, template, partner):
        """Tell ``partner`` the number, once, in the partner's language.

        An event of its own kind: an automatic answer is never a first response.
        """
        self.ensure_one()
        lang = partner.lang or self.inbox_id.lang or self.env.lang
        # sudo: mail.template: rendered for whoever wrote, by the system
        values = (
            template.sudo()
            .with_context(lang=lang)
            ._generate_template(self.ids, ("subject", "body_html"))[self.id]
        )
        inbox = self._get_mail_inbox().with_context(lang=lang)
        self.sudo().with_context(lang=lang, mail_notify_force_send=False).message_post(
            body=values["body_html"],
            subject=values["subject"],
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.company_id.partner_id.id,
            email_from=inbox.email_formatted or self.company_id.email_formatted,
            partner_ids=partner.ids,
            notify_skip_followers=True,
            email_layout_xmlid="mail.mail_notification_light",
            mail_headers={
                "Auto-Submitted": "auto-replied",
                "X-Auto-Response-Suppress": "All",
            },
        )
        self._log_event("acknowledged", name=partner.email or "", is_public=True)
        self._wake_mail_queue()

    # What came in

    def _receive_customer_mail(self, partner, subject):
        """The customer wrote, proven: an event, and the workflow goes on."""
        self.ensure_one()
        user = partner.user_ids[:1]
        # sudo: service.order: by the customer's own user where there is one
        order = self.with_user(user).sudo() if user else self
        order._log_event(
            "message", is_public=True, data={"by": "customer", "channel": "email"}
        )
        self._throw_message("customer_reply")
        if self.state in CLOSED_STATES or not self.user_id:
            self._follow_up_mail(subject)

    def _receive_staff_mail(self, user, is_public=True):
        """A colleague answered by mail: a response, unless it stays among staff."""
        self.with_user(user).sudo()._log_event(
            "message",
            is_public=is_public,
            data={"by": "staff" if is_public else "note", "channel": "email"},
        )

    def _follow_up_mail(self, subject, is_verified=True):
        """Work for the desk: nobody else hears of this mail."""
        self.ensure_one()
        # Not in that of the superuser who sorted the mail
        self = self._with_desk_lang()
        if not is_verified:
            self._log_event("message", data={"by": "unverified", "channel": "email"})
            summary = self.env._("Mail from an unverified sender")
        elif self.state in CLOSED_STATES:
            summary = self.env._("The customer wrote about a closed order")
        else:
            summary = self.env._("The customer answered")
        self._schedule_for_desk(summary, subject or "")

    def _note_undelivered(self, note, is_permanent):
        """A mail about the order did not arrive: said in the log, and to the desk."""
        self.ensure_one()
        self._log_event("undelivered" if is_permanent else "delayed", name=note)
        if is_permanent and self.state not in CLOSED_STATES:
            self._schedule_for_desk(
                self.env._("A mail about this order could not be delivered"), note
            )
