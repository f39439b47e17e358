"""Planning of visits: the model, the search, and who fits in where.

    problem = Problem(resources, jobs, minutes)
    plan = solve(problem, seed=1, cpu_seconds=2.0)
    assert not routing_check.check(problem, plan)
    slots = best_slots(problem, plan, another_job)

``routing_model`` has the words, ``routing_search`` the search, ``routing_kernel`` its
inner loop, ``routing_repair`` a day that is under way, ``routing_check`` an independent
look at any plan.
"""

from .routing_jit import COMPILED
from .routing_model import Job, Plan, Problem, Resource, Slot, Stop, Weights
from .routing_repair import repair
from .routing_search import best_slots, solve

__all__ = [
    "COMPILED",
    "Job",
    "Plan",
    "Problem",
    "Resource",
    "Slot",
    "Stop",
    "Weights",
    "best_slots",
    "repair",
    "solve",
]
