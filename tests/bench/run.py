"""Runs every `tests/bench/bench_*.py` and prints one table.

`make bench` feeds this file to Odoo's shell on a copy of the template database
(the three addons, no demonstration data), so `env` is there. A benchmark file
holds functions named `bench_*`:

    def bench_orders(env):
        "Orders created in one batch"
        partner = env["res.partner"].create({"name": "Somebody"})
        yield                                   # the clock starts here
        env["service.order"].create([{"partner_id": partner.id}] * 500)
        yield 500                               # units done: the clock stops

Up to the first `yield` it prepares, until the second it is measured (time, CPU of
this process and of its database backend, SQL queries, the flush to the database
included); it may go on measuring by yielding again and again, as `units` or
`(units, "what was counted")`, and each becomes a row; no units: only prepared;
`(units, label, seconds, queries, CPU seconds)` was measured by the benchmark itself
(see `meter.py`). Whatever it did is rolled back. A benchmark that raises is reported
and the rest goes on; the exit code then tells.

    make bench              all                 make bench ONLY=orders   by name
"""

import importlib.util
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(0, os.environ["BENCH_DIR"])
from meter import Meter, undone  # noqa: E402

SIZES = (66, 9, 10, 10, 9, 13)


def row(*cells):
    first, *rest = cells
    line = f"{first[: SIZES[0]]:<{SIZES[0]}}"
    return line + "".join(
        f"{cell:>{size}}" for cell, size in zip(rest, SIZES[1:], strict=True)
    )


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [getattr(module, name) for name in vars(module) if name.startswith("bench_")]


def measure(env, function):
    """Yield (title, units, seconds, queries, CPU seconds) for each stretch."""
    title = (function.__doc__ or function.__name__).strip().splitlines()[0]
    with undone(env):
        stretch = function(env)
        next(stretch)
        while True:
            with Meter(env) as meter:
                answer = next(stretch, None)
            if answer is None:
                break
            units, *rest = answer if isinstance(answer, tuple) else (answer,)
            label = f"{title}: {rest[0]}" if rest else title
            if units:
                yield label, units, *(rest[1:] or meter.figures)


def main(env):
    folder = Path(os.environ["BENCH_DIR"])
    only, skip = os.environ.get("ONLY", ""), os.environ.get("SKIP")
    failed = 0
    busy = ", ".join(f"{busy:.1f}" for busy in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {busy}")
    print(row("benchmark", "units", "seconds", "units/s", "queries", "CPU ms/unit"))
    for path in sorted(folder.glob("bench_*.py")):
        for function in load(path):
            name = f"{path.stem}.{function.__name__}"
            if only not in name or (skip and skip in name):
                continue
            try:
                for label, units, seconds, queries, used in measure(env, function):
                    speed = f"{units / seconds:,.0f}" if seconds else "-"
                    cells = (f"{units:,}", f"{seconds:.2f}", speed, queries)
                    print(row(label, *cells, f"{1000 * used / units:.2f}"))
            except Exception:
                failed += 1
                print(f"{path.name}: {function.__name__} failed")
                traceback.print_exc()
            sys.stdout.flush()
    env.cr.rollback()
    return 1 if failed else 0


sys.exit(main(env))  # noqa: F821  # Odoo's shell gives the environment
