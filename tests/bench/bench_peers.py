"""Ours beside OCA's helpdesk: the same request filed in both, in one run.

`make bench` downloads the peers' wheels into .run/peers (they are AGPL: for
measuring only, neither shipped nor needed) and installs them beside ours in a
database of its own. Without them this shows ours and the floor.

Both file the same request: a customer's ticket with a text and a priority, two
promises (first response in 4 h, solved in 3 days). Ours is registered besides: it
gets its number, decides warranty and cover, reserves an entitlement, opens a work
item and writes events. Rounds alternate; the figures are medians. CPU is that of
this process and of its database backend.
"""

import gc
import statistics
import time
from datetime import timedelta
from functools import partial

from meter import Meter, undone

from odoo import fields

BATCH = 100
SINGLE = 20
ROUNDS = 5
CLOCKS = 1000


class Helpdesk:
    """helpdesk_mgmt with helpdesk_mgmt_sla."""

    label = "helpdesk_mgmt + sla"

    def __init__(self, env, partners):
        self.env = env
        self.partners = partners
        team = env["helpdesk.ticket.team"].create({"name": "Bench", "use_sla": True})
        stages = "helpdesk_mgmt.helpdesk_ticket_stage_"
        targets = (("in_progress", 4, 0), ("done", 0, 3))
        env["helpdesk.sla"].create(
            [
                {
                    "name": f"Bench {stage}",
                    "hours": hours,
                    "days": days,
                    "stage_id": env.ref(stages + stage).id,
                    "team_ids": [fields.Command.set(team.ids)],
                }
                for stage, hours, days in targets
            ]
        )
        self.team = team

    def file(self, numbers):
        return self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Washer leaks {number}",
                    "description": "<p>Water on the floor.</p>",
                    "partner_id": self.partners[number % len(self.partners)].id,
                    "team_id": self.team.id,
                    "priority": str(number % 4),
                }
                for number in numbers
            ]
        )

    def recompute(self, tickets):
        lines = tickets.ticket_sla_ids
        for line in lines:
            line._stage_recompute()
        return len(lines)


class Service:
    """Ours, with everything that a request is promised."""

    label = "service.order"

    def __init__(self, env, partners):
        self.env = env
        self.partners = partners
        targets = (("first_response", 4.0), ("resolution", 24.0))
        policy = env["service.sla.policy"].create(
            {
                "name": "Bench",
                "target_ids": [
                    fields.Command.create({"metric": metric, "hours": hours})
                    for metric, hours in targets
                ],
            }
        )
        self.type = env.ref("service_management.type_consulting")
        self.type.entitlement_kind = "hotline"
        today = fields.Date.today()
        contracts = env["service.contract"].create(
            [
                {
                    "name": "Bench",
                    "partner_id": partner.id,
                    "date_start": today,
                    "date_end": today + timedelta(days=364),
                    "sla_policy_id": policy.id,
                    "entitlement_ids": [
                        fields.Command.create(
                            {
                                "kind": self.type.entitlement_kind,
                                "quantity": 100_000,
                                "period": "year",
                            }
                        )
                    ],
                }
                for partner in partners
            ]
        )
        contracts.action_activate()

    def check(self, orders):
        """What is compared is whole: clocks, promise, work item and events."""
        for order in orders:
            if (
                len(order.sla_clock_ids) != 2
                or order.entitlement_use != "reserved"
                or not order.workitem_ids
                or len(order.event_ids) < 3
            ):
                raise AssertionError(f"{order.name} lacks a part of what is measured")

    def file(self, numbers):
        return self.env["service.order"]._create_from_channel(
            [
                {
                    "channel": "api",
                    "source_key": f"bench-{time.monotonic_ns()}-{number}",
                    "description": "Water on the floor.",
                    "partner_id": self.partners[number % len(self.partners)].id,
                    "type_id": self.type.id,
                    "priority": str(number % 4),
                }
                for number in numbers
            ]
        )

    def recompute(self, orders):
        orders._measure_clocks()
        return len(orders.sla_clock_ids)


class Floor:
    """Rows of the model of contracts: a chatter and little else."""

    label = "floor: a model with messages"

    def __init__(self, env, partners):
        self.env = env
        self.partner = partners[0]

    def file(self, numbers):
        return self.env["service.contract"].create(
            [
                {
                    "name": "Floor",
                    "code": f"FLOOR{time.monotonic_ns()}-{number}",
                    "partner_id": self.partner.id,
                    "date_end": "2099-01-01",
                }
                for number in numbers
            ]
        )


def bench_peers(env):
    "Peers"
    env = env(user=env.ref("base.user_admin"))
    partners = env["res.partner"].create(
        [{"name": f"Bench {number}"} for number in range(50)]
    )
    sides = [Service(env, partners), Floor(env, partners)]
    if "helpdesk.sla" in env:
        sides.append(Helpdesk(env, partners))
    else:
        print("Peers: OCA's helpdesk is not here (no download?): ours and the floor")
    sides[0].check(sides[0].file(range(3)))
    yield
    for what, size in (("one by one", 1), (f"{BATCH} at a time", BATCH)):
        count = max(SINGLE, size)
        jobs = {side.label: partial(_file, side, count, size) for side in sides}
        yield from _compare(env, f"filed {what}", count, jobs)
    jobs = {
        side.label: partial(side.recompute, side.file(range(CLOCKS // 2)))
        for side in sides
        if hasattr(side, "recompute")
    }
    yield from _compare(env, "clocks recomputed", CLOCKS, jobs)


def _file(side, count, size):
    for start in range(0, count, size):
        side.file(range(start, start + size))
        # Each call is a request, which ends with pending writes and notifications
        side.env.cr.flush()


def _compare(env, what, units, jobs):
    """Rows of the medians of interleaved rounds, the first of which warms up."""
    samples = {label: [] for label in jobs}
    for number in range(ROUNDS + 1):
        for label, job in jobs.items():
            with undone(env):
                env.invalidate_all()
                gc.collect()
                with Meter(env) as meter:
                    job()
            if number:
                samples[label].append(meter.figures)
    for label, rows in samples.items():
        yield (
            units,
            f"{what}, {label}",
            *map(statistics.median, zip(*rows, strict=True)),
        )
