import base64
import gzip
import os
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_open, mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon

HEADER = (
    "id,data_provider,country,product_category,brand,repair_status,"
    "group_identifier,event_date,problem"
)
LOGGER = "odoo.addons.service_management.models.order.service_import"


def read_sample(name):
    with file_open(f"service_management/tests/data/{name}", "rb") as sample:
        return sample.read()


def make_rows(count, start=0, day="2023-05-06", **columns):
    rows = [HEADER]
    for number in range(start, start + count):
        values = {
            "id": f"t-{number}",
            "data_provider": "Testers",
            "country": "GBR",
            "product_category": "Kettle",
            "brand": "Acme",
            "repair_status": "Fixed",
            "group_identifier": "Testing Group",
            "event_date": day,
            "problem": f"Broken {number}",
        }
        rows.append(",".join((values | columns).values()))
    return "\n".join(rows).encode()


class ImportCase(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imports = cls.env["service.import"]
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"

    def setUp(self):
        super().setUp()
        # A test may not commit
        cron = type(self.env["ir.cron"])
        self.patch(cron, "_commit_progress", lambda *args, **kwargs: 1.0)
        self.patch(self.env.cr, "rollback", lambda: None)

    def _run(self, content, name="log.csv", **options):
        record = self.imports._get_for_file(content, name)
        record._run(**options)
        return record

    def _get_orders(self, prefix):
        return self.env["service.order"].search(
            [("channel", "=", "import"), ("source_key", "=like", f"{prefix}%")],
            order="source_key",
        )


@tagged("post_install", "-at_install")
class TestRepairImport(ImportCase):
    def test_rows_go_the_whole_way_at_their_own_time(self):
        record = self._run(read_sample("open_repair.csv"))
        self.assertRecordValues(
            record,
            [
                {
                    "kind": "open_repair",
                    "state": "done",
                    "row_count": 12,
                    "created_count": 6,
                    "existing_count": 0,
                    "closed_count": 6,
                    "refused_count": 6,
                    "note_count": 1,
                    "progress": 100.0,
                }
            ],
        )
        orders = self._get_orders("Menders House/")
        self.assertEqual(
            Counter(orders.mapped("outcome")),
            {"fixed": 3, "repairable": 1, "end_of_life": 1, "not_fixed": 1},
        )
        self.assertEqual(set(orders.mapped("state")), {"closed"})
        order = orders.filtered(lambda order: order.source_key.endswith("/mh-2"))
        self.assertEqual(order.description, "Écran noir\naprès une chute")
        self.assertEqual(order.asset_id.name, "Lenovo Laptop")
        self.assertEqual(order.asset_id.purchase_date, date(2021, 1, 1))
        self.assertEqual(order.warranty_state, "out")
        self.assertEqual(order.point_id.name, "Atelier Été")
        self.assertEqual(order.offer_ids.state, "accepted")
        self.assertEqual(order.date_fault, date(2023, 1, 14))
        self.assertFalse(order.user_id)
        # 8:00 in Shanghai, and nothing later than the day itself
        self.assertEqual(order.date_request, datetime(2023, 1, 14))
        times = [
            *order.event_ids.mapped("date"),
            *order.workitem_ids.mapped("done_at"),
            order.date_done,
            order.date_closed,
            order.visit_ids.actual_start,
            order.offer_ids.answered_at,
        ]
        self.assertEqual({time.date() for time in times}, {date(2023, 1, 14)})
        self.assertLessEqual(
            {"registered", "offered", "accepted", "scheduled", "visit_done", "closed"},
            set(order.event_ids.mapped("kind")),
        )
        self.assertFalse(order.workitem_ids.filtered(lambda item: item.state == "open"))

    def test_groups_brands_and_categories_are_made_once(self):
        self._run(read_sample("open_repair.csv"))
        orders = self._get_orders("Menders House/")
        self.assertEqual(len(orders.point_id), 2)
        self.assertEqual(orders.point_id.coverage_ids.area_id, orders.area_id)
        self.assertEqual(len(orders.partner_id), 2)
        names = orders.product_id.mapped("name")
        self.assertEqual(
            sorted(names),
            [
                "Lamp",
                "Lenovo Laptop",
                "Moulinex Kettle",
                "Moulinex Toaster",
                "Vacuum",
                "moulinex Iron",
            ],
        )
        root = self.env.ref("service_management.category_service")
        for category in orders.category_id:
            self.assertTrue(category.parent_path.startswith(root.parent_path))

    def test_broken_lines_are_listed_with_the_reason(self):
        record = self._run(read_sample("open_repair.csv"))
        refused = record.refusal_ids.filtered(lambda line: line.level == "refused")
        self.assertEqual(
            [(line.line, line.reason) for line in refused],
            [
                (8, "event_date: '2023-02-30' is not a date"),
                (9, "repair_status: 'Melted' is not known"),
                (10, "id: the same as in line 7"),
                (11, "id is missing"),
                (12, "12 columns instead of 14"),
                (13, "a quotation mark is opened and not closed"),
            ],
        )
        note = self.env["service.import.refusal"].search(
            [("import_id", "=", record.id), ("level", "=", "note")]
        )
        self.assertEqual(note.line, 14)
        self.assertIn("soon", note.reason)
        self.assertTrue(all(refused.mapped("raw")))

    def test_the_same_file_again_imports_nothing(self):
        self._run(read_sample("open_repair.csv"))
        counts = self._count_everything()
        again = self._run(gzip.compress(read_sample("open_repair.csv")), "log.csv.gz")
        self.assertRecordValues(
            again,
            [{"created_count": 0, "existing_count": 6, "refused_count": 6}],
        )
        self.assertEqual(self._count_everything(), counts)

    def _count_everything(self):
        models = ("order", "asset", "visit", "offer", "point", "technician", "area")
        models = [f"service.{name}" for name in models]
        models += ["service.order.event", "product.product", "res.partner"]
        return {model: self.env[model].search_count([]) for model in models}

    def test_batches_give_the_same_as_one_run(self):
        content = read_sample("open_repair.csv")
        units = self.imports._read_units(content)[0]
        record = self.imports._get_for_file(content, "log.csv")
        record._process_batch(units, 5)
        self.assertEqual(record.position, 5)
        # Ended here; the next run finds the import and goes on
        again = self.imports._get_for_file(content, "log.csv")
        self.assertEqual(again, record)
        again._run(size=2)
        self.assertRecordValues(
            again, [{"state": "done", "created_count": 6, "refused_count": 6}]
        )
        self.assertEqual(len(self._get_orders("Menders House/")), 6)

    def test_a_poisoned_line_stops_no_other(self):
        prepare = self.imports.__class__._prepare_product

        def poisoned(record, job, category):
            if job.brand == "Lenovo":
                raise ValueError("poison")
            return prepare(record, job, category)

        with (
            patch.object(self.imports.__class__, "_prepare_product", poisoned),
            mute_logger(LOGGER),
        ):
            record = self._run(read_sample("open_repair.csv"))
        self.assertRecordValues(
            record,
            [
                {
                    "created_count": 5,
                    "closed_count": 5,
                    "refused_count": 7,
                    "failed_count": 1,
                }
            ],
        )
        self.assertEqual(
            record._get_disagreements(), ["1 good rows could not be imported."]
        )
        line = record.refusal_ids.filtered(lambda line: line.line == 3)
        self.assertEqual(line.reason, "could not be imported: poison")

    def test_what_no_line_is_to_blame_for_stops_the_import(self):
        content = make_rows(3)
        units = self.imports._read_units(content)[0]
        record = self.imports._get_for_file(content, "log.csv")
        model = self.imports.__class__
        error = psycopg2.errors.UndefinedColumn("no such column")
        with (
            patch.object(model, "_take_units", side_effect=error),
            self.assertRaises(psycopg2.errors.UndefinedColumn),
        ):
            record._process_batch(units)
        self.assertRecordValues(record, [{"position": 0, "refused_count": 0}])
        with patch.object(model, "_take_units", side_effect=error), mute_logger(LOGGER):
            self.assertTrue(record._run_in_background())
        self.assertRecordValues(
            record, [{"state": "failed", "error": "no such column"}]
        )
        record.action_continue()
        self.imports._cron_run()
        self.assertRecordValues(record, [{"state": "done", "created_count": 3}])

    def test_when_every_line_fails_the_import_stops(self):
        content = make_rows(60)
        record = self.imports._get_for_file(content, "log.csv")
        model = self.imports.__class__
        with (
            patch.object(model, "_take_units", side_effect=ValueError("poison")),
            mute_logger(LOGGER),
            self.assertRaisesRegex(UserError, "50 lines .* poison"),
        ):
            record._run()

    def test_orders_that_stopped_half_way_are_taken_up(self):
        content = make_rows(4)
        model = self.imports.__class__
        units = self.imports._read_units(content)[0]
        record = self.imports._get_for_file(content, "log.csv")
        with patch.object(model, "_finish_repairs", lambda *args: None):
            record._process_batch(units)
        orders = self._get_orders("Testers/")
        self.assertEqual(orders.mapped("state"), ["new"] * 4)
        orders[0]._dispatch()
        orders[1]._dispatch()
        orders[1].offer_ids.action_accept()
        record.position = 0
        record._run()
        self.assertEqual(orders.mapped("state"), ["closed"] * 4)
        self.assertEqual(len(orders.offer_ids), 4)

    def test_what_people_do_with_imported_orders_is_left_alone(self):
        self._run(make_rows(2))
        first, second = self._get_orders("Testers/")
        first.action_reopen("The kettle leaks again")
        self._run(make_rows(3), "later.csv")
        self.assertEqual((first.state, second.state), ("new", "closed"))
        self.assertEqual(len(self._get_orders("Testers/")), 3)

    def test_a_full_day_takes_more_technicians(self):
        self._run(make_rows(20))
        orders = self._get_orders("Testers/")
        technicians = orders.point_id.technician_ids
        self.assertEqual(len(technicians), 2)
        crew = orders.visit_ids.crew_ids
        self.assertEqual(
            sorted(Counter(row.technician_id for row in crew).values()), [4, 16]
        )
        # Later lines of the same day find their place beside these
        self._run(make_rows(14, start=20), "more.csv")
        self.assertEqual(len(technicians.point_id.technician_ids), 3)
        self.assertEqual(
            len(set(self._get_orders("Testers/").visit_ids.mapped("planned_start"))), 16
        )

    def test_an_order_nobody_can_take_stays_open_and_is_noted(self):
        self._run(make_rows(1))
        point = self._get_orders("Testers/").point_id
        point.action_suspend()
        record = self._run(make_rows(2), "later.csv")
        self.assertRecordValues(record, [{"created_count": 1, "closed_count": 1}])
        order = self._get_orders("Testers/")[1]
        self.assertEqual(order.state, "new")
        self.assertIn("no service point", record.refusal_ids.reason)

    def test_queries_do_not_grow_with_the_rows(self):
        self._run(make_rows(5))
        counts = []
        for start, count in ((100, 10), (200, 60)):
            content = make_rows(count, start=start, day=f"20{start // 10}-01-01")
            record = self.imports._get_for_file(content, "log.csv")
            units = record._read_units(content)[0]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            record._process_batch(units)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] * 1.5)


