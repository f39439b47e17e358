"""A month of 10,000 priced lines of 100 points, to posted bills.

Beside it, in the same run: the floor, which is Odoo's own `account.move` with one
summed line per bill, and, where they can be downloaded, OCA's commission_oca with
account_commission_oca on the same number of lines (AGPL: for measuring only, neither
shipped nor needed). Rounds alternate; the figures are medians. CPU is that of this
process and of its database backend.
"""

import gc
import statistics
from datetime import date

from meter import Meter, undone

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

LINES = 10_000
POINTS = 100
ROUNDS = 3
MONTH = (date(2001, 2, 1), date(2001, 2, 28))
DAY = date(2001, 2, 10)


class World:
    """Vendors and what a bill needs, in a month of its own."""

    def __init__(self, env):
        self.env = env
        if not env.company.chart_template:
            env["account.chart.template"].try_loading(
                "generic_coa", env.company, install_demo=False
            )
        account = env["account.account"]
        payable = account.create(
            {
                "name": "Bench payable",
                "code": "BENCH1",
                "account_type": "liability_payable",
                "reconcile": True,
            }
        )
        self.expense = account.create(
            {"name": "Bench fees", "code": "BENCH2", "account_type": "expense"}
        )
        self.journal = env["account.journal"].create(
            {
                "name": "Bench",
                "code": "BENCH",
                "type": "purchase",
                "default_account_id": self.expense.id,
            }
        )
        env.company.service_settlement_journal_id = self.journal
        self.partners = (
            env["res.partner"]
            .with_context(tracking_disable=True)
            .create(
                [
                    {
                        "name": f"Bench {number}",
                        "is_company": True,
                        "property_account_payable_id": payable.id,
                    }
                    for number in range(POINTS)
                ]
            )
        )


class Ours:
    """service_settlement: a run of the month until the bills are posted."""

    label = "ours"

    def __init__(self, world):
        env = self.env = world.env
        points = env["service.point"].create(
            [
                {"name": partner.name, "partner_id": partner.id, "ownership": "partner"}
                for partner in world.partners
            ]
        )
        tariff = env["service.tariff"].create(
            {
                "name": "Bench",
                "date_start": "2001-01-01",
                "date_end": "2001-12-31",
                "line_ids": [Command.create({"amount": 80.0})],
            }
        )
        tariff.action_activate()
        # The same bill on all sides: without taxes
        for kind, __ in env["service.claim.line"]._fields["kind"].selection:
            settlement = env["service.settlement"]
            settlement._find_kind_product(kind).supplier_taxes_id = False
        customer = env["res.partner"].create({"name": "Bench customer"})
        orders = env["service.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "type_id": env.ref("service_management.type_repair").id,
                    "description": "bench",
                    "user_id": env.uid,
                }
                for __ in range(LINES)
            ]
        )
        env.flush_all()
        env.execute_query(
            SQL(
                """
                UPDATE service_order job
                   SET point_id = point.id, stage_id = %s, state = 'done',
                       date_done = '2001-02-10 08:00:00'
                  FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number
                          FROM service_point WHERE id = ANY(%s)) point
                 WHERE job.id = ANY(%s) AND job.id %% %s = point.number
                RETURNING job.id
                """,
                env["service.stage"]._get_by_state("done").id,
                points.ids,
                orders.ids,
                POINTS,
            )
        )
        env.invalidate_all()
        orders._create_claims()
        env.flush_all()
        # As autovacuum leaves them in the course of a month
        env.cr.execute(
            "ANALYZE service_claim, service_claim_line, service_order, "
            "service_order_event"
        )

    def settle(self):
        settlements, failures = self.env["service.settlement"]._run(
            self.env.company, *MONTH
        )
        assert not failures, failures[:3]
        assert len(settlements.move_id) == POINTS
        assert sum(settlements.mapped("claim_count")) == LINES
        return settlements.move_id


