from datetime import date, datetime

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.asset.warranty_common import WarrantyCommon

NO_ADDRESS = "No address."


@tagged("post_install", "-at_install")
class TestCampaign(WarrantyCommon):
    """A recall: assets by range → an order each, once → how far it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recalled = cls._make_product(name="Recalled")
        cls.assets = cls.env["service.asset"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "product_id": cls.recalled.id,
                    "serial": f"RC{number:03d}",
                    "manufacture_date": date(2026, 1, 1 + number),
                }
                for number in range(10)
            ]
        )
        cls.repair_codes = cls.env["service.fault.code"].search(
            [("kind", "=", "repair")], limit=2
        )
        cls.lines = cls.env["service.campaign.asset"]

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)

    def _make_campaign(self, **vals):
        return self.env["service.campaign"].create(
            {
                "name": "Door Lock",
                "code": "R-1",
                "product_ids": self.recalled.ids,
                "type_id": self.type_repair.id,
                "description": "Exchange the lock.",
                "customer_note": "The lock may open.",
                "repair_code_id": self.repair_codes[0].id,
                "mail_template_id": self.env.ref(
                    "service_management.mail_template_campaign"
                ).id,
                **vals,
            }
        )

    def _start(self, **vals):
        campaign = self._make_campaign(**vals)
        campaign.action_start()
        self.lines._queue_run()
        return campaign

    # Which assets

    def test_assets_are_found_by_range_day_and_condition(self):
        for vals, expected in (
            ({}, 10),
            ({"serial_from": "RC002", "serial_to": "RC004"}, 3),
            ({"serial_from": "RC008"}, 2),
            ({"made_from": "2026-01-05", "made_to": "2026-01-06"}, 2),
            ({"asset_domain": "[('serial', '=', 'RC007')]"}, 1),
        ):
            with self.subTest(vals):
                campaign = self._make_campaign(code=str(vals), **vals)
                self.assertEqual(campaign.found_count, expected)

    def test_a_serial_of_another_length_is_not_between(self):
        self.assets[0].serial = "RC0021"
        campaign = self._make_campaign(serial_from="RC002", serial_to="RC004")
        self.assertEqual(campaign.found_count, 3)

    def test_without_a_criterion_nothing_is_meant(self):
        campaign = self._make_campaign(product_ids=False)
        self.assertEqual(campaign.found_count, 0)
        with self.assertRaisesRegex(UserError, "which assets"):
            campaign.action_start()

    def test_conditions_that_cannot_be_read_are_refused(self):
        for text in ("[('no_such_field', '=', 1)]", "__import__('os')"):
            with self.assertRaises(ValidationError):
                self._make_campaign(code=text, asset_domain=text)

    # The orders

    def test_each_asset_has_one_order_however_often_it_runs(self):
        campaign = self._start()
        campaign.action_start()
        self.lines._queue_run()
        self.assertEqual(campaign.asset_count, 10)
        orders = campaign.line_ids.order_id
        self.assertEqual(len(orders), 10)
        self.assertEqual(orders.asset_id, self.assets)
        self.assertEqual(set(orders.mapped("state")), {"new"})
        self.assertEqual(
            self.env["service.order"].search_count([("campaign_id", "=", campaign.id)]),
            10,
        )

    def test_the_database_keeps_an_asset_once_in_a_campaign(self):
        campaign = self._start()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.lines.create(
                {"campaign_id": campaign.id, "asset_id": self.assets[0].id}
            )
            self.env.flush_all()

    def test_assets_registered_later_are_taken_in(self):
        campaign = self._start()
        self._make_asset(self.recalled, serial="RC100")
        campaign.action_start()
        self.lines._queue_run()
        self.assertEqual(campaign.asset_count, 11)
        self.assertEqual(len(campaign.line_ids.order_id), 11)

    def test_one_broken_asset_stops_only_itself(self):
        campaign = self._make_campaign()
        campaign.action_start()
        broken = campaign.line_ids[3]
        process = type(self.lines)._queue_process

        def fail(line):
            if line == broken:
                raise UserError(NO_ADDRESS)
            return process(line)

        self.patch(type(self.lines), "_queue_process", fail)
        self.lines._queue_run()
        self.assertEqual(len(campaign.line_ids.order_id), 9)
        self.assertEqual(broken.last_error, "No address.")

    def test_a_cancelled_campaign_makes_no_further_order(self):
        campaign = self._make_campaign()
        campaign.action_start()
        self.lines._queue_run(limit=4)
        campaign.action_cancel()
        self.lines._queue_run()
        orders = campaign.line_ids.order_id
        self.assertEqual(len(orders), 4)
        self.assertEqual(set(orders.mapped("state")), {"cancelled"})

    def test_customers_are_written_to_with_a_link(self):
        campaign = self._start(serial_from="RC000", serial_to="RC000")
        line = campaign.line_ids
        self.assertEqual(line.state, "ordered")
        mail = self.env["mail.mail"].search(
            [("model", "=", line._name), ("res_id", "=", line.id)]
        )
        self.assertIn("/service/campaign/", mail.body_html)
        self.assertIn("The lock may open.", mail.body_html)

    def test_who_has_no_address_is_to_be_called(self):
        self.customer.email = False
        campaign = self._start(serial_from="RC000", serial_to="RC000")
        self.assertEqual(campaign.line_ids.state, "to_contact")
        campaign.line_ids.with_user(self.agent).action_contacted()
        self.assertEqual(campaign.line_ids.state, "ordered")

    # How far it is

    def test_progress_follows_the_orders_and_what_customers_say(self):
        campaign = self._start(serial_from="RC000", serial_to="RC004")
        lines = campaign.line_ids
        lines[0].order_id.outcome = "fixed"
        lines[0].order_id.action_done()
        lines[1].with_user(self.agent).action_refused()
        lines[2].with_user(self.agent).action_unreachable()
        lines[3].order_id.action_cancel("Sold.")
        self.assertEqual(
            lines.mapped("state"),
            ["done", "refused", "unreachable", "refused", "ordered"],
        )
        self.assertEqual(lines[1].order_id.state, "cancelled")
        self.assertEqual(
            (campaign.done_count, campaign.refused_count, campaign.progress),
            (1, 2, 20.0),
        )
        with self.assertRaises(UserError):
            lines[0].action_refused()
        # Whoever meets the asset of somebody unreachable should know of it
        self.assertIn(lines[2].asset_id, self.assets._get_due_campaigns())
        self.assertNotIn(lines[1].asset_id, self.assets._get_due_campaigns())

    def test_a_planned_visit_counts_as_scheduled(self):
        campaign = self._start(serial_from="RC000", serial_to="RC000")
        order = campaign.line_ids.order_id
        order._dispatch()
        order.offer_ids.action_accept()
        self._make_visit(order)
        self.assertEqual(campaign.line_ids.state, "scheduled")

    # Who pays

    def test_the_campaign_pays_its_own_repair(self):
        campaign = self._start(
            serial_from="RC000", serial_to="RC000", covers_travel=False
        )
        order = campaign.line_ids.order_id
        self.assertEqual(
            order._get_covered_kinds()[order],
            {"labour": "covered", "parts": "covered", "travel": "no_term"},
        )
        order.repair_code_id = self.repair_codes[1]
        self.assertNotIn("covered", order._get_covered_kinds()[order].values())
        order.repair_code_id = self.repair_codes[0]
        payers = {row["kind"]: row["payer"] for row in order.coverage_view["kinds"]}
        self.assertEqual(payers["labour"], "campaign")

    def test_what_it_pays_is_fixed_when_it_begins(self):
        campaign = self._start(serial_from="RC000", serial_to="RC000")
        with self.assertRaises(UserError):
            campaign.covers_labour = False
        with self.assertRaises(UserError):
            campaign.unlink()

    # The next order of the asset

    def test_another_order_shows_what_is_still_due(self):
        campaign = self._start()
        asset = self.assets[0]
        order = self._make_order(asset_id=asset.id)
        self.assertEqual(order.due_campaign_ids, campaign)
        own = campaign.line_ids.filtered(lambda line: line.asset_id == asset).order_id
        self.assertFalse(own.due_campaign_ids)
        context = (
            self.env["service.order"]
            .with_user(self.agent)
            .intake_context(self.customer.id)
        )
        shown = {row["id"]: row["campaigns"] for row in context["assets"]}
        self.assertEqual(shown[asset.id], ["R-1 Door Lock"])
        own.outcome = "fixed"
        own.action_done()
        order.invalidate_recordset(["due_campaign_ids"])
        self.assertFalse(order.due_campaign_ids)

    # The link

    def test_the_link_answers_for_one_asset_only(self):
        campaign = self._start(serial_from="RC000", serial_to="RC001")
        line = campaign.line_ids[0]
        token = line._get_answer_url().rpartition("/")[2]
        self.assertEqual(self.lines._find_by_answer(token), line)
        self.assertFalse(self.lines._find_by_answer(token[:-4] + "AAAA"))
        self.assertFalse(self.lines._find_by_answer("x"))
        line.action_refused()
        self.assertFalse(self.lines._find_by_answer(token))

    # Who may

    def test_how_far_a_row_is_is_not_written_by_hand(self):
        campaign = self._make_campaign()
        campaign.action_start()
        line = campaign.line_ids[:1].with_user(self.agent)
        for vals in (
            {"order_id": self._make_order().id},
            {"state": "done"},
            {"is_contacted": True},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                line.write(vals)
        line.note = "Calls back"

    def test_only_a_manager_begins_a_campaign(self):
        campaign = self._make_campaign()
        for user in (self.agent, self.technician_user, self.quality):
            campaign.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                campaign.with_user(user).action_start()
        campaign.with_user(self.manager).action_start()
        self.assertFalse(self.lines.with_user(self.technician_user).has_access("read"))
        self.assertFalse(self.lines.with_user(self.portal_customer).has_access("read"))
        with self.assertRaises(AccessError):
            campaign.line_ids[0].with_user(self.quality).action_refused()

    def test_the_day_it_is_due_ends_where_the_company_is(self):
        self.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        campaign = self._start(date_due=date(2026, 5, 31))
        self.assertEqual(
            set(campaign.line_ids.order_id.mapped("date_due")),
            {datetime(2026, 5, 31, 15, 59, 59)},
        )
