"""Pictures of the product's pages, for people who look at them and for the docs.

Drives Chromium through its DevTools socket (package websocket-client, which the
browser tests need anyway), logs in once for each user, and takes every named page in
every language and width into ``docs/images/``:

    python tests/journeys/screenshots.py --url http://localhost:8069
    python tests/journeys/screenshots.py --pages intake board --langs en_US --widths 390

File names: ``<page>-<language>-<width>.png``. Exit code 1 when a page does not show
what it should, or logs an error.
"""

import argparse
import base64
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import websocket

OUT = Path(__file__).resolve().parents[2] / "docs" / "images"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
]
PHONE = 500
PATIENCE = 20


@dataclass(frozen=True)
class Page:
    """Where a page is, for whom, what shows that it is there, what to do first.

    ``{model}`` in the path is replaced by the id of a record: ``record`` is a model
    and a domain. ``script`` is JavaScript run before the picture (may be async).
    """

    path: str
    login: str = "manager"
    ready: str = ".o_action_manager .o_view_controller"
    record: tuple | None = None
    script: str = ""


HELPERS = """
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (selector) => {
    for (let i = 0; i < 100; i++) {
        const el = document.querySelector(selector);
        if (el) return el;
        await wait(100);
    }
    throw new Error("not found: " + selector);
};
const type = async (selector, text) => {
    const el = await until(selector);
    el.focus();
    el.value = text;
    el.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
const clickButton = async (name) => {
    await until(".o_statusbar_buttons button");
    if (!document.querySelector(`button[name=${name}]`)) {
        // On a phone the further buttons are in a menu.
        document.querySelector(".o_statusbar_buttons .dropdown-toggle").click();
    }
    (await until(`button[name=${name}]`)).click();
};
const press = (selector, key) =>
    document.querySelector(selector).dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })
    );
"""
SEARCH = ".o_service_intake_search input"
# The greeting of the chat robot covers a corner of whatever is open first.
WITHOUT_CHAT = """
    document.querySelectorAll(".o-mail-ChatWindow").forEach(
        (chat) => (chat.style.display = "none")
    );
"""

