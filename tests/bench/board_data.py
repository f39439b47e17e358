"""A day of a big city for the dispatcher's board: run by Odoo's shell, committed.

300 technicians in 30 points and 4,000 visits within a week, every one of them a real
order; 120 orders wait. Rows beyond a few hundred are copies of these made in SQL
(``tests/big_data.py``). Two dispatchers, ``board_one`` and ``board_two``.
"""

import os
import random
from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.service_management.tests.big_data import copy_rows, settle

POINTS = 30
TECHNICIANS = 300
VISITS = int(os.environ.get("BOARD_VISITS", 4000))
DAYS = 7
ACCEPTED = 40
WAITING = 120
# Where it is; half a degree around
PLACE = (30.25, 120.17)

env = globals()["env"]
chance = random.Random(11)
env = env(context={**env.context, "tracking_disable": True, "mail_create_nolog": True})


def place():
    return {
        "partner_latitude": PLACE[0] + chance.uniform(-0.25, 0.25),
        "partner_longitude": PLACE[1] + chance.uniform(-0.25, 0.25),
    }


for login in ("board_one", "board_two"):
    user = new_test_user(
        env,
        login=login,
        name=login.replace("_", " ").title(),
        groups="service_management.group_service_dispatcher",
    )
    user.tz = "UTC"
area = env["service.area"].create(
    {"name": "Board City", "code": "B-1", "country_id": env.ref("base.cn").id}
)
calendar = env["resource.calendar"].create(
    {
        "name": "Board hours",
        "tz": "UTC",
        "attendance_ids": [Command.clear()]
        + [
            Command.create(
                {
                    "name": str(day),
                    "dayofweek": str(day),
                    "hour_from": since,
                    "hour_to": until,
                    "day_period": "morning" if since < 12 else "afternoon",
                }
            )
            for day in range(7)
            for since, until in ((7, 12), (12.5, 20))
        ],
    }
)
points = env["service.point"].create(
    [
        {
            "name": f"Board Point {number + 1}",
            "partner_id": env["res.partner"]
            .create({"name": f"Board Point {number + 1}", **place()})
            .id,
        }
        for number in range(POINTS)
    ]
)
env["service.coverage"].create(
    [{"point_id": point.id, "area_id": area.id} for point in points]
)
technicians = env["service.technician"].create(
    [
        {
            "name": f"Technician {number + 1:03}",
            "point_id": points[number % POINTS].id,
            "resource_calendar_id": calendar.id,
            "tz": "UTC",
        }
        for number in range(TECHNICIANS)
    ]
)
kind = env.ref("service_management.type_repair")
kind.requirement_ids.unlink()
kind.write({"fault_required": False, "duration": 1})
customers = env["res.partner"].create(
    [
        {"name": f"Customer {number + 1:03}", "service_area_id": area.id, **place()}
        for number in range(200)
    ]
)


def make_orders(count):
    orders = env["service.order"].create(
        [
            {
                "partner_id": customers[number % 200].id,
                "type_id": kind.id,
                "description": "It does not spin.",
                "priority": str(chance.choice((1, 1, 1, 2, 3))),
            }
            for number in range(count)
        ]
    )
    orders.action_register()
    return orders


today = datetime.combine(date.today(), datetime.min.time())
make_orders(WAITING)
booked = make_orders(ACCEPTED)
# The first technician of a point drives four times today
firsts = technicians.sorted(lambda tech: (tech.point_id.id, tech.name, tech.id))
for number, order in enumerate(booked):
    technician = firsts[number // 2]
    order.action_assign(technician.point_id.id, "data of the benchmark")
    start = today + timedelta(hours=8 + 3 * (number % 2))
    order._plan_visit(technician, start, start + timedelta(hours=1))
env.flush_all()
# The rest, at most three a day and technician: from 14:00 on, every two hours
count = VISITS - ACCEPTED
order, visit = booked[:1], booked[:1].visit_ids
technician_sql = SQL("(%s::int[])[1 + g %% %s]", technicians.ids, TECHNICIANS)
turn = SQL("g / %s", TECHNICIANS)
start_sql = SQL(
    "%s + (%s %% %s) * interval '1 day' + interval '14 hour' "
    "+ (%s / %s) * interval '2 hour'",
    today,
    turn,
    DAYS,
    turn,
    DAYS,
)
point_sql = SQL(
    "(SELECT point_id FROM service_technician WHERE id = %s)", technician_sql
)
customer_sql = SQL("%s + g %% 200", customers[0].id)
last_order = copy_rows(
    env,
    order,
    count,
    name=SQL("'BB' || lpad(g::text, 6, '0')"),
    partner_id=customer_sql,
    commercial_partner_id=customer_sql,
    site_id=customer_sql,
    point_id=point_sql,
    technician_id=technician_sql,
    planned_start=start_sql,
    source_key=SQL("NULL"),
    access_token=SQL("NULL"),
)
last_visit = copy_rows(
    env,
    visit,
    count,
    order_id=SQL("%s + g", last_order),
    point_id=point_sql,
    technician_id=technician_sql,
    planned_start=start_sql,
    planned_end=SQL("%s + interval '1 hour'", start_sql),
)
copy_rows(
    env,
    visit.crew_ids,
    count,
    visit_id=SQL("%s + g", last_visit),
    technician_id=technician_sql,
    planned_start=start_sql,
    planned_end=SQL("%s + interval '1 hour'", start_sql),
)
settle(env, "service_order", "service_visit", "service_visit_crew")
env.cr.commit()
print("board:", len(technicians), "technicians,", VISITS, "visits")
