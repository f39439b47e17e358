import json
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_management.engine import sla_clock

BATCH_SIZE = 1000
# What a statement writes about a clock, and the type it has in the database
COLUMNS = {
    "order_id": "int4",
    "company_id": "int4",
    "metric": "varchar",
    "state": "varchar",
    "policy_id": "int4",
    "target_id": "int4",
    "calendar_id": "int4",
    "zone": "varchar",
    "target_minutes": "int4",
    "warn_minutes": "int4",
    "reasons": "jsonb",
    "started_at": "timestamp",
    "running_since": "timestamp",
    "paused_at": "timestamp",
    "pause_keys": "jsonb",
    "stopped_at": "timestamp",
    "warn_at": "timestamp",
    "due_at": "timestamp",
    "breach_at": "timestamp",
    "elapsed_minutes": "float8",
    "late_minutes": "float8",
    "episode": "int4",
    "misses": "int4",
    "is_warned": "bool",
    "is_breached": "bool",
    "is_stale": "bool",
}


# Written once: statements are put together for every order that is registered
_NAMES = SQL(", ".join(COLUMNS))
_TYPES = SQL(", ".join(f"{name} {kind}" for name, kind in COLUMNS.items()))
_SETS = SQL(", ".join(f"{name} = t.{name}" for name in COLUMNS))