PAGES = {
    "intake": Page("/odoo/phone-intake", "agent", ".o_service_intake_start"),
    "intake-search": Page(
        "/odoo/phone-intake",
        "agent",
        ".o_service_combobox_list.show .dropdown-item",
        script=f'await type("{SEARCH}", "5550");',
    ),
    "intake-call": Page(
        "/odoo/phone-intake",
        "agent",
        ".o_service_intake_customer",
        script=f"""
            await type("{SEARCH}", "Hotel");
            await until(".o_service_combobox_list.show .dropdown-item");
            press("{SEARCH}", "Enter");
            await until(".o_service_intake_customer");
            await wait(500);
        """,
    ),
    "board": Page("/odoo/service-board", ready=".o_kanban_record"),
    "dispatch-board": Page(
        "/odoo/dispatch-board",
        "dispatcher",
        ".o_board_visit, .o_board_card",
        script=WITHOUT_CHAT
        + """
            document.querySelector(".o_board_visit.o_board_planned")?.click();
            await wait(400);
        """,
    ),
    "dispatch-board-order": Page(
        "/odoo/dispatch-board",
        "dispatcher",
        ".o_board_details",
        script=WITHOUT_CHAT
        + """
            (await until("[data-days='3']")).click();
            (await until(".o_board_card")).click();
            await wait(1500);
        """,
    ),
    "coverage-map": Page(
        "/odoo/coverage-map",
        "dispatcher",
        ".o_service_coverage_side .nav-tabs",
        script=WITHOUT_CHAT,
    ),
    "coverage-check": Page(
        "/odoo/action-service_management.action_service_coverage_check",
        "dispatcher",
        "[name=line_ids] .o_data_row, [name=line_ids] .o_kanban_record",
        script=WITHOUT_CHAT
        + """
            await type("[name=address] input", "浙江省杭州市西湖区文三路 1 号");
            document
                .querySelector("[name=address] input")
                .dispatchEvent(new Event("change", { bubbles: true }));
            await until("[name=line_ids] :is(.o_data_row, .o_kanban_record)");
            await wait(800);
        """,
    ),
    "day": Page("/my/service/day", "technician", ".o_service_day_card"),
    "day-visit": Page(
        "/my/service/day",
        "technician",
        ".o_service_checklist",
        script="""
            (await until(".o_service_day_card")).click();
            await until(".o_service_checklist");
        """,
    ),
    "day-checklist": Page(
        "/my/service/day",
        "technician",
        ".o_service_checklist",
        script="""
            (await until(".o_service_day_card")).click();
            (await until(".o_service_checklist")).scrollIntoView();
            await wait(300);
        """,
    ),
    "visit-checklist": Page(
        "/odoo/service-visits/{id}",
        "dispatcher",
        ".o_service_checklist",
        record=("service.visit", [["state", "=", "on_site"]]),
        script=WITHOUT_CHAT,
    ),
    "checklist": Page(
        "/odoo/action-service_management.action_service_checklist/{id}",
        ready=".o_data_row",
        record=("service.checklist", [["category_id", "!=", False]]),
        script=WITHOUT_CHAT,
    ),
    "orders": Page("/odoo/service-orders", ready=".o_data_row, .o_kanban_record"),
    "order": Page(
        "/odoo/service-orders/{id}",
        ready=".o_service_timeline_event",
        record=("service.order", [["state", "in", ["scheduled", "in_progress"]]]),
    ),
    "order-timeline": Page(
        "/odoo/service-orders/{id}",
        ready=".o_service_timeline_event",
        record=("service.order", [["state", "=", "closed"]]),
        script="""
            (await until(".o_service_timeline_event")).scrollIntoView();
        """,
    ),
    "order-clocks": Page(
        "/odoo/service-orders/{id}",
        ready=".o_service_clock",
        record=("service.order", [["sla_state", "in", ["at_risk", "breached"]]]),
    ),
    "service-level": Page(
        "/odoo/service-level", ready=".o_pivot table", script=WITHOUT_CHAT
    ),
    "sla-policy": Page(
        "/odoo/service-level-policies/{id}",
        ready=".o_form_view .o_data_row",
        record=("service.sla.policy", [["target_ids.metric", "=", "update"]]),
        script=WITHOUT_CHAT,
    ),
    "at-risk": Page(
        "/odoo/service-orders-at-risk", ready=".o_list_renderer, .o_kanban_renderer"
    ),
    "progress": Page(
        "/odoo/service-orders/{id}",
        ready=".o_service_progress_visit",
        record=(
            "service.order",
            [["state", "in", ["scheduled", "in_progress", "accepted"]]],
        ),
        script="""
            (await until(".nav-link[name=progress]")).click();
            (await until(".o_service_progress")).scrollIntoView();
        """,
    ),
    "workflow": Page(
        "/odoo/action-service_management.action_service_workflow_version/{id}",
        ready=".o_service_designer .djs-shape",
        record=(
            "service.workflow.version",
            [["workflow_id.code", "=", "repair"], ["state", "=", "published"]],
        ),
    ),
    "designer": Page(
        "/odoo/service-workflows/{id}",
        ready=".o_service_designer .djs-shape",
        record=("service.workflow", [["code", "=", "incident"]]),
        script="""
            (await until("button[name=action_edit]")).click();
            await until(".o_service_designer .djs-shape");
            const step = document.querySelectorAll(".o_service_step")[3];
            if (step) step.click();
        """,
    ),
    "dispatch": Page(
        "/odoo/service-orders/{id}",
        "dispatcher",
        ".modal .o_service_reason",
        record=(
            "service.order",
            [["state", "=", "new"], ["type_id.visit_required", "=", True]],
        ),
        script="await clickButton('action_open_dispatch');",
    ),
    "visit-plan": Page(
        "/odoo/service-orders/{id}",
        "dispatcher",
        ".modal [name=technician_ids]",
        record=("service.order", [["state", "=", "accepted"]]),
        script="await clickButton('action_open_plan');",
    ),
    "order-calendar": Page(
        "/odoo/service-orders?view_type=calendar",
        ready=".o_calendar_renderer, .o_kanban_renderer",
    ),
    "analysis": Page("/odoo/service-order-analysis", ready=".o_graph_renderer canvas"),
    "batch-dispatch": Page(
        "/odoo/service-batch-dispatch/{id}",
        "manager",
        ".o_form_view [name=line_ids] .o_data_row, [name=line_ids] .o_kanban_record",
        ("service.dispatch.run", []),
    ),
    "visit-plans": Page("/odoo/service-visit-plans", "dispatcher", ".o_data_row"),
    "visit-plan-proposed": Page(
        "/odoo/service-visit-plans/{id}",
        "dispatcher",
        ".o_form_view [name=line_ids] .o_data_row, [name=line_ids] .o_kanban_record",
        ("service.planning.run", [["state", "=", "proposed"], ["mode", "=", "day"]]),
        script=WITHOUT_CHAT,
    ),
    "standby-plan": Page(
        "/odoo/service-visit-plans/{id}",
        "dispatcher",
        ".o_form_view [name=mode]",
        ("service.planning.run", [["mode", "=", "standby"]]),
        script=WITHOUT_CHAT,
    ),
    "standby": Page(
        "/odoo/action-service_management.action_service_standby",
        "dispatcher",
        ".o_calendar_renderer",
        script=WITHOUT_CHAT,
    ),
    "points": Page(
        "/odoo/action-service_management.action_service_point",
        "dispatcher",
        ".o_kanban_record",
    ),
    "network-tree": Page(
        "/odoo/service-network", "manager", ".o_service_point_tree tbody tr"
    ),
    "point-campaigns": Page(
        "/odoo/action-service_management.action_service_point_campaign",
        "manager",
        ".o_list_view",
    ),
    "point": Page(
        "/odoo/action-service_management.action_service_point/{id}",
        "manager",
        ".o_form_view .oe_stat_button",
        ("service.point", [["kind", "=", "centre"]]),
        script=WITHOUT_CHAT,
    ),
    "point-documents": Page(
        "/odoo/action-service_management.action_service_point_document",
        "manager",
        ".o_data_row, .o_kanban_record",
    ),
    "applications": Page(
        "/odoo/action-service_management.action_service_point_application",
        "manager",
        ".o_kanban_view, .o_list_view",
    ),
    "scorecards": Page(
        "/odoo/service-scorecards", "manager", ".o_data_row, .o_kanban_record"
    ),
    "scorecard": Page(
        "/odoo/service-scorecards/{id}",
        "manager",
        ".o_form_view [name=line_ids] .o_data_row, [name=line_ids] .o_kanban_record",
        ("service.scorecard", [["point_id", "!=", False]]),
        script=WITHOUT_CHAT,
    ),
    "waiting": Page(
        "/odoo/service-dispatch", ready=".o_list_renderer, .o_kanban_renderer"
    ),
    "offers": Page(
        "/odoo/service-offers", ready=".o_list_renderer, .o_kanban_renderer"
    ),
    "offer": Page(
        "/odoo/service-offers/{id}",
        ready=".o_service_reason",
        record=("service.offer", [["state", "in", ["offered", "accepted"]]]),
    ),
    "visits": Page(
        "/odoo/service-visits", ready=".o_calendar_renderer, .o_kanban_renderer"
    ),
    "visit": Page(
        "/odoo/service-visits/{id}",
        ready=".o_form_view",
        record=("service.visit", [["state", "in", ["on_site", "planned"]]]),
    ),
    "work": Page("/odoo/my-service-work", "agent", ".o_kanban_renderer"),
    "requests": Page(
        "/odoo/service-requests",
        "agent",
        ".o_data_row, .o_kanban_record",
    ),
    "missed-calls": Page(
        "/odoo/missed-service-calls", "agent", ".o_data_row, .o_kanban_record"
    ),
    "call-intake": Page(
        "/odoo/missed-service-calls/{id}",
        "agent",
        ".o_service_intake_caller",
        record=(
            "service.call",
            [["callback_state", "=", "open"], ["partner_id", "!=", False]],
        ),
        script="await clickButton('action_open_intake');",
    ),
    "duplicates": Page(
        "/odoo/service-duplicates", "agent", ".o_data_row, .o_kanban_record"
    ),
    "merge": Page(
        "/odoo/service-duplicates",
        "agent",
        ".modal .o_data_row, .modal .o_kanban_record",
        script="""
            (await until(".o_data_row .o_data_cell, .o_kanban_record")).click();
        """,
    ),
    "import-requests": Page(
        "/odoo/import-service-requests/{id}",
        "agent",
        ".o_form_view .o_data_row, .o_form_view .o_kanban_record",
        record=("service.request.import", []),
    ),
    "webhook": Page(
        "/odoo/service-webhooks/{id}",
        ready=".o_form_view",
        record=("service.webhook", [["active", "in", [True, False]]]),
    ),
    "work-overdue": Page(
        "/odoo/service-overdue", ready=".o_list_renderer, .o_kanban_renderer"
    ),
    "escalation": Page(
        "/odoo/service-orders/{id}",
        ready=".o_service_timeline_event",
        record=("service.order", [["escalation_step_ids.outcome", "=", "fired"]]),
        script="""
            (await until(".o_service_timeline_event")).scrollIntoView();
        """,
    ),
    "escalations": Page(
        "/odoo/service-escalations", ready=".o_data_row, .o_kanban_record"
    ),
    "escalation-rules": Page("/odoo/service-escalation-rules", ready=".o_data_row"),
    "jobs": Page("/odoo/service-jobs", ready=".o_data_row, .o_kanban_record"),
    "handover-template": Page(
        "/odoo/service-handover-templates/{id}",
        ready=".o_form_view",
        record=("service.handover.template", []),
    ),
    "assets": Page("/odoo/service-assets", ready=".o_data_row, .o_kanban_record"),
    "asset": Page(
        "/odoo/service-assets/{id}",
        ready=".o_form_view",
        record=("service.asset", []),
    ),
    "parts-picture": Page(
        "/odoo/service-orders/{id}",
        login="agent",
        ready=".o_service_part_row.o_lit",
        record=(
            "service.order",
            [["state", "=", "accepted"], ["product_id.default_code", "=", "LY-XQG100"]],
        ),
        script="""
            (await until(".nav-link[name=part_need]")).click();
            (await until("button[name=action_view_part_diagrams]")).click();
            (await until(".o_service_part_marker[data-key]:nth-of-type(5)")).click();
        """,
    ),
    "parts-picture-visit": Page(
        "/odoo/service-visits/{id}",
        login="technician",
        ready=".o_service_part_row",
        record=("service.visit", [["state", "=", "on_site"]]),
        script="""
            (await until(".nav-link[name=parts]")).click();
            (await until("button[name=action_view_part_diagrams]")).click();
        """,
    ),
    "portal-parts-picture": Page(
        "/my/service/assets/{id}",
        login="customer",
        ready=".o_service_part_row",
        record=("service.asset", [["name", "ilike", "CoolFresh"]]),
        script="""
            (await until(".o_service_part_diagram")).scrollIntoView();
        """,
    ),
    "parts-picture-edit": Page(
        "/odoo/service-parts-pictures/{id}",
        ready=".o_service_part_marker",
        record=("service.part.diagram", []),
    ),
    "parts-pictures": Page("/odoo/service-parts-pictures", ready=".o_kanban_record"),
    "contract": Page(
        "/odoo/service-contracts/{id}",
        ready=".o_data_row",
        record=("service.contract", [["code", "=", "FW-10021"]]),
    ),
    "entitlement": Page(
        "/odoo/service-entitlements/{id}",
        ready=".o_data_row",
        record=(
            "service.entitlement",
            [["contract_id.code", "=", "FW-10021"], ["kind", "=", "inspection"]],
        ),
    ),
    "entitlement-ledger": Page(
        "/odoo/service-entitlement-ledger", ready=".o_data_row, .o_kanban_record"
    ),
    "contract-templates": Page(
        "/odoo/service-contract-templates/{id}",
        ready=".o_data_row",
        record=("service.contract.template", [["name", "ilike", "Gold"]]),
    ),
    "order-covered": Page(
        "/odoo/service-orders/{id}",
        ready=".o_service_coverage",
        record=("service.order", [["coverage_state", "=", "covered"]]),
        script="""
            (await until(".o_service_coverage")).scrollIntoView({ block: "center" });
        """,
    ),
    "preventive-calendar": Page(
        "/odoo/service-plan-calendar",
        ready=".o_calendar_renderer, .o_kanban_renderer, .o_list_renderer",
        script="""
            await until(".o_calendar_renderer, .o_kanban_renderer");
            document.querySelector(".o_calendar_button_next")?.click();
            await wait(1000);
        """,
    ),
    "preventive-plan": Page(
        "/odoo/service-plans/{id}",
        ready=".o_data_row",
        record=("service.plan", [["contract_id", "!=", False]]),
    ),
    "intake-coverage": Page(
        "/odoo/phone-intake",
        "agent",
        ".o_service_coverage",
        script=f"""
            await type("{SEARCH}", "Minglan");
            await until(".o_service_combobox_list.show .dropdown-item");
            press("{SEARCH}", "Enter");
            await until(".o_service_intake_customer");
            document.querySelector("input[name=intake_asset]").click();
            (await until(".o_service_coverage")).scrollIntoView({{ block: "center" }});
            await wait(300);
        """,
    ),
    "contracts": Page(
        "/odoo/service-contracts", ready=".o_list_renderer, .o_kanban_renderer"
    ),
    "settlement-month-end": Page(
        "/odoo/settlement-month-end", "accountant", ".o_service_cockpit_card"
    ),
    "settlement-disputes": Page(
        "/odoo/action-service_settlement.action_service_settlement_dispute",
        "accountant",
        ".o_data_row",
    ),
    "settlement-reconciliation": Page(
        "/odoo/action-service_settlement.action_service_settlement_reconciliation",
        "accountant",
        ".o_data_row",
    ),
    "settlement-portal": Page(
        "/my/settlements/{id}",
        "partner",
        "form[action$='/confirm']",
        record=("service.settlement", [["state", "=", "disputed"]]),
    ),
    "settlement": Page(
        "/odoo/action-service_settlement.action_service_settlement/{id}",
        "accountant",
        ".o_form_view",
        record=("service.settlement", [["state", "in", ["billed", "paid"]]]),
    ),
    "orders-to-charge": Page(
        "/odoo/action-service_settlement.action_service_order_to_charge", "accountant"
    ),
    "order-charge": Page(
        "/odoo/action-service_management.action_service_order/{id}",
        "accountant",
        ".o_form_view",
        record=("service.order", [["charge_state", "=", "to_charge"]]),
        script=WITHOUT_CHAT
        + """
            document.querySelector("[name=charge_state]")?.scrollIntoView();
        """,
    ),
    "order-cost": Page(
        "/odoo/action-service_management.action_service_order/{id}",
        "accountant",
        ".o_form_view",
        record=("service.order", [["charge_state", "=", "invoiced"]]),
        script=WITHOUT_CHAT
        + """
            (await until(".o_notebook [name=cost]")).click();
            await wait(300);
            document.querySelector("[name=cost_total]")?.scrollIntoView();
        """,
    ),
    "charge-quote": Page(
        "/odoo/action-service_management.action_service_order/{id}",
        "accountant",
        ".modal .o_form_view",
        record=("service.order", [["state", "in", ["accepted", "scheduled"]]]),
        script=WITHOUT_CHAT
        + """
            await clickButton("action_open_charge_quote");
            await until(".modal .o_list_view, .modal .o_field_x2many_kanban");
        """,
    ),
    "collections": Page(
        "/odoo/action-service_settlement.action_service_collection", "accountant"
    ),
    "margin": Page(
        "/odoo/action-service_settlement.action_service_margin_report", "accountant"
    ),
    "claim": Page(
        "/odoo/action-service_settlement.action_service_claim/{id}",
        "accountant",
        ".o_form_view",
        record=("service.claim", [["state", "!=", "unpriced"]]),
    ),
    "mail-quarantine": Page(
        "/odoo/service-mail-quarantine", "agent", ".o_data_row, .o_kanban_record"
    ),
    "mail-quarantined": Page(
        "/odoo/service-mail-quarantine/{id}",
        "agent",
        ".o_form_view .alert",
        record=("service.inbox.message", [["state", "=", "quarantine"]]),
    ),
    "mail": Page("/odoo/service-mail", "agent", ".o_data_row, .o_kanban_record"),
    "mail-order": Page(
        "/odoo/service-orders/{id}",
        "agent",
        ".o-mail-Message",
        record=(
            "service.order",
            [["channel", "=", "email"], ["description", "like", "Refrigerator"]],
        ),
        script="""
            (await until(".o-mail-Message")).scrollIntoView();
        """,
    ),
    "mailbox": Page(
        "/odoo/service-mailboxes/{id}",
        ready=".o_form_view",
        record=("service.inbox", []),
    ),
    "portal-requests": Page("/my/service/orders", "customer", "#wrap"),
    "portal-request": Page(
        "/my/service/orders/{id}",
        "customer",
        ".o_service_facts",
        record=("service.order", [["state", "in", ["scheduled", "done"]]]),
    ),
    "portal-new-request": Page("/my/service/orders/new", "customer", "#wrap form"),
    "portal-offers": Page("/my/service/offers", "partner", "#wrap"),
    "portal-apply": Page("/service/apply", "partner", "#wrap form"),
    "portal-point": Page("/my/service/point", "partner", "#wrap form"),
    "portal-jobs": Page("/my/service/jobs", "partner", "#wrap"),
}


