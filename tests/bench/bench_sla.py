"""Service-level clocks: newly due ones among many open orders, and measured anew."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from odoo.addons.service_management.tests.big_data import (
    copy_rows,
    make_clocks,
    settle,
)

OPEN = (10_000, 100_000)
NEWLY_DUE = 1_000
MEASURED = 500


def bench_due(env):
    "Clocks"
    type_ = _make_promise(env)
    template = _file(env, type_, 1)
    first = None
    yield
    for count in OPEN:
        have = 0 if first is None else OPEN[0]
        last = _grow(env, template, count - have)
        first = last if first is None else first
        yield 0, "(open orders made)"
        _let_pass(env, last, NEWLY_DUE)
        yield 0, "(some made due)"
        marked = env["service.sla.clock"]._mark_passed()
        yield marked, f"newly due ones marked among {count:,} open orders"
        env["service.sla.clock"]._mark_passed()
        yield 1, f"nothing newly due among {count:,} open orders"


def bench_measured(env):
    "Clocks"
    orders = _file(env, _make_promise(env), MEASURED)
    orders._log_event("clock_paused", data={"metrics": None})
    orders._log_event("clock_resumed", data={"metrics": None})
    yield
    env.invalidate_all()
    orders._measure_clocks()
    yield len(orders.sla_clock_ids), "read from the log and measured anew"


def _make_promise(env):
    """A service type with two promises in the company's hours."""
    policy = env["service.sla.policy"].create(
        {
            "name": "Bench",
            "target_ids": [
                fields.Command.create({"metric": metric, "hours": hours})
                for metric, hours in (("first_response", 4.0), ("resolution", 24.0))
            ],
        }
    )
    return env["service.type"].create(
        {"name": "Bench", "code": "bench", "sla_policy_id": policy.id}
    )


def _file(env, type_, count):
    partner = env["res.partner"].create({"name": "Bench"})
    return env["service.order"]._create_from_channel(
        [
            {
                "channel": "api",
                "source_key": f"bench-sla-{count}-{number}",
                "partner_id": partner.id,
                "type_id": type_.id,
                "description": "It does not spin.",
            }
            for number in range(count)
        ]
    )


def _grow(env, template, count):
    last = copy_rows(
        env,
        template,
        count,
        name=SQL("'SLA' || row.id + g"),
        source_key=SQL("NULL"),
        access_token=SQL("NULL"),
    )
    make_clocks(env, template, last, count)
    settle(env, "service_order")
    return last


def _let_pass(env, orders, count):
    """The first clocks of so many orders have come due a minute ago."""
    passed = fields.Datetime.now() - timedelta(minutes=1)
    env.cr.execute(
        SQL(
            "UPDATE service_sla_clock SET breach_at = %s, warn_at = %s "
            "WHERE metric = 'first_response' AND order_id > %s AND order_id <= %s",
            passed,
            passed - timedelta(hours=1),
            orders,
            orders + count,
        )
    )
    env.invalidate_all()
