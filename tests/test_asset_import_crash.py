"""An import of assets may be killed at any moment: run again, each row of its file is
there once, with its terms and its owner, as if nothing had happened."""

import os
import random
import signal
import time

import pytest
from suite import copy_database, drop_database, odoo, query, sh, start_shell

ROWS = 6000
CHUNK = 100
BROKEN = 60  # rows of a product that is not there
KILLS = 8
SEED = 20261126

MAKE = f"""
import base64
env["product.product"].create([
    {{"name": f"Crash {{number}}", "default_code": f"CRASH-{{number}}", "type": "consu",
      "service_warranty_labour": 12, "service_warranty_parts": 24}}
    for number in range(7)])
env["res.partner"].create([
    {{"name": f"Crash {{number}}", "ref": f"CRASH{{number}}"}} for number in range(50)])
lines = ["Product,Serial Number,Customer Ref,Purchase Date,Install Date"]
for place in range({ROWS}):
    number, code = read(place)
    lines.append(f"{{code}},SN{{number:06d}},CRASH{{number % 50}},"
                 f"2024-01-{{1 + number % 28:02d}},2024-02-{{1 + number % 29:02d}}")
record = env["service.asset.import"].create({{
    "file": base64.b64encode("\\n".join(lines).encode()), "file_name": "crash.csv"}})
record.action_read()
record.action_start()
env.cr.commit()
"""
PREPARE = f"""
def read(place):
    broken = place % ({ROWS} // {BROKEN}) == 17
    return place, "GONE" if broken else f"CRASH-{{place % 7}}"
{MAKE}"""
# Every row twice, in two parts far apart: the second is there already, unless another
# worker is about to register the first
DOUBLED = f"""
def read(place):
    number = place % ({ROWS} // 2)
    return number, f"CRASH-{{number % 7}}"
{MAKE}"""
WORK = f"""
from odoo.addons.service_management.models.asset import service_asset_import
service_asset_import.CHUNK_ROWS = {CHUNK}
env["service.asset.import.chunk"]._cron_run()
env.cr.commit()
"""
HELP = WORK.replace("_cron_run", "_cron_help")
ASSETS = "SELECT count(*) FROM service_asset WHERE import_id IS NOT NULL"
STARTED = (
    "SELECT coalesce(extract(epoch FROM max(running_since)), 0) "
    "FROM service_job WHERE code = 'service_asset_import'"
)
TOTALS = """
    SELECT 'assets', count(*)::text, count(DISTINCT serial)::text,
           count(warranty_promise_id)::text
      FROM service_asset WHERE import_id IS NOT NULL
    UNION ALL SELECT 'terms', count(*)::text, count(DISTINCT asset_id)::text,
           sum(date_end - date_start)::text FROM service_warranty
    UNION ALL SELECT 'owners', count(*)::text, count(DISTINCT asset_id)::text,
           count(DISTINCT partner_id)::text FROM service_asset_owner
    UNION ALL SELECT 'parts', sum(created_count)::text, sum(existing_count)::text,
           sum(refused_count)::text FROM service_asset_import_chunk
    UNION ALL SELECT 'refused', count(*)::text, count(DISTINCT line)::text, ''
      FROM service_asset_import_line WHERE NOT coalesce(is_sample, FALSE)
    UNION ALL SELECT 'imports', state, '', '' FROM service_asset_import
"""


@pytest.fixture
def databases():
    template = sh("dev/template.sh").stdout.strip()
    assert template
    names = [f"asset_crash_{os.getpid()}_{kind}" for kind in ("calm", "killed")]
    for name in names:
        copy_database(template, name)
    yield names
    for name in names:
        drop_database(name)


def start(database, script=WORK):
    return start_shell(database, script)


def finish(process):
    __, error = process.communicate(timeout=400)
    assert process.returncode == 0, error[-4000:]


def kill_somewhere(database, dice):
    """kill -9 somewhere in a part, after some parts; whether rows were left then."""
    before = count(database)
    rows = dice.choice([1, 1, 150, 350])
    started = query(database, STARTED)
    process = start(database)
    while process.poll() is None and (
        query(database, STARTED) == started or count(database) - before < rows
    ):
        time.sleep(0.02)
    time.sleep(dice.uniform(0.0, 0.2))
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        # Too late: it was faster
        assert process.returncode == 0, process.stderr.read()[-4000:]
    process.wait()
    process.stderr.close()
    return count(database) < ROWS - BROKEN


def count(database):
    [(number,)] = query(database, ASSETS)
    return int(number)


def make_due(database):
    """A part that was killed puts its next try off: it is due now."""
    query(
        database,
        "UPDATE service_asset_import_chunk SET next_try_at = now() - "
        "interval '1 minute', tries = 0 WHERE queue_state = 'pending'",
    )


def test_killed_import_ends_like_an_undisturbed_one(databases):
    calm, killed = databases
    for database in databases:
        odoo("shell", "-d", database, script=PREPARE)
    dice = random.Random(SEED)
    kills = halfway = 0
    while kills < KILLS and count(killed) < ROWS - BROKEN:
        halfway += kill_somewhere(killed, dice)
        kills += 1
        make_due(killed)
        # Whole parts at any moment, and nothing that is half an asset
        [(half,)] = query(
            killed,
            """SELECT count(*) FROM service_asset asset
                WHERE import_id IS NOT NULL
                  AND (NOT EXISTS (SELECT FROM service_warranty term
                                    WHERE term.asset_id = asset.id)
                       OR NOT EXISTS (SELECT FROM service_asset_owner owner
                                       WHERE owner.asset_id = asset.id))""",
        )
        assert half == "0"
    print(f"{kills} kills, {count(killed)} of {ROWS - BROKEN} assets")
    assert halfway >= KILLS // 2

    finish(start(calm))
    finish(start(killed))
    make_due(killed)
    # And once more: nothing new
    finish(start(killed))

    expected = sorted(query(calm, TOTALS))
    assert sorted(query(killed, TOTALS)) == expected
    good = str(ROWS - BROKEN)
    assert ("assets", good, good, good) in expected
    assert ("refused", str(BROKEN), str(BROKEN), "") in expected
    assert ("imports", "done", "", "") in expected


def test_two_workers_at_once_end_like_one(databases):
    calm, twins = databases
    for database in databases:
        odoo("shell", "-d", database, script=DOUBLED)
    finish(start(calm))

    # The first part cuts the file: the second worker has nothing to do before
    first = start(twins)
    while first.poll() is None and not count(twins):
        time.sleep(0.05)
    second = start(twins, HELP)
    finish(first)
    finish(second)
    # What was put off, by whoever lost a race for good
    make_due(twins)
    finish(start(twins))

    expected = sorted(query(calm, TOTALS))
    assert sorted(query(twins, TOTALS)) == expected
    half = str(ROWS // 2)
    assert ("assets", half, half, half) in expected
    assert ("imports", "done", "", "") in expected
    [(failed,)] = query(
        twins,
        "SELECT count(*) FROM service_asset_import_chunk WHERE queue_state != 'done'",
    )
    assert failed == "0"
