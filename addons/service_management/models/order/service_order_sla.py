from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_management.engine import sla_clock
from odoo.addons.service_management.models.agreement.service_sla_target import METRICS

from .service_order_hours import ServiceHours

SLA_STATES = [
    ("none", "No Promise"),
    ("on_track", "On Track"),
    ("at_risk", "At Risk"),
    ("breached", "Overdue"),
    ("met", "Met"),
    ("missed", "Missed"),
]
# A change of these may mean another promise
PROMISE_FIELDS = {
    "type_id",
    "priority",
    "contract_id",
    "partner_id",
    "asset_id",
    "product_id",
    "category_id",
    "site_id",
    "team_id",
    "company_id",
    "date_request",
}


class ServiceOrder(models.Model):
    """The service-level clocks of an order.

    - They begin when the request is registered, at the time it was made.
    - Whatever happens afterwards, they are read from the order's log again: one
      statement for the log, one for the clocks, one for the order, for any number of
      orders. Stored figures are therefore always what the log says.
    - A change of the promise is an event itself, with the old and the new target.
    """

    _inherit = "service.order"

    sla_clock_ids = fields.One2many(
        "service.sla.clock", "order_id", string="Service Level", copy=False
    )
    sla_state = fields.Selection(
        SLA_STATES,
        string="Service Level Status",
        default="none",
        readonly=True,
        copy=False,
        help="At risk: the warning time of a running clock has passed. Overdue: its "
        "due time.",
    )
    sla_due_at = fields.Datetime(
        string="Next Promise Due",
        readonly=True,
        copy=False,
        help="The earliest due time of the running clocks.",
    )
    sla_metric = fields.Selection(
        METRICS,
        string="Next Promise",
        compute="_compute_sla_metric",
        help="What the running clock that is due first has promised.",
    )

    _sla_queue_idx = models.Index(
        "(sla_due_at) WHERE sla_state IN ('on_track', 'at_risk', 'breached')"
    )

    @api.depends("sla_due_at", "sla_clock_ids.state", "sla_clock_ids.due_at")
    def _compute_sla_metric(self):
        for order in self:
            running = order.sla_clock_ids.filtered(
                lambda clock: clock.state == "running" and clock.due_at
            )
            order.sla_metric = running.sorted("due_at")[:1].metric

    # Promise

    def _promise(self) -> dict[int, dict[str, dict]]:
        """``{order id: {metric: columns}}``: what is promised now, with the reasons."""
        policies = self.env["service.sla.policy"]
        result = {}
        # sudo: service.order: what is promised follows from the order, not from who
        # acts on it
        for order in self.sudo():
            policy_id, source = order._get_sla_source()
            if not policy_id:
                result[order.id] = {}
                continue
            policy = policies._get_compiled(policy_id)
            hours = order._get_service_hours(policy)
            result[order.id] = {
                metric: {
                    "order_id": order.id,
                    "company_id": order.company_id.id,
                    "metric": metric,
                    "policy_id": policy_id,
                    **self._prepare_promise(policy.name, source, target, hours),
                }
                for metric, target in policy.choose(order._get_sla_wanted()).items()
            }
        return result

    def _prepare_promise(
        self, name: str, source: str, target: sla_clock.Target, hours: ServiceHours
    ) -> dict:
        calendar_id = 0 if target.is_always else hours.calendar_id
        reasons = {
            "policy": name,
            "source": source,
            "conditions": list(target.conditions),
            "hours": "always" if target.is_always else hours.source,
        }
        if hours.skipped and not target.is_always:
            reasons["skipped"] = hours.skipped
        return {
            "target_id": target.key,
            "target_minutes": target.seconds // 60,
            "warn_minutes": target.warn // 60,
            "calendar_id": calendar_id or None,
            "zone": (hours.zone if calendar_id else None) or None,
            "reasons": reasons,
        }

    # Clocks

    def _start_clocks(self):
        """Clocks for orders that have just been registered."""
        promised = {order: rows for order, rows in self._promise().items() if rows}
        if promised:
            orders = self.browse(promised)
            # To an order that is made and registered in one go nothing has happened yet
            facts = {} if self._is_filed() else None
            orders._write_clocks({}, promised, facts)

    def _measure_clocks(self):
        """Read the clocks of the orders from their logs again."""
        clocks = self.env["service.sla.clock"]._read_rows(self.ids)
        if clocks:
            self.browse(clocks)._write_clocks(clocks, clocks)

    def _renew_clocks(self, reason):
        """Promise anew what is still open, keeping elapsed time and pauses.

        Each change is an event with both promises; figures are then read from the log.

        :param reason: a short code of what changed, for the event
        """
        registered = self.filtered(lambda order: order.state != "draft")
        if not registered:
            return
        Clock = self.env["service.sla.clock"]
        before = Clock._read_rows(registered.ids)
        promised = registered._promise()
        changed, dropped = {}, []
        for order_id, rows in promised.items():
            old = before.get(order_id, {})
            for metric, row in old.items():
                if row["state"] in ("met", "missed"):
                    # What has ended was promised as it was
                    rows[metric] = row
                elif metric not in rows:
                    dropped.append(row["id"])
            changes = {
                metric: {"from": _get_term(old.get(metric)), "to": _get_term(row)}
                for metric, row in rows.items()
                if _get_term(old.get(metric)) != _get_term(row)
            }
            if changes and old:
                changed[order_id] = {"reason": reason, "terms": changes}
        Clock._delete_rows(dropped)
        self._log_clock_events(
            "clock_retargeted",
            [
                (order_id, self._describe_promise(data["terms"]), None, data)
                for order_id, data in changed.items()
            ],
        )
        registered._write_clocks(before, promised)

    def _describe_promise(self, changes) -> str:
        """``Resolution: 8 h → 4 h`` for each metric that changed."""
        field = self.env["service.sla.clock"]._fields["metric"]
        labels = dict(field._description_selection(self.env))
        return "; ".join(
            f"{labels[metric]}: "
            + " → ".join(
                f"{change[side]['minutes'] / 60:g} h" if change[side] else "-"
                for side in ("from", "to")
            )
            for metric, change in changes.items()
        )

    def _write_clocks(self, before, promised, facts=None):
        """Measure and store the clocks of ``promised``, in a constant number of
        statements.

        :param before: ``{order id: {metric: stored row}}``
        :param promised: ``{order id: {metric: row with the promise}}``
        :param facts: what was read of the log, if it was
        """
        Clock = self.env["service.sla.clock"]
        if facts is None:
            facts = self._read_clock_facts()
        # sudo: service.order: when it was asked for
        starts = {order.id: order.date_request for order in self.sudo()}
        new, moved, broken = [], [], []
        for order_id, rows in promised.items():
            for metric, row in rows.items():
                old = before.get(order_id, {}).get(metric)
                clock = self._measure(row, starts[order_id], facts.get(order_id, ()))
                values = {name: row.get(name) for name in _PROMISED}
                values |= Clock._to_row(clock)
                self._mark_measured(values, old, order_id, broken)
                if old is None:
                    new.append(values)
                elif any(values[name] != old[name] for name in values):
                    moved.append(values | {"id": old["id"]})
        Clock._insert_rows(new)
        Clock._update_rows(moved)
        self._follow_clocks()
        self._log_broken(broken)
        moments = [
            row[name]
            for row in (*new, *moved)
            if row["state"] == "running"
            for name, mark in (("warn_at", "is_warned"), ("breach_at", "is_breached"))
            if row[name] and not row[mark]
        ]
        if moments:
            Clock._arm(min(moments))

    def _measure(self, row, start, facts) -> sla_clock.Clock:
        """The clock that the log gives for a row's promise."""
        policy = self.env["service.sla.policy"]._get_compiled(row["policy_id"])
        metric = row["metric"]
        signals = sla_clock.read_log(
            metric,
            start,
            [fact.as_fact(self._get_engine_term) for fact in facts],
            policy.rules,
        )
        first = next(
            (
                fact.data["terms"][metric]["from"]
                for fact in facts
                if fact.kind == "clock_retargeted" and metric in fact.data["terms"]
            ),
            None,
        )
        return sla_clock.run(signals, self._get_engine_term(first or _get_term(row)))

    def _get_engine_term(self, term) -> sla_clock.Term:
        calendar = self.env["resource.calendar"]._get_service_calendar(
            term["calendar"], term["zone"] or ""
        )
        return sla_clock.Term(term["minutes"] * 60, term["warn"] * 60, calendar)

    def _mark_measured(self, values, old, order_id, broken):
        """Whether a measured clock is at risk or overdue.

        A running clock is only marked by the job, which tells whoever must know, and
        unmarked where its new due time is still to come. One that stopped or stands is
        marked here, and its breach becomes an event now.
        """
        # sudo: service.order: the order's own time
        now = self.browse(order_id).sudo()._get_moment()
        was_breached = bool(old and old["is_breached"])
        was_warned = bool(old and old["is_warned"])
        if values["state"] == "running":
            breach_at, warn_at = values["breach_at"], values["warn_at"]
            values["is_breached"] = bool(was_breached and breach_at and breach_at < now)
            values["is_warned"] = bool(was_warned and warn_at and warn_at <= now)
        else:
            elapsed = values["elapsed_minutes"]
            over = values["state"] == "missed" or elapsed > values["target_minutes"]
            values["is_breached"] = over
            values["is_warned"] = over or elapsed >= values["warn_minutes"]
            if over and not was_breached:
                broken.append((order_id, values))
        values["is_stale"] = False

    def _log_broken(self, broken):
        """Events for promises that were found broken as something else happened."""
        self._log_clock_events(
            "sla_breached",
            [
                (
                    order_id,
                    "",
                    values["breach_at"] or values["stopped_at"],
                    {
                        "metric": values["metric"],
                        "episode": values["episode"],
                        "due_at": fields.Datetime.to_string(values["due_at"]) or None,
                        "target_minutes": values["target_minutes"],
                    },
                )
                for order_id, values in broken
            ],
        )

    def _log_clock_events(self, kind, facts):
        """Append (order id, name, date, data) facts of ``kind``, all at once."""
        if not facts:
            return
        # sudo: service.order, service.order.event: a fact about the order, whoever
        # acted on it
        orders = self.browse([order_id for order_id, *__ in facts]).sudo()
        events = orders.env["service.order.event"].create(
            [
                {
                    "order_id": order.id,
                    "kind": kind,
                    "name": name,
                    "data": data,
                    "date": date or order._get_moment(),
                    "user_id": self.env.uid,
                }
                for order, (__, name, date, data) in zip(orders, facts, strict=True)
            ]
        )
        orders._on_events(events)

    def _follow_clocks(self):
        """The order's own columns follow its clocks: status, next and promised time."""
        if not self.ids:
            return
        self.flush_recordset(["date_due", "sla_state", "sla_due_at"])
        self.env.execute_query(
            SQL(
                """
                UPDATE service_order o
                   SET sla_state = COALESCE(c.sla_state, 'none'),
                       sla_due_at = c.next_due,
                       date_due = CASE WHEN c.resolves THEN c.resolution_due
                                       ELSE o.date_due END
                  FROM (
                    SELECT i.id AS order_id,
                           CASE
                             WHEN bool_or(c.state IN ('running', 'paused')
                                          AND c.is_breached) THEN 'breached'
                             WHEN bool_or(c.state IN ('running', 'paused')
                                          AND c.is_warned) THEN 'at_risk'
                             WHEN bool_or(c.state IN ('running', 'paused'))
                               THEN 'on_track'
                             WHEN bool_or(c.state = 'missed') THEN 'missed'
                             WHEN count(c.id) > 0 THEN 'met'
                           END AS sla_state,
                           min(c.due_at) FILTER (WHERE c.state = 'running') AS next_due,
                           bool_or(c.metric = 'resolution') AS resolves,
                           min(c.due_at) FILTER (WHERE c.metric = 'resolution')
                             AS resolution_due
                      FROM unnest(%(ids)s) AS i(id)
                 LEFT JOIN service_sla_clock c ON c.order_id = i.id
                  GROUP BY i.id
                  ) c
                 WHERE o.id = c.order_id
                   AND (o.sla_state, o.sla_due_at, o.date_due) IS DISTINCT FROM (
                       COALESCE(c.sla_state, 'none'), c.next_due,
                       CASE WHEN c.resolves THEN c.resolution_due ELSE o.date_due END)
             RETURNING o.id
                """,
                ids=list(self.ids),
            )
        )
        self.invalidate_recordset(
            ["sla_state", "sla_due_at", "date_due", "sla_clock_ids"], flush=False
        )
        self.env["service.sla.clock"].invalidate_model(flush=False)

    # The log

    def _read_clock_facts(self) -> dict[int, list["ClockFact"]]:
        """The events of the orders that clocks listen to, in their order."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_id, kind, date, data, is_public
                  FROM service_order_event
                 WHERE order_id = ANY(%s) AND kind = ANY(%s)
              ORDER BY order_id, date, id
                """,
                list(self.ids),
                list(sla_clock.KINDS),
            )
        )
        result: dict[int, list[ClockFact]] = {}
        for order_id, kind, date, data, is_public in rows:
            result.setdefault(order_id, []).append(
                ClockFact(kind, date, data or {}, is_public)
            )
        return result


