"""Workers that settle may be killed at any moment and work side by side: each order is
settled once, and every cent of a statement stands on its bill."""

import os
import random
import signal
import time

import pytest
from suite import copy_database, drop_database, odoo, query, sh, start_shell

POINTS = 80
ORDERS = 4  # of each point
KILLS = 20
SEED = 20261126

PREPARE = f"""
from odoo.fields import Command
company = env.company
account = env["account.account"]
payable = account.create({{"name": "Crash payable", "code": "CR1",
    "account_type": "liability_payable", "reconcile": True}})
expense = account.create(
    {{"name": "Crash fees", "code": "CR2", "account_type": "expense"}})
vat = account.create(
    {{"name": "Crash VAT", "code": "CR3", "account_type": "asset_current"}})
company.service_settlement_journal_id = env["account.journal"].create({{
    "name": "Crash", "code": "CRASH", "type": "purchase",
    "default_account_id": expense.id}})
country = company.account_fiscal_country_id or env.ref("base.cn")
company.account_fiscal_country_id = country
def tax(kind, amount):
    shares = [Command.create({{"repartition_type": "base"}}),
              Command.create({{"repartition_type": "tax", "account_id": vat.id}})]
    return env["account.tax"].create({{
        "name": f"Crash {{kind}}", "amount": amount, "type_tax_use": "purchase",
        "country_id": country.id,
        "invoice_repartition_line_ids": shares, "refund_repartition_line_ids": shares}})
for kind, amount in (("labour", 6), ("travel", 13), ("adjustment", 6)):
    product = env.ref(f"service_settlement.product_{{kind}}")
    product.supplier_taxes_id = tax(kind, amount)
partners = env["res.partner"].create([
    {{"name": f"Crash {{number}}", "is_company": True,
      "property_account_payable_id": payable.id}} for number in range({POINTS})])
points = env["service.point"].create([
    {{"name": partner.name, "partner_id": partner.id, "ownership": "partner"}}
    for partner in partners])
tariff = env["service.tariff"].create({{
    "name": "Crash", "date_start": "2001-01-01", "date_end": "2001-12-31",
    "line_ids": [Command.create({{"amount": 33.35}}),
                 Command.create({{"kind": "travel", "amount": 10.1}})]}})
tariff.action_activate()
customer = env["res.partner"].create({{"name": "Crash Customer"}})
orders = env["service.order"].create([
    {{"partner_id": customer.id, "description": "crash", "user_id": env.uid,
      "type_id": env.ref("service_management.type_repair").id}}
    for __ in range({POINTS * ORDERS})])
stage = env["service.stage"]._get_by_state("done")
for number, point in enumerate(points):
    orders[number * {ORDERS}:(number + 1) * {ORDERS}].sudo().write(
        {{"point_id": point.id, "stage_id": stage.id,
          "date_done": "2001-02-10 08:00:00"}})
orders._create_claims()
env["service.settlement.adjustment"].create([
    {{"point_id": point.id, "amount": -3.33, "reason": "crash", "date": "2001-02-20"}}
    for point in points[::3]])
from datetime import date
batches = env["service.settlement.batch"]
for __ in range(2):
    batches._start(company, date(2001, 2, 1), date(2001, 2, 28), until="billed")
env.cr.commit()
"""
WORK = """
env["service.settlement.batch.item"]._queue_run()
env.cr.commit()
"""
LEFT = (
    "SELECT count(*) FROM service_settlement_batch_item WHERE queue_state = 'pending'"
)
POISONED = (
    "SELECT count(*) FROM service_settlement_batch_item WHERE queue_state = 'poisoned'"
)
STARTED = (
    "SELECT coalesce(extract(epoch FROM max(running_since)), 0) "
    "FROM service_job WHERE code = 'settlement_batch'"
)


@pytest.fixture
def database():
    template = sh("dev/template.sh").stdout.strip()
    assert template
    name = f"settlement_crash_{os.getpid()}"
    copy_database(template, name)
    yield name
    drop_database(name)


def start(database):
    return start_shell(database, WORK)


def kill_somewhere(database, dice):
    """kill -9 at a random moment, after a random number of rows; whether some were
    left then."""
    before = count(database, LEFT)
    rows = dice.randint(0, 6)
    started = query(database, STARTED)
    process = start(database)
    while process.poll() is None and (
        query(database, STARTED) == started or before - count(database, LEFT) < rows
    ):
        time.sleep(0.02)
    time.sleep(dice.uniform(0.0, 0.3))
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        # Too late: it was faster
        assert process.returncode == 0, process.stderr.read()[-4000:]
    process.wait()
    process.stderr.close()
    return count(database, LEFT) > 0


def count(database, sql):
    [(number,)] = query(database, sql)
    return int(number)


