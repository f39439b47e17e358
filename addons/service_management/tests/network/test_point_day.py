from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.models.network.service_coverage import (
    CoverageJob,
)
from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon


@tagged("post_install", "-at_install")
class TestPointDay(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.licence = self.env.ref("service_management.document_type_licence")
        self.today = fields.Date.today()

    def _make_document(self, days, user=None, **vals):
        return (
            self.env["service.point.document"]
            .with_user(user or self.env.user)
            .create(
                {
                    "point_id": self.point.id,
                    "type_id": self.licence.id,
                    "valid_to": self.today + timedelta(days=days),
                    **vals,
                }
            )
        )

    def _find(self, day=None):
        job = CoverageJob(self.area, self.type_repair, self.category, day=day)
        matches = self.env["service.coverage"]._find_covering([job])[0]
        return {match.point: match.refused for match in matches}

    def test_expired_mandatory_document_refuses_the_point(self):
        document = self._make_document(-1)
        self.assertEqual(document.state, "expired")
        self.assertEqual(self._find(), {self.point: "document"})
        self._make_document(300)
        self.assertEqual(self._find(), {self.point: None})

    def test_document_must_be_valid_on_the_day_of_the_job(self):
        self._make_document(3)
        for days, refused in ((3, None), (4, "document")):
            day = self.today + timedelta(days=days)
            self.assertEqual(self._find(day), {self.point: refused})

    def test_expired_optional_document_refuses_nobody(self):
        self.licence.is_mandatory = False
        self._make_document(-1)
        self.assertEqual(self._find(), {self.point: None})

    def test_mandatory_for_partners_is_nothing_to_own_points(self):
        self._make_document(-1)
        self.point.ownership = "own"
        self.assertEqual(self._find(), {self.point: None})

    def test_renewal_by_the_point_counts_when_checked(self):
        self._make_document(-1)
        renewed = self._make_document(300, user=self.point_manager)
        self.assertEqual(renewed.state, "claimed")
        self.assertEqual(self._find(), {self.point: "document"})
        with self.assertRaises(AccessError):
            renewed.action_verify()
        with self.assertRaises(AccessError):
            renewed.verification = "verified"
        renewed.with_user(self.quality).action_verify()
        self.assertEqual(self._find(), {self.point: None})
        renewed.with_user(self.point_manager).number = "changed"
        self.assertEqual(self._find(), {self.point: "document"})

    def test_checked_document_is_not_deleted_by_the_point(self):
        document = self._make_document(30)
        with self.assertRaises(UserError):
            document.with_user(self.point_manager).unlink()

    def test_reminder_comes_once_and_by_mail(self):
        self.point.partner_id.email = "point@example.com"
        document = self._make_document(10)
        self._make_document(
            400, type_id=self.env.ref("service_management.document_type_insurance").id
        )
        self.env["service.point.document"]._remind_due()
        self.assertEqual(len(self.point.activity_ids), 1)
        mails = self.env["mail.mail"].search(
            [
                ("res_id", "=", document.id),
                ("model", "=", "service.point.document"),
            ]
        )
        self.assertEqual(mails.recipient_ids, self.point.partner_id)
        self.env["service.point.document"]._remind_due()
        self.assertEqual(len(self.point.activity_ids), 1)

    def test_replaced_document_is_not_reminded_of(self):
        self._make_document(10)
        self._make_document(400)
        self.env["service.point.document"]._remind_due()
        self.assertFalse(self.point.activity_ids)

    def test_states_that_get_orders(self):
        for state, opened, listed in (
            ("applied", False, False),
            ("probation", True, True),
            ("active", True, True),
            ("suspended", False, True),
            ("terminated", False, False),
        ):
            with self.subTest(state=state):
                self.point.state = state
                self.assertEqual(self.point._is_open(), opened)
                found = self._find()
                self.assertEqual(self.point in found, listed)
                if opened:
                    self.assertIsNone(found[self.point])

    def test_capacity_of_a_day(self):
        self.point.resource_calendar_id = False
        self.point.daily_capacity = 8
        self.env["service.point.capacity"].create(
            [
                {"point_id": self.point.id, "orders_a_day": 6, "hours_a_day": 20},
                {
                    "point_id": self.point.id,
                    "type_id": self.type_repair.id,
                    "orders_a_day": 4,
                },
            ]
        )
        capacity = self.point._get_day_capacity(self.today)[self.point.id]
        self.assertEqual(
            capacity,
            {
                "orders": 6,
                "hours": 20,
                "types": {self.type_repair.id: {"orders": 4, "hours": 0}},
                "open": True,
            },
        )
        self.point.write({"state": "probation", "probation_orders": 2})
        capacity = self.point._get_day_capacity(self.today)[self.point.id]
        self.assertEqual(capacity["orders"], 2)

    def test_capacity_takes_the_same_queries_for_many_points(self):
        points = self.env["service.point"].union(
            *(self._make_point(f"P{n}") for n in range(20))
        )
        points._get_day_capacity(self.today)
        counts = []
        for some in (points[:2], points):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._get_day_capacity(self.today)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_closed_days_of_a_point_close_those_below(self):
        below = self._make_point("Below", parent_id=self.point.id)
        other = self._make_point("Other")
        points = self.point + below + other
        points.resource_calendar_id = False
        self.env["service.point.closure"].create(
            {"point_id": self.point.id, "name": "Stocktaking", "date_from": self.today}
        )
        self.assertEqual(
            points._get_closed_points(self.today), {self.point.id, below.id}
        )
        self.assertFalse(points._get_closed_points(self.today + timedelta(days=1)))

    def test_l8_holiday_closes_the_point(self):
        monday = date(2026, 3, 2)
        calendar = self.point.resource_calendar_id
        self.assertFalse(self.point._get_closed_points(monday))
        self.assertTrue(self.point._get_closed_points(date(2026, 3, 1)))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": "2026-03-01 12:00:00",
                "date_to": "2026-03-03 00:00:00",
            }
        )
        self.assertTrue(self.point._get_closed_points(monday))
        self.assertTrue(self.point._get_closed_points(monday, weekends=False))
        self.assertFalse(
            self.point._get_closed_points(date(2026, 3, 8), weekends=False)
        )

    @freeze_time(MONDAY)
    def test_order_goes_to_the_open_point_or_to_the_next_open_day(self):
        monday = MONDAY.date()
        self.point.resource_calendar_id = False
        other = self._make_point("Other", resource_calendar_id=False)
        other.resource_calendar_id = False
        order = self._make_order()
        closures = self.env["service.point.closure"]
        closures.create(
            {"point_id": self.point.id, "name": "Away", "date_from": monday}
        )
        decision = order._rank_candidates()[order.id]
        self.assertEqual(decision.best.candidate.key, other.id)
        self.assertEqual(decision.day, monday)
        refused = decision.find(self.point.id)
        self.assertEqual(refused.reasons[0].code, "closed")
        closures.create({"point_id": other.id, "name": "Away", "date_from": monday})
        decision = order._rank_candidates()[order.id]
        self.assertEqual(decision.day, monday + timedelta(days=1))
        self.assertTrue(decision.best)

    def test_document_types_are_for_kinds_and_ownerships(self):
        types = self.env["service.document.type"]
        self.assertIn(self.licence, types._get_for("point", "partner"))
        self.assertNotIn(self.licence, types._get_for("centre", "own"))
        self.licence.kind = "agent"
        self.assertNotIn(self.licence, types._get_for("point", "partner"))
        self.assertIn(self.licence, types._get_for("agent", "partner"))

    def test_l6_access(self):
        document = self._make_document(30)
        capacity = self.env["service.point.capacity"].create(
            {"point_id": self.point.id, "orders_a_day": 3}
        )
        foreign = self.env["service.point.document"].create(
            {
                "point_id": self._make_point("Foreign").id,
                "type_id": self.licence.id,
                "valid_to": self.today,
            }
        )
        check_matrix(
            self,
            {"type": self.licence},
            {
                self.agent: {"type": "r"},
                self.point_manager: {"type": "r"},
                self.quality: {"type": "r"},
                self.portal_point: {},
            },
        )
        check_matrix(
            self,
            {"document": document, "capacity": capacity, "foreign": foreign},
            {
                self.agent: {"document": "r", "capacity": "r", "foreign": "r"},
                self.dispatcher: {"document": "r", "capacity": "r", "foreign": "r"},
                self.technician_user: {"capacity": "r"},
                self.point_manager: {"document": "rwcd", "capacity": "rwcd"},
                self.quality: {"document": "rwcd", "capacity": "r", "foreign": "rwcd"},
                self.manager: {
                    "document": "rwcd",
                    "capacity": "rwcd",
                    "foreign": "rwcd",
                },
                self.portal_point: {},
                self.portal_customer: {},
            },
        )
