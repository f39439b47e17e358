from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from odoo.addons.mail.tools.discuss import Store


class ServiceOrder(models.Model):
    """A request that was made in a live chat."""

    _inherit = "service.order"

    livechat_id = fields.Many2one(
        "discuss.channel",
        string="Conversation",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    def action_open_livechat(self):
        """The conversation, in a window of its own."""
        self.ensure_one()
        self.livechat_id.check_access("read")
        Store(bus_channel=self.env.user).add(
            self.livechat_id, extra_fields={"open_chat_window": True}
        ).bus_send()

    @api.model
    def _create_from_livechat(self, channel, key, vals):
        """The order for what was asked in ``channel``: registered when that is enough,
        else a draft for the desk. Asked again with the same ``key``, the same order.

        :param vals: what is known; see ``CHANNEL_FIELDS``
        """
        source = {"channel": "chat", "source_key": f"livechat/{channel.id}:{key}"}
        # sudo: service.order: made of the allow-listed values for whoever chats
        orders = self.sudo().with_context(mail_create_nosubscribe=True)
        order = orders._find_by_source([source]).get(tuple(source.values()))
        if order:
            return order
        vals = {name: value for name, value in vals.items() if value}
        try:
            with self.env.cr.savepoint():
                order = orders._create_from_channel([vals | source])
        except UserError:
            # Something is missing: the desk completes and registers it
            self.env.invalidate_all(flush=False)
            order = orders.create([vals | source])
        order.livechat_id = channel
        order._keep_transcript(channel)
        return order

    @api.model
    def _get_livechat_type(self):
        """Hook: the type of an order that nobody has chosen one for."""
        types = self.env["service.type"].sudo()
        return types.search([("is_portal", "=", True)], limit=1)

    def _keep_transcript(self, channel):
        """The conversation as a note, with what was sent in it."""
        channel_sudo = channel.sudo()
        files = channel_sudo.message_ids.attachment_ids
        self.message_post(
            body=channel_sudo._get_channel_history(),
            attachments=[(file.name, file.raw) for file in files],
            subtype_xmlid="mail.mt_note",
            author_id=self.env.ref("base.partner_root").id,
        )

    @api.model
    def _recognise_visitor(self, channel):
        """``(customer, phone, e-mail)`` of the visitor.

        A visitor who is logged in is who he is; of a stranger what he wrote to the
        chatbot is believed when it is one customer's and no other's.
        """
        # sudo: res.partner, chatbot.message: who the visitor is, for the order alone
        channel_sudo = channel.sudo()
        known = channel_sudo.livechat_customer_partner_ids.filtered(
            lambda partner: partner.partner_share and not partner.is_public
        )
        said = channel_sudo._chatbot_find_customer_values_in_messages(
            {"question_email": "email", "question_phone": "phone"}
        )
        phone, email = said.get("phone") or "", said.get("email") or ""
        if len(known) == 1:
            return known, phone or known.phone, email or known.email
        partners = self.env["res.partner"].sudo()
        found = self.env["service.call"].sudo()._recognise(phone)[1]
        address = email_normalize(email)
        if not found and address:
            found = partners.search(
                [("email_normalized", "=", address), ("partner_share", "=", True)],
                limit=2,
            )
        return found if len(found) == 1 else partners, phone, email
