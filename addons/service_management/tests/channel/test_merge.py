from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon


class MergeCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Duplicate = cls.env["service.order.duplicate"]

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)

    def _find(self):
        self.Duplicate._find_all()
        return self.Duplicate.search([("state", "=", "proposed")])

    def _make_mail_order(self, **vals):
        """What a mail made that knows only the sender's number and words."""
        return self._make_order(
            register=False,
            **{
                "partner_id": False,
                "asset_id": False,
                "type_id": False,
                "channel": "email",
                "phone": "0138 0013 8000",
                "description": "It doesn't spin any more.",
                **vals,
            },
        )


@tagged("post_install", "-at_install")
class TestDuplicates(MergeCommon):
    def test_a_call_and_a_mail_about_the_same_are_proposed_with_reasons(self):
        self.customer.phone = "138 0013 8000"
        call = self._make_order()
        mail = self._make_mail_order()
        other = self._make_order(
            partner_id=self.env["res.partner"].create({"name": "Another"}).id,
            asset_id=False,
        )
        pair = self._find()
        self.assertEqual((pair.other_id, pair.order_id), (call, mail))
        self.assertIn("same phone number", pair.why)
        self.assertGreaterEqual(call.merge_score, 60)
        self.assertFalse(other.merge_score)

    def test_what_a_person_has_told_apart_is_not_proposed_again(self):
        self._make_order()
        second = self._make_order()
        pair = self._find()
        pair.with_user(self.agent).action_dismiss()
        second.description = "It still does not spin."
        self.assertFalse(self._find())
        self.assertEqual(pair.state, "dismissed")

    def test_a_change_that_tells_them_apart_ends_the_proposal(self):
        self._make_order()
        second = self._make_order()
        self.assertTrue(self._find())
        second.partner_id = self.env["res.partner"].create({"name": "Another"})
        self.assertFalse(self._find())

    def test_finished_and_foreign_orders_are_not_compared(self):
        first = self._make_order()
        first.action_cancel("x")
        self._make_order()
        self.assertFalse(self._find())
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._make_order(company_id=company.id, asset_id=False, contract_id=False)
        self.assertFalse(self._find())

    def test_what_a_plan_makes_is_no_request_that_came_in_twice(self):
        self._make_order()
        self._make_order(channel="plan")
        self.assertFalse(self._find())

    def test_looking_costs_the_same_for_many_orders(self):
        counts = []
        for number in (3, 3, 30):
            partners = self.env["res.partner"].create(
                [{"name": f"D {index}"} for index in range(number)]
            )
            orders = self.env["service.order"].create(
                [
                    {
                        "partner_id": partner.id,
                        "type_id": self.type_repair.id,
                        "description": "It leaks.",
                        "phone": f"1390000{index:04}",
                    }
                    for index, partner in enumerate(partners)
                    for __ in range(2)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Duplicate._propose(orders)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self.Duplicate.search([])), number)
            self.Duplicate.search([]).unlink()
            orders.unlink()
        self.assertEqual(counts[1], counts[2], counts)


