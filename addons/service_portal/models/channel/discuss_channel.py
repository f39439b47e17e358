import hashlib

from markupsafe import Markup

from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import html2plaintext

COMMAND = "/order"


class DiscussChannel(models.Model):
    """An agent makes an order out of a conversation: ``/order what is asked for``."""

    _inherit = "discuss.channel"

    def execute_command_order(self, **kwargs):
        """Make an order of the conversation and tell both sides its number."""
        self.ensure_one()
        self.check_access("read")
        if self.channel_type != "livechat":
            self.env.user._bus_send_transient_message(
                self,
                self.env._("Orders are made of live chats with customers only."),
            )
            return
        text = html2plaintext(kwargs.get("body") or "").strip()
        text = text.removeprefix(COMMAND).strip()
        if not text:
            answer = self.env._(
                "Make an order of this conversation: %(start)s%(command)s what the "
                "customer asks for%(end)s",
                start=Markup("<pre>"),
                command=COMMAND,
                end=Markup("</pre>"),
            )
        else:
            order = self._make_service_order(text)
            answer = self.env._("Made %s of this conversation.", order._get_html_link())
        self.env.user._bus_send_transient_message(self, answer)

    def _make_service_order(self, text):
        orders = self.env["service.order"]
        if not orders.has_access("create"):
            raise AccessError(
                self.env._("Only an agent of the service desk may make an order.")
            )
        partner, phone, email = orders._recognise_visitor(self)
        # Sent twice, one order; another text is another request
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        order = orders._create_from_livechat(
            self,
            key,
            {
                "partner_id": partner.id,
                "phone": phone,
                "email": email,
                "description": text,
                "type_id": orders._get_livechat_type().id,
            },
        )
        self._tell_service_order(order)
        return order.sudo(False)

    def _tell_service_order(self, order):
        """The visitor reads the number; who is logged in can open the order."""
        if not order.name:
            body = self.env._("Your request was noted. We will get back to you.")
        elif order.partner_id in self.livechat_customer_partner_ids:
            body = self.env._(
                "Your request was received: %s",
                Markup('<a href="%s">%s</a>') % (order.access_url, order.name),
            )
        else:
            body = self.env._("Your request was received: %s", order.name)
        self.message_post(
            body=body, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