class PageError(Exception):
    """The page did not become what it should be."""


def shorten(text):
    """The line of an error that says what is wrong."""
    lines = text.strip().splitlines() or [""]
    causes = [line for line in lines if line.startswith("Caused by")]
    return (causes or lines)[-1 if causes else 0].strip()


class Odoo:
    """The few calls to the server that pictures need, for one user."""

    def __init__(self, url, database, login, password):
        self.url = url
        self.cookie = ""
        self.lang = "en_US"
        answer = self.call(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.uid = answer["uid"]

    def call(self, path, params):
        request = urllib.request.Request(
            self.url + path,
            json.dumps({"jsonrpc": "2.0", "params": params}).encode(),
            {"Content-Type": "application/json", "Cookie": self.cookie},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            found = re.search(
                r"session_id=[^;]+", response.headers.get("Set-Cookie", "")
            )
            self.cookie = found.group() if found else self.cookie
            answer = json.load(response)
        if "error" in answer:
            raise PageError(answer["error"]["data"]["message"])
        return answer["result"]

    def model(self, model, method, *args, **kwargs):
        return self.call(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def set_lang(self, lang):
        self.lang = lang
        self.model("res.users", "write", [self.uid], {"lang": lang})


class Browser:
    """One Chromium, one tab, spoken to through DevTools."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="screenshots-")
        self.process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.counter = itertools.count(1)
        self.errors = []
        self.socket = websocket.create_connection(self._get_tab(), timeout=60)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def _get_tab(self):
        port_file = Path(self.folder) / "DevToolsActivePort"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if port_file.exists() and port_file.read_text().count("\n"):
                port = port_file.read_text().splitlines()[0]
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                    tabs = [tab for tab in json.load(answer) if tab["type"] == "page"]
                if tabs:
                    return tabs[0]["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise PageError("Chromium did not open its port")

    def send(self, method, **params):
        number = next(self.counter)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise PageError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._note(message)

    def _note(self, message):
        params = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            thrown = details.get("exception", {}).get("description", "")
            self.errors.append(shorten(thrown or details["text"]))
        elif (
            message.get("method") == "Runtime.consoleAPICalled"
            and params["type"] == "error"
        ):
            words = [str(arg.get("value", "")) for arg in params["args"]]
            self.errors.append(shorten(" ".join(words)))

    def run(self, expression):
        answer = self.send(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]["exception"]["description"]
            raise PageError(shorten(thrown))
        return answer["result"].get("value")

    def wait_for(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.run(f"Boolean({condition})"):
                return
            time.sleep(0.1)
        raise PageError(f"never saw {what}")

    def open(self, url, cookie, width, lang="en_US"):
        self.errors.clear()
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=844 if width < PHONE else 900,
            deviceScaleFactor=2 if width < PHONE else 1,
            mobile=width < PHONE,
        )
        # Where the demonstration's people are
        self.send("Emulation.setTimezoneOverride", timezoneId="Asia/Shanghai")
        name, value = cookie.split("=", 1)
        self.send("Network.setCookie", name=name, value=value, url=url)
        # Portal pages follow a cookie of the browser, not the language of the user.
        self.send("Network.setCookie", name="frontend_lang", value=lang, url=url)
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'", "a loaded page")

    def shoot(self, path):
        picture = self.send("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(picture["data"]))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def take(browser, odoo, page, width, path):
    """One picture; what is wrong with the page, as text, or nothing."""
    address = page.path
    if page.record:
        model, domain = page.record
        found = odoo.model(model, "search", domain, limit=1)
        if not found:
            raise PageError(f"no record of {model}")
        address = address.format(id=found[0])
    browser.open(odoo.url + address, odoo.cookie, width, odoo.lang)
    if page.script:
        browser.run(f"(async () => {{ {HELPERS} {page.script} }})()")
    browser.wait_for(f"document.querySelector({json.dumps(page.ready)})", page.ready)
    time.sleep(0.8)  # pictures, fonts and transitions
    browser.shoot(path)
    wide = browser.run("document.documentElement.scrollWidth > innerWidth + 1")
    problems = list(browser.errors)
    if browser.run("document.body.innerText.includes('css error')"):
        problems.append("the style sheet does not compile")
    if wide:
        problems.append("the page is wider than the window")
    return "; ".join(problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument("--db", default="service")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--pages", nargs="+", default=list(PAGES), choices=PAGES)
    parser.add_argument("--langs", nargs="+", default=["en_US", "zh_CN"])
    parser.add_argument("--widths", nargs="+", type=int, default=[1440, 390])
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    args = parser.parse_args()

    args.out.mkdir(parents=True, exist_ok=True)
    users, failed = {}, 0
    browser = Browser(args.chromium)
    try:
        for lang, name in itertools.product(args.langs, args.pages):
            page = PAGES[name]
            if page.login not in users:
                users[page.login] = Odoo(args.url, args.db, page.login, page.login)
            odoo = users[page.login]
            odoo.set_lang(lang)
            for width in args.widths:
                path = args.out / f"{name}-{lang}-{width}.png"
                try:
                    problem = take(browser, odoo, page, width, path)
                except PageError as error:
                    # How it looks instead is what helps.
                    browser.shoot(path)
                    problem = "; ".join([str(error), *browser.errors])
                failed += bool(problem)
                sys.stdout.write(f"{path.name}: {problem or 'ok'}\n")
                sys.stdout.flush()
    finally:
        browser.close()
        for odoo in users.values():
            odoo.set_lang("en_US")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