@tagged("post_install", "-at_install")
class TestMerge(MergeCommon):
    def test_nothing_is_lost(self):
        survivor = self._make_order(asset_id=False, internal_note="first note")
        other = self._make_order(
            internal_note="second note",
            date_preferred="Saturday",
            priority="3",
            channel="email",
            description="In other words",
        )
        words = "a photo"
        message = other.message_post(body=words, attachments=[("a.txt", b"bytes")])
        other.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
        child = self._make_order(parent_id=other.id)
        other.message_subscribe(partner_ids=self.customer.ids)
        call = self.env["service.call"].create(
            {
                "provider": "t",
                "call_key": "m1",
                "direction": "in",
                "state": "ended",
                "date_start": fields.Datetime.now(),
                "order_id": other.id,
            }
        )
        other.with_user(self.agent)._merge_into(survivor.with_user(self.agent))
        self.assertRecordValues(
            survivor,
            [
                {
                    "asset_id": self.asset.id,
                    "internal_note": "first note\n\nsecond note",
                    "date_preferred": "Saturday",
                    "priority": "3",
                    "description": "It does not spin.",
                }
            ],
        )
        self.assertIn(message, survivor.message_ids)
        self.assertEqual(message.attachment_ids.res_id, survivor.id)
        self.assertEqual(len(survivor.activity_ids), 1)
        self.assertEqual(child.parent_id, survivor)
        self.assertEqual(call.order_id, survivor)
        self.assertIn(self.customer, survivor.message_partner_ids)
        self.assertTrue(
            survivor.message_ids.filtered(lambda rec: "In other words" in rec.body)
        )
        self.assertEqual((other.state, other.merged_into_id), ("cancelled", survivor))
        (event,) = other.event_ids.filtered(lambda rec: rec.kind == "merged")
        self.assertEqual(event.data, {"into": survivor.id})
        (event,) = survivor.event_ids.filtered(lambda rec: rec.kind == "merged")
        self.assertEqual(event.data, {"orders": other.ids})
        self.assertFalse(other.workitem_ids.filtered(lambda item: item.state == "open"))

    def test_what_the_merged_order_held_is_free_again(self):
        other = self._make_accepted_order()
        visit = self._make_visit(other)
        survivor = self._make_order()
        other._merge_into(survivor)
        self.assertEqual(visit.state, "cancelled")
        self.assertFalse(
            other.offer_ids.filtered(lambda offer: offer.state == "offered")
        )

    def test_l28_a_replayed_key_of_a_merged_order_finds_the_survivor(self):
        interface = new_test_user(
            self.env,
            login="test_interface",
            groups="service_management.group_service_interface",
        )
        self.customer.ref = "C-77"
        request = {
            "key": "a",
            "type": "repair",
            "customer_ref": "C-77",
            "description": "It does not spin.",
        }
        orders = self.env["service.order"].with_user(interface)
        (first,) = orders.create_from_api([request])
        middle, survivor = self._make_order(), self._make_order()
        self.env["service.order"].browse(first["id"])._merge_into(middle)
        middle._merge_into(survivor)
        (again,) = orders.create_from_api([request])
        self.assertEqual((again["result"], again["id"]), ("existing", survivor.id))
        (status,) = orders.get_status(["a"])
        self.assertEqual(status["number"], survivor.name)

    def test_a_mail_reference_of_a_merged_order_finds_the_survivor(self):
        other, survivor = self._make_order(), self._make_order()
        reference = other._sign_mail_reference(self.customer.email)
        other._merge_into(survivor)
        found, is_signed = other._find_by_mail_reference(
            [reference], self.customer.email
        )
        self.assertEqual((found, is_signed), (survivor, True))

    def test_the_desk_merges_what_is_proposed(self):
        first = self._make_order()
        second = self._make_order(channel="email")
        pair = self._find().with_user(self.agent)
        action = pair.action_merge()
        wizard = (
            self.env["service.order.merge"]
            .with_user(self.agent)
            .browse(action["res_id"])
        )
        self.assertEqual(wizard.survivor_id, first)
        self.assertIn("same asset", wizard.line_ids[1].why)
        wizard.action_merge()
        self.assertEqual(second.merged_into_id, first)
        self.assertEqual(pair.state, "merged")

    def test_one_order_brings_its_likely_duplicates(self):
        first, second = self._make_order(), self._make_order()
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self._make_order(partner_id=stranger.id, asset_id=False)
        action = second.action_open_merge()
        wizard = self.env["service.order.merge"].browse(action["res_id"])
        self.assertEqual(wizard.line_ids.order_id, first | second)
        lonely = self._make_order(
            partner_id=self.env["res.partner"].create({"name": "Lonely"}).id,
            asset_id=False,
        )
        with self.assertRaisesRegex(UserError, "looks like"):
            lonely.action_open_merge()

    def test_the_order_that_is_furthest_stays(self):
        first = self._make_order()
        second = self._make_accepted_order()
        wizard = self.env["service.order.merge"]._prepare(first | second)
        self.assertEqual(wizard.survivor_id, second)

    def test_what_must_not_be_merged_is_said_plainly(self):
        survivor = self._make_order()
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        theirs = self._make_order(partner_id=stranger.id, asset_id=False)
        with self.assertRaisesRegex(UserError, "one customer would read"):
            theirs._merge_into(survivor)
        working = self._make_order(type_id=self.type_consulting.id)
        working.action_start_work()
        with self.assertRaisesRegex(UserError, "somebody works on it"):
            working._merge_into(survivor)
        with self.assertRaises(UserError):
            survivor._merge_into(survivor)
        done = self._make_order()
        done.action_cancel("x")
        with self.assertRaises(UserError):
            survivor._merge_into(done)

    def test_only_the_desk_merges(self):
        orders = self._make_accepted_order() | self._make_order()
        self.Duplicate._find_all()
        check_matrix(
            self,
            {"pair": self.Duplicate.search([], limit=1)},
            {
                self.agent: {"pair": "r"},
                self.manager: {"pair": "r"},
                self.quality: {},
                self.technician_user: {},
                self.point_manager: {},
                self.portal_customer: {},
            },
        )
        for user in (self.quality, self.point_manager, self.portal_customer):
            with self.assertRaises(AccessError):
                orders[1].with_user(user)._merge_into(orders[0].with_user(user))
            with self.assertRaises(AccessError):
                orders.with_user(user).action_open_merge()
            with self.assertRaises(AccessError):
                self.env["service.order.merge.line"].with_user(user).search([])

    def test_an_order_of_another_company_is_not_shown_by_merging_it(self):
        orders = self._make_order() | self._make_order(register=False)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        orders[1].write({"asset_id": False, "team_id": False, "company_id": company.id})
        wizard = self.env["service.order.merge"].with_user(self.agent)
        wizard = wizard.create([{"survivor_id": orders[0].id}])
        lines = self.env["service.order.merge.line"].with_user(self.agent)
        with self.assertRaises(AccessError):
            lines.create([{"wizard_id": wizard.id, "order_id": orders[1].id}])
        vals = {"wizard_id": wizard.id, "order_id": orders[1].id}
        line = lines.sudo().create([vals]).sudo(False)
        for name in ("channel", "partner_id", "date_request", "stage_id"):
            self.env.invalidate_all()
            with self.subTest(field=name), self.assertRaises(AccessError):
                line.read([name])


