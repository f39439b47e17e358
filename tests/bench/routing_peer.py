"""Another planner on the same technicians: reads a problem, writes the order of stops.

    python routing_peer.py ortools|pyvrp SECONDS <question.json >answer.json

Run by `bench_routing.ask` in a process of its own: the packages are there for measuring
only, and two of them may not even be loaded beside each other. SECONDS are CPU time.
Answer: keys of jobs by technician's key, 0 for a stop at the depot (place 0).
"""

import json
import math
import sys
import time

SCALE = 1000  # whole numbers of thousandths
BAR = 10**9
LEAVE_OUT = 10**7


def scale(minutes):
    return math.ceil(minutes * SCALE - 1e-6)


def get_parts(thing, kinds):
    return [int(thing["parts"].get(str(kind), 0)) for kind in kinds]


def find_kinds(question):
    """Numbers of all parts and of all tools that are asked for."""
    jobs = question["jobs"]
    parts = sorted({int(part) for job in jobs for part in job["parts"]})
    tools = sorted({tool for job in jobs for tool in job["tools"]})
    return parts, tools


def may_serve(person, job):
    return set(job["skills"]) <= set(person["skills"])


def carries(person, job):
    return set(job["tools"]) <= set(person["tools"]) and all(
        person["parts"].get(part, 0) >= quantity
        for part, quantity in job["parts"].items()
    )


def ask_ortools(question, seconds):
    """Routing library: a stop at the depot of his own for each technician; parts and
    tools are dimensions that it fills."""
    from ortools.constraint_solver import pywrapcp
    from ortools.constraint_solver import routing_enums_pb2 as enums

    begun = time.process_time()
    people, jobs = question["people"], question["jobs"]
    crew, size = len(people), len(jobs)
    depots = crew + size
    places = [p["place"] for p in people] + [j["place"] for j in jobs] + [0] * crew
    service = [0] * crew + [scale(j["minutes"]) for j in jobs] + [0] * crew
    total = len(places)
    manager = pywrapcp.RoutingIndexManager(
        total, crew, list(range(crew)), list(range(crew))
    )
    model = pywrapcp.RoutingModel(manager)
    way = [[scale(question["minutes"][a][b]) for b in places] for a in places]
    transit = [
        [0 if a == b else way[a][b] + service[a] for b in range(total)]
        for a in range(total)
    ]
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(way))
    horizon = scale(max(p["shift"][1] for p in people))
    model.AddDimension(
        model.RegisterTransitMatrix(transit), horizon, horizon, False, "time"
    )
    clock = model.GetDimensionOrDie("time")
    clock.SetSpanCostCoefficientForAllVehicles(1)
    for number, job in enumerate(jobs):
        index = manager.NodeToIndex(crew + number)
        low, high = job["window"]
        clock.CumulVar(index).SetRange(scale(low), int(high * SCALE))
        able = [t for t, person in enumerate(people) if may_serve(person, job)]
        model.VehicleVar(index).SetValues([-1, *able])
        model.AddDisjunction([index], LEAVE_OUT)
    for t in range(crew):
        index = manager.NodeToIndex(depots + t)
        model.VehicleVar(index).SetValues([-1, t])
        model.AddDisjunction([index], 0)

    add_supplies(model, manager, question)
    search = pywrapcp.DefaultRoutingSearchParameters()
    strategies, methods = enums.FirstSolutionStrategy, enums.LocalSearchMetaheuristic
    search.first_solution_strategy = strategies.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = methods.GUIDED_LOCAL_SEARCH
    # On the clock, far away: the limit of CPU time below decides.
    search.time_limit.FromMilliseconds(int(seconds * 100_000))
    solver = model.solver()
    model.AddSearchMonitor(
        solver.CustomLimit(lambda: time.process_time() - begun > seconds)
    )
    found = model.SolveWithParameters(search)
    answer = {}
    for t, person in enumerate(people if found else ()):
        index, stops = model.Start(t), []
        while not model.IsEnd(index):
            node = manager.IndexToNode(index)
            if node >= depots:
                stops.append(0)
            elif node >= crew:
                stops.append(jobs[node - crew]["key"])
            index = found.Value(model.NextVar(index))
        if stops:
            answer[person["key"]] = stops
    return answer


