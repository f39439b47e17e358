from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_management.models.dispatch import service_dispatch_run
from odoo.addons.service_management.tests.common import ServiceCommon


class DispatchRunCommon(ServiceCommon):
    """Two points with two orders a day each: `point` is better for everybody, and some
    orders (of the ``near`` area) may go nowhere else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._make_point("Second Point", daily_capacity=2)
        cls.second.coverage_ids.priority = 18
        cls.point.daily_capacity = 2
        cls.near = cls.area.copy({"name": "Near", "code": "T-101"})
        cls.env["service.coverage"].create(
            {"point_id": cls.point.id, "area_id": cls.near.id}
        )

    def _make_orders(self, count, area=None, **vals):
        orders = self.env["service.order"]
        for number in range(count):
            orders += self._make_order(
                description=f"{area and area.name} {number}",
                area_id=(area or self.area).id,
                **vals,
            )
        return orders

    def _make_run(self, **vals):
        runs = self.env["service.dispatch.run"].with_user(self.dispatcher)
        return runs.create(vals)

    def _get_choices(self, run):
        return {line.order_id: line.point_id for line in run.line_ids}


RULE = "refused by a rule of this company"


@tagged("post_install", "-at_install")
class TestDispatchRun(DispatchRunCommon):
    def test_l16_orders_are_dispatched_together_and_not_one_by_one(self):
        anywhere = self._make_orders(2)
        here = self._make_orders(2, self.near)
        run = self._make_run()
        run.action_compute()
        self.assertEqual(run.state, "proposed")
        self.assertRecordValues(
            run.line_ids.sorted(lambda line: line.order_id.id),
            [
                {"order_id": order.id, "point_id": point.id, "state": "proposed"}
                for order, point in zip(
                    anywhere + here,
                    (self.second, self.second, self.point, self.point),
                    strict=True,
                )
            ],
        )
        self.assertEqual(run.line_ids.mapped("is_other"), [True] * 4)
        self.assertLess(run.cost, run.greedy_cost)
        self.assertEqual((run.unserved_count, run.gap), (0, 0.0))
        moved = run.line_ids.filtered(lambda line: line.order_id in anywhere)
        for line in moved:
            self.assertIn(self.point.display_name, line.why)
            codes = [reason["code"] for reason in line.reasons]
            self.assertIn("priority", codes)
        # Nothing has happened yet
        self.assertEqual(set((anywhere + here).mapped("state")), {"new"})
        self.assertFalse((anywhere + here).offer_ids)

    def test_hours_of_one_service_type_limit_a_batch(self):
        self.type_repair.duration = 1.5
        (self.point + self.second).daily_capacity = 0
        self.env["service.point.capacity"].create(
            {
                "point_id": self.point.id,
                "type_id": self.type_repair.id,
                "hours_a_day": 5.0,
            }
        )
        first = self._make_orders(1, self.near)
        first._dispatch()
        orders = self._make_orders(4, self.near)
        run = self._make_run()
        run.action_compute()
        lines = run.line_ids.filtered(lambda line: line.order_id in orders)
        self.assertEqual(
            sorted(lines.mapped("state")),
            ["proposed", "proposed", "unserved", "unserved"],
        )
        run.action_apply()
        self.assertEqual(
            sorted(orders.mapped("state")), ["new", "new", "offered", "offered"]
        )

    def test_what_is_accepted_becomes_offers_as_by_hand(self):
        orders = self._make_orders(3)
        run = self._make_run()
        run.action_compute()
        left = run.line_ids[0]
        left.is_accepted = False
        run.action_apply()
        self.assertEqual(run.state, "applied")
        self.assertEqual(left.order_id.state, "new")
        for line in run.line_ids - left:
            offer = line.order_id.offer_ids
            self.assertRecordValues(
                offer, [{"point_id": line.point_id.id, "state": "offered"}]
            )
            self.assertTrue(offer.reasons)
            # The decision of the run goes with the offer, as it was made
            self.assertEqual(offer.candidate_data, line.candidate_data)
            chosen = next(
                candidate
                for candidate in line.candidates
                if candidate.get("point_id") == line.point_id.id
            )
            self.assertEqual(
                (offer.rank, offer.reasons), (chosen["rank"], chosen["reasons"])
            )
            event = line.order_id.event_ids.filtered(lambda e: e.kind == "offered")
            self.assertEqual(event.user_id, self.dispatcher)
        self.assertEqual(orders.mapped("state").count("offered"), 2)

    def test_one_row_can_be_applied_alone(self):
        self._make_orders(2)
        run = self._make_run()
        run.action_compute()
        run.line_ids[0].action_apply()
        self.assertEqual(run.line_ids.mapped("state"), ["applied", "proposed"])
        self.assertEqual(run.state, "proposed")
        with self.assertRaisesRegex(UserError, "dealt with"):
            run.line_ids[0].action_apply()
        run.action_apply()
        self.assertEqual(run.state, "applied")

    def test_a_locked_order_stays_when_it_is_computed_again(self):
        anywhere = self._make_orders(2)
        self._make_orders(2, self.near)
        run = self._make_run()
        run.action_compute()
        line = run.line_ids.filtered(lambda line: line.order_id == anywhere[0])
        line.point_id = self.point
        self.assertTrue(line.is_locked)
        run.action_compute()
        choices = self._get_choices(run)
        self.assertEqual(choices[anywhere[0]], self.point)
        self.assertEqual(run.unserved_count, 1)
        line = run.line_ids.filtered("is_locked")
        self.assertEqual(line.why, "Locked by the dispatcher.")

    def test_who_cannot_be_served_is_told_why(self):
        self._make_orders(3, self.near, priority="1")
        urgent = self._make_orders(1, self.near, priority="3")
        lost = self._make_order(area_id=self.area.copy({"code": "T-102"}).id)
        run = self._make_run()
        run.action_compute()
        choices = self._get_choices(run)
        self.assertEqual(choices[urgent], self.point)
        unserved = run.line_ids.filtered(lambda line: line.state == "unserved")
        self.assertEqual(len(unserved), 3)
        reasons = {line.order_id: line.why for line in unserved}
        self.assertIn("No service point covers", reasons.pop(lost))
        for text in reasons.values():
            self.assertIn("matter more", text)
        worth = run.price_ids.filtered(lambda row: row.point_id == self.point)
        self.assertGreater(worth.price, 1.0)
        self.assertEqual((worth.capacity, worth.given, worth.wanted), (2, 2, 4))

    def test_overtime_is_used_only_where_it_is_allowed(self):
        self._make_orders(3, self.near)
        run = self._make_run()
        run.action_compute()
        self.assertEqual(run.unserved_count, 1)
        run.overtime = 0.5
        run.action_compute()
        self.assertEqual(run.unserved_count, 0)
        codes = [reason["code"] for line in run.line_ids for reason in line.reasons]
        self.assertEqual(codes.count("overtime"), 1)
        run.action_apply()
        self.assertEqual(set(run.line_ids.mapped("state")), {"applied"})

    def test_an_unanswered_offer_moves_only_where_it_is_worth_it(self):
        first = self._make_orders(2)
        first._dispatch()
        self.assertEqual(first.offer_ids.point_id, self.point)
        self._make_orders(2, self.near)
        run = self._make_run()
        run.action_compute()
        self.assertEqual(run.unserved_count, 2, "offers stand")
        run.include_offered = True
        run.action_compute()
        self.assertEqual(run.unserved_count, 0)
        moved = run.line_ids.filtered(lambda line: line.order_id in first)
        self.assertEqual(moved.point_now_id, self.point)
        self.assertEqual(moved.point_id, self.second)
        run.action_apply()
        self.assertEqual(
            sorted(first.offer_ids.mapped("state")), ["offered"] * 2 + ["withdrawn"] * 2
        )
        again = self._make_run(include_offered=True)
        again.action_compute()
        self.assertEqual(set(again.line_ids.mapped("state")), {"kept"})

    def test_shares_of_own_and_partner_points(self):
        self.second.ownership = "own"
        shares = self.env["service.dispatch.share"]
        shares.create({"ownership": "own", "least": 0.5})
        self._make_orders(2)
        run = self._make_run()
        run.action_compute()
        self.assertEqual(
            set(self._get_choices(run).values()), {self.point, self.second}
        )
        self.env["service.dispatch.share"].search([]).least = 1.0
        self.second.daily_capacity = 1
        run.action_compute()
        self.assertIn("1", run.short_text)

    def test_facts_that_changed_since_refuse_their_rows_only(self):
        orders = self._make_orders(2)
        here = self._make_orders(1, self.near)
        run = self._make_run()
        run.action_compute()
        orders[0].action_cancel("Bought a new one")
        self.second.state = "suspended"
        run.action_apply()
        rows = {line.order_id: line for line in run.line_ids}
        self.assertEqual(rows[orders[0]].state, "refused")
        self.assertIn("moved on", rows[orders[0]].why)
        second = run.line_ids.filtered(lambda line: line.point_id == self.second)
        for line in second - rows[orders[0]]:
            self.assertEqual(line.state, "refused")
            self.assertIn("suspended", line.why)
        self.assertEqual(rows[here].state, "applied")

    def test_one_bad_row_of_many_is_shown_and_the_others_are_done(self):
        self.point.daily_capacity = 0
        orders = self._make_orders(40)
        bad = orders[17]
        run = self._make_run()
        run.action_compute()
        # A rule that another addon has for one kind of order
        add_offer = type(orders)._send_offers

        def refuse_one(records, choices, is_pool=False):
            if any(order.id == bad.id for order, *__ in choices):
                raise ValidationError(RULE)
            return add_offer(records, choices, is_pool)

        with patch.object(type(orders), "_send_offers", refuse_one):
            run.action_apply()
        states = run.line_ids.mapped("state")
        self.assertEqual((states.count("applied"), states.count("refused")), (39, 1))
        row = run.line_ids.filtered(lambda line: line.state == "refused")
        self.assertEqual(row.order_id, bad)
        self.assertIn("refused by a rule", row.why)
        self.assertEqual((orders - bad).mapped("state"), ["offered"] * 39)
        self.assertEqual(bad.state, "new")

    def test_many_orders_are_worked_on_in_the_background(self):
        self._make_orders(3)
        run = self._make_run()
        with patch.object(service_dispatch_run, "AT_ONCE", 2):
            run.action_compute()
            self.assertEqual((run.state, len(run.line_ids)), ("queued", 0))
            run.sudo()._queue_process_one()
            self.assertEqual((run.state, len(run.line_ids)), ("proposed", 3))
            run.action_apply()
            self.assertEqual(run.state, "applying")
            run.sudo()._queue_process_one()
        self.assertEqual(run.state, "applied")
        self.assertEqual(set(run.line_ids.mapped("state")), {"applied"})

    def test_nobody_writes_results_by_hand(self):
        self._make_orders(1)
        run = self._make_run()
        run.action_compute()
        line = run.line_ids
        for record, vals in (
            (run, {"state": "applied"}),
            (run, {"cost": 0.0}),
            (line, {"state": "applied"}),
            (line, {"cost": 0.0}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.dispatcher).write(vals)
        stranger = self._make_point("Stranger", coverage=False)
        with self.assertRaisesRegex(UserError, "candidates"):
            line.with_user(self.dispatcher).point_id = stranger

    def test_nothing_waits(self):
        with self.assertRaisesRegex(UserError, "No order waits"):
            self._make_run(type_ids=self.type_consulting.ids).action_compute()


@tagged("post_install", "-at_install")
class TestDispatchOnline(DispatchRunCommon):
    def setUp(self):
        super().setUp()
        self.env.company.write(
            {
                "service_dispatch_online": True,
                "service_dispatch_online_orders": 3,
                "service_dispatch_online_minutes": 10,
            }
        )
        self.runs = self.env["service.dispatch.run"]

    def test_orders_are_collected_and_dispatched_by_number_or_time(self):
        orders = self._make_orders(1)
        self.assertEqual(len(self.runs._dispatch_online()), 1)
        self.assertEqual(orders.state, "offered")
        second = self._make_orders(1, self.near)
        self.assertFalse(self.runs._dispatch_online(), "too few and too early")
        third = self._make_orders(2, self.near)
        run = self.runs._dispatch_online()
        self.assertEqual((run.mode, run.state), ("online", "applied"))
        self.assertEqual(
            (second + third).mapped("state").count("offered"), 2, "as many as it takes"
        )
        self.assertEqual(
            orders.offer_ids.filtered(lambda o: o.state == "offered").point_id,
            self.second,
            "it made room for those who can go nowhere else",
        )
        late = self._make_orders(1)
        self.assertFalse(self.runs._dispatch_online())
        run.computed_at -= timedelta(minutes=11)
        self.runs._dispatch_online()
        self.assertEqual(late.state, "offered")

    def test_yesterdays_worth_of_a_slot_is_todays_bid(self):
        orders = self._make_orders(2)
        here = self._make_orders(2, self.near)
        orders._dispatch()
        orders.offer_ids.action_accept()
        here._dispatch()
        yesterday = fields.Date.context_today(self.runs) - timedelta(days=1)
        (orders + here).offer_ids.sudo().day = yesterday
        run = self.runs._review(self.env.company, yesterday)
        price = run.price_ids.filtered(lambda row: row.point_id == self.point)
        self.assertEqual((price.capacity, price.given), (2, 2))
        today = self.runs.create({"mode": "online", "user_id": False})
        with patch.object(type(today), "_get_share_to_come", lambda run: 0.5):
            bids = today._get_bids()
        self.assertAlmostEqual(bids.get(self.point.id, 0.0), price.price / 2, 4)

    def test_the_part_of_the_day_that_is_to_come(self):
        share = self.runs.create({})._get_share_to_come()
        self.assertTrue(0 <= share <= 1)


@tagged("post_install", "-at_install", "service_management_budget")
class TestDispatchRunBudget(DispatchRunCommon):
    def test_a_batch_costs_as_many_queries_for_many_as_for_few(self):
        (self.point + self.second).daily_capacity = 0
        costs = []
        for size in (3, 3, 30):
            self._make_orders(size)
            run = self.env["service.dispatch.run"].create({})
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            run._compute_proposal()
            self.env.flush_all()
            middle = self.env.cr.sql_log_count
            run._apply()
            self.env.flush_all()
            costs.append((middle - start, self.env.cr.sql_log_count - middle))
            self.assertEqual(set(run.line_ids.mapped("state")), {"applied"})
        self.assertEqual(costs[1], costs[2], costs)
        self.assertLessEqual(sum(costs[2]), 180)
