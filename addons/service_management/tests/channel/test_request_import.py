import base64
import csv
import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_open

from odoo.addons.service_management.engine.request_input import FIELDS
from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon

HEADER = "key,customer name,phone,service type,description"


def make_rows(count, start=0):
    return [HEADER] + [
        f"R{number},New {number},1390000{number:04},repair,It leaks."
        for number in range(start, start + count)
    ]


class ImportCommon(ServiceCommon):
    def _make(self, content, name="requests.csv"):
        if isinstance(content, list):
            content = "\n".join(content)
        if isinstance(content, str):
            content = content.encode()
        record = (
            self.env["service.request.import"]
            .with_user(self.agent)
            .create([{"file": base64.b64encode(content), "file_name": name}])
        )
        record.action_read()
        return record

    def _run(self, record):
        """Start, and do what the cron would do."""
        record.action_start()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        self.env["service.request.import"]._run_all()
        record.invalidate_recordset()
        return record

    def _states(self, record):
        return record.line_ids.mapped("state")

    def _report(self, record):
        text = base64.b64decode(record.report).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))


@tagged("post_install", "-at_install")
class TestRequestImport(ImportCommon):
    def test_an_import_stays_its_makers_and_of_the_company(self):
        record = self._make(make_rows(1))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        for vals in (
            {"user_id": self.manager.id},
            {"company_id": company.id},
            {"state": "running"},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.write(vals)
            with self.subTest(create=vals), self.assertRaises(AccessError):
                record.create([{"file": base64.b64encode(b"x"), **vals}])
        copied = record.sudo().with_user(self.manager).copy()
        self.assertEqual((copied.user_id, copied.state), (self.manager, "draft"))
        self.assertEqual(self._run(record).state, "done")

    def test_1000_rows_with_one_bad_make_999_orders(self):
        rows = make_rows(1000)
        rows[501] = rows[501].replace("repair", "repare")
        record = self._make(rows)
        self.assertEqual((record.valid_count, record.refused_count), (999, 1))
        self.assertFalse(record.line_ids.order_id)
        self._run(record)
        self.assertRecordValues(
            record,
            [
                {
                    "state": "done",
                    "row_count": 1000,
                    "created_count": 999,
                    "refused_count": 1,
                    "open_count": 0,
                }
            ],
        )
        (bad,) = record.line_ids.filtered(lambda line: line.state == "refused")
        self.assertEqual((bad.line, bad.reason), (502, "type: 'repare' is not known"))
        orders = record.line_ids.order_id
        self.assertEqual(set(orders.mapped("state")), {"new"})
        self.assertEqual(set(orders.mapped("channel")), {"import"})

    def test_the_report_has_the_rows_with_result_and_reason(self):
        rows = make_rows(2)
        rows[2] = rows[2].replace("It leaks.", "").replace("New 1", "=cmd()")
        record = self._make(rows)
        self._run(record)
        report = self._report(record)
        self.assertEqual(
            report[0], ["Row", "Result", "Order", "Why", *HEADER.split(",")]
        )
        self.assertEqual(report[1][1], "New Order")
        self.assertEqual(report[1][2], record.line_ids.order_id.name)
        self.assertEqual(report[2][:2], ["3", "Refused"])
        self.assertEqual(report[2][3], "description: is missing")
        self.assertEqual(report[2][5], "'=cmd()")

    def test_l28_importing_again_makes_nothing_twice(self):
        self._run(self._make(make_rows(3)))
        again = self._run(self._make(make_rows(5)))
        self.assertEqual(self._states(again), ["existing"] * 3 + ["created"] * 2)

    def test_without_a_key_a_row_is_known_by_what_it_says(self):
        rows = [
            "customer name,phone,service type,description",
            "A,1390001,repair,One",
            "A,1390001,repair,Two",
            "A,1390001,repair,One",
        ]
        first = self._run(self._make(rows))
        self.assertEqual(self._states(first), ["created", "created", "existing"])
        self.assertEqual(first.line_ids[2].reason, "the same as row 2")
        again = self._run(self._make(rows))
        self.assertEqual(self._states(again), ["existing"] * 3)

    def test_chinese_columns_and_encodings(self):
        text = (
            "单号,客户姓名,联系电话,服务类型,问题描述\n"
            "甲1,镕喆囧,13811112222,repair,洗衣机不脱水\n"
        )
        for number, encoding in enumerate(("utf-8", "utf-8-sig", "gb18030", "utf-16")):
            record = self._make(text.replace("甲1", f"甲{number}").encode(encoding))
            self._run(record)
            order = record.line_ids.order_id
            self.assertEqual(
                (order.partner_id.name, order.description),
                ("镕喆囧", "洗衣机不脱水"),
                encoding,
            )

    def test_a_spreadsheet_with_dates_and_numbers(self):
        book = openpyxl.Workbook()
        book.active.append(["编号", "客户编号", "服务类型", "描述", "故障日期"])
        self.customer.ref = "9007"
        book.active.append([1, 9007, "repair", "Broken", "2026/3/1"])
        data = io.BytesIO()
        book.save(data)
        record = self._run(self._make(data.getvalue(), "r.xlsx"))
        order = record.line_ids.order_id
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(str(order.date_fault), "2026-03-01")

    def test_a_column_of_another_name_is_given_its_meaning(self):
        record = self._make(
            ["key,who,phone,kind of job,words", "1,Zhang,1390001,repair,Broken"]
        )
        self.assertEqual(record.left_out, "who, kind of job, words")
        self.assertEqual(self._states(record), ["pending"])
        with self.assertRaisesRegex(UserError, "Service Type, Description"):
            record.action_start()
        for column, target in zip(
            record.column_ids,
            ("key", "customer_name", "phone", "type", "description"),
            strict=True,
        ):
            column.target = target
        record.action_check()
        self.assertEqual(self._states(record), ["valid"])
        self._run(record)
        self.assertEqual(record.line_ids.order_id.partner_id.name, "Zhang")

    def test_an_import_that_was_ended_goes_on_where_it_was(self):
        record = self._make(make_rows(250))
        record.action_start()
        self.assertEqual(record.state, "running")
        record._take_lines(record._get_open_lines(100))
        record.action_cancel()
        self.assertEqual((record.created_count, record.open_count), (100, 150))
        before = record.line_ids.order_id
        record.action_continue()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        self.env["service.request.import"]._run_all()
        record.invalidate_recordset()
        self.assertEqual((record.state, record.created_count), ("done", 250))
        self.assertLess(before, record.line_ids.order_id)

    def test_an_import_that_cannot_go_on_stops_no_other(self):
        """Its maker has left the service desk meanwhile."""
        first, second = self._make(make_rows(250)), self._make(make_rows(250, 300))
        first.action_start()
        second.action_start()
        # sudo: service.request.import: as if somebody else had made it
        first.sudo().user_id = self.technician_user
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        self.env["service.request.import"]._run_all()
        self.assertEqual(first.state, "cancelled")
        self.assertTrue(first.error)
        self.assertEqual((second.state, second.created_count), ("done", 250))

    def test_broken_lines_are_refused_by_number(self):
        record = self._make([*make_rows(2), "R9,lost"])
        bad = record.line_ids.filtered(lambda line: line.state == "refused")
        self.assertEqual(bad.mapped("line"), [4])
        self.assertIn("columns", bad.reason)

    def test_files_that_are_no_table_are_explained(self):
        for content, words in (
            (b"PK\x03\x04xx", "damaged"),
            (b"\xd0\xcf\x11\xe0xx", "xlsx"),
            (b"\n", "empty"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self._make(content)

    def test_the_templates_can_be_imported(self):
        self.type_repair.fault_required = False
        for language in ("en", "zh"):
            path = f"service_management/static/examples/requests_{language}.csv"
            with file_open(path, "rb") as sample:
                content = sample.read().replace(b"A-1001", language.encode())
            record = self._run(self._make(content))
            self.assertEqual(self._states(record), ["created"], record.line_ids.reason)
            self.assertFalse(record.left_out)

    def test_agents_see_their_own_imports_and_managers_all(self):
        record = self._make(make_rows(1))
        records = {
            "import": record,
            "line": record.line_ids,
            "column": record.column_ids[:1],
        }
        everything = dict.fromkeys(records, "rwcd")
        check_matrix(
            self,
            records,
            {
                self.agent: everything,
                self.manager: everything,
                self.technician_user: {},
                self.quality: {},
                self.portal_customer: {},
            },
        )
        with self.assertRaises(AccessError):
            record.with_user(self.dispatcher).read(["name"])
        self.assertFalse(
            self.env["service.request.import.line"]
            .with_user(self.dispatcher)
            .search([])
        )

    def test_a_column_can_mean_every_field_of_a_request(self):
        targets = self.env["service.request.import.column"]._get_targets()
        self.assertEqual({target for target, __ in targets}, set(FIELDS))
