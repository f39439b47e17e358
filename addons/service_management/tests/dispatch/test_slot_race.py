from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.service_management.tests.race import RaceCase

PLACES = 10
RIVALS = 50


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestSlotRace(RaceCase):
    """LESSONS L25: ten places in a window, fifty customers at the same moment.

    Real transactions; everything made here is removed again.
    """

    def setUp(self):
        super().setUp()
        day = fields.Date.today() + timedelta(days=3)
        with self._env() as env:
            self.point_id = self._make_points(env, 1).id
            slot = self._keep(
                env["service.slot"].create(
                    {
                        "point_id": self.point_id,
                        "dayofweek": str(day.weekday()),
                        "hour_from": 9,
                        "hour_to": 12,
                        "capacity": PLACES,
                    }
                )
            )
            self.slot_id = slot.id
            self.window = slot._get_times(day)
            self.order_ids = [self._make_order(env).id for __ in range(RIVALS)]
            env["service.order"].browse(self.order_ids).write({"area_id": self.area_id})

    def _clean_up(self):
        with self._env() as env:
            env.cr.execute(
                "DELETE FROM service_slot_booking WHERE slot_id = %s", [self.slot_id]
            )
        return super()._clean_up()

    def _book(self, env, order_id):
        env["service.order"].browse(order_id)._book_slot(*self.window)

    def _run_round(self, work=None):
        work = work or self._book
        works = [
            lambda env, order_id=order_id: work(env, order_id)
            for order_id in self.order_ids
        ]
        results = self._compete(works)
        with self._env() as env:
            held = env["service.slot.booking"].search(
                [("slot_id", "=", self.slot_id), ("state", "=", "held")]
            )
            return results, len(held), len(held.order_id)

    def test_L25_ten_places_and_fifty_bookings_are_exactly_ten(self):
        results, held, orders = self._run_round()
        self.assertEqual((held, orders), (PLACES, PLACES))
        self.assertEqual(results.count("won"), PLACES)
        self.assertEqual(results.count("refused"), RIVALS - PLACES)

    def test_L25_fifty_wishes_filed_at_once_promise_ten_and_lose_no_request(self):
        """The way of the portal's form: a request, and the window with it."""

        def file(env, number):
            order = env["service.order"]._create_from_channel(
                [
                    {
                        "channel": "portal",
                        "source_key": f"race:{number}",
                        "partner_id": self.partner_id,
                        "type_id": self.type_id,
                        "description": "race",
                    }
                ]
            )
            order._take_wish(self.window)

        results, held, orders = self._run_round(file)
        self.assertEqual((held, orders), (PLACES, PLACES))
        self.assertEqual(results, ["won"] * RIVALS)
        with self._env() as env:
            filed = env["service.order"].search(
                [("source_key", "=like", "race:%"), ("type_id", "=", self.type_id)]
            )
            self.assertEqual(len(filed), RIVALS)
            self.assertEqual(
                len(filed.filtered("slot_booking_id")) + len(filed.activity_ids), RIVALS
            )

    def test_without_the_guard_too_many_are_promised(self):
        """The same race is lost when the database does not guard the places."""
        with self._env() as env:
            env.cr.execute("DROP INDEX service_slot_booking_seat_uniq")
        try:
            __, held, __ = self._run_round()
        finally:
            with self._env() as env:
                env.cr.execute(
                    "DELETE FROM service_slot_booking WHERE slot_id = %s",
                    [self.slot_id],
                )
                env.cr.execute(
                    "CREATE UNIQUE INDEX service_slot_booking_seat_uniq ON "
                    "service_slot_booking (slot_id, start, seat) WHERE state = 'held'"
                )
        self.assertGreater(held, PLACES)
