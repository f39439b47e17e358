"""The same plan, whether the planning of visits is compiled or interpreted."""

import os
import subprocess
import sys
from pathlib import Path
from unittest import TestCase, skipUnless

from odoo.addons.service_management.engine.routing import COMPILED

ADDON = Path(__file__).resolve().parents[2]

# A day with everything that takes a branch of its own in the kernel.
DAY = """
import math, random, sys, types

for name, path in (
    ("odoo", []), ("odoo.addons", []), ("odoo.addons.service_management", [sys.argv[1]])
):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = path
from odoo.addons.service_management.engine.routing import (
    COMPILED, Job, Problem, Resource, Weights, solve,
)

chance = random.Random(4)
points = [(chance.random() * 60, chance.random() * 60) for _ in range(26)]
minutes = [[math.dist(a, b) for b in points] for a in points]
people = [
    Resource(
        key=t, shift=(480.0, 960.0), start_place=t, end_place=t,
        breaks=((690.0, 780.0, 30.0),), skills={1: t % 3}, tools=frozenset({t % 2}),
        parts={1: 2.0}, overtime_minutes=60.0, depot_place=25, depot_minutes=10.0,
    )
    for t in range(4)
]
jobs = []
for n in range(20):
    begin = 480.0 + 20.0 * chance.randint(0, 12)
    jobs.append(Job(
        key=n, place=4 + n, minutes=30.0,
        windows=((begin, begin + 120.0), (begin + 200.0, begin + 260.0)),
        due=begin + 30.0, skills={1: chance.randint(0, 2)},
        tools=frozenset({chance.randint(0, 1)}), parts={1: float(chance.randint(0, 2))},
        preferred={n % 4: -5.0}, crew=2 if n == 3 else 1, after=(1,) if n == 7 else (),
    ))
plan = solve(
    Problem(people, jobs, minutes, Weights(travel=0.5, balance=2.0, fixed=10.0)),
    seed=5, iterations=150,
)
print(COMPILED)
print(repr((plan.routes, plan.left_out, plan.cost)))
"""


def plan_day(**environment):
    """(whether it was compiled, the plan) from a process of its own."""
    answer = subprocess.run(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-c", DAY, str(ADDON)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    compiled, plan = answer.stdout.splitlines()
    return compiled == "True", plan


class TestCompiled(TestCase):
    @skipUnless(COMPILED, "numba is not installed")
    def test_compiled_and_interpreted_give_the_same_plan(self):
        is_compiled, compiled = plan_day(SERVICE_ROUTING_INTERPRETED="")
        is_still, interpreted = plan_day(SERVICE_ROUTING_INTERPRETED="1")
        self.assertTrue(is_compiled)
        self.assertFalse(is_still)
        self.assertEqual(compiled, interpreted)
