from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from odoo.addons.service_management.engine import entitlement as engine
from odoo.addons.service_management.models.agreement.service_type_coverage import (
    ENTITLEMENT_KINDS,
    HOURLY_KINDS,
)

from .service_order import FINISHED_STATES

COVERAGE_STATES = [
    ("none", "Not Covered"),
    ("not_needed", "Counts Against No Quota"),
    ("warranty", "In Warranty"),
    ("covered", "Covered by the Contract"),
    ("overage", "Beyond the Quota, at a Price"),
    ("refused", "Quota Used Up"),
    ("excluded", "Excluded by the Contract"),
]
ENTITLEMENT_USES = [
    ("reserved", "Promised"),
    ("consumed", "Used"),
    ("released", "Given Back"),
]
# A change of these after registration is decided, and promised, anew.
COVERAGE_FIELDS = {
    "partner_id",
    "type_id",
    "asset_id",
    "category_id",
    "symptom_id",
    "condition_id",
    "date_fault",
    "contract_id",
    "priority",
    "entitlement_kind",
    "entitlement_quantity",
}
NO_DECISION = {
    "coverage_state": "none",
    "coverage_reasons": False,
    "coverage_price": 0.0,
    "entitlement_id": False,
    "entitlement_period_id": False,
}
DESK_GROUPS = (
    "service_management.group_service_agent,service_management.group_service_quality"
)