class ServiceSlaClock(models.Model):
    """How clocks are kept: in statements over sets, whatever the number of orders."""

    _inherit = "service.sla.clock"

    order_id = fields.Many2one(
        "service.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    # As it stands now
    elapsed_now = fields.Float(
        string="Passed (Minutes)",
        compute="_compute_now",
        help="Working time that has passed until now.",
    )
    late_now = fields.Float(string="Late (Minutes)", compute="_compute_now")
    pause_text = fields.Char(string="Waiting For", compute="_compute_pause_text")

    _order_metric_uniq = models.Constraint(
        "UNIQUE (order_id, metric)", "An order has one clock of a metric."
    )

    @api.depends("metric", "order_id")
    def _compute_display_name(self):
        labels = dict(self._fields["metric"]._description_selection(self.env))
        for clock in self:
            clock.display_name = (
                f"{clock.order_id.display_name}: {labels.get(clock.metric)}"
            )

    @api.depends("elapsed_minutes", "running_since", "state", "late_minutes")
    def _compute_now(self):
        now = fields.Datetime.now()
        calendars = self.env["resource.calendar"]
        for clock in self:
            elapsed = clock.elapsed_minutes
            if clock.running_since:
                calendar = calendars._get_service_calendar(
                    clock.calendar_id.id or 0, clock.zone or ""
                )
                elapsed += calendar.elapsed(clock.running_since, now) / 60
            clock.elapsed_now = elapsed
            if clock.state in ("met", "missed"):
                clock.late_now = clock.late_minutes
            else:
                clock.late_now = max(elapsed - clock.target_minutes, 0)

    @api.depends("pause_keys")
    def _compute_pause_text(self):
        for clock in self:
            keys = clock.pause_keys if clock.state == "paused" else None
            clock.pause_text = ", ".join(key for key in keys or () if key)

    # Rows in and out, one statement each

    @api.model
    def _read_rows(self, order_ids) -> dict[int, dict[str, dict]]:
        """``{order id: {metric: row}}``, each row a dict of ``COLUMNS`` and ``id``."""
        if not order_ids:
            return {}
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM service_sla_clock WHERE order_id = ANY(%s)",
                SQL("id, %s", _NAMES),
                list(order_ids),
            )
        )
        result: dict[int, dict[str, dict]] = {}
        for row in rows:
            result.setdefault(row["order_id"], {})[row["metric"]] = row
        return result

    @api.model
    def _insert_rows(self, rows):
        if rows:
            self.env.execute_query(
                SQL(
                    "INSERT INTO service_sla_clock (%(names)s) SELECT %(names)s "
                    "FROM jsonb_to_recordset(%(rows)s) AS t(%(types)s) RETURNING id",
                    names=_NAMES,
                    rows=json.dumps(rows, default=_to_json),
                    types=_TYPES,
                )
            )

    @api.model
    def _update_rows(self, rows):
        if rows:
            self.env.execute_query(
                SQL(
                    "UPDATE service_sla_clock c SET %(sets)s "
                    "FROM jsonb_to_recordset(%(rows)s) AS t(id int4, %(types)s) "
                    "WHERE c.id = t.id RETURNING c.id",
                    sets=_SETS,
                    rows=json.dumps(rows, default=_to_json),
                    types=_TYPES,
                )
            )

    @api.model
    def _delete_rows(self, ids):
        if ids:
            self.env.execute_query(
                SQL(
                    "DELETE FROM service_sla_clock WHERE id = ANY(%s) RETURNING id",
                    list(ids),
                )
            )

    # What time brings

    @api.model
    def _cron_run(self):
        self.env["service.job"]._run("sla_clocks", self._run_due)

    @api.model
    def _run_due(self):
        """Mark what has come due, measure anew what is stale, be there for the next."""
        commit = self.env["ir.cron"]._commit_progress
        while count := self._mark_passed():
            if not commit(count):
                break
        while stale := self._find_stale():
            self.env["service.order"].browse(stale)._renew_clocks("changed")
            if not commit(len(stale)):
                break
        self._arm(self._get_next_moment())

    @api.model
    def _mark_passed(self, now: datetime | None = None, limit=BATCH_SIZE) -> int:
        """Mark the running clocks whose warning or due time has passed; how many.

        A statement each, with the event and the order's colour. It reads only clocks
        that have newly come due, whatever the number of open orders, and passes over
        those that somebody else is changing: they come with the next run.
        """
        now = now or fields.Datetime.now()
        breached = self._mark(
            SQL(
                "c.state = 'running' AND c.is_breached IS NOT TRUE "
                "AND c.breach_at < %s",
                now,
            ),
            SQL.identifier("breach_at"),
            SQL("is_breached = TRUE, is_warned = TRUE"),
            "sla_breached",
            "breached",
            limit,
        )
        warned = self._mark(
            SQL(
                "c.state = 'running' AND c.is_warned IS NOT TRUE AND c.warn_at <= %s",
                now,
            ),
            SQL.identifier("warn_at"),
            SQL("is_warned = TRUE"),
            "sla_warned",
            "at_risk",
            limit,
        )
        return max(breached, warned)

    def _mark(self, condition, moment, sets, kind, colour, limit) -> int:
        rows = self.env.execute_query(
            SQL(
                """
                WITH due AS (
                    SELECT c.id
                      FROM service_sla_clock c
                      JOIN service_order o ON o.id = c.order_id
                     WHERE %(condition)s
                  ORDER BY c.%(moment)s
                     LIMIT %(limit)s
                       FOR NO KEY UPDATE SKIP LOCKED
                ), marked AS (
                    UPDATE service_sla_clock c SET %(sets)s
                      FROM due WHERE c.id = due.id
                 RETURNING c.id, c.order_id, c.metric, c.episode, c.due_at,
                           c.target_minutes, c.%(moment)s AS moment
                ), coloured AS (
                    UPDATE service_order o SET sla_state = %(colour)s
                      FROM (SELECT DISTINCT order_id FROM marked) m
                     WHERE o.id = m.order_id
                       AND (%(colour)s = 'breached' OR o.sla_state = 'on_track')
                )
                INSERT INTO service_order_event
                       (order_id, kind, date, data, is_public)
                SELECT order_id, %(kind)s, moment, jsonb_build_object(
                           'clock', id, 'metric', metric, 'episode', episode,
                           'due_at', due_at, 'target_minutes', target_minutes
                       ), FALSE
                  FROM marked
             RETURNING id, order_id, (data ->> 'clock')::int
                """,
                condition=condition,
                moment=moment,
                sets=sets,
                kind=kind,
                colour=colour,
                limit=limit,
            )
        )
        if not rows:
            return 0
        event_ids, order_ids, clock_ids = zip(*rows, strict=True)
        orders = self.env["service.order"].browse(dict.fromkeys(order_ids))
        clocks = self.browse(clock_ids)
        clocks.invalidate_recordset(["is_breached", "is_warned"], flush=False)
        orders.invalidate_recordset(["sla_state", "event_ids"], flush=False)
        orders._on_events(self.env["service.order.event"].browse(event_ids))
        self._on_marked(clocks, kind)
        return len(rows)

    def _on_marked(self, clocks, kind):
        """Hook: ``clocks`` were marked; ``kind`` is sla_warned or sla_breached."""

    @api.model
    def _find_stale(self) -> list[int]:
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT order_id FROM (SELECT order_id FROM service_sla_clock "
                "WHERE is_stale ORDER BY id LIMIT %s) t",
                BATCH_SIZE,
            )
        )
        return [order_id for (order_id,) in rows]

    # When the job is wanted next

    @api.model
    def _get_next_moment(self):
        """The next warning or due time of any running clock, from two index heads."""
        [(moment,)] = self.env.execute_query(
            SQL(
                """
                SELECT LEAST(
                    (SELECT MIN(warn_at) FROM service_sla_clock
                      WHERE state = 'running' AND is_warned IS NOT TRUE),
                    (SELECT MIN(breach_at) FROM service_sla_clock
                      WHERE state = 'running' AND is_breached IS NOT TRUE)
                )
                """
            )
        )
        return moment

    @api.model
    def _arm(self, moment):
        """Have the job run at ``moment``, unless it runs before that anyway."""
        if not moment:
            return
        # By its cached id: most of the time it is armed already
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "service_management.ir_cron_sla"
        )
        moment = max(moment, fields.Datetime.now()) + timedelta(seconds=59)
        moment = moment.replace(second=0, microsecond=0)
        [(armed,)] = self.env.execute_query(
            SQL(
                "SELECT EXISTS (SELECT FROM ir_cron_trigger "
                "WHERE cron_id = %s AND call_at > %s AND call_at <= %s)",
                cron_id,
                fields.Datetime.now(),
                moment,
            )
        )
        if not armed:
            # sudo: ir.cron: clocks are marked in the background, whoever starts one
            self.env["ir.cron"].sudo().browse(cron_id)._trigger(moment)

    # From the engine's clock to a row

    @api.model
    def _to_row(self, clock: sla_clock.Clock) -> dict:
        return {
            "state": clock.state,
            "started_at": clock.started_at,
            "running_since": clock.running_since,
            "paused_at": clock.paused_at,
            "pause_keys": list(clock.keys) or None,
            "stopped_at": clock.stopped_at,
            "warn_at": clock.warn_at,
            "due_at": clock.due_at,
            "breach_at": clock.broken_at,
            "elapsed_minutes": clock.elapsed / 60,
            "late_minutes": clock.late / 60,
            "episode": clock.episode,
            "misses": clock.misses,
        }


def _to_json(value):
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    raise TypeError(value)
