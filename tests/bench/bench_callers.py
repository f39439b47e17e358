"""A caller found among 400,000 customers and 400,000 assets; what is known of one.

`CALLERS=20000 make bench ONLY=callers` is a smaller world. Times are those spent in
the database; a search that reads a whole table says so.
"""

import os
import statistics
import threading

from odoo.tools import SQL

from odoo.addons.service_management.tests.big_data import (
    copy_rows,
    make_assets,
    make_contracts,
    make_customers,
    make_orders,
    settle,
)
from odoo.addons.service_management.tests.query_plans import (
    explain,
    recorded_queries,
    scanned_tables,
)

SIZE = int(os.environ.get("CALLERS", "400000"))
ROUNDS = 7
BIG_TABLES = {"res_partner", "service_asset", "service_contract", "service_order"}


def bench_callers(env):
    "Callers"
    customers = make_customers(env, SIZE)
    assets = make_assets(env, customers, SIZE)
    make_contracts(env, customers, SIZE // 4)
    make_orders(env, customers, assets, SIZE)
    agent = _make_agent(env)
    orders = env["service.order"].with_user(agent)
    middle = env["res.partner"].browse(customers + SIZE // 2 + 3)
    digits = middle.service_phone_key
    serial = env["service.asset"].browse(assets + SIZE // 2).serial
    searches = {
        "whole number": middle.phone,
        "number with another prefix": f"+86 {digits}",
        "last four digits": digits[-4:],
        "digits inside a number": digits[2:7],
        "digits of most numbers": "1380",
        "name of two characters": "王伟",
        "two characters inside a name": "阳晨",
        "characters of every fifth name": "有限公司",
        "name of two words": "smith household",
        "word inside a name": "mith house",
        "name that is not there": "Nobody Nowhere",
        "serial": serial,
        "end of a serial": serial[-5:],
        "beginning of many serials": serial[:4],
        "contract": f"BC26{SIZE // 8:06}",
        "order": f"BV26{SIZE // 3:07}",
        "end of an order's number": f"{SIZE // 3:07}"[-5:],
    }
    yield
    for what, term in searches.items():
        yield _search(env, lambda term=term: orders.intake_search(term), what)
    partners = env["res.partner"].with_user(agent)
    for what, term in (
        ("name in any form's field", "Smith 39"),
        ("two characters in a form's field", "王伟"),
    ):
        yield _search(env, lambda term=term: partners.name_search(term, limit=8), what)
    for count in (1, 500):
        customer = _make_history(env, count)
        orders.intake_context(customer)
        env.invalidate_all()
        yield 0, f"(history of {count} past orders made)"
        orders.intake_context(customer)
        yield 1, f"context after {count} past orders"


def _search(env, search, what):
    """Run a search some times: the units and the label of the row."""
    thread = threading.current_thread()
    search()
    times = []
    for _number in range(ROUNDS):
        env.invalidate_all()
        thread.query_count, thread.query_time = 0, 0.0
        search()
        times.append(1000 * thread.query_time)
    env.invalidate_all()
    with recorded_queries(env.cr) as statements:
        search()
    scanned = set().union(*(scanned_tables(explain(env.cr, s)) for s in statements))
    label = f"{what}, {statistics.median(times):.1f} ms in the database"
    if scanned & BIG_TABLES:
        label += f", READS ALL OF {', '.join(sorted(scanned & BIG_TABLES))}"
    return ROUNDS + 2, label


def _make_agent(env):
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Bench Agent",
                "login": "bench_agent",
                "group_ids": [env.ref("service_management.group_service_agent").id],
            }
        )
    )


def _make_history(env, count):
    """A customer with as many past orders; its id."""
    partner = env["res.partner"].create({"name": f"Customer of {count} orders"})
    order = env["service.order"]._create_from_channel(
        [
            {
                "channel": "api",
                "source_key": f"history-{count}",
                "partner_id": partner.id,
                "type_id": env.ref("service_management.type_consulting").id,
                "description": "It does not spin.",
            }
        ]
    )
    order.outcome = "fixed"
    order.action_done()
    order.action_close()
    env.flush_all()
    if count > 1:
        copy_rows(
            env,
            order,
            count - 1,
            name=SQL("'HV%s' || g", count),
            source_key=SQL("NULL"),
            access_token=SQL("NULL"),
        )
    settle(env, "service_order")
    env.invalidate_all()
    return partner.id
