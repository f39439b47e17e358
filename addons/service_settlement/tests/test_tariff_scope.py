from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import IN_MONTH, MONTH, SettlementCommon

DAY = date(2026, 2, 10)


@tagged("post_install", "-at_install")
class TestTariffScope(SettlementCommon):
    """Points of one company are paid by different tariffs, in different currencies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_currency = cls._get_other_currency()
        areas = cls.env["service.area"]
        cls.province = areas.create({"name": "Test Province", "level": "province"})
        cls.city = areas.create(
            {"name": "Test City", "level": "city", "parent_id": cls.province.id}
        )
        cls.far_point = cls._make_settled_point("Far Point", area_id=cls.city.id)
        cls.near_point = cls._make_settled_point("Near Point", area_id=cls.province.id)

    def _make_foreign(self, amount=10.0, **vals):
        return self._make_tariff(
            [{"amount": amount}],
            name="T-Foreign",
            currency_id=self.other_currency.id,
            **vals,
        )

    def _find(self, point, day=DAY):
        key = (self.company, point, day)
        return self.env["service.tariff"]._find_many([key]).get(key)

    def test_older_database_with_two_tariffs_at_once_is_upgraded(self):
        """Two may have been activated in the same moment, before the database knew."""
        draft = self._make_tariff(
            [{"amount": 10.0}],
            name="T-Twin",
            date_start=self.tariff.date_start,
            date_end=self.tariff.date_end,
            activate=False,
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_tariff SET state = 'active' WHERE id = %s", [draft.id]
        )
        scopes = self.env["service.tariff.scope"]
        self.env.cr.execute("DELETE FROM service_tariff_scope")
        self.env.invalidate_all()
        scopes.init()
        self.assertEqual(self._find(self.point), draft)
        self.assertFalse(scopes.search([("tariff_id", "=", self.tariff.id)]))

    # Which one holds

    def test_point_comes_before_region_and_smaller_region_before_larger(self):
        in_province = self._make_foreign(area_ids=self.province.ids)
        self.assertEqual(self._find(self.far_point), in_province)
        in_city = self._make_foreign(11.0, area_ids=self.city.ids)
        self.assertEqual(self._find(self.far_point), in_city)
        self.assertEqual(self._find(self.near_point), in_province)
        own = self._make_foreign(12.0, point_ids=self.far_point.ids)
        self.assertEqual(self._find(self.far_point), own)
        self.assertEqual(self._find(self.point), self.tariff)
        self.assertEqual(self._find(self.env["service.point"]), self.tariff)
        own.action_retire()
        self.assertEqual(self._find(self.far_point), in_city)

    def test_where_a_special_tariff_has_ended_the_general_one_holds(self):
        self._make_foreign(point_ids=self.far_point.ids, date_end=date(2026, 2, 9))
        self.assertEqual(self._find(self.far_point), self.tariff)
        self.assertNotEqual(self._find(self.far_point, date(2026, 2, 9)), self.tariff)

    def test_point_or_region_in_the_archive_stays_the_only_one(self):
        """What it names is gone from lists, and a tariff for all others it is not."""
        own = self._make_foreign(point_ids=self.far_point.ids)
        regional = self._make_foreign(area_ids=self.province.ids)
        self.far_point.active = False
        self.city.active = False
        self.province.active = False
        self.env.invalidate_all()
        for tariff in (own, regional):
            tariff.date_end = date(2026, 12, 31)
            self.assertNotIn(("all", 0), tariff._get_scope_keys())
        self.assertEqual(own.scope_text, "Far Point")
        self.assertEqual(self._find(self.far_point), own)
        self.assertEqual(self._find(self.near_point), regional)
        self.assertEqual(self._find(self.point), self.tariff)

    def test_point_added_to_an_active_tariff_is_paid_by_it(self):
        foreign = self._make_foreign(point_ids=self.far_point.ids)
        self.assertEqual(self._find(self.near_point), self.tariff)
        foreign.point_ids += self.near_point
        self.assertEqual(self._find(self.near_point), foreign)
        self.assertEqual(self.near_point.with_user(self.accountant).tariff_id, foreign)

    def test_widening_an_active_tariff_tells_of_the_claims_there_are(self):
        """Before it is saved, too; they are not priced behind anybody's back."""
        foreign = self._make_foreign(point_ids=self.far_point.ids)
        claims = self._make_claims(2, point=self.near_point) + self._make_claims()
        near = claims.filtered(lambda claim: claim.point_id == self.near_point)
        self.assertFalse(foreign.other_claim_count)
        with Form(foreign.with_user(self.accountant)) as form:
            form.point_ids.add(self.near_point)
            self.assertEqual(form.other_claim_count, 2)
        self.assertEqual(near.tariff_id, self.tariff)
        shown = foreign.with_user(self.accountant).action_view_other_claims()
        self.assertEqual(self.env["service.claim"].search(shown["domain"]), near)
        near.action_reprice()
        self.assertEqual(near.tariff_id, foreign)
        self.assertFalse(foreign.other_claim_count)
        # A smaller region comes first; one that is larger tells of none of these
        regional = self._make_foreign(area_ids=self.province.ids)
        self.assertFalse(regional.other_claim_count)

    def test_more_points_and_days_cost_no_more_queries(self):
        self._make_foreign(area_ids=self.province.ids)
        self._make_foreign(point_ids=self.far_point.ids)
        points = self.env["service.point"].concat(
            *(self._make_settled_point(f"P{i}", area_id=self.city.id) for i in range(9))
        )
        tariffs = self.env["service.tariff"]
        counts = []
        for some in (points[:2], points):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = tariffs._find_many(
                (self.company, point, date(2026, 2, day))
                for point in some
                for day in range(1, 28)
            )
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(found), 27 * len(some))
        self.assertEqual(*counts)
        self.assertLessEqual(counts[0], 5)

    # No two for the same

    def test_two_for_the_same_point_or_region_are_refused(self):
        for scope in (
            {"point_ids": (self.far_point | self.near_point).ids},
            {"area_ids": self.province.ids},
        ):
            with self.subTest(scope):
                self._make_foreign(**scope)
                with self.assertRaisesRegex(ValidationError, "same service points"):
                    self._make_foreign(**{k: v[:1] for k, v in scope.items()})

    def test_widening_an_active_tariff_onto_another_is_refused(self):
        self._make_foreign(point_ids=self.far_point.ids)
        other = self._make_foreign(point_ids=self.near_point.ids)
        with self.assertRaises(ValidationError):
            other.point_ids += self.far_point
        with self.assertRaises(ValidationError):
            # It would hold for all others, as the first one does
            other.point_ids = False

    def test_database_refuses_what_two_sessions_activate(self):
        """The check in Python does not see what another session has not committed."""
        foreign = self._make_foreign(point_ids=self.far_point.ids)
        own = self._make_foreign(point_ids=self.far_point.ids, activate=False)
        checks = type(own)._constraint_methods
        others = [check for check in checks if check.__name__ != "_check_overlap"]
        self.patch(type(own), "_constraint_methods", others)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                own.action_activate()
        foreign.date_end = date(2026, 5, 31)
        own.date_start = date(2026, 6, 1)
        own.action_activate()
        self.assertEqual(self._find(self.far_point, date(2026, 6, 1)), own)

    def test_version_of_a_special_tariff_follows_it(self):
        foreign = self._make_foreign(point_ids=self.far_point.ids)
        draft = foreign.browse(foreign.action_new_version()["res_id"])
        self.assertEqual(draft.point_ids, self.far_point)
        draft.action_activate()
        self.assertEqual(self._find(self.far_point, draft.date_start), draft)
        self.assertTrue(foreign.date_end)
        self.assertFalse(self.tariff.date_end)

    def test_version_for_some_leaves_the_one_for_all_as_it_is(self):
        draft = self.tariff.browse(self.tariff.action_new_version()["res_id"])
        draft.point_ids = self.far_point
        draft.action_activate()
        self.assertFalse(self.tariff.date_end)
        self.assertEqual(self._find(self.point, draft.date_start), self.tariff)
        self.assertEqual(self._find(self.far_point, draft.date_start), draft)

    def test_scopes_are_written_by_the_tariff_only(self):
        scopes = self.env["service.tariff.scope"].with_user(self.accountant)
        row = scopes.search([("tariff_id", "=", self.tariff.id)])
        self.assertEqual(len(row), 1)
        self.assertEqual(row.display_name, "All without one of their own")
        self.assertEqual(row.action_view_tariff()["res_id"], self.tariff.id)
        with self.assertRaises(AccessError):
            row.unlink()
        with self.assertRaises(AccessError):
            row.write({"date_end": "2026-01-31"})

    def test_tariffs_of_older_databases_hold_for_all(self):
        self.cr.execute("DELETE FROM service_tariff_scope")
        scopes = self.env["service.tariff.scope"]
        for __ in range(2):
            scopes.init()
        self.env.invalidate_all()
        self.assertEqual(self._find(self.far_point), self.tariff)
        self.assertEqual(scopes.search_count([("tariff_id", "=", self.tariff.id)]), 1)

    # What follows from it

    def test_each_point_is_settled_in_its_currency(self):
        self._make_foreign(point_ids=self.far_point.ids)
        near = self._make_claims(2, point=self.near_point)
        far = self._make_claims(3, point=self.far_point)
        self.assertEqual(near.currency_id, self.company.currency_id)
        self.assertEqual(far.currency_id, self.other_currency)
        settlements, failures = self._run()
        self.assertFalse(failures)
        by_point = {rec.point_id: rec for rec in settlements}
        self.assertRecordValues(
            by_point[self.near_point] | by_point[self.far_point],
            [
                {"currency_id": self.company.currency_id.id, "amount_total": 160.0},
                {"currency_id": self.other_currency.id, "amount_total": 30.0},
            ],
        )
        bill = by_point[self.far_point].move_id
        self.assertEqual(bill.currency_id, self.other_currency)
        self.assertAlmostEqual(bill.amount_untaxed, 30.0)
        # At two for one
        self.assertAlmostEqual(sum(bill.invoice_line_ids.mapped("balance")), 15.0)
        rows = self.env["service.settlement.reconciliation"].search(
            [("settlement_id", "in", settlements.ids)]
        )
        self.assertEqual(len(rows), 2)
        self.assertFalse(any(rows.mapped("is_wrong")))
        cockpit = (
            self.env["service.settlement.cockpit"]
            .with_user(self.accountant)
            .get_cockpit(*map(str, MONTH))
        )
        unpaid = next(row for row in cockpit["stages"] if row["key"] == "unpaid")
        self.assertEqual(
            dict(unpaid["sums"]),
            {self.company.currency_id.id: 160.0, self.other_currency.id: 30.0},
        )

    def test_point_that_changes_its_currency_has_two_statements(self):
        self._make_claims(1, point=self.far_point)
        self._make_foreign(
            point_ids=self.far_point.ids, date_start=IN_MONTH.date().replace(day=15)
        )
        self._make_claims(2, point=self.far_point, done=IN_MONTH.replace(day=16))
        settlements, failures = self._run()
        self.assertFalse(failures)
        self.assertEqual(
            {rec.currency_id: rec.amount_total for rec in settlements},
            {self.company.currency_id: 80.0, self.other_currency: 20.0},
        )
        self.assertEqual(set(settlements.mapped("state")), {"billed"})

    def test_unpriced_claim_names_its_point(self):
        self.tariff.action_retire()
        self._make_foreign(point_ids=self.far_point.ids)
        claim = self._make_claims(point=self.near_point)
        self.assertEqual(claim.state, "unpriced")
        self.assertIn(self.near_point.name, claim.reason_text)

    def test_ranking_compares_prices_in_one_currency(self):
        self._make_foreign(100.0, point_ids=self.far_point.ids)
        order = self._make_order()
        pairs = {order.id: [self.near_point.id, self.far_point.id]}
        self.assertEqual(
            order._get_tariff_costs(pairs),
            {order.id: {self.near_point.id: 80.0, self.far_point.id: 50.0}},
        )

    # What-if

    def _try(self, tariff, **vals):
        trial = self.env["service.tariff.trial"].create(
            {
                "tariff_id": tariff.id,
                "date_from": MONTH[0],
                "date_to": MONTH[1],
                **vals,
            }
        )
        self.assertTrue(trial._queue_process_one())
        return trial

    def test_trial_prices_those_for_whom_it_would_hold(self):
        self._make_foreign(point_ids=self.far_point.ids)
        self._make_claims(2, point=self.near_point)
        self._make_claims(3, point=self.far_point)
        general = self._make_tariff([{"amount": 90.0}], activate=False)
        trial = self._try(general)
        self.assertEqual((trial.claim_count, trial.difference), (2, 20.0))
        self.assertFalse(trial.converted_count)
        special = self._make_foreign(15.0, point_ids=self.far_point.ids, activate=False)
        trial = self._try(special)
        self.assertRecordValues(
            trial,
            [{"claim_count": 3, "amount_now": 30.0, "difference": 15.0}],
        )

    def test_trial_in_another_currency_compares_at_the_rate(self):
        self._make_claims(2, point=self.near_point)
        trial = self._try(self._make_foreign(150.0, activate=False))
        self.assertRecordValues(
            trial,
            [
                {
                    "claim_count": 2,
                    "converted_count": 2,
                    "amount_now": 320.0,
                    "amount_then": 300.0,
                    "difference": -20.0,
                }
            ],
        )