class ServiceOrder(models.Model):
    """What covers an order, what is left of it, and what it costs otherwise.

    - Shown while the request is still a draft, before anybody promises anything.
    - Registering promises it: the quantity is reserved in the entitlement's ledger.
    - Finishing the work uses it; cancelling gives it back.

    The decision is ``engine.entitlement.decide``; all here works on sets and costs as
    many queries for a hundred orders as for one.
    """

    _inherit = "service.order"

    entitlement_kind = fields.Selection(
        ENTITLEMENT_KINDS,
        string="Counts As",
        compute="_compute_entitlement_kind",
        store=True,
        readonly=False,
        precompute=True,
        help="What the order takes from the customer's contract.",
    )
    entitlement_quantity = fields.Float(
        string="Quantity",
        digits=(16, 2),
        compute="_compute_entitlement_quantity",
        store=True,
        readonly=False,
        precompute=True,
        help="Visits or calls, hours for consulting: expected when it is promised, "
        "really used when the work is done.",
    )
    entitlement_id = fields.Many2one(
        "service.entitlement",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups=DESK_GROUPS,
    )
    entitlement_period_id = fields.Many2one(
        "service.entitlement.period",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups=DESK_GROUPS,
    )
    entitlement_held = fields.Float(
        string="Quantity Promised",
        digits=(16, 2),
        copy=False,
        readonly=True,
        groups=DESK_GROUPS,
    )
    entitlement_use = fields.Selection(
        ENTITLEMENT_USES, copy=False, readonly=True, groups=DESK_GROUPS
    )
    coverage_state = fields.Selection(
        COVERAGE_STATES, string="Coverage", default="none", readonly=True, copy=False
    )
    coverage_reasons = fields.Json(
        string="Coverage Decision", readonly=True, copy=False, groups=DESK_GROUPS
    )
    coverage_price = fields.Monetary(
        string="Charged",
        readonly=True,
        copy=False,
        groups=DESK_GROUPS,
        help="What the customer pays for what the contract does not cover.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    charge_line_id = fields.Many2one(
        "sale.order.line",
        string="Charged On",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups=DESK_GROUPS,
        help="The sales line that bills what the contract does not cover.",
    )
    # As people read it; for a draft, what registering would decide
    coverage_view = fields.Json(
        compute="_compute_coverage_view", groups=DESK_GROUPS, string="Coverage Panel"
    )
    coverage_note = fields.Text(
        string="Coverage Reasons", compute="_compute_coverage_view", groups=DESK_GROUPS
    )
    entitlement_entry_ids = fields.One2many(
        "service.entitlement.entry", "order_id", copy=False, groups=DESK_GROUPS
    )

    @api.depends("type_id")
    def _compute_entitlement_kind(self):
        for order in self:
            order.entitlement_kind = order.type_id.entitlement_kind

    @api.depends("type_id", "entitlement_kind")
    def _compute_entitlement_quantity(self):
        for order in self:
            order.entitlement_quantity = (
                order.type_id.duration or 1.0
                if order.entitlement_kind in HOURLY_KINDS
                else 1.0
            )

    @api.depends(
        "state", "coverage_state", "coverage_reasons", "coverage_price",
        "entitlement_use", *COVERAGE_FIELDS, "commercial_partner_id",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_coverage_view(self):
        drafts = self.filtered(lambda order: order.state == "draft")
        decided = drafts._preview_coverage()
        for order in self:
            if order in drafts:
                vals = decided.get(order, {"coverage_state": "none"})
            else:
                # sudo: service.order: the fields are for those who may see the panel
                vals = {
                    name: order.sudo()[name]
                    for name in ("coverage_state", "coverage_reasons", "coverage_price")
                }
            order.coverage_view = order._prepare_coverage_view(vals)
            order.coverage_note = "\n".join(
                reason["text"] for reason in order.coverage_view["reasons"]
            )

    def write(self, vals):
        changes = COVERAGE_FIELDS & vals.keys()
        before = self._read_coverage_facts(changes) if changes else {}
        result = super().write(vals)
        if before:
            after = self._read_coverage_facts(changes)
            changed = self.filtered(
                lambda order: before.get(order.id, ()) != after.get(order.id, ())
            )
            changed._renew_coverage()
        return result

    def _read_coverage_facts(self, names) -> dict:
        """The facts of orders whose promise still stands, before or after a change."""
        return {
            order.id: tuple(order[name] for name in sorted(names))
            for order in self
            if order.state not in ("draft", *FINISHED_STATES)
        }

    def action_view_contract(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.contract",
            "res_id": self.contract_id.id,
            "view_mode": "form",
        }

    # The decision

    def _find_contracts(self):
        """The contract that covers an order is the one that serves it best."""
        self._decide_coverage()
        return super()._find_contracts()

    def _decide_coverage(self, kinds=None):
        """Decide for each order what covers it, and keep it with its reasons.

        :param kinds: kinds of entitlement, best first, instead of the order's own
        """
        decided = self._preview_coverage(kinds, settle=True)
        columns = {name: [] for name in NO_DECISION}
        orders, contracts = self.browse(), {}
        for order in self:
            vals = NO_DECISION | decided.get(order, {})
            if vals == NO_DECISION and order.coverage_state == "none":
                continue
            orders += order
            contract_id = vals.pop("contract_id", False)
            if contract_id and contract_id != order.contract_id.id:
                contracts.setdefault(contract_id, []).append(order.id)
            for name, column in columns.items():
                column.append(vals[name])
        if not any(columns["coverage_price"]) and not any(
            order.coverage_price for order in orders.sudo()
        ):
            # An amount that is written asks for its currency
            del columns["coverage_price"]
        for name, column in columns.items():
            orders._assign_each(name, column)
        for contract_id, ids in contracts.items():
            # sudo: service.order: whose contract it is follows from the decision
            self.browse(ids).sudo()._link_contract(contract_id)

    def _link_contract(self, contract_id):
        """The contract of these orders; what it promises in time follows from it."""
        drafts = self.filtered(lambda order: order.state == "draft")
        drafts._assign_each("contract_id", [contract_id] * len(drafts))
        if registered := self - drafts:
            registered.write({"contract_id": contract_id})

    def _get_entitlement_kinds(self) -> tuple:
        """Hook: the kinds that would do for the order, the best first.

        An urgent visit wants the same day; without that an ordinary visit will do.
        """
        self.ensure_one()
        kind = self.entitlement_kind
        if not kind:
            return ()
        if kind == "on_site" and self.priority == "3":
            return ("same_day", "on_site")
        return (kind,)

    def _get_coverage_day(self):
        """Hook: the day whose period an order counts in; the day of the promise."""
        return self.company_id._get_service_day(self._get_moment())

    def _preview_coverage(self, kinds=None, settle=False) -> dict:
        """Order → the values that a decision now would write, without writing any."""
        orders = self.filtered("partner_id")
        covers, periods = orders._get_covers(settle)
        paid = orders._get_paid_by_warranty()
        requests = [
            (
                order._prepare_coverage_request(kinds, paid[order]),
                covers.get(order, ()),
            )
            for order in orders
        ]
        decisions = engine.allocate(requests)
        return {
            order: order._prepare_coverage_vals(decision, periods)
            for order, decision in zip(orders, decisions, strict=True)
        }

    def _prepare_coverage_request(self, kinds, in_warranty) -> engine.Request:
        self.ensure_one()
        path = self.category_id.parent_path or ""
        faults = self.symptom_id + self.condition_id
        return engine.Request(
            kinds=tuple(kinds or self._get_entitlement_kinds()),
            day=self._get_coverage_day(),
            quantity=self.entitlement_quantity or 1.0,
            type_id=self.type_id._origin.id,
            asset_id=self.asset_id._origin.id,
            category_ids=frozenset(int(part) for part in path.split("/") if part),
            fault_ids=frozenset(faults._origin.ids),
            in_warranty=in_warranty,
        )

    def _get_covers(self, settle=False):
        """What the contracts of the customers offer to each order.

        :param settle: roll over first what is left of periods that have ended
        :return: order → ``engine.entitlement.Cover`` list; period id → period
        """
        # sudo: service.contract, service.entitlement: read to decide, whoever asks
        contracts_sudo = (
            self.env["service.contract"]
            .sudo()
            .search_fetch(
                Domain(
                    "commercial_partner_id",
                    "in",
                    self.commercial_partner_id._origin.ids,
                )
                & Domain("state", "=", "active"),
                order="date_end, id",
            )
        )
        if not contracts_sudo:
            return {}, {}
        days = {order: order._get_coverage_day() for order in self}
        if settle:
            # The night's run may not have been there yet
            self.env["service.entitlement"]._close_periods(
                min(days.values()), Domain("contract_id", "in", contracts_sudo.ids)
            )
        first = min(*days.values(), *contracts_sudo.mapped("date_end"))
        last = max(*days.values(), *contracts_sudo.mapped("date_start"))
        periods_sudo = (
            self.env["service.entitlement.period"]
            .sudo()
            .search_fetch(
                [
                    ("contract_id", "in", contracts_sudo.ids),
                    ("date_start", "<=", last),
                    ("date_end", ">=", first),
                ]
            )
        )
        by_contract = periods_sudo.grouped("contract_id")
        by_customer = contracts_sudo.grouped("commercial_partner_id")
        made = {period.id: period._prepare_cover() for period in periods_sudo}
        covers = {}
        for order in self:
            customer = order.commercial_partner_id._origin
            chosen = order.contract_id._origin
            found = []
            for contract in by_customer.get(customer, ()):
                if chosen and contract != chosen:
                    continue
                if contract.company_id and contract.company_id != order.company_id:
                    continue
                if not contract._is_covering(order.asset_id._origin, order.date_fault):
                    continue
                day = min(max(days[order], contract.date_start), contract.date_end)
                for period in by_contract.get(contract, ()):
                    if period.date_start <= day <= period.date_end:
                        found.append(_spanning(made[period.id], days[order]))
            covers[order] = found
        return covers, {period.id: period for period in periods_sudo}

    def _prepare_coverage_vals(self, decision, periods) -> dict:
        """A decision as field values; its reasons as data that can be explained."""
        self.ensure_one()
        by_entitlement = {
            period.entitlement_id.id: period for period in periods.values()
        }
        reasons = [
            self._prepare_coverage_reason(reason, by_entitlement.get(reason.key))
            for reason in decision.reasons
        ]
        vals = {
            "coverage_state": decision.state,
            "coverage_reasons": reasons
            if decision.cover or reasons[0]["code"] != "no_contract"
            else False,
            "coverage_price": decision.price or self._get_price_otherwise(decision),
        }
        if decision.cover:
            period = periods[decision.cover.period]
            vals |= {
                "entitlement_id": period.entitlement_id.id,
                "entitlement_period_id": period.id,
                "contract_id": period.contract_id.id,
            }
        return vals

    def _get_price_otherwise(self, decision) -> float:
        """What a service that nothing covers is sold for."""
        if decision.state not in ("none", "refused", "excluded"):
            return 0.0
        return self._get_list_price()

    def _get_list_price(self) -> float:
        # sudo: product.product: its price is for the desk to tell
        product = self.type_id.sudo().charge_product_id
        return product.lst_price * (
            self.entitlement_quantity or 1.0
            if self.entitlement_kind in HOURLY_KINDS
            else 1.0
        )

    def _prepare_coverage_reason(self, reason, period) -> dict:
        data = {"code": reason.code}
        if period:
            entitlement = period.entitlement_id
            data |= {
                "contract": period.contract_id.code,
                "kind": entitlement.kind,
                "left": reason.left,
                "granted": period.granted,
                "unlimited": period.is_unlimited,
                "start": period.date_start.isoformat(),
                "end": period.date_end.isoformat(),
                "price": entitlement.overage_price
                if entitlement.overage == "charge"
                else False,
                "note": (
                    entitlement.exclusion_note
                    if reason.code.startswith("excluded")
                    else entitlement.refusal
                    if reason.code == "used_up" and entitlement.overage == "refuse"
                    else False
                )
                or False,
            }
        return data

    # In words

    def _prepare_coverage_view(self, vals) -> dict:
        """What the coverage panel shows.

        :param vals: ``coverage_state``, ``coverage_reasons``, ``coverage_price``
        :return: ``{state, label, reasons: [{code, text, note}], meter, price,
            otherwise}``; ``meter`` is ``{left, granted, end}`` of the quota that serves
        """
        self.ensure_one()
        labels = dict(self._fields["coverage_state"]._description_selection(self.env))
        state = vals.get("coverage_state") or "none"
        reasons = vals.get("coverage_reasons") or []
        served = next(
            (
                reason
                for reason in reasons
                if reason["code"] in ("covered", "overage", "used_up")
            ),
            None,
        )
        price = vals.get("coverage_price") or 0.0
        otherwise = self._get_list_price() if state in ("covered", "warranty") else 0.0
        return {
            "state": state,
            "label": labels[state],
            "reasons": [
                {
                    "code": reason["code"],
                    "text": self._describe_coverage(reason),
                    "note": reason.get("note") or "",
                }
                for reason in reasons
            ]
            or [{"code": state, "text": self._describe_no_contract(), "note": ""}],
            "meter": {
                "left": served["left"],
                "granted": served["granted"],
                "end": served["end"],
            }
            if served and not served["unlimited"]
            else False,
            "price": self._format_price(price),
            "otherwise": self._format_price(otherwise),
        }

    def _format_price(self, amount) -> str:
        currency = self.company_id.currency_id or self.env.company.currency_id
        return formatLang(self.env, amount, currency_obj=currency) if amount else ""

    def _describe_charge(self) -> str:
        """What the customer reads on the line that charges the order."""
        self.ensure_one()
        return self.env._(
            "%(order)s: %(type)s, beyond the quota of %(contract)s",
            order=self.name,
            type=self.type_id.name,
            contract=self.contract_id.code,
        )

    def _describe_no_contract(self) -> str:
        if not self.partner_id:
            return self.env._("Choose the customer to see what is covered.")
        # sudo: service.contract: whether there is one, not what is in it
        if not self.asset_id and self.env["service.contract"].sudo().search_count(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id._origin.ids),
                ("state", "=", "active"),
                ("asset_ids", "!=", False),
            ],
            limit=1,
        ):
            return self.env._(
                "The customer's contract is for certain assets: choose the asset."
            )
        return self.env._("The customer has no contract that covers this.")

    def _describe_coverage(self, reason) -> str:
        """One sentence for the person who has to explain the answer."""
        kinds = dict(self._fields["entitlement_kind"]._description_selection(self.env))
        known = {
            "contract": reason.get("contract") or "",
            "kind": kinds.get(reason.get("kind"), ""),
            "left": f"{reason.get('left') or 0:g}",
            "granted": f"{reason.get('granted') or 0:g}",
            "end": format_date(self.env, reason.get("end")) or "",
            "price": self._format_price(reason.get("price") or 0.0),
        }
        match reason["code"]:
            case "covered":
                return self.env._(
                    "%(contract)s covers it: %(kind)s, %(left)s of %(granted)s left "
                    "until %(end)s, before this one.",
                    **known,
                )
            case "unlimited":
                return self.env._(
                    "%(contract)s covers it: %(kind)s, without limit.", **known
                )
            case "overage":
                return self.env._(
                    "%(contract)s: %(kind)s beyond the quota costs %(price)s each.",
                    **known,
                )
            case "used_up":
                return self.env._(
                    "%(contract)s: %(kind)s, %(left)s of %(granted)s left until "
                    "%(end)s, which is not enough.",
                    **known,
                )
            case "excluded_product":
                return self.env._(
                    "%(contract)s: %(kind)s excludes this product.", **known
                )
            case "excluded_fault":
                return self.env._(
                    "%(contract)s: %(kind)s excludes this fault.", **known
                )
            case "other_asset":
                return self.env._(
                    "%(contract)s: %(kind)s is for other assets.", **known
                )
            case "other_type":
                return self.env._(
                    "%(contract)s: %(kind)s is for other service types.", **known
                )
            case "warranty":
                return self.env._(
                    "The warranty pays for it: nothing is taken from a contract."
                )
            case "not_needed":
                return self.env._("This service counts against no quota.")
            case "no_entitlement":
                return self.env._("No contract of the customer includes this service.")
            case _:
                return self._describe_no_contract()


def _spanning(cover, day):
    """``cover`` for an order whose day lies just outside its contract.

    The fault was in time and the promise a day late, or the contract begins tomorrow:
    the order counts in the nearest period.
    """
    if day > cover.end:
        return replace(cover, end=day)
    if day < cover.start:
        return replace(cover, start=day)
    return cover
