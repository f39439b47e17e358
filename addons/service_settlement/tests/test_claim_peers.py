from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.service_claim_portal import MAX_EVIDENCE
from .common import IN_MONTH, SettlementCommon
from .engine.test_photo_print import cut, encode, make_photo


@tagged("post_install", "-at_install")
class TestSimilarPhoto(SettlementCommon):
    """The photo of one order, cut and encoded again, as proof of another."""

    def _add(self, order, content, model="service.visit"):
        record = order.visit_ids if model == "service.visit" else order.claim_ids
        return self.env["ir.attachment"].create(
            {
                "name": "photo.jpg",
                "raw": content,
                "res_model": model,
                "res_id": record[:1].id,
            }
        )

    def _make_orders(self, count):
        orders = self.env["service.order"]
        for number in range(count):
            visit = self._make_visit()
            start = IN_MONTH + timedelta(days=number)
            visit.sudo().write(
                {
                    "state": "done",
                    "planned_start": start,
                    "planned_end": start + timedelta(hours=1),
                    "actual_start": start,
                    "actual_end": start + timedelta(hours=1),
                }
            )
            orders |= visit.order_id
        orders.sudo().point_id = self.point
        orders._mark_done(IN_MONTH)
        return orders

    def _check(self, orders):
        orders.claim_ids._run_checks({"similar_photo"})
        return orders.claim_ids.check_ids.filtered(
            lambda check: check.code == "similar_photo"
        )

    def test_a_copy_is_found_at_both_orders_and_another_photo_is_not(self):
        orders = self._make_orders(3)
        photo = make_photo(1)
        self._add(orders[0], encode(photo, quality=90))
        copy = cut(photo, 0.03).resize((400, 300))
        self._add(orders[1], encode(copy, quality=50), "service.claim")
        self._add(orders[2], encode(make_photo(2)))
        checks = self._check(orders)
        self.assertEqual(checks.claim_id.order_id, orders[:2])
        for check in checks:
            other = orders[:2] - check.order_id
            self.assertIn(other.name, check.text)
            self.assertGreater(check.data["alike"], 89)

    def test_a_photo_is_read_once_whatever_it_is(self):
        orders = self._make_orders(2)
        self._add(orders[0], encode(make_photo(1)))
        broken = self._add(orders[1], encode(make_photo(1))[:3000])
        self._check(orders)
        prints = self.env["service.photo.print"].search([])
        self.assertEqual(len(prints), 4)
        self.assertEqual(len(prints.filtered(lambda p: p.attachment_id == broken)), 1)
        self._check(orders)
        self.assertEqual(self.env["service.photo.print"].search([]), prints)
        broken.unlink()
        self.assertEqual(self.env["service.photo.print"].search_count([]), 3)

    def test_photos_of_one_order_are_not_compared_with_each_other(self):
        order = self._make_orders(1)
        self._add(order, encode(make_photo(1)))
        self._add(order, encode(make_photo(1), quality=40))
        self.assertFalse(self._check(order))

    def test_other_companies_are_not_told(self):
        orders = self._make_orders(2)
        for order, quality in zip(orders, (90, 40), strict=True):
            self._add(order, encode(make_photo(1), quality=quality))
        prints = self.env["service.photo.print"]
        prints._print_photos_of(orders.claim_ids)
        company = self.env["res.company"].create({"name": "Test Elsewhere"})
        self.env.cr.execute(
            "UPDATE service_photo_print SET company_id = %s WHERE order_id = %s",
            [company.id, orders[1].id],
        )
        self.assertFalse(self._check(orders[0]))

    def test_the_index_finds_them_not_a_comparison_of_all(self):
        order = self._make_orders(1)
        self._add(order, encode(make_photo(1)))
        self.env["service.photo.print"]._print_photos_of(order.claim_ids)
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT q.id FROM service_photo_print p JOIN service_photo_print q "
            "ON q.bands && p.bands AND q.bits IS NOT NULL WHERE p.order_id = %s",
            [order.id],
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("service_photo_print_bands_idx", plan)

    def test_a_constant_number_of_queries(self):
        orders = self._make_orders(12)
        for seed, order in enumerate(orders):
            self._add(order, encode(make_photo(seed)))

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.claim_ids._run_checks({"similar_photo"})
            return self.env.cr.sql_log_count - before

        count(orders[:1])
        # each file is read on its own
        self.assertLessEqual(count(orders[3:]) - count(orders[1:3]), 7)
        self.assertEqual(count(orders), count(orders[:2]))

    def test_for_accountants_only(self):
        prints = self.env["service.photo.print"]
        prints.with_user(self.accountant).search([])
        for user in (self.agent, self.technician_user, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                prints.with_user(user).search([])


@tagged("post_install", "-at_install")
class TestPointSpike(SettlementCommon):
    """A point that gets far more of one kind of cost than the other points do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._change_tariff([{"amount": 80.0}, {"kind": "travel", "amount": 10.0}])
        cls.points = cls.point
        for number in range(6):
            cls.points |= cls._make_settled_point(f"Test Peer {number}")
        cls.claims = cls.env["service.claim"]
        for number, point in enumerate(cls.points):
            claims = cls._make_claims(6, point=point)
            travel = claims.line_ids.filtered(lambda line: line.kind == "travel")
            # between 10 and 13, as distances are
            travel.sudo().amount_claimed = 10.0 + number / 2
            cls.claims |= claims

    def _travel(self, point):
        lines = self.claims.filtered(lambda c: c.point_id == point).line_ids
        return lines.filtered(lambda line: line.kind == "travel").sudo()

    def _check(self, claims=None):
        claims = self.claims if claims is None else claims
        claims._run_checks({"point_spike"})
        return claims.check_ids.filtered(lambda check: check.code == "point_spike")

    def test_ordinary_differences_are_none(self):
        self.assertFalse(self._check())

    def test_the_dearest_claims_of_the_point_show_it(self):
        lines = self._travel(self.point)
        lines.amount_claimed = 50.0
        lines[2:].amount_claimed = 70.0
        checks = self._check()
        self.assertEqual(checks.point_id, self.point)
        self.assertEqual(len(checks), 3)
        self.assertLessEqual(checks.claim_id, lines[2:].claim_id)
        self.assertEqual(checks[0].data["kind"], "travel")
        self.assertEqual(checks[0].data["average"], 63.33)
        self.assertEqual(checks[0].data["points"], 7)
        for word in ("Travel", "2026-02", "63.33", "median"):
            self.assertIn(word, checks[0].text)

    def test_what_hardly_anybody_claims_counts_as_well(self):
        """The median of the others is zero then, and so is their deviation."""
        claims = self.claims.filtered(lambda claim: claim.point_id == self.point)
        for claim in claims:
            self.env["service.claim.line"].sudo().create(
                {"claim_id": claim.id, "kind": "other", "amount_claimed": 45.0}
            )
        self.assertEqual(self._check().mapped("data")[0]["kind"], "other")

    def test_few_claims_or_few_points_say_nothing(self):
        self._travel(self.point).amount_claimed = 70.0
        # what was rejected is not claimed
        self._travel(self.point).claim_id[:2].sudo()._write_flow({"state": "rejected"})
        self.assertFalse(self._check())

    def test_the_company_sets_the_limit(self):
        self._travel(self.point).amount_claimed = 70.0
        self.company.service_claim_spike = 0.0
        self.assertFalse(self._check())

    def test_a_constant_number_of_queries(self):
        def count(claims):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._check(claims)
            return self.env.cr.sql_log_count - before

        count(self.claims[:1])
        self.assertEqual(count(self.claims[:2]), count(self.claims))


@tagged("post_install", "-at_install")
class TestEvidenceCap(SettlementCommon):
    def test_a_claim_takes_so_many_files_and_no_more(self):
        claim = self._make_claims()
        claim._write_flow({"state": "draft"})
        claim = claim.with_user(self.portal_point)
        claim._add_evidence([(f"{n}.txt", b"x") for n in range(MAX_EVIDENCE - 1)])
        with self.assertRaisesRegex(UserError, "enough to show"):
            claim._add_evidence([("a.txt", b"x"), ("b.txt", b"x")])
        claim._add_evidence([("last.txt", b"x")])
        self.assertEqual(claim.sudo().evidence_count, MAX_EVIDENCE)

    def test_nor_more_than_so_many_megabytes(self):
        claim = self._make_claims()
        claim._write_flow({"state": "draft"})
        claim._add_evidence([("a.bin", b"x" * 1000)])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET file_size = %s WHERE id = %s",
            [60 * 1024 * 1024 - 10, claim.evidence_ids.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "enough to show"):
            claim._add_evidence([("b.bin", b"x" * 11)])
