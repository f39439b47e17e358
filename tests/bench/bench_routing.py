"""Planning of visits on published problems, every plan looked at by the checker.

`make bench ONLY=routing` takes all of them at 10 CPU seconds each, on one thread (half
an hour); ROUTING_QUICK=1, and a run of all benchmarks, eight at 5. ROUTING_SECONDS sets
the budget, ROUTING_SEED the seed; ONLY=bench_routing.bench_technicians takes one part.
Each answer is printed as it comes. Only CPU time counts.

Published for the 56 technician instances, least known working time = 1: parallel ALNS
1.0225 (8 threads, 28 s), with set covering by a commercial solver 1.0084 (280 s more).
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean

import trsp
import trsp_day

from odoo.addons.service_management.engine import routing, routing_check

IS_QUICK = "routing" not in os.environ.get("ONLY", "") or bool(
    os.environ.get("ROUTING_QUICK")
)
SECONDS = float(os.environ.get("ROUTING_SECONDS") or (5 if IS_QUICK else 10))
SEED = int(os.environ.get("ROUTING_SEED") or 1)
EVENT_SECONDS = 0.4
# One of each kind: clustered, random, mixed; narrow and wide windows.
QUICK = ("C101", "C204", "R101", "R105", "R112", "R204", "RC107", "RC204")
# Two of each class, for the comparison with other planners.
BESIDE = (
    ("R101", "R204")
    if IS_QUICK
    else ("R101", "R105", "R201", "R204", "RC101", "RC107", "RC201", "RC204")
    + ("C101", "C104", "C201", "C204")
)
BESIDE_SECONDS = 10


def bench_technicians(env):
    "Technicians (TRSP)"
    folder = trsp.find_folder("trsp")
    if not folder:
        yield
        return
    best = trsp.read_best_known(folder)
    names = QUICK if IS_QUICK else sorted(best)
    problems = {name: read_technicians(folder, name) for name in names}
    warm_up(problems[names[0]])
    yield
    rows = {}
    for name, problem in problems.items():
        plan = routing.solve(problem, seed=SEED, cpu_seconds=SECONDS)
        service = sum(job.minutes for job in problem.jobs)
        rows[name] = (
            plan.terms["work"] / best[name],
            (plan.terms["work"] - service) / (best[name] - service),
            count_faults(problem, plan),
        )
        tell(name, rows[name][0])
    report("TRSP", rows)
    yield len(rows), f"instance planned in {SECONDS:g} CPU s"


class Days:
    """What came of days: working time over the published one, refused, broken rules."""

    def __init__(self):
        self.ratios, self.refused, self.faults = [], 0, 0

    def add(self, problem, day, worked):
        self.ratios.append(day.worked / worked)
        self.refused += len(day.refused)
        found = routing_check.check(problem, day.plan)
        self.faults += sum(code != "cost" for code, *__ in found)

    def __str__(self):
        return (
            f"mean {mean(self.ratios):.4f}, worst {max(self.ratios):.4f}, refused "
            f"{self.refused}, broken rules {self.faults}"
        )


def bench_days(env):
    "Technicians, half of the requests during the day"
    folder = trsp.find_folder("trsp")
    if not folder:
        yield
        return
    published = trsp.read_published_days(folder / "dyn" / "published_pALNS.csv")
    names = QUICK[::2] if IS_QUICK else sorted(trsp.read_best_known(folder))
    problems = {name: read_technicians(folder, name) for name in names}
    warm_up(problems[names[0]])
    yield
    orders = trsp.read_published_orders(folder / "dyn" / "published_pALNS.csv")
    known, foreseen, late, at_once = Days(), Days(), Days(), Days()
    seconds, ahead = [], {}
    for name, problem in problems.items():
        arrivals = trsp.read_arrivals(folder / "dyn" / f"{name}{trsp.KIND}_rd_50.txt")
        points = trsp.read_points(folder / f"{name}{trsp.KIND}.txt")
        worked = published[name, 50][0]
        facts = problem, points, arrivals
        options = {"seed": SEED, "event_seconds": EVENT_SECONDS}
        day = trsp_day.play_day(*facts, **options)
        seconds += day.seconds[1:]
        known.add(problem, day, worked)
        tell(name, known.ratios[-1], f", refused {day.refused}" if day.refused else "")
        day = trsp_day.play_day(*facts, **options, foresees=True)
        foreseen.add(problem, day, worked)
        ours = {
            key: [stop.job for stop in stops] for key, stops in day.plan.routes.items()
        }
        ahead[name] = [
            len(trsp.find_foreseen(problem, arrivals, order))
            for order in (ours, orders[name])
        ]
        for days, early in (late, trsp_day.EARLY), (at_once, trsp_day.NEVER):
            day = trsp_day.follow_orders(*facts, orders[name], early)
            days.add(problem, day, worked)
    refused = sum(published[name, 50][1] for name in names)
    print(
        "  realised working time / published, of "
        f"{len(names)} days (published: refused {refused:g}, 4-8 s an event)\n"
        f"  ours, setting out for what is known: {known}; CPU s an event: "
        f"mean {mean(seconds):.2f}, most {max(seconds):.2f}\n"
        f"  ours, under way before it is known as the published plans: {foreseen}\n"
        "  the published orders, setting out for what is known, from home "
        f"{trsp_day.EARLY:g} minutes early: {late}; at once in the morning: {at_once}\n"
        "  under way to a request before it is known, ours by that rule / published: "
        f"{sum(ours for ours, __ in ahead.values())} / "
        f"{sum(theirs for __, theirs in ahead.values())} times"
    )
    yield len(seconds), "event answered with a new plan"


def bench_vehicles(env):
    "Vehicles (Solomon), distance"
    folder = trsp.find_folder("solomon")
    if not folder:
        yield
        return
    best = trsp.read_best_distances(folder)
    there = sorted(path.stem for path in folder.glob("*.txt") if path.stem in best)
    names = there[:: 5 if IS_QUICK else 1]
    problems = {name: trsp.read_vehicles(folder / f"{name}.txt") for name in names}
    warm_up(problems[names[0]])
    yield
    rows = {}
    for name, problem in problems.items():
        plan = routing.solve(problem, seed=SEED, cpu_seconds=SECONDS)
        ratio = plan.terms["travel"] / best[name]
        rows[name] = (ratio, ratio, count_faults(problem, plan))
        tell(name, ratio)
    report("Solomon", rows)
    yield len(rows), f"instance planned in {SECONDS:g} CPU s"


def bench_beside(env):
    "Technicians, others on the same files"
    folder = trsp.find_folder("trsp")
    packages = os.environ.get("ROUTING_PEERS")
    if not folder or not packages:
        print("Other planners: none is there (dev/bench.sh downloads them)")
        yield
        return
    best = trsp.read_best_known(folder)
    problems = {name: read_technicians(folder, name) for name in BESIDE}
    warm_up(problems[BESIDE[0]])
    yield
    done = 0
    for solver in ("ours", "ortools", "pyvrp"):
        rows, left = {}, 0
        for name, problem in problems.items():
            if solver == "ours":
                plan = routing.solve(problem, seed=SEED, cpu_seconds=BESIDE_SECONDS)
            else:
                plan = ask(solver, problem, packages)
            if plan is None:
                continue
            left += len(plan.left_out)
            faults = sum(
                code != "cost" for code, *__ in routing_check.check(problem, plan)
            )
            worked = sum(plan.finish[t] - plan.start[t] for t in plan.routes)
            rows[name] = (worked / best[name], worked / best[name], faults)
            left_out = f", {len(plan.left_out)} left out" if plan.left_out else ""
            tell(f"{solver} {name}", worked / best[name], left_out)
        done += len(rows)
        if rows:
            report(f"{solver} ({BESIDE_SECONDS} CPU s, {left} left out)", rows)
        else:
            print(f"  {solver}: no answer")
    yield done, "answer"


def ask(solver, problem, packages):
    """The plan of another planner, asked in a process of its own; ``None``: none."""
    question = {
        "minutes": problem.minutes,
        "people": [
            {
                "key": r.key,
                "place": r.start_place,
                "shift": r.shift,
                "skills": sorted(r.skills),
                "tools": sorted(r.tools),
                "parts": dict(r.parts),
            }
            for r in problem.resources
        ],
        "jobs": [
            {
                "key": j.key,
                "place": j.place,
                "minutes": j.minutes,
                "window": j.windows[0],
                "skills": sorted(j.skills),
                "tools": sorted(j.tools),
                "parts": dict(j.parts),
            }
            for j in problem.jobs
        ],
    }
    script = Path(os.environ["BENCH_DIR"], "routing_peer.py")
    answer = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, script, solver, str(BESIDE_SECONDS)],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": packages},
        check=False,
    )
    if answer.returncode:
        print(f"  {solver}: {answer.stderr.strip().splitlines()[-1:]}")
        return None
    return trsp_day.time_plan(problem, json.loads(answer.stdout))


def tell(name, ratio, more=""):
    print(f"    {name} {ratio:.4f}{more}", flush=True)


def read_technicians(folder, name):
    return trsp.read_technicians(folder / f"{name}{trsp.KIND}.txt")


def warm_up(problem):
    """Compile before the clock starts."""
    routing.solve(problem, iterations=2)


def count_faults(problem, plan):
    """Broken rules, and visits left out although all can be made."""
    return len(routing_check.check(problem, plan)) + len(plan.left_out)


def report(title, rows):
    ratios = {name: ratio for name, (ratio, *__) in rows.items()}
    worst = max(ratios, key=ratios.get)
    wins = sum(ratio < 1 - 1e-6 for ratio in ratios.values())
    how = "compiled" if routing.COMPILED else "interpreted"
    print(
        f"  {title}: {len(rows)} instances, {how}; cost / best known: "
        f"mean {mean(ratios.values()):.4f}, worst {ratios[worst]:.4f} ({worst}), "
        f"better than known {wins}; "
        f"without service {mean(bare for __, bare, __ in rows.values()):.4f}; "
        f"with broken rules {sum(faults > 0 for *__, faults in rows.values())}"
    )