@tagged("post_install", "-at_install")
class TestRequestQueue(MergeCommon):
    def _kinds(self, user):
        rows = self.env["service.request"].with_user(user).search([])
        return {row.kind: row for row in rows}

    def _fill(self):
        order, draft = self._make_order(), self._make_mail_order()
        call = self.env["service.call"].create(
            {
                "provider": "t",
                "call_key": "q1",
                "direction": "in",
                "state": "missed",
                "number": "138",
                "date_start": fields.Datetime.now(),
                "callback_state": "open",
                "callback_user_id": self.agent.id,
                "callback_deadline": fields.Datetime.now() - timedelta(hours=1),
            }
        )
        mail = self.env["service.inbox.message"].create(
            {
                "company_id": self.env.company.id,
                "state": "quarantine",
                "queue_state": "done",
                "source_key": "x",
                "digest": "x",
                "subject": "Lost",
                "date_received": fields.Datetime.now(),
            }
        )
        self.env.flush_all()
        return {"4_order": order, "3_draft": draft, "2_call": call, "1_mail": mail}

    def test_everything_that_waits_is_in_one_queue(self):
        made = self._fill()
        rows = self._kinds(self.agent)
        self.assertEqual(set(rows), set(made))
        self.assertEqual(rows["1_mail"].title, "Lost")
        self.assertTrue(rows["2_call"].is_late)
        for kind, record in made.items():
            action = rows[kind].action_open()
            self.assertEqual(
                (action["res_model"], action["res_id"]), (record._name, record.id)
            )
        late = self.env["service.request"].search([("is_late", "=", True)])
        self.assertIn("2_call", late.mapped("kind"))

    def test_a_likely_duplicate_is_marked(self):
        self._make_order()
        self._make_order()
        self._find()
        rows = self.env["service.request"].search([("score", "!=", False)])
        self.assertEqual(len(rows), 2)

    def test_a_phone_draft_goes_on_in_the_phone_form(self):
        draft = self._make_order(register=False)
        self.env.flush_all()
        row = self.env["service.request"].search([("order_id", "=", draft.id)])
        action = row.action_open()
        self.assertEqual(action["tag"], "service_intake")
        self.assertEqual(action["context"], {"service_draft_id": draft.id})

    def test_the_queue_is_the_desks_and_of_the_company(self):
        self._fill()
        for user in (self.technician_user, self.point_manager, self.portal_customer):
            with self.assertRaises(AccessError):
                self.env["service.request"].with_user(user).search([])
        self.assertTrue(self._kinds(self.quality))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            login="test_elsewhere",
            groups="service_management.group_service_agent",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self._kinds(stranger))
