from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PartCommon

A_MESSAGE = "Please ring twice."


@tagged("post_install", "-at_install")
class TestAssetHistory(PartCommon):
    """One history of an asset: requests, visits, parts, messages and owners."""

    def _make_past(self):
        visit = self._make_visit()
        order = visit.order_id
        order.message_post(
            body=A_MESSAGE,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self._put(self.part, self.point.location_id, 5)
        visit.action_add_part(self.part.id, 2)
        visit.action_done({"outcome": "fixed", "report": "New pump built in"})
        self.env.flush_all()
        self.env.invalidate_all()
        return order

    def _get_lines(self, user=None):
        rows = self.env["service.asset.history"].with_user(user or self.agent)
        return rows.search([("asset_id", "=", self.asset.id)])

    def test_all_that_happened_is_told_in_words(self):
        order = self._make_past()
        lines = {line.kind: line for line in self._get_lines()}
        self.assertEqual(
            set(lines), {"request", "visit", "part", "message", "owner", "done"}
        )
        self.assertEqual(
            lines["request"].name, f"{self.type_repair.name} · It does not spin."
        )
        self.assertEqual(lines["message"].name, A_MESSAGE)
        self.assertIn(f"{self.part.display_name} × 2", lines["part"].name)
        self.assertIn("New pump built in", lines["visit"].name)
        self.assertIn(self.technician.name, lines["visit"].name)
        self.assertEqual(lines["owner"].name, self.customer.display_name)
        self.assertEqual(lines["done"].name, "Fixed · New pump built in")
        for kind in ("request", "visit", "part", "message", "done"):
            self.assertEqual(lines[kind].order_id, order, kind)
        self.assertEqual(lines["part"].action_open_source()["res_id"], order.id)

    def test_it_stays_with_the_asset_when_its_owner_changes(self):
        self._make_past()
        before = len(self._get_lines())
        other = self.env["res.partner"].create({"name": "Next Owner"})
        self.asset.action_transfer(other, fields.Date.today() + timedelta(days=1))
        self.env.invalidate_all()
        lines = self._get_lines()
        self.assertEqual(len(lines), before + 1)
        self.assertEqual(lines[0].name, other.display_name)

    def test_photos_of_orders_and_visits_are_papers_of_the_asset(self):
        order = self._make_past()
        answer = self.env["service.visit.answer"].create(
            {"visit_id": order.visit_ids.id, "key": "plate", "kind": "photo"}
        )
        papers = self.env["ir.attachment"].create(
            [
                {"name": f"{record._name}.jpg", "res_model": record._name,
                 "res_id": record.id}
                for record in (self.asset, order, order.visit_ids, answer)
            ]
        )  # fmt: skip
        # Of another asset's order
        other = self._make_order(asset_id=self.asset.copy({"serial": "O-1"}).id)
        papers[0].copy({"res_model": "service.order", "res_id": other.id})
        asset = self.asset.with_user(self.agent)
        self.assertEqual(asset.document_count, 4)
        action = asset.action_view_documents()
        found = self.env["ir.attachment"].with_user(self.agent)
        self.assertEqual(found.search(action["domain"]), papers.with_user(self.agent))

    def test_only_who_reads_every_order_reads_it(self):
        self._make_past()
        self.assertTrue(self._get_lines(self.quality))
        for user in (self.technician_user, self.point_manager, self.portal_customer):
            with self.assertRaises(AccessError):
                self._get_lines(user)

    def test_another_company_does_not_see_it(self):
        self._make_past()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.agent.write({"company_ids": [(4, other.id)]})
        rows = self.env["service.asset.history"].with_user(self.agent)
        rows = rows.with_context(allowed_company_ids=other.ids)
        self.assertFalse(rows.search([("asset_id", "=", self.asset.id)]))

    def test_words_for_many_lines_cost_as_much_as_for_few(self):
        self._make_past()
        counts = []
        for number in (1, 6):
            for __ in range(number):
                order = self._make_order()
                order.message_post(
                    body=A_MESSAGE, message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                )  # fmt: skip
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._get_lines().mapped("name")
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0], counts)