class ClockFact:
    """An event of an order, on its way to the engine."""

    __slots__ = ("data", "date", "is_public", "kind")

    def __init__(self, kind, date, data, is_public):
        self.kind, self.date, self.data = kind, date, data
        self.is_public = is_public

    def as_fact(self, get_term) -> sla_clock.Fact:
        data = self.data
        terms = None
        if self.kind == "clock_retargeted":
            terms = {
                metric: get_term(change["to"])
                for metric, change in data["terms"].items()
                if change["from"] and change["to"]
            }
        return sla_clock.Fact(
            self.kind,
            self.date,
            data.get("metrics"),
            data.get("key") or "",
            is_answer(self.kind, data, self.is_public),
            terms,
        )


def is_answer(kind: str, data: dict, is_public: bool) -> bool:
    """Whether a person of the service wrote to the customer, or spoke with them.

    A message that the customer does not see is no answer, and neither is one that
    nobody has written.
    """
    by_staff = "staff" in (data.get("by"), data.get("author"))
    if kind == "call":
        return by_staff or bool(data.get("answered"))
    return by_staff and bool(is_public)


# What of a row is the promise; the rest is measured
_PROMISED = (
    "order_id",
    "company_id",
    "metric",
    "policy_id",
    "target_id",
    "calendar_id",
    "zone",
    "target_minutes",
    "warn_minutes",
    "reasons",
)


def _get_term(row) -> dict | None:
    """The promise of a row as the log keeps it."""
    return row and {
        "minutes": row["target_minutes"],
        "warn": row["warn_minutes"],
        "calendar": row["calendar_id"] or 0,
        "zone": row["zone"] or "",
    }
