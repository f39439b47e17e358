from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import new_test_user, tagged

from .mail_common import InboxCommon, make_mail, sample

# Each sample and what becomes of it, with the reason
EXPECTED = {
    "alternative_zh": ("order", False),
    "quoted": ("order", False),
    "group_address": ("order", False),
    "unknown_charset": ("order", False),
    "x_gbk_nul": ("order", False),
    "odd_type": ("order", False),
    "svg": ("order", False),
    "alarm": ("order", False),
    "bounce": ("bounce", "undelivered"),
    "auto_reply": ("bounce", "automatic"),
    "newsletter": ("quarantine", "list"),
    "spam": ("quarantine", "spam"),
    "no_sender": ("quarantine", "no_sender"),
    "empty": ("quarantine", "empty"),
}


A_MESSAGE = "Please call"
A_NOTE = "difficult customer"


@tagged("post_install", "-at_install")
class TestInboxSettle(InboxCommon):
    """What a mail becomes."""

    def test_each_sample_ends_as_expected(self):
        for name, (state, reason) in EXPECTED.items():
            with self.subTest(sample=name):
                message = self._feed(sample(name))
                self.assertEqual((message.state, message.reason), (state, reason))
                self.assertEqual(message._get_raw(), sample(name))
                self.assertEqual(message.queue_state, "done")

    def test_L20_what_core_cannot_read_becomes_an_order(self):
        for name in ("unknown_charset", "x_gbk_nul", "odd_type", "group_address"):
            self.assertEqual(self._feed(sample(name)).state, "order", name)

    def test_L20_an_error_is_tried_again_then_waits_for_a_person(self):
        message = self._store(make_mail("Message-ID: <boom@x>"))
        self.patch(
            type(self.env["service.order"]),
            "_create_from_channel",
            lambda *args: 1 / 0,
        )
        for __ in range(message._queue_max_tries):
            with self.assertLogs(
                "odoo.addons.service_management.models.mixins.service_queue_mixin"
            ):
                message._queue_process_one()
        self.assertEqual((message.state, message.reason), ("quarantine", "error"))
        self.assertIn("ZeroDivisionError", message.note)
        self.assertEqual(self.inbox.activity_ids.user_id, self.manager)

    def test_L21_chinese_of_a_smaller_label_is_whole(self):
        order = self._feed(sample("alternative_zh")).order_id
        self.assertIn("洗衣机漏水，请派人维修", order.description)
        self.assertIn("朱镕基路8号。洗衣机漏水，陶喆 囧", order.description)
        self.assertEqual(order.partner_id.name, "张三")
        message = order.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertIn("陶喆 囧", message.body)
        self.assertEqual(message.attachment_ids.name, "故障.png")
        self.assertIn(f"/web/image/{message.attachment_ids.id}", message.body)

    def test_a_new_order_knows_its_customer_and_its_team(self):
        team = self.env["service.team"].create({"name": "Mail Team"})
        self.inbox.team_id = team
        order = self._feed(make_mail("Message-ID: <1@x>", "Subject: Leak")).order_id
        self.assertRecordValues(
            order,
            [
                {
                    "partner_id": self.customer.id,
                    "requester_id": False,
                    "channel": "email",
                    "state": "new",
                    "user_id": False,
                    "team_id": team.id,
                    "inbox_id": self.inbox.id,
                    "description": "Leak\n\nIt leaks.",
                }
            ],
        )
        self.assertEqual(order.workitem_ids.filtered("team_id").team_id, team)
        self.assertIn(self.customer, order.message_partner_ids)

    def test_a_person_of_a_company_asks_for_the_company(self):
        person = self.env["res.partner"].create(
            {"name": "Ann", "email": "Ann@Example.com", "parent_id": self.customer.id}
        )
        order = self._feed(
            make_mail("Message-ID: <1@x>", sender="ann@example.COM")
        ).order_id
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.requester_id, person)
        self.assertEqual(order.email, "ann@example.com")

    def test_a_service_point_is_known_by_its_address(self):
        self.point.partner_id.email = "point@example.com"
        message = self._feed(
            make_mail(
                "Message-ID: <1@x>", "Precedence: bulk", sender="point@example.com"
            )
        )
        self.assertEqual(message.state, "order")
        self.assertEqual(message.order_id.partner_id, self.point.partner_id)

    def test_quoted_text_is_stored_and_folded(self):
        order = self._feed(sample("quoted")).order_id
        self.assertEqual(order.description, "Re: the machine\n\nIt leaks again.")
        body = order.message_ids.filtered(lambda m: m.message_type == "email").body
        visible, folded = body.split('data-o-mail-quote="1"', 1)
        self.assertIn("It leaks again.", visible)
        self.assertIn("Was it fixed?", folded)
        self.assertIn("Example Street 1", folded)

    def test_our_own_mailboxes_do_not_talk_to_each_other(self):
        for raw in (
            make_mail("Message-ID: <1@x>", sender="service@example.com"),
            make_mail("Message-ID: <2@x>", sender="Service+svc-1@Example.com"),
            make_mail("Message-ID: <3@x>", "X-Service-Inbox: 7"),
        ):
            message = self._feed(raw)
            self.assertEqual(
                (message.state, message.reason), ("quarantine", "own_address")
            )

    # Copies

    def test_feeding_twice_adds_nothing(self):
        first = self._feed(sample("quoted"))
        again = self._feed(sample("quoted"))
        self.assertEqual(again, first)

    def test_a_copy_by_another_way_is_a_duplicate(self):
        first = self._feed(make_mail("Message-ID: <1@x>"))
        copy = self._feed(b"Received: elsewhere\r\n" + make_mail("Message-ID: <1@x>"))
        self.assertEqual(copy.state, "duplicate")
        self.assertEqual(copy.original_id, first)
        self.assertEqual(copy.order_id, first.order_id)

    def test_another_mail_under_a_used_id_is_not_lost(self):
        self._feed(make_mail("Message-ID: <1@x>"))
        other = self._feed(make_mail("Message-ID: <1@x>", body="Something else"))
        self.assertEqual((other.state, other.reason), ("quarantine", "reused_id"))

    # L23

    def test_L23_known_customers_and_points_are_never_dropped(self):
        self.inbox.flood_limit = 5
        self.point.partner_id.email = "point@example.com"
        for sender in ("customer@example.com", "point@example.com"):
            states = [
                self._feed(
                    make_mail(f"Message-ID: <{n}.{sender}>", sender=sender)
                ).state
                for n in range(25)
            ]
            self.assertEqual(states, ["order"] * 25, sender)

    def test_L23_a_flood_of_a_new_sender_waits_in_quarantine(self):
        self.inbox.flood_limit = 5
        messages = [
            self._feed(make_mail(f"Message-ID: <{n}@x>", sender="loop@example.com"))
            for n in range(8)
        ]
        self.assertEqual(
            [(message.state, message.reason) for message in messages],
            [("order", False)] * 5 + [("quarantine", "flood")] * 3,
        )
        # Compared whole, not by a part: this is somebody else
        other = self._feed(make_mail("Message-ID: <o@x>", sender="oop@example.com"))
        self.assertEqual(other.state, "order")

    def test_L23_at_most_five_acknowledgements_an_address_and_hour(self):
        orders = [
            self._feed(make_mail(f"Message-ID: <{n}@x>")).order_id for n in range(7)
        ]
        sent = [len(self._outgoing(order)) for order in orders]
        self.assertEqual(sent, [1] * 5 + [0] * 2)
        with freeze_time(fields.Datetime.now() + timedelta(hours=1, minutes=1)):
            order = self._feed(make_mail("Message-ID: <later@x>")).order_id
        self.assertEqual(len(self._outgoing(order)), 1)

    def test_L23_no_acknowledgement_to_programs_and_lists(self):
        for number, header in enumerate(
            ("Auto-Submitted: auto-generated", "Precedence: bulk", "List-Id: <x.y>")
        ):
            message = self._feed(make_mail(f"Message-ID: <{number}@x>", header))
            self.assertEqual(message.state, "order", header)
            self.assertFalse(message.acknowledged_at)
            self.assertFalse(self._outgoing(message.order_id))

    # Acknowledgement

    def test_acknowledgement_has_the_number_and_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("service_management.mail_template_acknowledgement")
        template.with_context(lang="zh_CN").subject = "已收到 {{ object.name }}"
        self.customer.lang = "zh_CN"
        message = self._feed(make_mail("Message-ID: <1@x>"))
        mail = self._outgoing(message.order_id)
        self.assertEqual(mail.subject, f"已收到 {message.order_id.name}")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(message.order_id.name, mail.body_html)
        self.assertIn("service@example.com", mail.email_from)
        self.assertIn("service@example.com", mail.reply_to)
        headers = mail._prepare_outgoing_list()[0]["headers"]
        self.assertEqual(headers["Auto-Submitted"], "auto-replied")
        self.assertEqual(headers["X-Service-Inbox"], str(self.inbox.id))

    def test_an_acknowledgement_is_an_event_but_no_message(self):
        order = self._feed(make_mail("Message-ID: <1@x>")).order_id
        kinds = order.event_ids.mapped("kind")
        self.assertIn("acknowledged", kinds)
        self.assertNotIn("message", kinds)

    # Bounces

    def test_a_bounce_is_told_on_its_order(self):
        order = self._feed(make_mail("Message-ID: <1@x>")).order_id
        reference = self._reference_to(order, self.customer)
        raw = sample("bounce").replace(
            b"<svc-7-abc@service.example.com>", reference.encode()
        )
        message = self._feed(raw)
        self.assertEqual((message.state, message.order_id), ("bounce", order))
        self.assertIn("customer@example.com", message.note)
        self.assertIn("undelivered", order.event_ids.mapped("kind"))
        self.assertTrue(order.activity_ids)

    def test_a_bounce_by_the_id_of_the_mail(self):
        order = self._feed(make_mail("Message-ID: <1@x>")).order_id
        sent = self._outgoing(order).message_id
        raw = sample("bounce").replace(
            b"<original-1@service.example.com>", sent.encode()
        )
        self.assertEqual(self._feed(raw).order_id, order)

    # Attachments, HTML

    def test_L30_nothing_that_runs_comes_in(self):
        order = self._feed(sample("svg")).order_id
        message = order.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(
            sorted(message.attachment_ids.mapped(lambda a: (a.name, a.mimetype))),
            [("x.svg", "text/plain"), ("y.png", "text/plain")],
        )
        for word in ("script", "onclick", "javascript", "iframe"):
            self.assertNotIn(word, message.body)
        self.assertIn("Look", message.body)

    def test_nobody_is_told_that_a_mail_is_read(self):
        raw = make_mail(
            "Message-ID: <1@x>",
            "Content-Type: text/html; charset=utf-8",
            body='<p>Hi<img alt="a" src="https://spy.example/p.png?me" width=1>'
            "<IMG SRC='//spy.example/q.png'>"
            '<span style="background:url(https://spy.example/r.png)">x</span></p>',
        )
        body = self._feed(raw).mail_message_id.body
        self.assertNotIn("<img", body)
        self.assertNotIn("url(", body)
        self.assertIn('href="https://spy.example/p.png?me"', body)


