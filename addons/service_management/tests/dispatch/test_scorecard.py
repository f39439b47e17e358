from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


class ScorecardCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "UTC"
        cls.cards = cls.env["service.scorecard"]
        cls.number = 0

    @classmethod
    def _work(cls, start=MONDAY, point=None, technician=None, **vals):
        """An order that was done at its visit."""
        cls.number += 1
        point, technician = point or cls.point, technician or cls.technician
        with freeze_time(start - timedelta(hours=2)):
            order = cls._make_order(description=f"Fault {cls.number}", **vals)
            order._offer_to(point)
            order.offer_ids.filtered(
                lambda offer: offer.state == "offered"
            ).action_accept()
            visit = order._plan_visit(technician, start, start + timedelta(minutes=30))
        with freeze_time(start + timedelta(minutes=20)):
            visit.action_done({"outcome": "fixed"})
        return order

    @classmethod
    def _compute(cls, start=MARCH, today=APRIL, period="month"):
        with freeze_time(today):
            cls.cards._compute_period(period, start, cls.env.company)
        return cls._find(start, period=period)

    @classmethod
    def _find(cls, start=MARCH, period="month"):
        return cls.cards.search(
            [
                ("kind", "=", "point"),
                ("point_id", "=", cls.point.id),
                ("period", "=", period),
                ("date_start", "=", start),
                ("is_current", "=", True),
            ]
        )

    def _line(self, card, code):
        return card.line_ids.filtered(lambda line: line.code == code)