def test_killed_and_twin_workers_settle_each_order_once(database):
    odoo("shell", "-d", database, script=PREPARE)
    dice = random.Random(SEED)
    kills = halfway = 0
    while kills < KILLS and count(database, LEFT):
        halfway += kill_somewhere(database, dice)
        kills += 1
        # A worker that was killed in a record put its next try off: it is due now
        query(
            database,
            "UPDATE service_settlement_batch_item SET next_try_at = now() - "
            "interval '1 minute', tries = 0 WHERE queue_state = 'pending'",
        )
    print(f"{kills} kills, {count(database, LEFT)} of {2 * POINTS} rows left")
    assert halfway >= KILLS // 2
    check_no_orphans(database)

    for __ in range(4):
        twins = [start(database), start(database)]
        for process in twins:
            __, error = process.communicate(timeout=400)
            assert process.returncode == 0, error[-4000:]
        query(
            database,
            "UPDATE service_settlement_batch_item SET next_try_at = now() - "
            "interval '1 minute' WHERE queue_state = 'pending'",
        )
        if not count(database, LEFT):
            break
    assert count(database, LEFT) == 0
    assert count(database, POISONED) == 0
    assert query(
        database,
        "SELECT count(*) FROM service_settlement_batch_item WHERE message IS NOT NULL",
    ) == [("0",)]
    check_no_orphans(database)
    check_all_settled(database)


def check_no_orphans(database):
    """True at any moment, also between two kills."""
    # No bill without its statement, no second one, none that is half done
    assert query(
        database,
        """
        SELECT count(*) FILTER (WHERE settlement.id IS NULL),
               count(*) - count(DISTINCT move.service_settlement_id),
               count(*) FILTER (WHERE move.state != 'posted')
          FROM account_move move
          JOIN account_journal journal ON journal.id = move.journal_id
           AND journal.code = 'CRASH'
          LEFT JOIN service_settlement settlement ON settlement.move_id = move.id
           AND settlement.id = move.service_settlement_id
        """,
    ) == [("0", "0", "0")]
    # By statement, currency and taxes: what stands on it is what its bill says
    assert (
        query(
            database,
            """
        WITH stated AS (
            SELECT settlement.id, settlement.currency_id, line.invoice_line_id,
                   line.amount_approved AS amount
              FROM service_settlement settlement
              JOIN service_claim claim ON claim.settlement_id = settlement.id
              JOIN service_claim_line line ON line.claim_id = claim.id
             WHERE settlement.move_id IS NOT NULL
            UNION ALL
            SELECT settlement.id, settlement.currency_id,
                   adjustment.invoice_line_id, adjustment.amount
              FROM service_settlement settlement
              JOIN service_settlement_adjustment adjustment
                ON adjustment.settlement_id = settlement.id
             WHERE settlement.move_id IS NOT NULL
        ), sums AS (
            SELECT id, currency_id, invoice_line_id, sum(amount) AS amount
              FROM stated GROUP BY id, currency_id, invoice_line_id
        ), bill_taxes AS (
            SELECT settlement.id, bill_line.id AS line_id, bill_line.currency_id,
                   bill_line.price_subtotal,
                   (SELECT array_agg(tax.account_tax_id ORDER BY tax.account_tax_id)
                      FROM account_move_line_account_tax_rel tax
                     WHERE tax.account_move_line_id = bill_line.id) AS taxes
              FROM service_settlement settlement
              JOIN account_move_line bill_line
                ON bill_line.move_id = settlement.move_id
               AND bill_line.display_type = 'product'
        ), by_tax AS (
            SELECT id, currency_id, taxes, sum(price_subtotal) AS billed
              FROM bill_taxes GROUP BY id, currency_id, taxes
        ), stated_by_tax AS (
            SELECT sums.id, sums.currency_id, bill_taxes.taxes, sum(amount) AS stated
              FROM sums
              LEFT JOIN bill_taxes ON bill_taxes.line_id = sums.invoice_line_id
               AND bill_taxes.id = sums.id
             GROUP BY sums.id, sums.currency_id, bill_taxes.taxes
        )
        SELECT * FROM by_tax
          FULL JOIN stated_by_tax USING (id, currency_id, taxes)
         WHERE billed IS DISTINCT FROM stated
        """,
        )
        == []
    )


def check_all_settled(database):
    total = POINTS * ORDERS
    bills = POINTS
    amount = total * 43.45 - len(range(0, POINTS, 3)) * 3.33
    assert query(
        database,
        "SELECT count(*), count(DISTINCT order_id), count(settlement_id) "
        "FROM service_claim WHERE state = 'settled'",
    ) == [(str(total), str(total), str(total))]
    assert query(
        database,
        "SELECT count(*), count(move_id), count(DISTINCT point_id), "
        "round(sum(amount_total), 2) FROM service_settlement WHERE state = 'billed'",
    ) == [(str(bills), str(bills), str(bills), f"{amount:.2f}")]
    assert query(
        database,
        "SELECT count(*), round(sum(amount_untaxed), 2) FROM account_move "
        "WHERE service_settlement_id IS NOT NULL AND state = 'posted'",
    ) == [(str(bills), f"{amount:.2f}")]
    # The log of each order says once that it was settled
    assert query(
        database,
        "SELECT count(*), count(DISTINCT order_id) FROM service_order_event "
        "WHERE kind = 'settled'",
    ) == [(str(total), str(total))]
