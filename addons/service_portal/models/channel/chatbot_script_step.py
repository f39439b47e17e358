from odoo import fields, models
from odoo.tools import html2plaintext

FREE_INPUTS = ("free_input_single", "free_input_multi")


class ChatbotScriptStep(models.Model):
    """A step of a chatbot that makes an order of what the visitor has written."""

    _inherit = "chatbot.script.step"

    step_type = fields.Selection(
        selection_add=[("create_service_order", "Create Service Order")],
        ondelete={"create_service_order": "cascade"},
    )
    service_type_id = fields.Many2one(
        "service.type",
        ondelete="set null",
        index="btree_not_null",
        help="The type of the orders that this step makes.",
    )

    def _process_step(self, discuss_channel):
        self.ensure_one()
        message = super()._process_step(discuss_channel)
        if self.step_type == "create_service_order":
            order = self._make_service_order(discuss_channel)
            if order.name:
                message = discuss_channel._chatbot_post_message(
                    self.chatbot_script_id,
                    self.env._("Your request was received: %s", order.name),
                )
        return message

    def _make_service_order(self, channel):
        orders = self.env["service.order"].with_context(default_user_id=False)
        partner, phone, email = orders._recognise_visitor(channel)
        # A stranger says who he is, and nobody has proved it: a person looks first
        is_proved = partner in channel.sudo().livechat_customer_partner_ids
        order = orders._create_from_livechat(
            channel,
            f"step-{self.id}",
            {
                "partner_id": partner.id if is_proved else False,
                "phone": phone,
                "email": email,
                "description": self._collect_words(channel)
                or self.env._("Asked for in the live chat; see the transcript."),
                "type_id": (self.service_type_id or orders._get_livechat_type()).id,
            },
        )
        if partner and not is_proved:
            order.message_post(
                body=self.env._(
                    "The visitor is probably %s; he was not logged in.",
                    partner.display_name,
                ),
                subtype_xmlid="mail.mt_note",
            )
        return order

    def _collect_words(self, channel) -> str:
        """What the visitor answered freely, in the order of the answers."""
        # sudo: chatbot.message: the visitor's own answers
        answers = channel.sudo().chatbot_message_ids.filtered(
            lambda answer: (
                answer.script_step_id.step_type in FREE_INPUTS
                and answer.user_raw_answer
            )
        )
        return "\n".join(
            html2plaintext(answer.user_raw_answer).strip()
            for answer in answers.sorted("id")
        )