@tagged("post_install", "-at_install")
class TestScorecard(ScorecardCommon):
    def test_figures_by_hand(self):
        orders = [self._work(MONDAY + timedelta(hours=hour)) for hour in range(10)]
        # two are late, one repeats, one gets a complaint, one a bad rating
        late = orders[0] + orders[1]
        late.date_due = MONDAY - timedelta(days=1)
        for order in late:
            order.sudo().sla_state = "missed"
        with freeze_time(MONDAY + timedelta(days=20)):
            self._make_order(
                description="Why?",
                parent_id=orders[3].id,
                asset_id=False,
                type_id=self.env.ref("service_management.type_complaint").id,
            )
            orders[4]._rate(1)
            orders[5]._rate(5)
            orders[6].outcome = "not_fixed"
        card = self._compute()
        self.assertEqual(card.orders, 10)
        sla = self._line(card, "sla")
        self.assertEqual((sla.amount, sla.cases), (8, 10))
        self.assertEqual(sla.hits, late.ids)
        fix = self._line(card, "first_time_fix")
        self.assertEqual((fix.amount, fix.hits), (9, orders[6].ids))
        complaint = self._line(card, "complaint")
        self.assertEqual((complaint.amount, complaint.hits), (1, orders[3].ids))
        satisfaction = self._line(card, "satisfaction")
        self.assertEqual((satisfaction.amount, satisfaction.cases), (1, 2))
        self.assertEqual(satisfaction.hits, orders[4].ids)
        refusal = self._line(card, "refusal")
        self.assertEqual((refusal.amount, refusal.cases), (0, 10))
        report = self._line(card, "report")
        self.assertEqual((report.amount, report.cases), (0, 10))
        self.assertFalse(self._line(card, "part_overdue"))
        self.assertTrue(card.grade and card.is_frozen and card.rank)
        self.assertAlmostEqual(
            sum(card.line_ids.mapped("contribution")), card.score, delta=0.5
        )
        action = sla.action_view_hits()
        self.assertEqual(self.env["service.order"].search(action["domain"]), late)
        done = self.env["service.order"].search(card.action_view_orders()["domain"])
        self.assertEqual(set(done.ids), {order.id for order in orders})

    def test_a_repeat_within_thirty_days_counts_against_the_first(self):
        first = self._work(MONDAY)
        self._work(MONDAY + timedelta(days=20))
        far = self._work(MONDAY + timedelta(days=55))
        card = self._compute()
        repeat = self._line(card, "repeat")
        self.assertEqual((repeat.amount, repeat.cases), (1, 2))
        self.assertEqual(repeat.hits, first.ids)
        self.assertNotIn(far.id, repeat.hits)

    def test_offers_refused_and_reports_missing(self):
        self._work()
        with freeze_time(MONDAY):
            order = self._make_order(description="Refused")
            order._offer_to(self.point)
            reason = self.env["service.reject.reason"].search([], limit=1)
            order.offer_ids._reject("office", reason.id, "")
            missing = self._make_accepted_order(description="Missing")
            start = MONDAY + timedelta(days=1)
            missing._plan_visit(self.technician, start, start + timedelta(hours=1))
        card = self._compute()
        refusal = self._line(card, "refusal")
        self.assertEqual((refusal.amount, refusal.cases), (1, 3))
        self.assertEqual(refusal.hits, order.ids)
        report = self._line(card, "report")
        self.assertEqual((report.amount, report.hits), (1, missing.ids))

    def test_few_orders_are_not_judged(self):
        self._work()
        card = self._compute()
        self.assertEqual(card.orders, 1)
        self.assertFalse(card.grade)
        self.assertFalse(card.proposal_ids)

    def test_a_technician_has_a_card_of_the_own_orders(self):
        other = self._make_technician("Other")
        self._work()
        self._work(technician=other)
        self._work(MONDAY + timedelta(hours=3), technician=other)
        self._compute()
        card = self.cards.search(
            [("technician_id", "=", other.id), ("period", "=", "month")]
        )
        self.assertEqual(card.orders, 2)
        self.assertEqual(card.point_id, self.point)

    def test_running_periods_are_replaced_and_closed_ones_versioned(self):
        self._work()
        running = self._compute(today=MARCH + timedelta(days=20))
        self.assertFalse(running.is_frozen)
        closed = self._compute()
        self.assertFalse(running.exists())
        self.assertTrue(closed.is_frozen)
        self._work(MONDAY + timedelta(hours=4))
        again = self._compute()
        self.assertEqual((closed.version, again.version), (1, 2))
        self.assertFalse(closed.is_current)
        self.assertEqual((closed.orders, again.orders), (1, 2))
        with self.assertRaises(UserError):
            closed.sudo().score = 99
        with self.assertRaises(UserError):
            closed.unlink()

    def test_the_job_freezes_what_is_over_once(self):
        self._work()
        with freeze_time(APRIL + timedelta(days=3)):
            self.cards._compute_due()
            first = self._find()
            self.cards._compute_due()
        self.assertTrue(first.is_frozen)
        self.assertEqual(self._find(), first)
        self.assertFalse(self._find(APRIL).is_frozen)

    def test_queries_do_not_grow_with_points_and_orders(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(MARCH + timedelta(days=25)):
                self.cards._judge_all(MARCH, APRIL, self.env.company)
            return self.env.cr.sql_log_count - before

        self._work()
        count()
        few = count()
        for number in range(4):
            point = self._make_point(f"P{number}")
            technician = self._make_technician(f"T{number}", point=point)
            for hour in range(3):
                self._work(MONDAY + timedelta(hours=hour), point, technician)
        self.assertEqual(count(), few)


@tagged("post_install", "-at_install")
class TestScorecardProposal(ScorecardCommon):
    def _make_bad(self, start):
        for hour in range(10):
            order = self._work(
                fields.Datetime.to_datetime(start) + timedelta(days=3, hours=hour)
            )
            order.sudo().write(
                {
                    "sla_state": "missed",
                    "date_due": order.date_request,
                    "outcome": "not_fixed",
                }
            )
        end = self.cards._get_period_end("month", start)
        return self._compute(start, end)

    def test_warned_twice_then_suspended_then_removed(self):
        """及时淘汰劣质网点"""
        steps = ["warning", "warning", "suspension", "removal"]
        for month, step in enumerate(steps, start=1):
            start = date(2026, month, 1)
            card = self._make_bad(start)
            self.assertEqual(card.grade, "d")
            proposal = card.proposal_ids
            self.assertEqual(proposal.step, step)
            self.assertIn("Promises Kept", proposal.evidence)
            self.assertNotEqual(self.point.state, "terminated")
            with freeze_time(card.date_end + timedelta(days=2)):
                proposal = proposal.with_user(self.manager)
                with self.assertRaisesRegex(UserError, "reason"):
                    proposal.action_decide()
                with Form(proposal) as form:
                    form.reason = "Too many broken promises."
                proposal.action_decide()
            self.assertEqual(proposal.state, "decided")
            self.assertEqual(proposal.decided_by_id, self.manager)
            if step == "suspension":
                self.assertEqual(self.point.state, "suspended")
                # What was decided is told from the card, not a second time
                self.assertFalse(
                    self.point.message_ids.filtered(
                        lambda message: message.message_type == "user_notification"
                    )
                )
                self.point.state = "active"
            if month == 1:
                self.assertEqual(self.point.grade, "d")
            if month < 4:
                # the work of the month is over
                self.env["service.order"].search(
                    [("state", "=", "done")]
                ).action_close()
        self.assertEqual(self.point.state, "terminated")

    def test_nothing_happens_to_a_point_before_a_person_decides(self):
        card = self._make_bad(MARCH)
        proposal = card.proposal_ids
        self.assertEqual((self.point.grade, self.point.state), ("b", "active"))
        for user in (self.quality, self.dispatcher, self.point_manager):
            with (
                self.subTest(user.login),
                self.assertRaisesRegex(AccessError, "Only a manager"),
            ):
                proposal.with_user(user).action_decide()
        proposal.with_user(self.manager).write(
            {"decision": "none", "reason": "Floods in the city."}
        )
        proposal.with_user(self.manager).action_decide()
        self.assertEqual(proposal.state, "dismissed")
        self.assertEqual((self.point.grade, self.point.state), ("b", "active"))
        with self.assertRaises(UserError):
            proposal.with_user(self.manager).reason = "Other"

    def _make_proposals(self, count):
        """Proposals to warn so many points of their own."""
        card = self._make_bad(MARCH)
        card.proposal_ids.sudo().unlink()
        partners = self.env["res.partner"].create(
            [{"name": f"Bad {number}"} for number in range(count)]
        )
        points = self.env["service.point"].create(
            [
                {"name": one.name, "code": one.name, "partner_id": one.id}
                for one in partners
            ]
        )
        cards = card.union(*(card.copy({"point_id": one.id}) for one in points)) - card
        proposals = self.env["service.scorecard.proposal"]._propose_for(cards)
        proposals.write({"reason": "Too many broken promises."})
        return proposals.with_user(self.manager)

    def _work_on_queue(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        self.env["service.scorecard.proposal"]._queue_run()
        self.env.invalidate_all()

    def test_one_bad_of_a_few_is_named_and_the_others_are_decided_at_once(self):
        proposals = self._make_proposals(6)
        bad = proposals[3]
        bad.reason = False
        answer = proposals.action_decide_many()["params"]
        self.assertEqual(set((proposals - bad).mapped("state")), {"decided"})
        self.assertEqual((bad.state, answer["type"]), ("open", "warning"))
        self.assertIn("5 decided.", answer["message"])
        self.assertIn(bad.point_id.display_name, answer["message"])
        self.assertIn("give the reason", bad.refusal)
        self.assertFalse(bad.decided_by_id, "the bad one left no trace")
        bad.reason = "Late again."
        bad.action_decide_many()
        self.assertEqual((bad.state, bad.refusal), ("decided", False))

    def test_three_hundred_are_decided_in_the_background(self):
        """Those that cannot be are named before and after, and stop no other."""
        proposals = self._make_proposals(300)
        bad, gone, changing = proposals[17], proposals[40], proposals[80]
        bad.reason = False
        answer = proposals.action_decide_many()["params"]
        self.assertIn("299 are being decided", answer["message"])
        self.assertIn(bad.point_id.display_name, answer["message"])
        states = proposals.mapped("state")
        self.assertEqual((states.count("queued"), states.count("open")), (299, 1))
        with self.assertRaisesRegex(UserError, "being decided already"):
            changing.action_decide()
        with self.assertRaisesRegex(UserError, "is not changed"):
            changing.reason = "Another one."
        self.assertFalse(
            self.env["service.scorecard.proposal"]._propose_for(changing.scorecard_id)
        )
        # Removed from the network meanwhile
        gone.sudo().decision = "suspension"
        gone.point_id.sudo()._terminate("It left by itself.")
        self._work_on_queue()
        states = proposals.mapped("state")
        self.assertEqual((states.count("decided"), states.count("open")), (298, 2))
        self.assertIn("cannot become", gone.refusal)
        self.assertEqual(proposals.decided_by_id, self.manager)
        self.assertEqual(set((proposals - bad).mapped("queue_state")), {"done"})
        told = self.env["bus.bus"].search([("message", "like", "298 decided.")])
        self.assertEqual(len(told), 1)
        self.assertIn(gone.point_id.name, told.message)

    def test_who_may_no_longer_decide_has_nothing_decided_in_the_background(self):
        proposals = self._make_proposals(21)
        proposals.action_decide_many()
        self.manager.group_ids -= self.env.ref(
            "service_management.group_service_manager"
        )
        self._work_on_queue()
        self.assertEqual(set(proposals.sudo().mapped("state")), {"open"})
        self.assertTrue(all(proposals.sudo().mapped("refusal")))

    def test_only_a_manager_decides_many(self):
        proposals = self._make_proposals(2)
        for user in (self.quality, self.dispatcher, self.point_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                proposals.with_user(user).action_decide_many()

    def test_each_decision_costs_the_same_among_few_and_many(self):
        proposals = self._make_proposals(45)

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.action_decide_many()
            self.env.flush_all()
            return (self.env.cr.sql_log_count - before) / len(some)

        count(proposals[:5])
        few, many = count(proposals[5:10]), count(proposals[10:])
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 40)

    def test_evidence_is_in_the_language_of_who_decides(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["service.job"]._get_manager().lang = "zh_CN"
        card = self._make_bad(date(2026, 1, 1))
        self.assertIn("满分 100", card.proposal_ids.evidence)

    def test_no_second_proposal_while_one_waits(self):
        card = self._make_bad(MARCH)
        again = self._compute()
        self.assertEqual(again.version, 2)
        self.assertTrue(card.proposal_ids)
        self.assertFalse(again.proposal_ids)

    def test_the_point_is_told_by_mail(self):
        self.portal_point.partner_id.email = "point@example.com"
        card = self._make_bad(MARCH)
        proposal = card.proposal_ids.with_user(self.manager)
        proposal.reason = "Promises"
        proposal.action_decide()
        message = self.env["mail.message"].search(
            [("model", "=", card._name), ("res_id", "=", card.id)], limit=1
        )
        self.assertIn("Promises", message.body)
        self.assertIn(self.portal_point.partner_id, message.notified_partner_ids)

    def test_a_grade_is_given_by_a_person(self):
        for hour in range(10):
            self._work(MONDAY + timedelta(hours=hour))
        card = self._compute()
        self.point.grade = "c"
        with self.assertRaises(AccessError):
            card.with_user(self.quality).action_take_grade()
        card.with_user(self.manager).action_take_grade()
        self.assertEqual(self.point.grade, card.grade)

    def test_an_appeal_is_answered(self):
        self._work()
        card = self._compute()
        card._appeal("The spare part was late.")
        self.assertEqual(card.appeal_state, "open")
        card = card.with_user(self.manager)
        with self.assertRaises(UserError):
            card.action_answer_appeal()
        card.appeal_answer = "We agree."
        card.action_answer_appeal()
        self.assertEqual(card.appeal_state, "answered")

    def test_access(self):
        """L6: who sees cards, lines and proposals."""
        foreign_point = self._make_point("Foreign")
        foreign = self._make_technician("Foreign", point=foreign_point)
        self._work(point=foreign_point, technician=foreign)
        card = self._make_bad(MARCH)
        own = self.cards.search(
            [("technician_id", "=", self.technician.id), ("period", "=", "month")]
        )
        records = {
            "card": card,
            "line": card.line_ids[0],
            "own": own,
            "foreign": self.cards.search(
                [("point_id", "=", foreign_point.id), ("kind", "=", "point")]
            ),
            "proposal": card.proposal_ids,
        }
        all_cards = dict.fromkeys(("card", "line", "own", "foreign"), "r")
        check_matrix(
            self,
            records,
            {
                self.agent: {},
                self.dispatcher: all_cards,
                self.quality: all_cards | {"proposal": "r"},
                self.manager: {
                    "card": "rw",
                    "line": "r",
                    "own": "rw",
                    "foreign": "rw",
                    "proposal": "rw",
                },
                self.point_manager: {"card": "r", "line": "r", "own": "r"},
                self.technician_user: {"own": "r"},
                self.portal_customer: {},
            },
        )
        with self.assertRaises(UserError):
            card.with_user(self.manager).orders = 1

    def test_nobody_writes_what_is_computed(self):
        self._make_bad(MARCH)
        for name, user in (
            ("service.scorecard.line", self.manager),
            ("service.scorecard.proposal", self.quality),
            ("service.scorecard.measure", self.dispatcher),
        ):
            record = self.env[name].with_user(user).search([], limit=1)
            with self.subTest(name), self.assertRaises(AccessError):
                record.write({"sequence": 1} if "measure" in name else {"score": 1})
        proposal = self.env["service.scorecard.proposal"].with_user(self.manager)
        with self.assertRaisesRegex(AccessError, "with its button"):
            proposal.search([], limit=1).write({"score": 1})

    def test_facts_of_another_company_are_not_taken(self):
        self._work()
        facts = self.env["service.scorecard.facts"]
        bounds = self.cards._get_bounds(MARCH, APRIL, self.env.company)
        own = facts._read_facts(*bounds, self.env.company)
        self.assertEqual(own["point", self.point.id]["orders"].count, 1)
        company = self.env["res.company"].create({"name": "Second"})
        self.assertFalse(facts._read_facts(*bounds, company))

    def test_measures_make_sense(self):
        measure = self.env.ref("service_management.scorecard_measure_sla")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            measure.floor = measure.target
            measure.flush_recordset()
