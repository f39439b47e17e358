"""Scorecards of a month: 660 points, 3,000 technicians, 20,000 finished orders."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from odoo.addons.service_management.tests.big_data import (
    make_assets,
    make_customers,
    make_orders,
)

POINTS = 660
TECHNICIANS = 3000
ORDERS = 20000


def bench_scorecards(env):
    "Scorecards"
    env = env(context={**env.context, "tracking_disable": True})
    company = env.company
    partner = env["res.partner"].create({"name": "Bench point"})
    points = env["service.point"].create(
        [
            {"name": f"Point {n}", "code": f"BP{n}", "partner_id": partner.id}
            for n in range(POINTS)
        ]
    )
    technicians = env["service.technician"].create(
        [
            {"name": f"Technician {n}", "point_id": points[n % POINTS].id}
            for n in range(TECHNICIANS)
        ]
    )
    env.flush_all()
    cards = env["service.scorecard"]
    start = cards._get_period_start("month", fields.Date.today() - timedelta(days=40))
    customers = make_customers(env, ORDERS)
    assets = make_assets(env, customers, ORDERS)
    # Technicians were made in a row: the one of a number works for its point
    number = SQL("(g %% %s)", TECHNICIANS)
    make_orders(
        env,
        customers,
        assets,
        ORDERS,
        state=SQL("'done'"),
        point_id=SQL("%s + %s %% %s", points.ids[0], number, POINTS),
        technician_id=SQL("%s + %s", technicians.ids[0], number),
        date_done=SQL(
            "%s::timestamp + (g %% 27) * interval '1 day' + interval '9 hours'", start
        ),
        date_due=SQL(
            "%s::timestamp + (g %% 29) * interval '1 day' + interval '12 hours'", start
        ),
        outcome=SQL("CASE WHEN g %% 7 = 0 THEN 'repairable' ELSE 'fixed' END"),
    )
    env.invalidate_all()
    yield
    count = cards._compute_period("month", start, company)
    yield count, f"card of a month with {ORDERS:,} orders"
    again = cards._compute_period("month", start, company)
    yield again, "card computed anew, a version more"
