from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine.cti_event import (
    CtiEvent,
    call_state,
    read_event,
)
from odoo.addons.service_management.models.base.res_partner import (
    MIN_PHONE_DIGITS,
    phone_key,
)
from odoo.addons.service_management.models.order.service_order import FINISHED_STATES

CALL_STATES = [
    ("ringing", "Ringing"),
    ("answered", "Talking"),
    ("ended", "Call Ended"),
    ("missed", "Not Answered"),
]
OUTCOMES = [
    ("reached", "Reached"),
    ("called_again", "Customer Called Again"),
    ("not_reached", "Not Reached"),
    ("wrong_number", "Wrong Number"),
    ("not_needed", "No Call Back Needed"),
]
# After so many tries in vain a call back is over; the customer will call again.
MAX_TRIES = 3
CANDIDATES = 5


class ServiceCall(models.Model):
    """A telephone call with a customer, as the telephone system reported it.

    - The state follows from the events, in whatever order they came and how often.
    - A customer's call that nobody took is to be called back by somebody, by a time.
    - An answered call that belongs to an order is a fact of that order.
    """

    _name = "service.call"
    _description = "Telephone Call"
    _order = "date_start desc, id desc"
    _rec_names_search = ["number", "partner_id.name"]
    _check_company_auto = True

    provider = fields.Char(string="Telephone System", required=True, readonly=True)
    call_key = fields.Char(string="Call ID", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    direction = fields.Selection(
        [("in", "Incoming"), ("out", "Outgoing")], required=True, readonly=True
    )
    # Who
    number = fields.Char(string="Telephone Number", readonly=True)
    number_key = fields.Char(
        compute="_compute_number_key", store=True, precompute=True, index=True
    )
    line = fields.Char(string="Our Number", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", check_company=True
    )
    user_id = fields.Many2one(
        "res.users", string="Agent", readonly=True, index="btree_not_null"
    )
    # How it went
    state = fields.Selection(CALL_STATES, required=True, readonly=True)
    date_start = fields.Datetime(string="Began On", required=True, readonly=True)
    date_answered = fields.Datetime(string="Answered On", readonly=True)
    date_end = fields.Datetime(string="Ended On", readonly=True)
    talk_minutes = fields.Float(
        string="Talk Time (Minutes)", compute="_compute_talk_minutes", store=True
    )
    event_ids = fields.One2many("service.call.event", "call_id", readonly=True)
    # What it was about
    order_id = fields.Many2one(
        "service.order", readonly=True, index="btree_not_null", check_company=True
    )
    is_logged = fields.Boolean(readonly=True)
    # Who calls back
    callback_state = fields.Selection(
        [("open", "To Call Back"), ("done", "Done")], readonly=True
    )
    callback_user_id = fields.Many2one(
        "res.users", string="Calls Back", readonly=True, index="btree_not_null"
    )
    callback_team_id = fields.Many2one(
        "service.team", string="Team That Calls Back", readonly=True
    )
    callback_deadline = fields.Datetime(string="Call Back By", readonly=True)
    callback_tries = fields.Integer(string="Tries", readonly=True)
    callback_outcome = fields.Selection(OUTCOMES, string="Outcome", readonly=True)
    callback_note = fields.Char(string="Note", readonly=True)
    callback_done_at = fields.Datetime(string="Called Back On", readonly=True)
    callback_done_by_id = fields.Many2one(
        "res.users", string="Called Back By", readonly=True
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")

    _call_uniq = models.Constraint(
        "UNIQUE (company_id, provider, call_key)", "This call is known already."
    )
    _callback_actor = models.Constraint(
        "CHECK (callback_state IS NULL OR callback_state <> 'open' OR "
        "(callback_deadline IS NOT NULL AND "
        "COALESCE(callback_user_id, callback_team_id) IS NOT NULL))",
        "A missed call needs somebody who calls back, and a time by which.",
    )
    _callback_idx = models.Index("(callback_deadline) WHERE callback_state = 'open'")

    @api.depends("number")
    def _compute_number_key(self):
        for call in self:
            call.number_key = phone_key(call.number)

    @api.depends("date_answered", "date_end")
    def _compute_talk_minutes(self):
        for call in self:
            if call.date_answered and call.date_end:
                seconds = (call.date_end - call.date_answered).total_seconds()
                call.talk_minutes = max(seconds, 0) / 60
            else:
                call.talk_minutes = 0

    @api.depends("callback_state", "callback_deadline")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for call in self:
            call.is_late = (
                call.callback_state == "open" and call.callback_deadline < now
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("callback_state", "=", "open") & Domain(
            "callback_deadline", "<", fields.Datetime.now()
        )
        return late if True in value else ~late

    @api.depends("number", "partner_id")
    def _compute_display_name(self):
        for call in self:
            call.display_name = (
                call.partner_id.name or call.number or self.env._("Withheld number")
            )

    # Events of the telephone system

    @api.model
    def _receive(self, data) -> dict:
        """Take one event; the answer for the telephone system.

        Whoever calls is an interface or an agent. Repeating an event changes nothing.
        """
        self.env["service.order"]._check_interface()
        event, problems = read_event(data, fields.Datetime.now())
        if problems:
            raise UserError("\n".join(self._explain(problem) for problem in problems))
        # Read before the rules are left behind: they refuse a company of others
        companies = self.env.company | self.env.companies
        # sudo: service.call: made and moved by what the telephone system reports
        calls = self.sudo().with_context(allowed_company_ids=companies.ids)
        agent = calls._find_agent(event)
        call = calls._get_or_create(event, agent)
        is_new = call._add_event(event, agent)
        if is_new:
            call._apply(event, agent)
        return {
            "id": call.id,
            "result": "stored" if is_new else "repeated",
            "state": call.state,
            "agent_known": bool(agent),
            "customer_known": bool(call.partner_id),
        }

    @api.model
    def _explain(self, problem) -> str:
        texts = {
            "unknown_field": self.env._("no such field in an event"),
            "not_text": self.env._("is not a text"),
            "too_long": self.env._("is too long"),
            "missing": self.env._("is missing"),
            "unknown": self.env._("'%(value)s' is not known"),
            "not_a_date": self.env._("'%(value)s' is not a date"),
        }
        return f"{problem.field}: {texts[problem.code] % {'value': problem.value}}"

    @api.model
    def _find_agent(self, event: CtiEvent):
        """The user of the telephone, if it is one of ours."""
        users = self.env["res.users"]
        for field, value in (
            ("login", event.agent),
            ("service_extension", event.extension or event.agent),
            ("service_extension", event.line),
        ):
            if value:
                user = users.search(
                    [
                        (field, "=", value),
                        ("share", "=", False),
                        ("company_ids", "in", self.env.companies.ids),
                    ],
                    limit=1,
                )
                if user:
                    return user
        return users

    @api.model
    def _get_or_create(self, event: CtiEvent, agent):
        companies = self.env.companies
        domain = [
            ("provider", "=", event.provider),
            ("call_key", "=", event.call_id),
            ("company_id", "in", companies.ids),
        ]
        call = self.search(domain, limit=1)
        if call:
            return call
        company = agent.company_id & companies or self.env.company
        return self._create_once(
            {
                "provider": event.provider,
                "call_key": event.call_id,
                "company_id": company.id,
                "direction": event.direction,
                "number": event.number,
                "line": event.line,
                "state": "ringing",
                "date_start": event.at,
                "partner_id": self._recognise(event.number, company)[1].id,
            }
        )

    @api.model
    def _create_once(self, vals, model="service.call"):
        """Two deliveries at once: the second is taken again, and finds the first's."""
        try:
            with self.env.cr.savepoint():
                return self.env[model].create([vals])
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error

    def _add_event(self, event: CtiEvent, agent) -> bool:
        """Whether the event is new."""
        extension = event.own_extension
        if any(
            (known.kind, known.extension) == (event.event, extension)
            for known in self.event_ids
        ):
            return False
        self._create_once(
            {
                "call_id": self.id,
                "kind": event.event,
                "extension": extension,
                "user_id": agent.id,
                "date": event.at,
            },
            "service.call.event",
        )
        return True

    def _apply(self, event: CtiEvent, agent):
        """What follows from all events that are known now."""
        self.ensure_one()
        dates = {}
        for known in self.event_ids:
            dates[known.kind] = min(dates.get(known.kind, known.date), known.date)
        before = self.state
        vals = {
            "state": call_state(dates),
            "date_start": min(dates.values()),
            "date_answered": dates.get("answered", False),
            "date_end": dates.get("hung_up") or dates.get("missed", False),
        }
        if agent and (event.event == "answered" or not self.user_id):
            vals["user_id"] = agent.id
        if event.number and not self.number:
            vals["number"] = event.number
        self.write(vals)
        if self.state in ("answered", "ended"):
            self._settle_callbacks()
            self._log_on_order()
        elif self.state == "missed" and before != "missed" and self.direction == "in":
            self._open_callback()
        self._pop(event, agent)

    # Who is calling

    @api.model
    def _recognise(self, number, company=None) -> tuple:
        """``(candidates, the one it must be or nobody)`` for a telephone number."""
        partners = self.env["res.partner"]
        key = phone_key(number)
        if not key or len(key) < MIN_PHONE_DIGITS:
            return partners, partners
        company = company or self.env.company
        prefix = str(company.country_id.phone_code or "")
        keys = {key, prefix + key, key.removeprefix(prefix)}
        found = partners.search(
            partners._get_phone_keys_domain(keys)
            & Domain("partner_share", "=", True)
            & Domain("company_id", "in", (False, company.id)),
            limit=CANDIDATES,
            order="id",
        )
        roots = found.commercial_partner_id & found
        certain = found if len(found) == 1 else roots if len(roots) == 1 else partners
        return found, certain

    # To the agent's screen

    def _pop(self, event: CtiEvent, agent):
        if agent and self.direction == "in":
            agent._bus_send("service.call", self._prepare_pop(event, agent))

    def _prepare_pop(self, event, agent) -> dict:
        return {
            "id": self.id,
            "event": event.event,
            "number": self.number or "",
            "customer": self.partner_id.complete_name or "",
            "mode": agent.service_call_pop,
        }

    # Missed calls

    def _open_callback(self):
        """Somebody calls back: whose telephone rang, who has the customer's order,
        else the service desk."""
        self.ensure_one()
        order = self._find_open_orders(limit=1)
        team = order.team_id or self.env.ref(
            "service_management.team_service_desk", raise_if_not_found=False
        )
        user = self.user_id or order.user_id
        if not user and not team:
            user = self.env.ref("base.user_admin")
        self.write(
            {
                "callback_state": "open",
                "callback_user_id": user.id,
                "callback_team_id": team.id if team else False,
                "callback_deadline": self._get_callback_deadline(),
            }
        )

    def _get_callback_deadline(self):
        minutes = self.company_id.service_callback_minutes
        return fields.Datetime.now() + timedelta(minutes=minutes)

    def _find_open_orders(self, limit=None):
        if not self.partner_id:
            return self.env["service.order"]
        family = self.partner_id.commercial_partner_id
        return self.env["service.order"].search(
            [
                ("commercial_partner_id", "=", family.id),
                ("state", "not in", ("draft", *FINISHED_STATES)),
                ("company_id", "=", self.company_id.id),
            ],
            order="date_request desc, id desc",
            limit=limit,
        )

    def _settle_callbacks(self):
        """Somebody talks with the customer: earlier missed calls are answered."""
        if not self.number_key:
            return
        missed = self.search(
            [
                ("number_key", "=", self.number_key),
                ("callback_state", "=", "open"),
                ("company_id", "=", self.company_id.id),
            ]
        )
        is_ours = self.direction == "out"
        missed._close_callback("reached" if is_ours else "called_again", self.user_id)

    def _close_callback(self, outcome, user, note=""):
        self.write(
            {
                "callback_state": "done",
                "callback_outcome": outcome,
                "callback_note": note,
                "callback_done_at": fields.Datetime.now(),
                "callback_done_by_id": user.id,
            }
        )

    def _record_callback(self, outcome, note=""):
        """What came of calling back; in vain, it is tried again until ``MAX_TRIES``."""
        self._check_agent()
        # sudo: service.call: the desk writes the outcome and nothing else
        for call in self.sudo():
            if call.callback_state != "open":
                raise UserError(
                    self.env._("%s has been called back already.", call.display_name)
                )
            tries = call.callback_tries + 1
            call.callback_tries = tries
            if outcome == "not_reached" and tries < MAX_TRIES:
                call.write(
                    {
                        "callback_note": note,
                        "callback_outcome": outcome,
                        "callback_deadline": call._get_callback_deadline(),
                    }
                )
            else:
                call._close_callback(outcome, self.env.user, note)

    def _check_agent(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_agent"
        ):
            raise AccessError(self.env._("Calls are the service desk's."))

    # Orders

    def _link_order(self, order):
        """This call was about ``order``; its customer is the order's."""
        self.ensure_one()
        # sudo: service.call: the desk says what a call was about
        call = self.sudo()
        if call.order_id != order:
            call.write({"order_id": order.id, "is_logged": False})
        if order.partner_id and call.partner_id != order.partner_id:
            call.partner_id = order.partner_id
        call._log_on_order()

    def _log_on_order(self):
        """An answered call is a fact of its order; drafts come to have it when they
        are registered. Who calls out about the only open order means that one."""
        self.ensure_one()
        if not self.order_id and self.direction == "out":
            orders = self._find_open_orders(limit=2)
            if len(orders) == 1:
                self.order_id = orders
        order = self.order_id
        if self.is_logged or not self.date_answered or not order:
            return
        if order.state == "draft":
            return
        name = (
            self.env._("Call from %(number)s", number=self.number or "-")
            if self.direction == "in"
            else self.env._("Call to %(number)s", number=self.number or "-")
        )
        order.with_user(self.user_id or self.env.user).sudo()._log_event(
            "call",
            name=name,
            data={"direction": self.direction, "answered": True, "call": self.id},
            date=self.date_answered,
        )
        self.is_logged = True

    def link_order(self, order_id):
        """The desk says that this call was about an order that exists."""
        self.ensure_one()
        self._check_agent()
        order = self.env["service.order"].browse(int(order_id)).exists()
        order.check_access("read")
        if order and self.order_id.state in (False, "draft"):
            self._link_order(order)
        return True

    # Buttons

    def action_open_intake(self):
        """The phone form with this caller."""
        self.ensure_one()
        self._check_agent()
        action = self.env["ir.actions.client"]._for_xml_id(
            "service_management.action_service_intake"
        )
        return action | {"context": {"service_call_id": self.id}}

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "views": [[False, "form"]],
        }

    def action_callback(self):
        """Ask what came of calling back."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_call_callback"
        ) | {"context": {"default_call_ids": self.ids}}

    def action_take_callback(self):
        """I call back."""
        self._check_agent()
        # sudo: service.call: who takes a call back is written by taking it
        self.sudo().write({"callback_user_id": self.env.uid})
        return True
