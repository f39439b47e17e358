from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .mail_common import InboxCommon, make_mail, sample

MANAGER_ONLY = ("write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestInboxQuarantine(InboxCommon):
    """What people do with what the rules could not decide."""

    def setUp(self):
        super().setUp()
        self.message = self._feed(sample("newsletter")).with_user(self.agent)
        self.assertEqual(self.message.state, "quarantine")

    def _open_file(self, **values):
        form = Form(
            self.env["service.inbox.file"]
            .with_user(self.agent)
            .with_context(default_message_id=self.message.id)
        )
        for name, value in values.items():
            form[name] = value
        return form.save()

    def test_it_says_why_and_shows_the_source(self):
        self.assertEqual(self.message.reason, "list")
        self.assertEqual(self.message.text, "Only today")
        self.assertIn("<h1>Only today</h1>", self.message.source)
        url = self.message.action_download()["url"]
        self.assertIn("download=true", url)

    def test_an_order_by_hand(self):
        wizard = self._open_file(partner_id=self.customer)
        self.assertEqual(wizard.description, "40 % off\n\nOnly today")
        action = wizard.action_file()
        order = self.env["service.order"].browse(action["res_id"])
        self.assertRecordValues(
            order,
            [
                {
                    "partner_id": self.customer.id,
                    "channel": "email",
                    "state": "new",
                    "user_id": self.agent.id,
                }
            ],
        )
        self.assertEqual((self.message.state, self.message.order_id), ("order", order))
        self.assertEqual(self.message.reason, "by_hand")
        self.assertTrue(self.message.mail_message_id)
        with self.assertRaisesRegex(UserError, "belongs to"):
            wizard.action_file()

    def test_an_order_by_hand_names_what_is_missing(self):
        wizard = self.env["service.inbox.file"].create({"message_id": self.message.id})
        wizard.write({"partner_id": False, "description": False})
        with self.assertRaisesRegex(UserError, "Customer, Description"):
            wizard.action_file()

    def test_belongs_to_an_order(self):
        order = self._make_order()
        self._open_file(target="existing", order_id=order).action_file()
        self.assertEqual((self.message.state, self.message.order_id), ("reply", order))
        self.assertFalse(self.message.is_verified)
        posted = self.message.mail_message_id
        self.assertFalse(posted.author_id)
        self.assertEqual(posted.subtype_id, self.env.ref("mail.mt_note"))

    def test_retry_after_the_sender_became_a_customer(self):
        self.env["res.partner"].create(
            {"name": "News", "email": "news@shop.example.com"}
        )
        self.message.action_retry()
        self.assertEqual(self.message.state, "order")

    def test_spam_leaves_the_list_and_is_kept(self):
        self.message.action_spam()
        self.assertEqual(self.message.state, "spam")
        self.assertTrue(self.message._get_raw())

    def test_the_responsible_is_told_once(self):
        self._feed(sample("spam"))
        self.assertEqual(len(self.inbox.activity_ids), 1)
        self.assertEqual(self.inbox.activity_ids.user_id, self.manager)

    def test_access_by_role(self):
        message = self.message.sudo()
        readers = {"agent", "dispatcher", "manager"}
        roles = ("agent", "dispatcher", "technician_user", "point_manager", "quality")
        for role in (*roles, "manager", "portal_customer", "portal_point"):
            user = getattr(self, role)
            for operation in ("read", *MANAGER_ONLY):
                with self.subTest(role=role, operation=operation):
                    self.assertEqual(
                        message.with_user(user).has_access(operation),
                        operation == "read" and role in readers,
                    )
                    self.assertEqual(
                        self.inbox.with_user(user).has_access(operation),
                        role == "manager"
                        or operation == "read"
                        and role in {*readers, "quality"},
                    )
            if role not in readers:
                for action in ("action_retry", "action_spam", "action_download"):
                    with (
                        self.subTest(role=role, action=action),
                        self.assertRaises(UserError),
                    ):
                        getattr(message.with_user(user), action)()

    def test_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.inbox.company_id = company
        self.message.sudo().company_id = company
        self.assertFalse(self.message.has_access("read"))
        self.assertFalse(self.inbox.with_user(self.agent).has_access("read"))

    def test_the_mail_server_of_a_mailbox_is_the_administrators(self):
        with self.assertRaises(AccessError):
            self.inbox.with_user(self.manager).read(["fetchmail_server_id"])

    def test_an_order_shows_its_mails_to_the_desk(self):
        message = self._feed(make_mail("Message-ID: <1@x>"))
        order = message.order_id.with_user(self.agent)
        self.assertEqual(order.inbox_message_count, 1)
        action = order.action_view_inbox_messages()
        self.assertEqual(self.Message.search(action["domain"]), message)

    def test_a_mailbox_is_not_given_to_a_company_of_others(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        inbox = self.inbox.with_user(self.manager)
        inbox.company_id = self.env.company
        inbox.team_id = False
        with self.assertRaises(AccessError):
            inbox.company_id = company

    def test_a_mail_without_a_sender_is_nobodys(self):
        self.env["res.partner"].create({"name": "No Address"})
        self.assertFalse(self.message._find_sender(""))
