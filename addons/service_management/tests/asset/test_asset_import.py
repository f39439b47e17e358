import base64
import io
from datetime import date

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_management.models.asset import service_asset_import
from odoo.addons.service_management.tests.common import ServiceCommon

HEADER = "Product,Serial Number,Customer Ref,Place,Purchase Date,Install Date"


@tagged("post_install", "-at_install")
class TestAssetImport(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.default_code = "TEST-W"
        cls.customer.ref = "TEST-C1"
        cls.other = cls.env["res.partner"].create(
            {"name": "Test Other Customer", "ref": "TEST-C2", "phone": "13900001111"}
        )

    def _make_import(self, *rows, header=HEADER, **vals):
        text = "\n".join([header, *rows])
        return (
            self.env["service.asset.import"]
            .with_user(self.agent)
            .create(
                {
                    "file": base64.b64encode(text.encode()),
                    "file_name": "assets.csv",
                    **vals,
                }
            )
        )

    def _run(self, record):
        """What the cron does, without its commits."""
        chunks = self.env["service.asset.import.chunk"]
        for _turn in range(2):
            for chunk in chunks.search(chunks._queue_due_domain()):
                chunk._queue_process_one()
        self.env["service.asset.import"]._finish_done()
        record.invalidate_recordset()

    def _import(self, *rows, **kwargs):
        record = self._make_import(*rows, **kwargs)
        record.action_read()
        record.action_start()
        self._run(record)
        return record

    def _get_counts(self, record):
        return record.created_count, record.existing_count, record.refused_count

    def test_rows_become_assets_with_terms_and_owner(self):
        record = self._import(
            "TEST-W,IMP-1,TEST-C1,Floor 1,2026-01-05,2026/01/10",
            "Test Washer,IMP-2,TEST-C2,,2026年1月5日,",
        )
        self.assertEqual(record.state, "done")
        self.assertEqual(self._get_counts(record), (2, 0, 0))
        assets = self.env["service.asset"].search([("import_id", "=", record.id)])
        self.assertRecordValues(
            assets.sorted("serial"),
            [
                {
                    "serial": "IMP-1",
                    "partner_id": self.customer.id,
                    "place": "Floor 1",
                    "install_date": date(2026, 1, 10),
                    "warranty_end": date(2028, 1, 9),
                    "source": "import",
                    "create_uid": self.agent.id,
                },
                {
                    "serial": "IMP-2",
                    "partner_id": self.other.id,
                    "place": False,
                    "install_date": False,
                    "warranty_end": date(2028, 1, 4),
                    "source": "import",
                    "create_uid": self.agent.id,
                },
            ],
        )
        self.assertEqual(len(assets.warranty_ids), 6)
        self.assertEqual(assets.owner_ids.mapped("date_from"), [date(2026, 1, 5)] * 2)

    def test_imported_again_nothing_is_made_twice(self):
        row = "TEST-W,IMP-1,TEST-C1,,,"
        self._import(row)
        again = self._import(row, "TEST-W,IMP-2,TEST-C1,,,", row)
        self.assertEqual(self._get_counts(again), (1, 2, 0))

    def test_refused_rows_say_where_why_and_what_to_do(self):
        record = self._import(
            "NO-SUCH,IMP-1,TEST-C9,,,01/02/2026",
            "TEST-W,TW-0001,TEST-C2,,,",
            "TEST-W,IMP-2,TEST-C1,,,",
            "TEST-W,,TEST-C1,,,",
        )
        self.assertEqual(self._get_counts(record), (1, 0, 3))
        self.assertEqual(
            {(line.line, line.column, line.code) for line in record.line_ids},
            {
                (2, "Product", "product_unknown"),
                (2, "Customer Ref", "customer_unknown"),
                (2, "Install Date", "not_a_date"),
                (3, "Serial Number", "taken"),
                (5, "Serial Number", "missing"),
            },
        )
        self.assertTrue(all(record.line_ids.mapped("advice")))
        self.assertEqual(self.asset.partner_id, self.customer)
        action = record.action_download_refused()
        attachment = self.env["ir.attachment"].browse(
            int(action["url"].split("/")[3].split("?")[0])
        )
        lines = attachment.raw.decode("utf-8-sig").splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("NO-SUCH,IMP-1", lines[1])
        self.assertIn("2026-03-02", lines[1])

    def test_every_reason_has_its_sentences(self):
        texts = self.env["service.asset.import.line"]._get_texts()
        for code in [
            "missing",
            "too_long",
            "control",
            "not_a_date",
            "in_future",
            "before_made",
            "product_unknown",
            "product_many",
            "customer_missing",
            "customer_unknown",
            "customer_many",
            "site_unknown",
            "point_unknown",
            "employee_unknown",
            "department_unknown",
            "point_many",
            "employee_many",
            "department_many",
            "taken",
            "code_taken",
            "columns",
            "quotes",
            "nul",
            "encoding",
        ]:
            self.assertTrue(all(texts[code]), code)

    def test_reading_shows_what_would_be_refused_and_makes_nothing(self):
        record = self._make_import("TEST-W,IMP-1,TEST-C1,,,", "NO,IMP-2,TEST-C1,,,")
        record.action_read()
        self.assertEqual(record.state, "ready")
        self.assertIn("1 can be imported", record.sample_text)
        self.assertEqual(record.sample_line_ids.mapped("line"), [3])
        self.assertFalse(
            self.env["service.asset"].search([("import_id", "=", record.id)])
        )

    def test_a_column_nobody_understands_can_be_explained(self):
        record = self._make_import("TEST-W;IMP-1;TEST-C1", header="Thing;Number;Whose")
        record.action_read()
        with self.assertRaisesRegex(UserError, "Product"):
            record.action_start()
        for column, target in zip(
            record.column_ids, ("product", "serial", "customer_ref"), strict=True
        ):
            column.target = target
        record.action_check()
        record.action_start()
        self._run(record)
        self.assertEqual(self._get_counts(record), (1, 0, 0))

    def test_customers_are_known_by_phone_mail_or_name(self):
        record = self._import(
            "TEST-W,IMP-1,+86 139 0000 1111,,",
            "TEST-W,IMP-2,,customer@example.com,",
            "TEST-W,IMP-3,,,test customer",
            "TEST-W,IMP-4,,,",
            header="Product,Serial,Phone,E-mail,Customer Name",
        )
        self.env.company.country_id = self.env.ref("base.cn")
        owners = {
            asset.serial: asset.partner_id
            for asset in self.env["service.asset"].search(
                [("import_id", "=", record.id)]
            )
        }
        self.assertEqual(owners["IMP-2"], self.customer)
        self.assertEqual(owners["IMP-3"], self.customer)
        self.assertIn("customer_missing", record.line_ids.mapped("code"))

    def test_spreadsheets_are_read_as_text_files_are(self):
        book = openpyxl.Workbook()
        for row in (
            ["产品编码", "序列号", "客户编号", "安装日期"],
            ["TEST-W", "IMP-X", "TEST-C1", date(2026, 1, 10)],
        ):
            book.active.append(row)
        data = io.BytesIO()
        book.save(data)
        record = self._make_import()
        record.file = base64.b64encode(data.getvalue())
        record.action_read()
        record.action_start()
        self._run(record)
        asset = self.env["service.asset"].search([("import_id", "=", record.id)])
        self.assertEqual(asset.install_date, date(2026, 1, 10))

    def test_internal_assets_need_no_customer(self):
        employee = self.env["hr.employee"].create(
            {"name": "Test Clerk", "work_email": "clerk@example.com"}
        )
        record = self._import(
            "TEST-W,IT-1,clerk@example.com",
            header="Product,Asset Number,Employee",
            is_internal=True,
        )
        asset = self.env["service.asset"].search([("import_id", "=", record.id)])
        self.assertRecordValues(
            asset,
            [
                {
                    "code": "IT-1",
                    "is_internal": True,
                    "employee_id": employee.id,
                    "partner_id": self.env.company.partner_id.id,
                }
            ],
        )

    def test_of_two_who_are_called_so_nobody_is_guessed(self):
        self.env["hr.employee"].create([{"name": "Li Wei"}, {"name": "Li Wei"}])
        record = self._import(
            "TEST-W,IT-1,Li Wei",
            header="Product,Asset Number,Employee",
            is_internal=True,
        )
        self.assertEqual(record.line_ids.mapped("code"), ["employee_many"])
        self.assertFalse(
            self.env["service.asset"].search([("import_id", "=", record.id)])
        )

    def test_ended_between_two_parts_it_goes_on_with_the_rest(self):
        self.patch(service_asset_import, "CHUNK_ROWS", 2)
        record = self._make_import(
            *(f"TEST-W,IMP-{number},TEST-C1,,," for number in range(5))
        )
        record.action_read()
        record.action_start()
        chunks = self.env["service.asset.import.chunk"]
        chunks.search([("import_id", "=", record.id)])._queue_process_one()
        parts = chunks.search(chunks._queue_due_domain())
        self.assertEqual(len(parts), 3)
        parts[0]._queue_process_one()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            # Killed before the commit: neither the assets nor the mark are there
            parts[1]._queue_process_one()
            raise ZeroDivisionError
        self.env.invalidate_all(flush=False)
        self.assertEqual(record.created_count, 2)
        self.assertEqual(record.state, "running")
        self._run(record)
        self.assertEqual(self._get_counts(record), (5, 0, 0))
        self.assertEqual(record.progress, 100)
        self.assertEqual(
            self.env["service.asset"].search_count([("import_id", "=", record.id)]), 5
        )

    def test_cancelled_it_keeps_what_is_imported(self):
        self.patch(service_asset_import, "CHUNK_ROWS", 1)
        record = self._make_import("TEST-W,A,TEST-C1,,,", "TEST-W,B,TEST-C1,,,")
        record.action_read()
        record.action_start()
        chunks = self.env["service.asset.import.chunk"]
        chunks.search([("import_id", "=", record.id)])._queue_process_one()
        chunks.search(chunks._queue_due_domain())[0]._queue_process_one()
        record.action_cancel()
        self._run(record)
        self.assertEqual((record.state, record.created_count), ("cancelled", 1))

    def test_rows_cost_no_queries_of_their_own(self):
        used = []
        for name, count in (("W", 2), ("A", 10), ("B", 400)):
            record = self._make_import(
                *(f"TEST-W,{name}-{n},TEST-C1,,2026-01-01," for n in range(count))
            )
            record.action_read()
            record.action_start()
            chunks = self.env["service.asset.import.chunk"]
            chunks.search([("import_id", "=", record.id)])._queue_process_one()
            part = chunks.search([("import_id", "=", record.id)])[-1:]
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            part._queue_process_one()
            self.env.flush_all()
            used.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(used[2], used[1])

    def test_imports_are_of_who_made_them(self):
        record = self._make_import("TEST-W,IMP-1,TEST-C1,,,")
        rival = new_test_user(
            self.env,
            login="test_rival",
            groups="service_management.group_service_agent",
        )
        with self.assertRaises(AccessError):
            record.with_user(rival).action_read()
        for user in (self.technician_user, self.portal_customer):
            for model in ("service.asset.import", "service.asset.import.column"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        with self.assertRaises(AccessError):
            self._make_import(user_id=self.manager.id)
        # Both kinds of imports are kept by the same rules
        for model in ("service.asset.import", "service.request.import"):
            self.assertIn("service.sheet.mixin", self.env[model]._inherit)
            column = self.env[f"{model}.column"]
            self.assertIn("service.sheet.column.mixin", column._inherit)
            self.assertEqual(column._order, "position")
            # Each has its own index of what columns mean, by its own table
            self.env.cr.execute(
                "SELECT count(*) FROM pg_indexes WHERE tablename = %s "
                "AND indexname LIKE '%%target_uniq'",
                [column._table],
            )
            self.assertEqual(self.env.cr.fetchone()[0], 1)
        with self.assertRaises(AccessError):
            record.user_id = rival
        with self.assertRaises(AccessError):
            self.env["service.asset.import.chunk"].with_user(self.agent).create(
                {"import_id": record.id}
            )
        record.with_user(self.manager).action_read()
