"""Calls, a request that came in twice, and a spreadsheet: told through the product."""

import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import file_open

from .service_demo import QUIET

PROVIDER = "demo"
EXTENSIONS = {"agent": "201", "dispatcher": "202"}
SHEET = "service_management/static/examples/requests_en.csv"


def ago(minutes):
    return fields.Datetime.now() - timedelta(minutes=minutes)


class ServiceDemo(models.AbstractModel):
    _inherit = "service.demo"

    @api.model
    def _load_channels(self):
        """What the telephone system reported, and what came in by other ways."""
        calls = self.env["service.call"]
        if calls.search_count([("provider", "=", PROVIDER)]):
            return
        company = self.env.ref("base.main_company")
        self = self.with_company(company).with_context(lang=None, **QUIET)
        for login, extension in EXTENSIONS.items():
            user = self.env.ref(f"service_management.demo_user_{login}")
            user.service_extension = extension
        orders = self._get_waiting_orders()
        self._play_calls(orders)
        self._file_twice(orders)
        self._read_sheet()

    @api.model
    def _get_waiting_orders(self):
        """New orders of customers who can be called, the latest first."""
        return self.env["service.order"].search(
            [
                ("state", "=", "new"),
                ("partner_id.phone", "!=", False),
                ("asset_id", "!=", False),
                ("channel", "!=", "email"),
            ],
            order="date_request desc, id desc",
            limit=3,
        )

    @api.model
    def _play_calls(self, orders):
        customers = orders.partner_id.mapped("phone")
        heard = orders[0].date_request
        self._play("c1", heard, customers[0], "201", ("ringing", "answered", "hung_up"))
        talked = self.env["service.call"].search(
            [("provider", "=", PROVIDER), ("call_key", "=", "c1")]
        )
        talked._link_order(orders[0])
        # Nobody was at the telephone
        self._play("c2", ago(75), customers[-1], "202", ("ringing", "hung_up"))
        self._play("c3", ago(12), "+86 142 5550 0999", "201", ("ringing", "missed"))
        self._play("c4", ago(6), customers[0], "", ("missed",))

    @api.model
    def _play(self, key, begin, number, extension, events):
        for step, event in enumerate(events):
            self.env["service.call"]._receive(
                {
                    "provider": PROVIDER,
                    "call_id": key,
                    "event": event,
                    "from": number,
                    "extension": extension,
                    "at": (begin + timedelta(seconds=40 * step)).isoformat(),
                }
            )
        call = self.env["service.call"].search(
            [("provider", "=", PROVIDER), ("call_key", "=", key)]
        )
        if call.callback_state == "open":
            limit = timedelta(minutes=call.company_id.service_callback_minutes)
            call.callback_deadline = begin + limit

    @api.model
    def _file_twice(self, orders):
        """The web shop passes on what its customer has already told us."""
        order = orders[0]
        twin = self.env["service.order"].with_context(default_user_id=False)
        twin._create_from_channel(
            [
                {
                    "channel": "api",
                    "source_key": "demo:web-20817",
                    "partner_id": order.partner_id.id,
                    "asset_id": order.asset_id.id,
                    "type_id": order.type_id.id,
                    "symptom_id": order.symptom_id.id,
                    "description": order.description,
                    "date_request": order.date_request + timedelta(minutes=35),
                }
            ]
        )
        pairs = self.env["service.order.duplicate"]
        pairs._propose(
            self.env["service.order"].search([("state", "in", ("draft", "new"))])
        )

    @api.model
    def _read_sheet(self):
        with file_open(SHEET, "rb") as sample:
            content = sample.read()
        agent = self.env.ref("service_management.demo_user_agent")
        record = self.env["service.request.import"].create(
            [
                {
                    "file": base64.b64encode(content),
                    "file_name": "requests.csv",
                    "user_id": agent.id,
                }
            ]
        )
        record.action_read()