@tagged("post_install", "-at_install")
class TestItsmImport(ImportCase):
    def test_incidents_go_the_way_of_the_log(self):
        record = self._run(read_sample("itsm.csv"))
        self.assertRecordValues(
            record,
            [
                {
                    "kind": "itsm",
                    "state": "done",
                    "row_count": 13,
                    "unit_count": 3,
                    "created_count": 3,
                    "closed_count": 2,
                    "refused_count": 2,
                    "mismatch_count": 0,
                }
            ],
        )
        first, second, third = self._get_orders("itsm/")
        self.assertEqual(
            (first.state, second.state, third.state), ("closed", "closed", "new")
        )
        self.assertEqual(first.team_id.name, "Group B")
        self.assertEqual(first.partner_id.name, "Caller 1")
        self.assertEqual(third.partner_id.name, "Unknown caller")
        self.assertEqual(first.description, "Category 5 · Subcategory 1 · Symptom 7")
        self.assertIn("Resolver 3", first.internal_note)
        self.assertEqual(second.priority, "3")
        self.assertEqual(first.date_request, datetime(2016, 2, 29, 1, 16))
        self.assertEqual(first.date_done, datetime(2016, 3, 1, 8))
        self.assertEqual(first.date_closed, datetime(2016, 3, 5, 12))
        for order in first + second + third:
            self.assertEqual(
                {date.year for date in order.event_ids.mapped("date")}, {2016}
            )
        kinds = second.event_ids.sorted("id").mapped("kind")
        self.assertEqual((kinds.count("reopened"), kinds.count("done")), (1, 2))
        reopened = second.event_ids.filtered(lambda event: event.kind == "reopened")
        self.assertEqual(reopened.date, datetime(2016, 3, 1, 11))
        changes = first.event_ids.filtered(lambda event: event.kind == "updated")
        self.assertIn("Group: Group A → Group B", " ".join(changes.mapped("name")))

    def test_the_same_log_again_changes_nothing(self):
        self._run(read_sample("itsm.csv"))
        orders = self._get_orders("itsm/")
        events = orders.event_ids
        again = self._run(read_sample("itsm.csv") + b"\n", "again.csv")
        self.assertRecordValues(
            again, [{"created_count": 0, "existing_count": 3, "closed_count": 2}]
        )
        self.assertEqual(self._get_orders("itsm/").event_ids, events)

    def test_a_log_that_has_grown_goes_on(self):
        self._run(read_sample("itsm.csv"))
        third = self._get_orders("itsm/")[2]
        more = (
            b"INC3,Closed,false,0,0,1,true,?,Opened by 1,2/3/2016 09:00,"
            b"4/3/2016 09:00,Phone,Category 5,?,?,4 - Low,?,?,code 1,?,4/3/2016 09:00\n"
        )
        record = self._run(read_sample("itsm.csv") + more, "grown.csv")
        self.assertEqual(third.state, "closed")
        self.assertEqual(third.date_closed, datetime(2016, 3, 4, 9))
        self.assertRecordValues(record, [{"created_count": 0, "closed_count": 3}])

    def test_the_clocks_of_a_log_are_measured_by_what_it_promised(self):
        record = self._run(read_sample("itsm.csv"))
        orders = self._get_orders("itsm/")
        self.assertEqual(
            orders.workflow_version_id.workflow_id,
            self.env.ref("service_management.workflow_incident"),
        )
        self.assertTrue(record.sla_policy_id.is_until_closed)
        closed = orders.filtered(lambda order: order.state == "closed")
        promised = {
            target.priority for target in record.sla_policy_id.target_ids
        } & set(closed.mapped("priority"))
        self.assertTrue(promised)
        for order in closed.filtered(lambda order: order.priority in promised):
            clock = order.sla_clock_ids
            self.assertEqual(clock.metric, "resolution")
            self.assertEqual(clock.stopped_at, order.date_closed)
        titles = [title for title, __ in record._get_remarks()]
        self.assertIn("The log's made_sla and our clocks", titles)
        self.assertIn("Changes of state", titles)


