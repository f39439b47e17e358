"""Workers that escalate may be killed at any time: each level happens exactly once."""

import itertools
import os
import signal
import time

import pytest
from suite import copy_database, drop_database, odoo, query, sh, start_shell

ORDERS = 200
# Rows done at which the worker is killed, one after the other
KILLS = (15, 60, 110)

PREPARE = f"""
Users = env["res.users"].with_context(no_reset_password=True)
agent = env.ref("service_management.group_service_agent")
users = Users.create([
    {{"name": name, "login": name, "group_ids": [(6, 0, agent.ids)]}}
    for name in ("crash_ann", "crash_bob", "crash_lea")
])
hours = env["resource.calendar"].create({{
    "name": "Always", "tz": "UTC", "company_id": False,
    "attendance_ids": [(5,)] + [
        (0, 0, {{"name": "Day", "dayofweek": str(day), "hour_from": 0, "hour_to": 24,
                "day_period": "morning"}})
        for day in range(7)
    ],
}})
team = env["service.team"].create({{
    "name": "Crash", "leader_id": users[2].id, "member_ids": [(6, 0, users[:2].ids)],
    "calendar_id": hours.id, "escalation_hours": 100,
}})
consulting = env.ref("service_management.type_consulting")
partner = env["res.partner"].create({{"name": "Crash Customer"}})
orders = env["service.order"].create([
    {{"partner_id": partner.id, "type_id": consulting.id, "description": "crash",
      "user_id": users[0].id, "team_id": team.id}}
    for __ in range({ORDERS})
])
orders.action_register()
items = orders.workitem_ids.filtered(lambda item: item.state == "open")
items.write({{"escalate_at": "2020-01-01 08:00:00"}})
env.cr.commit()
"""
WORK = 'env["service.escalation.step"]._cron_escalate()\nenv.cr.commit()\n'
DONE = "SELECT count(*) FROM service_escalation_step WHERE queue_state = 'done'"


@pytest.fixture
def database():
    template = sh("dev/template.sh").stdout.strip()
    assert template
    name = f"escalation_crash_{os.getpid()}"
    copy_database(template, name)
    yield name
    drop_database(name)


def start(database):
    return start_shell(database, WORK)


def kill_when(process, database, sql):
    """kill -9 as soon as the query is true."""
    for __ in itertools.count():
        if query(database, sql)[0][0] == "t" or process.poll() is not None:
            break
        time.sleep(0.01)
    assert process.poll() is None, process.stderr.read()[-4000:]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()


def test_L4_killed_workers_escalate_each_level_exactly_once(database):
    odoo("shell", "-d", database, script=PREPARE)
    for done in KILLS:
        kill_when(start(database), database, f"SELECT ({DONE}) >= {done}")
        [(count,)] = query(database, DONE)
        assert int(count) < ORDERS
        # The run that died is seen: it never ended
        [(running,)] = query(
            database,
            "SELECT running_since IS NOT NULL FROM service_job "
            "WHERE code = 'service_escalation'",
        )
        assert running == "t"
    process = start(database)
    __, error = process.communicate(timeout=300)
    assert process.returncode == 0, error[-4000:]

    # One row, one entry in the timeline, one message, one activity for each
    assert query(
        database,
        """
        SELECT count(*), min(steps), max(steps), min(events), max(events),
               min(moves), max(moves), min(messages), max(messages),
               min(activities), max(activities), max(level)
          FROM (SELECT i.escalation_level AS level,
            (SELECT count(*) FROM service_escalation_step s
              WHERE s.workitem_id = i.id AND s.outcome = 'fired') AS steps,
            (SELECT count(*) FROM service_order_event e
              WHERE e.order_id = i.order_id AND e.kind = 'escalated') AS events,
            (SELECT count(*) FROM service_order_event e
              WHERE e.order_id = i.order_id AND e.kind = 'reassigned') AS moves,
            (SELECT count(*) FROM mail_message m
              WHERE m.model = 'service.order' AND m.res_id = i.order_id
                AND m.message_type = 'user_notification') AS messages,
            (SELECT count(*) FROM mail_activity a
              WHERE a.service_workitem_id = i.id) AS activities
            FROM service_workitem i WHERE i.state = 'open') AS found
        """,
    ) == [(str(ORDERS), *("1",) * 11)]
    assert query(
        database,
        "SELECT good_at IS NOT NULL, running_since IS NULL FROM service_job "
        "WHERE code = 'service_escalation'",
    ) == [("t", "t")]
    # And once more: nothing new
    process = start(database)
    process.communicate(timeout=300)
    assert query(database, DONE) == [(str(ORDERS),)]
