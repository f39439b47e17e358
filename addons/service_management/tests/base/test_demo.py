import unittest
from collections import Counter

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from odoo.addons.service_management.demo.order_stories import STORIES
from odoo.addons.service_management.models.order.service_order import CLOSED_STATES

ORDERS_BY_STATE = {
    "draft": 2,
    "new": 8,
    "offered": 4,
    "accepted": 5,
    "scheduled": 7,
    "in_progress": 5,
    "done": 4,
    "closed": 21,
    "cancelled": 5,
}
# The event that brings an order into a state.
EVENT_OF_STATE = {
    "offered": {"offered"},
    "accepted": {"accepted", "visit_done"},
    "scheduled": {"scheduled"},
    "done": {"done"},
    "closed": {"closed"},
    "cancelled": {"cancelled"},
}


class TestStories(unittest.TestCase):
    def test_stories_have_names_of_their_own_and_follow_older_ones(self):
        keys = [story.key for story in STORIES]

        self.assertEqual(len(set(keys)), len(keys))
        self.assertLessEqual({s.parent for s in STORIES if s.parent}, set(keys))


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """What the demonstration shows is consistent, where it is installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref(
            f"service_management.demo_order_{STORIES[0].key}", raise_if_not_found=False
        ):
            raise unittest.SkipTest("The demonstration data is not installed.")
        cls.orders = cls.env["service.order"].union(
            *(
                cls.env.ref(f"service_management.demo_order_{story.key}")
                for story in STORIES
            )
        )

    def test_orders_stand_in_every_stage(self):
        self.assertEqual(Counter(self.orders.mapped("state")), ORDERS_BY_STATE)

    def test_open_orders_have_one_open_work_item_and_others_none(self):
        for order in self.orders:
            items = order.workitem_ids.filtered(lambda item: item.state == "open")
            expected = 0 if order.state in CLOSED_STATES else 1
            self.assertEqual(len(items), expected, order.display_name)

    def test_last_decisive_event_agrees_with_the_state(self):
        decisive = set().union(*EVENT_OF_STATE.values()) | {"reopened"}
        for order in self.orders:
            kinds = EVENT_OF_STATE.get(order.state)
            events = order.event_ids.sorted(lambda event: (event.date, event.id))
            told = events.filtered(lambda event: event.kind in decisive)
            if kinds:
                self.assertIn(told[-1:].kind, kinds, order.display_name)

    def test_events_follow_the_request_and_none_lies_ahead(self):
        now = self.env.cr.now()
        for order in self.orders:
            dates = order.event_ids.mapped("date")
            self.assertGreaterEqual(min(dates), order.date_request, order.display_name)
            self.assertLessEqual(max(dates), now, order.display_name)

    def test_offers_agree_with_the_point(self):
        for order in self.orders.filtered("point_id"):
            accepted = order.offer_ids.filtered(lambda offer: offer.state == "accepted")
            if order.state != "cancelled":
                self.assertEqual(accepted.point_id, order.point_id)

    def test_visits_are_in_working_time_unless_overridden(self):
        for visit in self.orders.visit_ids.filtered("is_blocking"):
            if "overridden" in visit.order_id.event_ids.mapped("kind"):
                continue
            for technician in visit.crew_ids.technician_id:
                self.assertTrue(
                    technician._is_working(visit.planned_start, visit.planned_end),
                    visit.display_name,
                )

    def test_nobody_is_in_two_places(self):
        overlaps = self.env.execute_query(
            SQL(
                """
                SELECT one.id FROM service_visit_crew one JOIN service_visit_crew other
                    ON one.technician_id = other.technician_id AND one.id < other.id
                   AND one.is_active AND other.is_active
                   AND one.planned_start < other.planned_end
                   AND other.planned_start < one.planned_end
                """
            )
        )
        self.assertFalse(overlaps)

    def test_used_parts_left_the_shelf_of_the_point(self):
        moves = self.orders.visit_ids.move_ids
        self.assertTrue(moves)
        self.assertEqual(set(moves.mapped("state")), {"done"})
        used = moves.filtered(lambda move: move.location_dest_id.usage == "customer")
        self.assertTrue(used)
        for move in used:
            self.assertEqual(
                move.location_id, move.service_visit_id.point_id.location_id
            )
        negative = self.env["stock.quant"].search_count(
            [
                (
                    "location_id",
                    "in",
                    self.env["service.point"].search([]).location_id.ids,
                ),
                ("quantity", "<", 0),
            ]
        )
        self.assertFalse(negative)

    def test_nobody_is_written_to(self):
        self.assertFalse(
            self.env["mail.mail"].search_count(
                [("model", "=", "service.order"), ("res_id", "in", self.orders.ids)]
            )
        )

    def test_every_login_has_something_to_do(self):
        def ref(name):
            return self.env.ref(f"service_management.demo_{name}")

        west_lake, yuhang = ref("point_west_lake"), ref("point_yuhang")
        for point in (west_lake, yuhang):
            offers = self.env["service.offer"].search_count(
                [("point_id", "=", point.id), ("state", "=", "offered")]
            )
            self.assertTrue(offers, point.name)
        visits = self.env["service.visit"].search(
            [("technician_id.user_id", "=", ref("user_technician").id)]
        )
        self.assertGreaterEqual(
            len(visits.filtered(lambda v: v.state in ("planned", "on_site"))), 3
        )
        own = self.orders.filtered(
            lambda order: order.partner_id == ref("customer_zhang_wei")
        )
        self.assertLessEqual({"done", "scheduled"}, set(own.mapped("state")))

    def test_loaded_again_changes_nothing(self):
        count = self.env["service.order"].search_count([])
        self.env["service.demo"]._load()
        self.env["service.demo"]._load_mails()

        self.assertEqual(self.env["service.order"].search_count([]), count)
