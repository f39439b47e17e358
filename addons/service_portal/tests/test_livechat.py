from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.im_livechat.tests import chatbot_common
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestLivechatOrder(chatbot_common.ChatbotCase, ServiceCommon):
    """Orders out of live chats, through the routes that a visitor's browser calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = new_test_user(
            cls.env,
            login="test_operator",
            groups="service_management.group_service_agent,"
            "im_livechat.im_livechat_group_user",
        )
        cls.env["mail.presence"]._update_presence(cls.operator)
        cls.livechat = cls.env["im_livechat.channel"].create(
            {"name": "Service", "user_ids": [Command.link(cls.operator.id)]}
        )
        cls.env["service.type"].search([]).is_portal = False
        cls.type_repair.is_portal = True
        steps = [
            {"step_type": "text", "message": "Welcome."},
            {"step_type": "question_phone", "message": "Your number?"},
            {"step_type": "free_input_single", "message": "What happened?"},
            {
                "step_type": "create_service_order",
                "message": "Thank you.",
                "service_type_id": cls.type_repair.id,
            },
        ]
        cls.bot = cls.env["chatbot.script"].create(
            {
                "title": "Service Bot",
                "script_step_ids": [
                    Command.create(step | {"sequence": number})
                    for number, step in enumerate(steps, 1)
                ],
            }
        )
        cls.bot_livechat = cls.env["im_livechat.channel"].create(
            {
                "name": "Service Bot",
                "rule_ids": [Command.create({"chatbot_script_id": cls.bot.id})],
            }
        )

    def _chat(self, livechat=None, **params):
        livechat = livechat or self.livechat
        data = self.make_jsonrpc_request(
            "/im_livechat/get_session",
            {"channel_id": livechat.id, "persisted": True, **params},
        )
        return self.env["discuss.channel"].browse(data["channel_id"])

    def _chat_with_customer(self):
        self.portal_customer.password = "test_portal_customer"
        self.authenticate("test_portal_customer", "test_portal_customer")
        return self._chat()

    def _talk_to_bot(self, phone):
        channel = self._chat(self.bot_livechat, chatbot_script_id=self.bot.id)
        self._post_answer_and_trigger_next_step(channel, body=phone)
        self._post_answer_and_trigger_next_step(channel, body="It leaks everywhere.")
        return channel, self.env["service.order"].search(
            [("livechat_id", "=", channel.id)]
        )

    def test_the_command_makes_an_order_of_the_conversation(self):
        channel = self._chat_with_customer()
        channel.message_post(body="My washer leaks", message_type="comment")
        channel.with_user(self.operator).execute_command_order(
            body="/order The washer leaks"
        )
        order = self.env["service.order"].search([("livechat_id", "=", channel.id)])
        self.assertRecordValues(
            order,
            [
                {
                    "state": "new",
                    "channel": "chat",
                    "partner_id": self.portal_customer.partner_id.id,
                    "description": "The washer leaks",
                    "create_uid": self.operator.id,
                }
            ],
        )
        self.assertIn("My washer leaks", "".join(order.message_ids.mapped("body")))
        with self.assertRaises(UserError):
            order.with_user(self.operator).livechat_id = False
        told = channel.message_ids[0]
        self.assertIn(order.name, told.body)
        self.assertIn(order.access_url, told.body)

    def test_l28_the_same_command_twice_is_one_order(self):
        channel = self._chat_with_customer().with_user(self.operator)
        for __ in range(2):
            channel.execute_command_order(body="/order The washer leaks")
        channel.execute_command_order(body="/order And the dryer is loud")
        orders = self.env["service.order"].search([("livechat_id", "=", channel.id)])
        self.assertEqual(len(orders), 2)

    def test_without_words_nothing_is_made_and_the_command_explained(self):
        channel = self._chat_with_customer()
        channel.with_user(self.operator).execute_command_order(body="/order ")
        self.assertFalse(
            self.env["service.order"].search([("livechat_id", "=", channel.id)])
        )

    def test_the_order_of_an_unknown_visitor_waits_as_a_draft(self):
        channel = self._chat()
        channel.with_user(self.operator).execute_command_order(body="/order It leaks")
        order = self.env["service.order"].search([("livechat_id", "=", channel.id)])
        self.assertRecordValues(
            order, [{"state": "draft", "partner_id": False, "channel": "chat"}]
        )
        self.assertTrue(order.workitem_ids.filtered(lambda rec: rec.state == "open"))

    def test_what_was_sent_in_the_chat_comes_along(self):
        channel = self._chat_with_customer()
        channel.message_post(
            body="see", attachments=[("leak.txt", b"drip")], message_type="comment"
        )
        channel.with_user(self.operator).execute_command_order(body="/order Leak")
        order = self.env["service.order"].search([("livechat_id", "=", channel.id)])
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "service.order"), ("res_id", "=", order.id)]
        )
        self.assertEqual(files.mapped("raw"), [b"drip"])

    def test_orders_are_made_of_live_chats_that_one_reads(self):
        group = self.env["discuss.channel"].create(
            {"name": "Colleagues", "channel_type": "channel", "group_public_id": False}
        )
        group.with_user(self.operator).execute_command_order(body="/order Secrets")
        self.assertFalse(
            self.env["service.order"].search([("livechat_id", "=", group.id)])
        )
        channel = self._chat_with_customer()
        with self.assertRaises(AccessError):
            channel.with_user(self.agent).execute_command_order(body="/order x")

    def test_only_agents_make_orders(self):
        channel = self._chat_with_customer()
        operator = new_test_user(
            self.env,
            login="test_only_chat",
            groups="im_livechat.im_livechat_group_user",
        )
        channel.sudo()._add_members(users=operator)
        for user in (operator, self.portal_customer):
            with self.assertRaises(AccessError):
                channel.with_user(user).execute_command_order(body="/order x")

    def test_the_chatbot_makes_a_draft_of_a_stranger_and_names_whom_he_may_be(self):
        self.env.company.country_id = self.env.ref("base.cn")
        __, order = self._talk_to_bot("138 0013 8000")
        self.assertRecordValues(
            order,
            [
                {
                    "state": "draft",
                    "channel": "chat",
                    "partner_id": False,
                    "user_id": False,
                    "phone": "138 0013 8000",
                    "type_id": self.type_repair.id,
                    "description": "It leaks everywhere.",
                }
            ],
        )
        bodies = "".join(order.message_ids.mapped("body"))
        self.assertIn("Test Customer", bodies)
        self.assertIn("It leaks everywhere.", bodies)

    def test_the_chatbot_registers_the_order_of_a_known_customer(self):
        self.portal_customer.password = "test_portal_customer"
        self.authenticate("test_portal_customer", "test_portal_customer")
        channel, order = self._talk_to_bot("139")
        self.assertRecordValues(
            order,
            [{"state": "new", "partner_id": self.portal_customer.partner_id.id}],
        )
        self.assertIn(order.name, channel.message_ids[0].body)

    def test_the_conversation_opens_from_the_order(self):
        channel = self._chat_with_customer()
        channel.with_user(self.operator).execute_command_order(body="/order Leak")
        order = self.env["service.order"].search([("livechat_id", "=", channel.id)])
        order.with_user(self.operator).action_open_livechat()
        with self.assertRaises(AccessError):
            order.with_user(self.technician_user).action_open_livechat()
