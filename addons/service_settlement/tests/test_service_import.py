from datetime import date

from odoo.tests import tagged

from odoo.addons.service_settlement.tests.common import SettlementCommon

HEADER = (
    "id,data_provider,country,product_category,brand,repair_status,"
    "group_identifier,event_date,problem"
)
CATEGORIES = ("Kettle", "Laptop", "Mobile", "Large home electrical", "Misc")


def make_log(count, start=0, month=4):
    rows = [HEADER]
    for number in range(start, start + count):
        category = CATEGORIES[number % len(CATEGORIES)]
        day = date(2023, month + number % 2, 1 + number % 28)
        rows.append(
            f"s-{number},Settlers,GBR,{category},Acme,Fixed,"
            f"Group {number % 3},{day},Bad"
        )
    rows.append("broken")
    return "\n".join(rows).encode()


@tagged("post_install", "-at_install")
class TestServiceImport(SettlementCommon):
    def setUp(self):
        super().setUp()
        cron = type(self.env["ir.cron"])
        self.patch(cron, "_commit_progress", lambda *args, **kwargs: 1.0)
        self.env["service.tariff"].search([("state", "=", "active")]).action_retire()
        # Groups become partners: bills need their account, whatever chart there is
        self.env["ir.default"].set(
            "res.partner", "property_account_payable_id", self.payable.id
        )

    def _import(self, content):
        record = self.env["service.import"]._get_for_file(content, "log.csv")
        tariffs = record._ensure_tariff()
        record._run()
        return record, tariffs

    def test_rows_claims_statements_and_bills_agree(self):
        record, tariff = self._import(make_log(30))
        self.assertEqual(
            (tariff.date_start, tariff.date_end), (date(2023, 4, 1), date(2023, 5, 28))
        )
        self.assertGreaterEqual(len(tariff.line_ids), 20)
        problems = record._get_disagreements()
        self.assertTrue(problems, "nothing is settled yet")
        self.assertEqual(record._settle(), [])
        self.assertEqual(record._get_disagreements(), [])
        [sums] = record._get_sums()
        # 12 Kettle, 6 each of the others; labour and travel of grade B
        expected = 6 * (25 + 45 + 35 + 60 + 30) + 30 * 10
        self.assertEqual(sums["claims"], 30)
        for name in ("claimed", "stated", "statements", "lines", "bills"):
            self.assertAlmostEqual(float(sums[name]), expected, places=2, msg=name)
        self.assertEqual((sums["statement_count"], sums["bill_count"]), (6, 6))
        moves = self.env["account.move"].search(
            [("service_settlement_id.point_id.name", "=like", "Group %")]
        )
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(
            set(moves.mapped("invoice_date")), {date(2023, 4, 30), date(2023, 5, 31)}
        )

    def test_settling_again_makes_nothing_new(self):
        record, __ = self._import(make_log(12))
        record._settle()
        before = self.env["service.settlement"].search_count([])
        again, tariffs = self._import(make_log(12) + b"\n")
        again._settle()
        self.assertFalse(tariffs)
        self.assertEqual(again.created_count, 0)
        self.assertEqual(self.env["service.settlement"].search_count([]), before)
        self.assertEqual(again._get_disagreements(), [])

    def test_what_comes_after_the_bill_goes_onto_the_next_open_month(self):
        record, __ = self._import(make_log(12))
        record._settle()
        later, __ = self._import(make_log(3, start=100))
        later._settle()
        self.assertEqual(later._get_disagreements(), [])
        claims = self.env["service.claim"].search(
            [("order_id.import_id", "=", later.id)]
        )
        self.assertEqual(set(claims.mapped("state")), {"settled"})
        self.assertEqual(
            set(claims.settlement_id.mapped("date_from")), {date(2023, 6, 1)}
        )

    def test_a_cent_that_is_missing_is_told(self):
        record, __ = self._import(make_log(6))
        record._settle()
        line = self.env["service.claim.line"].search(
            [("claim_id.order_id.import_id", "=", record.id)], limit=1
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_claim_line SET amount_approved = amount_approved + 0.01 "
            "WHERE id = %s",
            [line.id],
        )
        [problem] = record._get_disagreements()
        self.assertIn("lines of the bills", problem)

    def test_tariffs_that_are_there_leave_only_the_gaps(self):
        self._make_tariff(
            [{"amount": 50.0}],
            name="April",
            date_start=date(2023, 4, 10),
            date_end=date(2023, 4, 20),
        )
        record = self.env["service.import"]._get_for_file(make_log(30), "log.csv")
        tariffs = record._ensure_tariff()
        self.assertEqual(
            sorted(tariffs.mapped(lambda tariff: (tariff.date_start, tariff.date_end))),
            [
                (date(2023, 4, 1), date(2023, 4, 9)),
                (date(2023, 4, 21), date(2023, 5, 28)),
            ],
        )
        self.assertFalse(record._ensure_tariff())

    def test_the_table_has_every_figure(self):
        record, __ = self._import(make_log(4))
        record._settle()
        figures = dict(record._get_summary())
        self.assertEqual(figures["Rows"], 5)
        self.assertEqual(figures["New orders"], 4)
        self.assertEqual(figures["Refused rows"], 1)
        self.assertEqual(figures["Claims"], 4)
        self.assertEqual(figures["Posted bills"], figures["Statements"])
        [(title, lines)] = record._get_remarks()
        self.assertEqual(title, "Refused rows by reason")
        self.assertEqual(lines, ["1 × 1 columns instead of 9 (first in line 6)"])