def add_supplies(model, manager, question):
    """Parts and tools along each route of OR-Tools, filled up at the depot."""
    people, jobs = question["people"], question["jobs"]
    crew, size = len(people), len(jobs)

    def add_stock(name, change, begin, most):
        transit = model.RegisterUnaryTransitVector(change)
        model.AddDimension(transit, 0, most, False, name)
        stock = model.GetDimensionOrDie(name)
        for t in range(crew):
            stock.CumulVar(model.Start(t)).SetValue(begin[t])
        return stock

    parts, tools = find_kinds(question)
    full = 1000
    for part in parts:
        need = [-get_parts(job, [part])[0] for job in jobs]
        begin = [get_parts(person, [part])[0] for person in people]
        change = [0] * crew + need + [full] * crew
        add_stock(f"part {part}", change, begin, 2 * full)
    for tool in tools:
        begin = [int(tool in person["tools"]) for person in people]
        change = [0] * (crew + size) + [1] * crew
        has = add_stock(f"tool {tool}", change, begin, 2)
        for number, job in enumerate(jobs):
            if tool in job["tools"]:
                has.CumulVar(manager.NodeToIndex(crew + number)).SetMin(1)


def ask_pyvrp(question, seconds):
    """Each request twice, before and after the depot, one of the two to be served; the
    ways between the two halves that no technician may take are barred."""
    import numpy as np
    import pyvrp

    begun = time.process_time()
    people, jobs = question["people"], question["jobs"]
    parts, __ = find_kinds(question)
    crew, size = len(people), len(jobs)
    places = [0] + [p["place"] for p in people] + 2 * [j["place"] for j in jobs]
    total = len(places)
    homes = np.arange(1, crew + 1)
    before = np.arange(crew + 1, crew + 1 + size)
    behind = before + size
    way = np.array([[scale(question["minutes"][a][b]) for b in places] for a in places])
    barred = np.zeros((total, total), np.int64)
    for origin, target in (
        (before, behind),
        (behind, before),
        (homes, behind),
        ([0], before),
        (behind, [0]),
    ):
        barred[np.ix_(origin, target)] = BAR
    groups = [pyvrp.ClientGroup([n, n + size], required=True) for n in range(size)]
    clients = []
    for half in range(2):
        for number, job in enumerate(jobs):
            low, high = job["window"]
            clients.append(
                pyvrp.Client(
                    len(places) - 2 * size + half * size + number,
                    delivery=get_parts(job, parts) if not half else [0] * len(parts),
                    service_duration=scale(job["minutes"]),
                    tw_early=scale(low),
                    tw_late=int(high * SCALE),
                    required=False,
                    group=number,
                )
            )
    end = scale(max(p["shift"][1] for p in people))
    depots = [pyvrp.Depot(0, 0, end)]
    costs, vehicles = [], []
    for t, person in enumerate(people):
        low, high = map(scale, person["shift"])
        depots.append(pyvrp.Depot(t + 1, low, high))
        cost = barred.copy()
        for number, job in enumerate(jobs):
            able = may_serve(person, job)
            for node, good in (
                (before[number], able and carries(person, job)),
                (behind[number], able),
            ):
                if not good:
                    cost[:, node] = cost[node, :] = BAR
        np.fill_diagonal(cost, 0)
        costs.append(cost)
        vehicles.append(
            pyvrp.VehicleType(
                1,
                get_parts(person, parts),
                start_depot=t + 1,
                end_depot=t + 1,
                tw_early=low,
                tw_late=high,
                unit_distance_cost=1,
                unit_duration_cost=1,
                profile=t,
                reload_depots=[0],
                max_reloads=1,
            )
        )
    locations = [pyvrp.Location(0.0, 0.0) for __ in places]
    data = pyvrp.ProblemData(
        locations, clients, depots, vehicles, costs, [way] * crew, groups
    )

    class Stop:
        fraction_remaining = None

        def __call__(self, cost):
            return time.process_time() - begun > seconds

    found = pyvrp.solve(data, stop=Stop(), seed=1, collect_stats=False)
    answer = {}
    for route in found.best.routes():
        stops = []
        for entry in list(route.schedule())[1:-1]:
            activity = getattr(entry, "activity", entry)
            if str(activity.type).endswith("CLIENT"):
                stops.append(jobs[activity.idx % size]["key"])
            else:
                stops.append(0)
        answer[people[route.vehicle_type()]["key"]] = stops
    return answer


if __name__ == "__main__":
    ask = {"ortools": ask_ortools, "pyvrp": ask_pyvrp}[sys.argv[1]]
    json.dump(ask(json.load(sys.stdin), float(sys.argv[2])), sys.stdout)
