"""The command that imports a log may be killed at any moment: run again, it ends with
exactly what an undisturbed run ends with."""

import itertools
import os
import signal
import subprocess
import time
from datetime import date, timedelta

import pytest
from suite import ROOT, copy_database, drop_database, query, setting, sh

ROWS = 360
BATCH = 60
HEADER = (
    "id,data_provider,country,product_category,brand,year_of_manufacture,"
    "repair_status,group_identifier,event_date,problem"
)
STATUSES = ("Fixed", "Repairable", "End of life", "Unknown")
# What both runs must end with, to the last row and cent.
TOTALS = """
    SELECT 'orders', state, count(*)::text FROM service_order GROUP BY state
    UNION ALL SELECT 'events', kind, count(*)::text
        FROM service_order_event GROUP BY kind
    UNION ALL SELECT 'work items', state, count(*)::text
        FROM service_workitem GROUP BY state
    UNION ALL SELECT 'offers', state, count(*)::text FROM service_offer GROUP BY state
    UNION ALL SELECT 'visits', state, count(*)::text FROM service_visit GROUP BY state
    UNION ALL SELECT 'crew', '', count(*)::text FROM service_visit_crew
    UNION ALL SELECT 'assets', '', count(*)::text FROM service_asset
    UNION ALL SELECT 'points', '', count(*)::text FROM service_point
    UNION ALL SELECT 'technicians', '', count(*)::text FROM service_technician
    UNION ALL SELECT 'areas', '', count(*)::text FROM service_area
    UNION ALL SELECT 'products', '', count(*)::text FROM product_product
    UNION ALL SELECT 'partners', '', count(*)::text FROM res_partner
    UNION ALL SELECT 'claims', state, count(*)::text FROM service_claim GROUP BY state
    UNION ALL SELECT 'claimed', kind, sum(amount_approved)::text
        FROM service_claim_line GROUP BY kind
    UNION ALL SELECT 'statements', state, sum(amount_total)::text
        FROM service_settlement GROUP BY state
    UNION ALL SELECT 'bills', state, count(*)::text || ' ' || sum(amount_untaxed)
        FROM account_move WHERE service_settlement_id IS NOT NULL GROUP BY state
"""


def write_log(path):
    """A log of six groups in four months, with two broken lines."""
    lines = [HEADER]
    for number in range(ROWS):
        day = date(2024, 1, 6) + timedelta(days=7 * (number % 16))
        lines.append(
            f"crash-{number},Crash Testers,GBR,Kettle,Brand {number % 9},"
            f"{2015 + number % 9},{STATUSES[number % 4]},Group {number % 6},{day},Bad"
        )
    lines[100] = "broken"
    lines[200] = lines[200].replace("2024-", "2024/")
    path.write_text("\n".join(lines), encoding="utf-8")


def start(database, log):
    return subprocess.Popen(
        [
            setting("ODOO_PYTHON"),
            setting("ODOO_BIN"),
            f"--addons-path={setting('ADDONS_PATH')}",
            "service_journey",
            *("-c", setting("CONF"), "-d", database),
            *("--data", str(log), "--batch", str(BATCH)),
        ],
        cwd=ROOT,
        env={**os.environ, "ODOO_RC": setting("CONF")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(process):
    output, __ = process.communicate(timeout=300)
    assert process.returncode == 0, output[-4000:]
    return output


def kill_when(process, database, sql):
    """kill -9 as soon as the query finds something, if it has not ended by then."""
    for __ in itertools.count():
        if query(database, sql)[0][0] == "t" or process.poll() is not None:
            break
        time.sleep(0.02)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        assert process.returncode == 0, process.stdout.read()[-4000:]
    process.communicate()


@pytest.fixture
def databases():
    template = sh("dev/template.sh").stdout.strip()
    assert template
    names = [f"journey_crash_{os.getpid()}_{kind}" for kind in ("calm", "killed")]
    for name in names:
        copy_database(template, name)
    yield names
    for name in names:
        drop_database(name)


def test_killed_import_ends_like_an_undisturbed_one(databases, tmp_path):
    calm, killed = databases
    log = tmp_path / "log.csv"
    write_log(log)

    undisturbed = start(calm, log)
    # In the middle of the lines, somewhere in a batch
    process = start(killed, log)
    kill_when(
        process,
        killed,
        f"SELECT coalesce(max(position), 0) >= {2 * BATCH} FROM service_import",
    )
    [(position, state)] = query(killed, "SELECT position, state FROM service_import")
    assert int(position) < ROWS
    assert state == "running"
    # In the middle of the bills
    process = start(killed, log)
    kill_when(process, killed, "SELECT count(*) > 0 FROM service_settlement")
    finish(undisturbed)
    output = finish(start(killed, log))

    assert "Everything agrees." in output
    expected = sorted(query(calm, TOTALS))
    assert sorted(query(killed, TOTALS)) == expected
    assert ("orders", "closed", str(ROWS - 2)) in expected

    # And once more: nothing new
    assert "Everything agrees." in finish(start(killed, log))
    assert sorted(query(killed, TOTALS)) == expected
