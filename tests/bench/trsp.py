"""Published problems of routing as problems of `engine/routing.py`.

- Technicians: 56 instances with 100 requests, 25 technicians with homes of their own,
  skills, tools, spare parts and one depot (Pillac, Guéret, Medaglia 2012), the least
  working time known of each, and days on which half of the requests appear late.
- Vehicles with time windows: Solomon (1987), distances cut after one decimal.

The files are read where they lie, see `find_folder`; none is part of the project.
"""

import csv
import math
import os
import re
from pathlib import Path

from odoo.addons.service_management.engine.routing import (
    Job,
    Problem,
    Resource,
    Weights,
)

KIND = ".100_25-5-5-5"
# Every request of a published plan is served: what leaving one out costs.
MUST = 100000.0
_LISTS = re.compile(r"\[(.*?)\]")


def find_folder(*parts):
    """The folder of the published files; ``None`` and a word where it is missing."""
    data = os.environ.get("SERVICE_SHARED_DATA")
    root = (
        Path(data).parent
        if data
        else Path(__file__).resolve().parents[2].parent / "shared"
    )
    folder = root.joinpath("bench", *parts)
    if folder.exists():
        return folder
    print(f"Published problems are missing ({folder}); set SERVICE_SHARED_DATA")
    return None


def get_matrix(points):
    return [[math.dist(a, b) for b in points] for a in points]


def read_technicians(path) -> Problem:
    """One instance. Keys are the file's numbers: 0 the depot, technicians, requests."""
    lines = path.read_text().splitlines()
    count = next(n for n, line in enumerate(lines) if line.startswith("CREW COUNT")) + 1
    crew = int(lines[count].split()[0])
    begin = next(n for n, line in enumerate(lines) if line.startswith("ID ")) + 1
    points, resources, jobs = [], [], []
    for line in filter(str.strip, lines[begin:]):
        number, x, y, low, high, minutes = map(float, line.split("[")[0].split())
        skills, tools, parts = (
            [int(n) for n in text.split(",") if n.strip()]
            for text in _LISTS.findall(line)
        )
        key = len(points)
        points.append((x, y))
        if key != number:
            raise ValueError(f"{path.name}: row {number} is not in its place")
        needs = {
            "skills": dict.fromkeys(skills, 1),
            "tools": frozenset(tools),
            "parts": {
                part: quantity for part, quantity in enumerate(parts) if quantity
            },
        }
        if 1 <= key <= crew:
            resources.append(
                Resource(key, (low, high), key, key, depot_place=0, **needs)
            )
        elif key:
            jobs.append(Job(key, key, minutes, ((low, high),), penalty=MUST, **needs))
    return Problem(resources, jobs, get_matrix(points), Weights(work=1.0))


def read_points(path) -> list:
    """(x, y) of each place of an instance of technicians."""
    lines = path.read_text().splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("ID ")) + 1
    rows = [line.split() for line in lines[begin:] if line.strip()]
    return [(float(row[1]), float(row[2])) for row in rows]


def read_best_known(folder) -> dict:
    """The least working time published, by instance."""
    best = {}
    for line in (folder / "pillac-minwt.sol").read_text().splitlines():
        name, __, value = line.partition("=")
        if name.endswith(KIND):
            best[name.removesuffix(KIND)] = float(value)
    return best


def read_arrivals(path) -> dict:
    """When each request becomes known; negative: before the day."""
    arrivals = {}
    __, rows = path.read_text().split("RD", 1)
    for line in filter(str.strip, rows.splitlines()):
        key, moment = line.split()
        arrivals[int(key)] = float(moment)
    return arrivals


def read_published_days(path) -> dict:
    """(realised working time, requests refused, seconds an event) by instance and
    share of late requests; the mean where a day was run more than once."""
    runs = {}
    for row in _read_published_rows(path):
        seconds = [float(ms) / 1000 for ms in row["times"].split(",")[1:] if ms]
        runs.setdefault((row["name"].removesuffix(KIND), int(row["dod"])), []).append(
            (
                float(row["sol"]),
                int(row["rejected_count"]),
                sum(seconds) / max(len(seconds), 1),
            )
        )
    return {
        key: tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))
        for key, rows in runs.items()
    }


def _read_published_rows(path):
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("name;group"))
    return csv.DictReader(lines[begin:], delimiter=";")


def read_published_orders(path, share=50) -> dict:
    """By instance the stops of each technician on the published day, as he made them:
    numbers of requests, those beyond the file's for the depot."""
    orders = {}
    for row in _read_published_rows(path):
        if int(row["dod"]) == share:
            routes = row["final_sol"].strip("<>").split("|")
            routes = [[int(number) for number in text.split(",")] for text in routes]
            orders[row["name"].removesuffix(KIND)] = {r[0]: r[1:-1] for r in routes}
    return orders


def find_foreseen(problem, arrivals, orders) -> list:
    """Legs (technician, request) that are begun before the request is known.

    Whoever left the stop before when the request came in, or later, would be late for
    it or for what follows: part of the way was made without knowing where to.
    """
    jobs = {job.key: job for job in problem.jobs}
    minutes = problem.minutes
    found = []
    for person in problem.resources:
        stops = []
        for key in orders.get(person.key, ()):
            job = jobs.get(key)
            low, high = job.windows[0] if job else person.shift
            length = job.minutes if job else person.depot_minutes
            stops.append((key, job.place if job else 0, low, high, length))
        latest, place, limits = person.shift[1], person.end_place, []
        for __, here, __, high, length in reversed(stops):
            latest = min(high, latest - minutes[here][place] - length)
            limits.append(latest)
            place = here
        clock, place = person.shift[0], person.start_place
        for (key, here, low, __, length), limit in zip(
            stops, reversed(limits), strict=True
        ):
            way = minutes[place][here]
            if max(clock, arrivals.get(key, 0.0)) + way > limit + 1e-6:
                found.append((person.key, key))
            clock, place = max(clock + way, low) + length, here
    return found


def read_vehicles(path) -> Problem:
    """One of Solomon's: vehicles from one depot; what they carry is a part."""
    rows = [
        [float(text) for text in line.split()]
        for line in path.read_text().splitlines()
        if line.strip() and line.split()[0].isdigit()
    ]
    fleet, customers = rows[0], rows[1:]
    depot = customers[0]
    matrix = [
        [math.floor(10 * math.dist(a[1:3], b[1:3]) + 1e-9) / 10 for b in customers]
        for a in customers
    ]
    resources = [
        Resource(n, (depot[4], depot[5]), 0, 0, parts={0: fleet[1]})
        for n in range(int(fleet[0]))
    ]
    jobs = [
        Job(n, n, row[6], ((row[4], row[5]),), parts={0: row[3]}, penalty=MUST)
        for n, row in enumerate(customers)
        if n
    ]
    return Problem(resources, jobs, matrix, Weights(work=0.0, travel=1.0))


def read_best_distances(folder) -> dict:
    with (folder / "bks_dimacs.csv").open() as file:
        return {
            row["instance"]: float(row["best_known_distance_1decimal_truncated"])
            for row in csv.DictReader(file)
        }