@tagged("post_install", "-at_install")
class TestItsmLog(ImportCase):
    """A part of a real log: `make journey` replays the whole."""

    INCIDENTS = 400

    def test_incidents_end_as_in_the_log(self):
        # Real logs lie beside the checkout, where they are there at all
        shared = os.environ.get("SERVICE_SHARED_DATA") or (
            Path(__file__).resolve().parents[5] / "shared" / "data"
        )
        paths = list(Path(shared, "itsm").glob("*.csv.gz"))
        if not paths:
            self.skipTest("no shared data")
        with gzip.open(paths[0], "rt", encoding="utf-8", newline="") as file:
            header, *rows = file.readlines()
        numbers = dict.fromkeys(row.split(",", 1)[0] for row in rows)
        wanted = set(list(numbers)[:: len(numbers) // self.INCIDENTS])
        kept = [row for row in rows if row.split(",", 1)[0] in wanted]
        record = self._run("".join([header, *kept]).encode())
        self.assertEqual(record.created_count, len(wanted))
        self.assertLessEqual(record.mismatch_count, len(wanted) // 1000)
        samples = record._read_sla_samples()
        promise = record._fit_promise(samples)
        self.assertEqual(promise.end, "closed")
        self.assertGreater(promise.shares["closed"], promise.shares["done"] + 0.1)
        text = "\n".join(record._describe_sla_comparison(samples, promise))
        shares = [float(share) for share in re.findall(r"\((\d+\.\d+)%\)", text)]
        self.assertEqual(len(shares), 2, text)
        self.assertGreater(min(shares), 95, text)


@tagged("post_install", "-at_install")
class TestImportForm(ImportCase):
    def _create(self, content, **vals):
        return self.imports.with_user(self.manager).create(
            [{"file": base64.b64encode(content), "file_name": "log.csv", **vals}]
        )

    def test_manager_uploads_and_the_background_imports(self):
        record = self._create(make_rows(3))
        record.action_start()
        self.assertEqual(record.state, "running")
        self.assertEqual(record.unit_count, 3)
        self.imports._cron_run()
        self.assertRecordValues(record, [{"state": "done", "created_count": 3}])
        orders = self.env["service.order"].search(record.action_view_orders()["domain"])
        self.assertEqual(len(orders), 3)
        self.assertEqual(orders.event_ids.user_id, self.manager)

    def test_nobody_imports_in_the_name_of_another(self):
        record = self._create(make_rows(1))
        for vals in ({"user_id": self.env.uid}, {"user_id": self.agent.id}):
            with self.subTest(vals):
                with self.assertRaises(AccessError):
                    record.write(vals)
                with self.assertRaises(AccessError):
                    self._create(make_rows(1), **vals)
        other = self.env["res.company"].create({"name": "Test Other"})
        with self.assertRaises(AccessError):
            self._create(make_rows(1), company_id=other.id)

    def test_others_may_not_import(self):
        for user in (self.agent, self.dispatcher, self.point_manager, self.quality):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.imports.with_user(user).create([{"file": base64.b64encode(b"x")}])

    def test_files_of_another_kind_are_refused_with_a_sentence(self):
        for content, words in (
            (b"", "empty"),
            (b"name,price\nx,1\n", "name, price"),
            (gzip.compress(b"id")[:-2], "damaged"),
        ):
            record = self._create(content or b"\n")
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                record.action_start()

    def test_cancel_and_continue(self):
        content = make_rows(5)
        record = self._create(content)
        record.action_start()
        units = record._read_units(content)[0]
        record._process_batch(units, 2)
        record.action_cancel()
        self.assertEqual(record._process_batch(units, 2), 0)
        self.imports._cron_run()
        self.assertRecordValues(record, [{"state": "cancelled", "created_count": 2}])
        record.action_continue()
        self.imports._cron_run()
        self.assertRecordValues(record, [{"state": "done", "created_count": 5}])

    def test_only_what_fits_the_state_is_possible(self):
        record = self._create(make_rows(1))
        with self.assertRaises(UserError):
            record.action_continue()
        record.action_start()
        with self.assertRaises(UserError):
            record.action_start()
        with self.assertRaises(UserError):
            record.unlink()
        record.action_cancel()
        with self.assertRaises(UserError):
            record.action_cancel()
        record.unlink()
