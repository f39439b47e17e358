from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import _super_send
from odoo.tools import mute_logger

from odoo.addons.service_management.engine import travel
from odoo.addons.service_management.tests.common import ServiceCommon

from .routing_server import RoutingServer

PLACES = [(31.20, 121.40), (31.23, 121.40), (31.20, 121.50)]


@tagged("post_install", "-at_install")
class TestTravelTimes(ServiceCommon):
    """A real server that speaks OSRM's and Valhalla's tables, on this machine."""

    @classmethod
    def _request_handler(cls, session, request, /, **kw):
        """The test runner's would let a slow server take ten seconds."""
        return _super_send(session, request, **kw)

    def setUp(self):
        super().setUp()
        self.server = RoutingServer()
        self.addCleanup(self.server.close)
        self.env.company.write(
            {
                "service_travel_source": "osrm",
                "service_travel_url": self.server.url,
                "service_travel_timeout": 1,
            }
        )
        self.travel = self.env["service.travel"]

    def test_without_a_server_ways_are_estimated(self):
        self.env.company.service_travel_source = "great_circle"
        times = self.travel._get_times(PLACES)
        self.assertEqual(times.source, "great_circle")
        self.assertEqual(times.minutes, travel.matrix(PLACES))
        self.assertFalse(self.server.calls)

    def test_a_table_is_asked_for_once(self):
        minutes = self.travel._get_minutes(PLACES)
        self.assertAlmostEqual(minutes[0][1], 3.0)
        self.assertAlmostEqual(minutes[1][2], 13.0)
        self.assertEqual(minutes[0][0], 0)
        asked = len(self.server.calls)
        self.assertEqual(self.travel._get_minutes(PLACES), minutes)
        self.assertEqual(len(self.server.calls), asked)

    def test_valhalla_is_understood_as_well(self):
        self.env.company.service_travel_source = "valhalla"
        self.assertAlmostEqual(self.travel._get_minutes(PLACES)[0][2], 10.0)

    def test_large_tables_are_asked_for_in_batches(self):
        self.env.company.service_travel_batch = 4
        places = [(31 + n / 100, 121.0) for n in range(5)]
        times = self.travel._get_times(places)
        self.assertTrue(all(sum(call) <= 4 for call in self.server.calls))
        self.assertFalse(times.estimated)
        self.assertAlmostEqual(times.minutes[0][4], 4.0)

    def test_what_is_too_old_is_asked_for_anew(self):
        self.travel._get_minutes(PLACES)
        asked = len(self.server.calls)
        legs = self.env["service.travel.leg"].search([])
        self.assertEqual(len(legs), 6)
        self.env.cr.execute(
            "UPDATE service_travel_leg SET fetched_at = %s",
            [fields.Datetime.now() - timedelta(days=31)],
        )
        self.travel._get_minutes(PLACES)
        self.assertGreater(len(self.server.calls), asked)
        self.assertEqual(self.env["service.travel.leg"].search_count([]), 6)

    def test_old_legs_are_swept_away(self):
        self.travel._get_minutes(PLACES)
        self.env.cr.execute(
            "UPDATE service_travel_leg SET fetched_at = %s",
            [fields.Datetime.now() - timedelta(days=31)],
        )
        self.env.invalidate_all()
        self.env["service.travel.leg"]._gc_old_legs()
        self.assertFalse(self.env["service.travel.leg"].search([]))

    def test_a_server_that_fails_is_made_good_and_said(self):
        for mode, words in (
            ("slow", "does not answer"),
            ("broken", "does not answer"),
            ("refuse", "Too many table coordinates"),
        ):
            with self.subTest(mode=mode):
                self.server.mode = mode
                self.server.calls.clear()
                times = self.travel._get_times(PLACES)
                self.assertEqual(times.minutes, travel.matrix(PLACES))
                self.assertEqual(times.estimated, 6)
                self.assertIn(words, times.error)
                self.assertEqual(len(self.server.calls), 1)

    def test_a_server_that_is_gone(self):
        self.server.close()
        times = self.travel._get_times(PLACES)
        self.assertEqual(times.minutes, travel.matrix(PLACES))
        self.assertIn("does not answer", times.error)

    def test_where_there_is_no_way_it_is_estimated_and_remembered(self):
        self.server.mode = "island"
        times = self.travel._get_times(PLACES)
        self.assertEqual((times.estimated, times.error), (6, ""))
        asked = len(self.server.calls)
        self.travel._get_times(PLACES)
        self.assertEqual(len(self.server.calls), asked)

    def test_who_waits_for_the_answer_does_not_wait_for_the_server(self):
        times = self.travel._get_times(PLACES, may_ask=False)
        self.assertEqual(times.estimated, 6)
        self.assertFalse(self.server.calls)

    def test_only_managers_look_at_kept_ways(self):
        self.travel._get_minutes(PLACES)
        leg = self.env["service.travel.leg"].search([], limit=1)
        self.assertTrue(leg.with_user(self.manager).read(["minutes"]))
        with self.assertRaises(AccessError):
            leg.with_user(self.dispatcher).read(["minutes"])
        with self.assertRaises(AccessError):
            leg.with_user(self.manager).minutes = 1

    @mute_logger("odoo.sql_db")
    def test_limits_make_sense(self):
        for name, value in (
            ("service_travel_timeout", 0),
            ("service_travel_batch", 1),
            ("service_travel_detour", 0.5),
        ):
            with (
                self.subTest(field=name),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env.company[name] = value