@tagged("post_install", "-at_install")
class TestInboxReply(InboxCommon):
    """L31: who an answer by mail speaks for."""

    def setUp(self):
        super().setUp()
        self.message = self._feed(make_mail("Message-ID: <first@x>", "Subject: Leak"))
        self.order = self.message.order_id
        self.reference = self._reference_to(self.order, self.customer)

    def _reply(self, *headers, **options):
        number = self.Message.search_count([])
        return self._feed(make_mail(f"Message-ID: <r{number}@x>", *headers, **options))

    def _posted(self, message):
        return message.mail_message_id

    def test_L31_with_the_signed_reference_it_is_the_customer(self):
        message = self._reply(f"References: <first@x> {self.reference}")
        self.assertEqual((message.state, message.order_id), ("reply", self.order))
        self.assertTrue(message.is_verified)
        posted = self._posted(message)
        self.assertEqual(posted.author_id, self.customer)
        self.assertEqual(posted.subtype_id, self.env.ref("mail.mt_comment"))
        event = self.order.event_ids.filtered(lambda event: event.kind == "message")
        self.assertEqual(event.data["by"], "customer")
        self.assertTrue(event.is_public)

    def test_L31_only_a_proven_answer_moves_what_waits_for_the_customer(self):
        self.inbox.type_id = self.env.ref("service_management.type_incident")
        order = self._feed(make_mail("Message-ID: <incident@x>")).order_id
        order.user_id = self.agent
        reference = self._reference_to(order, self.customer)
        order.action_start_work()
        item = order.workitem_ids.filtered(lambda item: item.state == "open")
        flow = item._get_available_flows().filtered(
            lambda flow: flow.name == "Ask the Customer"
        )
        item.action_complete(flow.id)

        def waits():
            items = order.workitem_ids.filtered(lambda item: item.state == "open")
            return items.node_id.message == "customer_reply"

        self.assertTrue(waits())
        self._reply("In-Reply-To: <incident@x>")
        self.assertTrue(waits(), "anybody could have written this")
        self._reply(f"References: {reference}", "Auto-Submitted: auto-replied")
        self.assertTrue(waits(), "a program is no customer")
        self._reply(f"References: {reference}")
        self.assertFalse(waits())

    def test_L31_the_reference_in_the_reply_address(self):
        self.inbox.has_subaddress = True
        mail = self._outgoing(self.order)
        reply_to = mail._prepare_outgoing_list()[0]["reply_to"]
        self.assertIn("service+svc-", reply_to)
        message = self._reply(to=reply_to)
        self.assertTrue(message.is_verified)

    def test_L31_without_it_nobody_is_the_customer(self):
        message = self._reply("In-Reply-To: <first@x>")
        self.assertEqual((message.state, message.order_id), ("reply", self.order))
        self.assertEqual(message.reason, "unverified")
        posted = self._posted(message)
        self.assertFalse(posted.author_id)
        self.assertEqual(posted.subtype_id, self.env.ref("mail.mt_note"))
        self.assertIn("unverified sender", posted.body)
        self.assertFalse(
            self.order.event_ids.filtered(
                lambda event: event.kind == "message" and event.is_public
            )
        )
        self.assertTrue(self.order.activity_ids, "somebody has to look at it")

    def test_L31_nobody_is_staff_by_saying_so(self):
        self.order.message_subscribe(partner_ids=self.agent.partner_id.ids)
        for headers in (
            ["In-Reply-To: <first@x>"],
            # What the customer holds is signed for the customer
            [f"References: {self.reference}"],
        ):
            message = self._reply(*headers, sender=self.agent.email)
            self.assertFalse(message.is_verified)
            self.assertFalse(self._posted(message).author_id)

    def test_L31_staff_with_their_own_reference(self):
        self.agent.notification_type = "email"
        self.order.message_subscribe(partner_ids=self.agent.partner_id.ids)
        self.order.with_user(self.manager).message_post(
            body=A_MESSAGE, subtype_xmlid="mail.mt_comment"
        )
        reference = self._reference_to(self.order, self.agent.partner_id)
        message = self._reply(f"References: {reference}", sender=self.agent.email)
        self.assertTrue(message.is_verified)
        self.assertEqual(self._posted(message).author_id, self.agent.partner_id)
        event = self.order.event_ids.filtered(lambda event: event.kind == "message")
        self.assertEqual(event.user_id, self.agent)
        self.assertEqual(event.data["by"], "staff")

    def test_L31_a_colleague_who_lost_access_is_not_heard(self):
        self.agent.write({"notification_type": "email", "email": "a@desk.example"})
        self.order.message_subscribe(partner_ids=self.agent.partner_id.ids)
        self.order.with_user(self.manager).message_post(
            body=A_MESSAGE, subtype_xmlid="mail.mt_comment"
        )
        reference = self._reference_to(self.order, self.agent.partner_id)
        self.agent.group_ids = self.env.ref("base.group_user")
        message = self._reply(f"References: {reference}", sender=self.agent.email)
        self.assertFalse(message.is_verified)
        self.assertFalse(self._posted(message).author_id)
        self.agent.group_ids = self.env.ref("service_management.group_service_agent")
        message = self._reply(f"References: {reference}", sender=self.agent.email)
        self.assertTrue(message.is_verified)
        self.agent.active = False
        message = self._reply(f"References: {reference}", sender=self.agent.email)
        self.assertFalse(message.is_verified)

    def test_L31_a_colleague_who_is_the_customer_is_heard_as_one(self):
        user = new_test_user(self.env, "test_colleague", email="c@example.com")
        self.order.requester_id = user.partner_id
        reference = self.order._sign_mail_reference(user.email)
        message = self._reply(
            f"References: <{reference}@example.com>", sender=user.email
        )
        self.assertTrue(message.is_verified)
        self.assertEqual(self._posted(message).author_id, user.partner_id)
        event = self.order.event_ids.filtered(lambda event: event.kind == "message")
        self.assertNotEqual(event[-1:].data["by"], "staff")

    def test_L31_an_answer_to_a_note_stays_a_note(self):
        self.agent.notification_type = "email"
        note = self.order.with_user(self.manager).message_post(
            body=A_NOTE, partner_ids=self.agent.partner_id.ids
        )
        reference = self._reference_to(self.order, self.agent.partner_id)
        message = self._reply(
            f"In-Reply-To: {note.message_id}",
            f"References: {reference}",
            sender=self.agent.email,
        )
        self.assertTrue(message.is_verified)
        self.assertEqual(self._posted(message).subtype_id, self.env.ref("mail.mt_note"))

    def test_L31_a_reference_is_good_for_one_order_and_address_and_not_for_ever(self):
        other = self._feed(make_mail("Message-ID: <other@x>")).order_id
        swapped = self.reference.replace(f"svc-{self.order.id}-", f"svc-{other.id}-")
        message = self._reply(f"References: {swapped}")
        self.assertEqual(message.state, "order", "a reference that nobody signed")
        message = self._reply(f"References: {self.reference}", sender="eve@example.com")
        self.assertEqual(message.order_id, self.order)
        self.assertFalse(message.is_verified)
        with freeze_time(fields.Datetime.now() + timedelta(days=401)):
            message = self._reply(f"References: {self.reference}")
        self.assertFalse(message.is_verified)

    def test_L31_guessed_references_open_nothing(self):
        for text in (
            f"svc-{self.order.id}-739000-{'0' * 32}",
            f"svc-9999999999-739000-{'0' * 32}",
            f"svc-{self.order.id}-{'9' * 30}-{'0' * 32}",
        ):
            message = self._reply(f"References: <{text}@example.com>")
            self.assertEqual(message.state, "order")

    def test_the_number_in_the_subject_helps_its_customer_only(self):
        subject = f"Subject: about {self.order.name}, please"
        message = self._reply(subject)
        self.assertEqual((message.state, message.order_id), ("reply", self.order))
        self.assertFalse(message.is_verified)
        message = self._reply(subject, sender="eve@example.com")
        self.assertEqual(message.state, "order")
        self.assertNotEqual(message.order_id, self.order)

    def test_a_reply_gets_no_acknowledgement(self):
        message = self._reply(f"References: {self.reference}")
        self.assertFalse(message.acknowledged_at)
        to_customer = self._outgoing(self.order).filtered(
            lambda mail: self.customer in mail.recipient_ids
        )
        self.assertEqual(len(to_customer), 1, "the acknowledgement of the order")

    def test_an_automatic_answer_is_noted_and_moves_nothing(self):
        message = self._reply(
            f"References: {self.reference}", "Auto-Submitted: auto-replied"
        )
        self.assertEqual((message.state, message.reason), ("reply", "automatic"))
        self.assertEqual(self._posted(message).subtype_id, self.env.ref("mail.mt_note"))
        self.assertNotIn("message", self.order.event_ids.mapped("kind"))

    def test_a_reply_on_a_closed_order_is_work_for_somebody(self):
        self.order.action_cancel("by phone")
        self._reply(f"References: {self.reference}")
        self.assertIn("closed order", self.order.activity_ids.mapped("summary")[0])

    def test_the_owner_hears_of_a_reply(self):
        self.order.user_id = self.agent
        message = self._reply(f"References: {self.reference}")
        self.assertIn(self.agent.partner_id, self._posted(message).notified_partner_ids)

    def test_each_recipient_gets_a_reference_of_its_own(self):
        second = new_test_user(
            self.env, login="mail_second", groups="base.group_portal"
        ).partner_id
        self.order.message_post(
            body=A_MESSAGE,
            partner_ids=(self.customer + second).ids,
            subtype_xmlid="mail.mt_comment",
        )
        one = self._reference_to(self.order, self.customer)
        two = self._reference_to(self.order, second)
        self.assertNotEqual(one.split(".")[0], two.split(".")[0])

    def test_another_companys_order_is_not_touched(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        box = self.env["service.inbox"].create(
            {
                "name": "Elsewhere",
                "address": "else@example.com",
                "company_id": company.id,
                "type_id": self.type_consulting.id,
            }
        )
        raw = make_mail("Message-ID: <c@x>", f"References: {self.reference}")
        message = self._feed(raw, inbox=box)
        self.assertEqual(message.state, "order")
        self.assertEqual(message.order_id.company_id, company)