class Floor:
    """Odoo's account.move alone: one summed line a bill, posted."""

    label = "account.move, one summed line a bill"

    def __init__(self, world):
        self.world = world
        self.env = world.env

    def settle(self):
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "in_invoice",
                    "partner_id": partner.id,
                    "journal_id": self.world.journal.id,
                    "invoice_date": DAY,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Fees",
                                "quantity": 1.0,
                                "price_unit": 80.0 * LINES / POINTS,
                                "account_id": self.world.expense.id,
                                "tax_ids": [],
                            }
                        )
                    ],
                }
                for partner in self.world.partners
            ]
        )
        moves.action_post()
        return moves


class Commission:
    """commission_oca with account_commission_oca: an agent on each line of posted
    customer invoices, settled, invoiced and posted."""

    label = "commission_oca"

    def __init__(self, world):
        env = self.env = world.env
        self.world = world
        commission = env["commission"].create(
            {
                "name": "Bench",
                "commission_type": "fixed",
                "fix_qty": 10.0,
                "amount_base_type": "gross_amount",
                "invoice_state": "open",
            }
        )
        world.partners.write(
            {"agent": True, "settlement": "monthly", "commission_id": commission.id}
        )
        self.fee = env["product.product"].create(
            {"name": "Bench fee", "type": "service", "supplier_taxes_id": []}
        )
        self._make_invoices(commission)

    def _make_invoices(self, commission):
        env = self.env
        account = env["account.account"].create(
            {"name": "Bench income", "code": "BENCH3", "account_type": "income"}
        )
        receivable = env["account.account"].create(
            {
                "name": "Bench receivable",
                "code": "BENCH4",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        journal = env["account.journal"].create(
            {
                "name": "Bench sales",
                "code": "BSALE",
                "type": "sale",
                "default_account_id": account.id,
            }
        )
        customer = env["res.partner"].create(
            {"name": "Buyer", "property_account_receivable_id": receivable.id}
        )
        partners = self.world.partners
        for start in range(0, LINES, 1000):
            moves = (
                env["account.move"]
                .with_context(tracking_disable=True)
                .create(
                    [
                        {
                            "move_type": "out_invoice",
                            "partner_id": customer.id,
                            "journal_id": journal.id,
                            "invoice_date": DAY,
                            "invoice_line_ids": [
                                self._prepare_line(number, partners, commission)
                                for number in range(first, first + 10)
                            ],
                        }
                        for first in range(start, start + 1000, 10)
                    ]
                )
            )
            moves.action_post()
            env.flush_all()

    def _prepare_line(self, number, partners, commission):
        agent = {
            "agent_id": partners[number % POINTS].id,
            "commission_id": commission.id,
        }
        return Command.create(
            {
                "name": f"Repair {number}",
                "quantity": 1.0,
                "price_unit": 300.0,
                "tax_ids": [],
                "agent_ids": [Command.create(agent)],
            }
        )

    def settle(self):
        wizard = self.env["commission.make.settle"].create(
            {
                "date_to": fields.Date.add(MONTH[1], days=1),
                "settlement_type": "sale_invoice",
                "agent_ids": [Command.set(self.world.partners.ids)],
            }
        )
        settlements = self.env["commission.settlement"].search(
            wizard.action_settle()["domain"]
        )
        assert len(settlements.line_ids) == LINES
        moves = settlements.make_invoices(
            self.world.journal, self.fee, date=MONTH[1], grouped=True
        )
        moves.invoice_date = MONTH[1]
        moves.action_post()
        assert len(moves) == POINTS
        return moves


def bench_settlement_peers(env):
    """Settling: 10,000 priced lines of 100 points to posted bills"""
    world = World(env)
    sides = [Floor(world), Ours(world)]
    if "commission.settlement" in env:
        sides.append(Commission(world))
    yield
    yield 0
    figures = {side: [] for side in sides}
    for __ in range(ROUNDS):
        for side in sides:
            with undone(env):
                env.invalidate_all()
                gc.collect()
                with Meter(env) as meter:
                    side.settle()
                figures[side].append(meter.figures)
    for side in sides:
        rows = figures[side]
        yield (
            LINES,
            side.label,
            *(statistics.median(row[index] for row in rows) for index in range(3)),
        )
