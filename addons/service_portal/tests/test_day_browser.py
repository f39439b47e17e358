"""The technician's day in a real browser whose network is really gone."""

import json
import time
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import HOST, ChromeBrowser
from odoo.tools import file_open

from .flaky_network import FlakyNetwork
from .test_technician_day import PAGE, DayCommon

PATIENCE = 30
# Types as a person does: the page hears the change
SCRIPT = """
    window.fill = (selector, value) => {
        const field = document.querySelector(selector);
        field.value = value;
        field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    window.type = (selector, value) => {
        const field = document.querySelector(selector);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };
"""


@tagged("post_install", "-at_install")
class TestDayOffline(DayCommon):
    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        checklist = cls.env["service.checklist"].create(
            {
                "name": "Repair",
                "type_id": cls.type_repair.id,
                "item_ids": [
                    Command.create({"name": "Safe", "sequence": 1}),
                    Command.create(
                        {
                            "name": "Pressure",
                            "sequence": 2,
                            "kind": "number",
                            "has_maximum": True,
                            "maximum": 10,
                            "beyond": "remark",
                        }
                    ),
                ],
            }
        )
        cls.safe, cls.pressure = (item._get_key() for item in checklist.item_ids)
        cls.board = cls.env["product.product"].create(
            {
                "name": "Test Board",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "service_recoverable": True,
            }
        )
        for name in ("SN-1", "SN-2"):
            lot = cls.env["stock.lot"].create(
                {"name": name, "product_id": cls.board.id}
            )
            cls.env["stock.quant"]._update_available_quantity(
                cls.board, cls.point.location_id, 1, lot_id=lot
            )

    def setUp(self):
        super().setUp()
        self.network = FlakyNetwork(urlsplit(self.base_url()).port)
        self.addCleanup(self.network.cut)
        self.browser = ChromeBrowser(self)
        stack = ExitStack()
        self.addCleanup(stack.close)
        stack.enter_context(self.allow_requests(browser=self.browser))
        stack.callback(self._wait_remaining_requests)
        stack.callback(self.browser.stop)
        self.authenticate(
            "test_portal_point", "test_portal_point", browser=self.browser
        )
        self.cr.flush()
        self.cr.clear()

    @contextmanager
    def _visit_now(self):
        """The visit as it is in the database, between two requests of the page."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env["service.visit"].browse(self.visit.id)

    # The browser

    def _js(self, expression):
        answer = self.browser._websocket_request(
            "Runtime.evaluate",
            params={
                "expression": f"(async () => {{ {SCRIPT} {expression} }})()",
                "awaitPromise": True,
                "returnByValue": True,
            },
            timeout=PATIENCE,
        )
        self.assertNotIn("exceptionDetails", answer, expression)
        return answer["result"].get("value")

    def _until(self, condition, what=None):
        """Wait until JavaScript says so; the page's text where it never does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._js(f"return Boolean({condition});"):
                return
            time.sleep(0.1)
        text = self._js("return document.body.innerText;")
        self.fail(f"{what or condition} never came:\n{text}")

    def _open(self):
        url = f"http://{HOST}:{self.network.port}{PAGE}"
        self.browser._websocket_request(
            "Page.navigate", params={"url": url}, timeout=PATIENCE
        )
        self._until(
            "document.body?.classList.contains('o_service_day_ready')", "the page"
        )

    def _click(self, selector):
        self._until(f"document.querySelector({json.dumps(selector)})", selector)
        self._js(f"document.querySelector({json.dumps(selector)}).click();")

    def _go_offline(self):
        self.network.cut()
        self._emulate(True)

    def _go_online(self):
        self.network.restore()
        self._emulate(False)

    def _emulate(self, offline):
        self.browser._websocket_request(
            "Network.emulateNetworkConditions",
            params={
                "offline": offline,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": -1,
            },
        )

    def _wait_for_worker(self):
        """The page is kept for offline use when its worker is active."""
        self._until("navigator.serviceWorker?.controller", "the worker")
        self._until("(await caches.match('/my/service/day'))", "the page in the cache")

    def _do_the_job(self):
        """Arrive, answer, report: seven changes, none of them sent."""
        self._click(f"[data-visit='{self.visit.id}']")
        self._click("[data-step='en_route']")
        self._click("[data-step='on_site']")
        self._click(f"[data-key='{self.safe}'] [data-option='yes']")
        self._js(f"fill(\"[data-key='{self.pressure}'] input\", '12,5');")
        remark = f"[data-key='{self.pressure}'] .o_service_remark"
        self._until(f"document.querySelector({json.dumps(remark)})")
        self._js(f"fill({json.dumps(remark)}, 'Sealed, to be watched');")
        self._js("fill('#day_outcome', 'fixed');")
        self._js("fill('#day_report', 'Pump replaced in the cellar');")

    def _use_board(self):
        """Find the part; its serial numbers are asked for then."""
        self._until("!document.querySelector('.o_service_serials')")
        self._click(".o_service_part_open")
        self._until("document.querySelector('input[type=search]')")
        self._js("type('input[type=search]', 'board');")
        self._click(".o_service_part")
        self._until("document.querySelector('.o_service_serials')")

    def test_serial_numbers_are_noted_without_a_network(self):
        self._open()
        self._wait_for_worker()
        self._go_offline()
        self._click(f"[data-visit='{self.visit.id}']")
        self._click("[data-step='en_route']")
        self._click("[data-step='on_site']")
        # a number read wrongly, and one chosen from the list
        self._use_board()
        confirm = ".o_service_serial_confirm"
        self.assertTrue(
            self._js(f"return document.querySelector('{confirm}').disabled;")
        )
        self._js("type('#day_serial', 'SN-7');")
        self._until("document.querySelector('.o_service_serials .text-danger')")
        self._click(f"{confirm}:not([disabled])")
        self._use_board()
        self.assertEqual(
            self._js(
                "return [...document.querySelectorAll('.o_service_serial')]"
                ".map((button) => button.innerText);"
            ),
            ["SN-1", "SN-2"],
        )
        self._click(".o_service_serial")
        self._js("type('#day_old_serial', 'OLD-1');")
        self._click(f"{confirm}:not([disabled])")
        self._until("document.body.innerText.includes('OLD-1')", "the part noted")
        # what is noted is not offered twice; the only one left is filled in
        self._use_board()
        self.assertEqual(
            self._js("return document.querySelector('#day_serial').value;"), "SN-2"
        )
        self._click(".o_service_serials .btn-link")
        self._click(f"[data-key='{self.safe}'] [data-option='yes']")
        self._js(f"fill(\"[data-key='{self.pressure}'] input\", '5');")
        self._js("fill('#day_outcome', 'fixed');")
        self._click("[data-step='done']:not([disabled])")
        self._until(
            "document.querySelector('.o_service_waiting').innerText.includes('8')",
            "eight changes",
        )

        self._go_online()
        self._js("window.dispatchEvent(new Event('online'));")
        self._until("document.querySelectorAll('.o_service_issue').length === 2")
        text = self._js("return document.body.innerText;")
        self.assertIn("Serial number of Test Board: SN-7 is unknown.", text)
        self.assertIn("The visit is still open", text)
        with self._visit_now() as visit:
            self.assertEqual(visit.state, "on_site")
            self.assertEqual(visit.move_ids.service_lot_id.name, "SN-1")
            self.assertEqual(visit.move_ids.service_old_serial, "OLD-1")
        # seen, and finished without the wrong one
        for left in (1, 0):
            self._click(".o_service_issue .btn-light")
            self._until(
                f"document.querySelectorAll('.o_service_issue').length === {left}"
            )
        self._click("[data-step='done']:not([disabled])")
        self._until("!document.querySelector('[data-step]')", "the end of the visit")
        self._until("!document.querySelector('.o_service_waiting')", "all sent")
        with self._visit_now() as visit:
            self.assertEqual(visit.state, "done")
            self.assertEqual(
                sorted(visit.move_ids.lot_ids.mapped("name")), ["OLD-1", "SN-1"]
            )

    def _count_waiting(self):
        return self._js(
            "return Number(document.querySelector('.o_service_waiting')"
            "?.innerText.match(/\\d+/)?.[0] || 0);"
        )

    def test_the_day_goes_on_without_a_network(self):
        self._open()
        self._until(f"document.querySelector(\"[data-visit='{self.visit.id}']\")")
        self._wait_for_worker()

        self._go_offline()
        self._open()
        self._until("document.querySelector('.o_service_day_card')", "the day offline")
        self._do_the_job()
        self._click("[data-step='done']:not([disabled])")
        self._until("document.querySelector('.o_service_waiting')")
        self._until(
            "document.querySelector('.o_service_waiting').innerText.includes('8')",
            "eight changes",
        )
        with self._visit_now() as visit:
            self.assertEqual(visit.state, "planned")

        # closed and opened again, still in the cellar: nothing is lost
        self._open()
        self._until("document.querySelector('.o_service_waiting')")
        self.assertEqual(self._count_waiting(), 8)

        # the first answer of the server gets lost on the way back
        self.network.lose_answers = True
        self._go_online()
        deadline = time.monotonic() + PATIENCE
        while not self.network.lost and time.monotonic() < deadline:
            self._js("window.dispatchEvent(new Event('online'));")
            time.sleep(0.3)
        self.assertTrue(self.network.lost)
        self.network.lose_answers = False
        self._js("window.dispatchEvent(new Event('online'));")
        self._until("!document.querySelector('.o_service_waiting')", "all sent")
        with self._visit_now() as visit:
            self._check_the_job(visit)

    def _check_the_job(self, visit):
        """Everything arrived, and once."""
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "done",
                    "outcome": "fixed",
                    "report": "Pump replaced in the cellar",
                }
            ],
        )
        self.assertRecordValues(
            visit.answer_ids,
            [
                {"value_yes_no": "yes", "value_number": 0, "remark": ""},
                {
                    "value_yes_no": False,
                    "value_number": 12.5,
                    "remark": "Sealed, to be watched",
                },
            ],
        )
        operations = visit.env["service.operation"].search(
            [("visit_id", "=", visit.id)]
        )
        self.assertEqual(operations.mapped("state"), ["applied"] * 8)
        kinds = visit.order_id.event_ids.mapped("kind")
        for kind in ("en_route", "on_site", "visit_done"):
            self.assertEqual(kinds.count(kind), 1, kind)

    def test_l12_both_texts_are_shown_and_the_person_chooses(self):
        self._open()
        self._wait_for_worker()
        self._click(f"[data-visit='{self.visit.id}']")
        self._until("document.querySelector('#day_report')")
        self._go_offline()
        self._js("fill('#day_report', 'Mine');")
        self._until("document.querySelector('.o_service_waiting')")
        with self._visit_now() as visit:
            visit.report = "Theirs"
        self._go_online()
        self._js("window.dispatchEvent(new Event('online'));")
        self._until("document.querySelector('.o_service_issue')", "the conflict")
        text = self._js("return document.querySelector('.o_service_issue').innerText;")
        self.assertIn("Mine", text)
        self.assertIn("Theirs", text)
        with self._visit_now() as visit:
            self.assertEqual(visit.report, "Theirs")
        self._click(".o_service_mine")
        self._until("!document.querySelector('.o_service_issue')")
        self._until("!document.querySelector('.o_service_waiting')", "the choice sent")
        with self._visit_now() as visit:
            self.assertEqual(visit.report, "Mine")

    def test_a_visit_taken_away_is_told_and_logging_out_wipes(self):
        self._open()
        self._wait_for_worker()
        with self._visit_now() as visit:
            other = self.technician.with_env(visit.env).copy({"user_id": False})
            visit._set_crew(other)
        self._click(".o_service_day_refresh")
        self._until("document.querySelector('.o_service_removed')", "the tombstone")
        self.assertIn(
            self.job.name,
            self._js("return document.querySelector('.o_service_removed').innerText;"),
        )
        self._click(".o_service_day_logout")
        self._until("window.location.pathname.startsWith('/web/login')", "the login")
        left = self._js(
            "return [(await indexedDB.databases()).map((db) => db.name),"
            " await caches.keys()].flat();"
        )
        self.assertFalse([name for name in left if name.startswith("service")], left)

    def test_logging_out_of_another_page_wipes_too(self):
        self._open()
        self._until("(await indexedDB.databases()).length")
        url = f"http://{HOST}:{self.network.port}/my"
        self.browser._websocket_request(
            "Page.navigate", params={"url": url}, timeout=PATIENCE
        )
        link = "a[href^='/web/session/logout']"
        self._until(f'document.querySelector("{link}")', "the menu of the user")
        self._until(
            "window.odoo?.loader?.modules.get('@service_portal/day/store/day_db')"
        )
        time.sleep(1)  # interactions start after the scripts are there
        self._js(f'document.querySelector("{link}").click();')
        self._until("!window.location.pathname.startsWith('/my')", "logged out")
        names = self._js("return (await indexedDB.databases()).map((db) => db.name);")
        self.assertFalse([n for n in names if n.startswith("service_day")], names)

    def test_the_map_shows_the_visits_of_the_day(self):
        self.customer.write({"partner_latitude": 30.27, "partner_longitude": 120.15})
        self.cr.flush()
        self.cr.clear()
        self._open()
        self._until("document.querySelector('.o_service_day_card')")
        self._click(".o_service_day_tabs .fa-map")
        self._until("document.querySelector('.leaflet-container')", "the map")
        self._until("document.querySelector('.leaflet-marker-icon')", "the marker")

    def test_the_session_ends_and_nothing_is_lost(self):
        self._open()
        self._wait_for_worker()
        self._click(f"[data-visit='{self.visit.id}']")
        self._until("document.querySelector('#day_report')")
        self.browser._websocket_request("Network.enable")
        cookie = {"name": "session_id", "domain": HOST, "path": "/"}
        self.browser._websocket_request("Network.deleteCookies", params=cookie)
        self._js("fill('#day_report', 'Before signing in again');")
        self._until("document.querySelector(\"a[href^='/web/login']\")", "the login")
        self.assertEqual(self._count_waiting(), 1)
        self.authenticate(
            "test_portal_point", "test_portal_point", browser=self.browser
        )
        self._open()
        self._until("!document.querySelector('.o_service_waiting')", "all sent")
        with self._visit_now() as visit:
            self.assertEqual(visit.report, "Before signing in again")

    def test_the_report_of_the_point_asks_the_same_checklist(self):
        self._open()
        url = f"/my/service/jobs/{self.job.id}/visits/{self.visit.id}/report"
        url = f"http://{HOST}:{self.network.port}{url}"
        self.browser._websocket_request(
            "Page.navigate", params={"url": url}, timeout=PATIENCE
        )
        self._click(f"[data-key='{self.safe}'] [data-option='yes']")
        self._until(
            f"document.querySelector(\"[data-key='{self.safe}'] .btn-primary\")"
        )
        number = f"[data-key='{self.pressure}'] input"
        self._js(f"fill({json.dumps(number)}, '4');")
        self._until("document.querySelector('.o_service_missing') === null")
        with self._visit_now() as visit:
            self.assertEqual(visit.answer_ids.mapped("value_number"), [0, 4])

    def test_the_pages_rules_agree_with_the_engine(self):
        """The same table of cases as engine/checklist.py is held to."""
        path = "service_management/tests/data/checklist_cases.json"
        with file_open(path) as file:
            table = json.load(file)
        self._open()
        answers = self._js(
            f"""
            const table = {json.dumps(table)};
            const module = "@service_management/dispatch/checklist/checklist_rules";
            const {{ evaluate }} = odoo.loader.modules.get(module);
            return table.cases.map((row) => evaluate(table.items, row.answers));
            """
        )
        for case, answer in zip(table["cases"], answers, strict=True):
            with self.subTest(case["name"]):
                self.assertEqual(answer, {name: case[name] for name in answer})
