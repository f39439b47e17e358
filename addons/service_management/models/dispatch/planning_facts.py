"""What planning a day must know, read in bulk and put into the words of the engine."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytz

from odoo import models

from odoo.addons.service_management.engine import local_time, routing
from odoo.addons.service_management.models.order.service_order import URGENT

from .planning_standby import (
    CALL_OUT_COST,
    KEPT_COST,
    NOTICE,
    OVERTIME_MINUTES,
    Watches,
    make_wait_jobs,
)

# Minutes of work that leaving an order out is worth, by its priority
PENALTIES = {"0": 240.0, "1": 480.0, "2": 960.0, "3": 2400.0}
# Due on the day or before; promised to somebody already
DUE_FACTOR = 2.0
PROMISED_FACTOR = 4.0
# Minutes that are driven further for the technician whom the customer wants
DESIGNATED_BONUS = 45.0
# and for one who speaks the customer's language
LANGUAGE_BONUS = 15.0
DEPOT_MINUTES = 10.0
# What is promised until eleven begins before eleven
BEFORE_END = timedelta(minutes=1)

OPEN_STATES = ("planned", "en_route", "on_site")
BEGUN_STATES = ("en_route", "on_site", "done")


@dataclass
class Task:
    """An order to be visited on the day, or a visit that is planned already."""

    key: int
    order: models.Model
    visit: models.Model
    place: int | None
    minutes: int
    windows: tuple = ()
    due: float | None = None
    locked: tuple | None = None
    crew: int = 1
    skills: dict = field(default_factory=dict)
    # Skills that it is enough if one of the crew has
    one_of: frozenset = frozenset()
    tools: frozenset = frozenset()
    parts: dict = field(default_factory=dict)
    after: tuple = ()
    # A reason that is known before any search
    refused: str = ""

    @property
    def people(self) -> tuple:
        return tuple(self.visit.crew_ids.technician_id.ids)


class PlanningFacts:
    """The day of some service points (superuser's records).

    The number of queries does not grow with orders or technicians.

    :param points: whose technicians and orders; all of one company
    :param now: nothing moves to before; ``None`` where the whole day is ahead
    :param orders: waiting orders to be served, or ``None`` for all of the points
    """

    def __init__(self, points, day: date, now: datetime | None = None, orders=None):
        self.env = points.env
        self.points = points
        self.company = points.company_id[:1] or self.env.company
        self.day = day
        self.now = now
        self.zone = self.company._get_service_zone()
        self.begin, self.end = local_time.hours_of(day, self.zone)
        self.positions: list = []
        self._numbers: dict = {}
        self.no_place = self._add_place(None)
        self.technicians = self._find_technicians()
        # Closed days of a point are nobody's; its opening hours are those of whoever
        # has none of his or her own
        staffed = self.technicians.point_id
        self.closed = staffed._get_points_with_closure(day)
        self.off = staffed._get_points_off(day, True)
        self.shifts = self._read_shifts()
        self.watches = Watches(self)
        self.visits = self._find_visits()
        self.orders = self._find_orders() if orders is None else orders
        self.tasks = self._make_tasks()

    # Time and places

    def _to_utc(self, local: datetime) -> datetime:
        return local_time.to_utc(local, self.zone)

    def to_minutes(self, moment: datetime) -> float:
        return (moment - self.begin).total_seconds() / 60

    def to_moment(self, minutes: float) -> datetime:
        return self.begin + timedelta(minutes=round(minutes))

    def _add_place(self, position) -> int:
        if position not in self._numbers:
            self._numbers[position] = len(self.positions)
            self.positions.append(position)
        return self._numbers[position]

    def read_travel(self, may_ask=True) -> tuple[list[list[int]], object]:
        """Whole minutes between all places, rounded up, and where they come from.

        From a base that nobody knows the way is no time: it cannot decide anything.
        """
        known = [position for position in self.positions if position is not None]
        times = self.env["service.travel"]._get_times(known, self.company, may_ask)
        size = len(self.positions)
        minutes = [[0] * size for __ in range(size)]
        rows = [n for n, position in enumerate(self.positions) if position is not None]
        for row, line in zip(rows, times.minutes, strict=True):
            for column, value in zip(rows, line, strict=True):
                minutes[row][column] = math.ceil(value - 1e-6)
        return minutes, times

    # Technicians

    def _find_technicians(self):
        return self.env["service.technician"].search(
            [("point_id", "in", self.points.ids)]
        )

    def _read_shifts(self) -> dict:
        """Working (start, end) pairs of the day by technician id, leaves taken out."""
        resources = self.technicians.resource_id
        intervals, __ = resources._get_valid_work_intervals(
            pytz.utc.localize(self.begin), pytz.utc.localize(self.end)
        )
        opening = time_of(self.company.service_day_start)
        closing = time_of(self.company.service_day_end)
        usual = (
            self._to_utc(datetime.combine(self.day, opening)),
            self._to_utc(datetime.combine(self.day, closing)),
        )
        shifts = {}
        for technician in self.technicians:
            worked = [
                (
                    since.astimezone(pytz.utc).replace(tzinfo=None),
                    until.astimezone(pytz.utc).replace(tzinfo=None),
                )
                for since, until, *__ in intervals[technician.resource_id.id]
            ]
            if not technician.resource_calendar_id:
                worked = [
                    (max(since, usual[0]), min(until, usual[1]))
                    for since, until in worked
                    if technician.point_id.id not in self.off
                ]
            if technician.point_id.id in self.closed:
                worked = []
            shifts[technician.id] = [pair for pair in worked if pair[0] < pair[1]]
        return shifts

    def _get_base(self, technician) -> int:
        """Where the day begins and ends."""
        return self._add_place(technician._get_base_position())

    def make_resources(self) -> list[routing.Resource]:
        """The technicians who work on the day, and who is on call beside it."""
        skills = self._read_skills()
        stock = self._read_stock()
        at_work = {
            key
            for task in self.tasks
            if task.locked and self._is_past(task)
            for key in task.locked[0]
        }
        resources = []
        for technician in self.technicians:
            worked = self.shifts[technician.id]
            for wait in self.watches.waits.get(technician.id, ()):
                self.get_wait_place(wait)  # known before the ways are
            if worked:
                start, end = worked[0][0], worked[-1][1]
                base = self._get_base(technician)
                if self.now and technician.id not in at_work:
                    start = max(start, self.now + NOTICE)
                    wait = self.watches.get_wait(technician.id, start)
                    base = wait and self.get_wait_place(wait) or base
                if start < end:
                    breaks = [
                        (left, right)
                        for (__, left), (right, __) in zip(
                            worked, worked[1:], strict=False
                        )
                        if left >= start
                    ]
                    resources.append(
                        self._make_resource(
                            technician,
                            technician.id,
                            (start, end),
                            breaks,
                            skills,
                            stock,
                            base,
                        )
                    )
            for watch in self.watches.by_technician.get(technician.id, ()):
                now = None if watch.key in at_work else self.now
                shift = self.watches.get_shift(watch, now, NOTICE)
                if shift:
                    resources.append(
                        self._make_resource(
                            technician, watch.key, shift, (), skills, stock
                        )
                    )
        return resources

    def get_wait_place(self, wait) -> int | None:
        """Where somebody waits; none where nobody knows where that is."""
        position = get_position_of(wait.point)
        return self._add_place(position) if position else None

    def _make_resource(
        self, technician, key, shift, breaks, skills, stock, start_place=None
    ):
        base = self._get_base(technician)
        start, end = shift
        depot = get_position_of(technician.point_id)
        return routing.Resource(
            key=key,
            shift=(self.to_minutes(start), self.to_minutes(end)),
            start_place=base if start_place is None else start_place,
            end_place=base,
            breaks=tuple(
                (
                    self.to_minutes(left),
                    self.to_minutes(left),
                    (right - left).total_seconds() / 60,
                )
                for left, right in breaks
            ),
            skills=skills[technician.id],
            tools=frozenset(technician.tool_ids.ids),
            parts=stock.get(("technician", technician.id), {}),
            max_minutes=self._get_most_minutes(technician, key),
            overtime_minutes=OVERTIME_MINUTES if key < 0 else 0.0,
            depot_place=self._add_place(depot) if depot else base,
            depot_minutes=DEPOT_MINUTES,
            depot_tools=frozenset(technician.point_id.tool_ids.ids),
            depot_parts=frozenset(stock.get(("point", technician.point_id.id), {})),
        )

    def _get_most_minutes(self, technician, key) -> float | None:
        """Of visits, what the technician may have; on call, what the planned ones of
        the working hours leave of it."""
        if not technician.max_hours_day:
            return None
        booked = timedelta()
        if key < 0:
            for visit in self.visits:
                if technician in visit.crew_ids.technician_id and (
                    self.watches.get_key(technician.id, visit.planned_start) > 0
                ):
                    booked += visit.planned_end - visit.planned_start
        minutes = technician.max_hours_day * 60 - booked.total_seconds() / 60
        return max(0.0, minutes)

    def _read_skills(self) -> dict:
        """``{technician id: {skill id: best level valid on the day}}``; what nobody
        has verified counts for nothing, as in `_get_missing_requirements`."""
        levels = defaultdict(dict)
        for skill in self.env["service.technician.skill"].search_fetch(
            [
                ("technician_id", "in", self.technicians.ids),
                ("valid_from", "<=", self.day),
                ("verification", "=", "verified"),
                "|",
                ("valid_to", "=", False),
                ("valid_to", ">=", self.day),
            ],
            ["technician_id", "skill_id", "skill_level_id"],
        ):
            own = levels[skill.technician_id.id]
            key = skill.skill_id.id
            own[key] = max(own.get(key, -1.0), float(skill.level_progress))
        return levels

    def _read_stock(self) -> dict:
        """``{("technician" or "point", id): {product id: free quantity}}``."""
        return self.env["service.planning.run"]._get_planning_stock(
            self.technicians, self.points, self.orders | self.visits.order_id
        )

    # Orders and visits

    def _find_visits(self):
        """All that takes place on the day by the technicians or for the points."""
        return self.env["service.visit"].search(
            [
                ("planned_start", "<", self.end),
                ("planned_end", ">", self.begin),
                ("is_blocking", "=", True),
                "|",
                ("point_id", "in", self.points.ids),
                ("crew_ids.technician_id", "in", self.technicians.ids),
            ]
        )

    def _find_orders(self):
        return self.env["service.order"].search(
            [
                ("point_id", "in", self.points.ids),
                ("state", "=", "accepted"),
                ("type_id.visit_required", "=", True),
            ]
        )

    def _make_tasks(self) -> list[Task]:
        tasks: list[Task] = []
        needs = self.env["service.planning.run"]._get_planning_parts(
            self.orders | self.visits.order_id
        )
        for visit in self.visits:
            task = self._make_visit_task(len(tasks), visit)
            if task:
                tasks.append(task)
        for order in self.orders:
            if (
                order
                in self.visits.filtered(
                    lambda visit: visit.state in OPEN_STATES
                ).order_id
            ):
                continue
            task = self._make_order_task(len(tasks), order)
            if task:
                tasks.append(task)
        for task in tasks:
            self._add_needs(task, needs)
            if self._is_closed(task):
                task.refused = "closed"
        self._tie(tasks)
        return tasks

    def _is_closed(self, task) -> bool:
        """Whether the point is closed and nobody is called out for this order."""
        order = task.order
        if task.locked or order.point_id.id not in self.closed:
            return False
        return not (
            order.priority == URGENT
            and self.watches.get_keys(order.point_id.technician_ids)
        )

    def _make_visit_task(self, key, visit) -> Task | None:
        """A planned visit: a fact where it has begun, is locked, or has no place."""
        start, end = visit.planned_start, visit.planned_end
        keys = [
            self.watches.get_key(technician.id, start)
            for technician in visit.crew_ids.technician_id
        ]
        working = [key for key in keys if key < 0 or self.shifts.get(key)]
        position = visit.order_id._get_position()
        fixed = (
            visit.state in BEGUN_STATES
            or visit.is_locked
            or position is None
            or visit.point_id not in self.points
        )
        if visit.state == "done" and visit.actual_end:
            end = min(max(visit.actual_end, start + timedelta(minutes=1)), end)
        if visit.state == "on_site":
            start = min(visit.actual_start or start, start)
            if self.now and end < self.now:
                # Nobody knows how long it will take: expected to end soon
                end = self.now + NOTICE
        task = Task(
            key,
            visit.order_id,
            visit,
            self.no_place if position is None else self._add_place(position),
            max(round((end - start).total_seconds() / 60), 1),
            due=self._get_due(visit.order_id),
            crew=max(len(visit.crew_ids), 1),
        )
        if fixed:
            if not working:
                return None
            task.locked = (tuple(working), self.to_minutes(start))
            task.crew = len(working)
            return task
        task.windows = self._get_visit_windows(visit, task.minutes)
        return task

    def _make_order_task(self, key, order) -> Task | None:
        position = order._get_position()
        task = Task(
            key,
            order,
            self.env["service.visit"],
            None if position is None else self._add_place(position),
            round((order.type_id.duration or 1.0) * 60),
            due=self._get_due(order),
            crew=order.type_id.crew_size or 1,
        )
        promise = order._get_promised_slot()
        low, high = self.begin, self.end
        if promise:
            low, high = promise
            if low >= self.end or high <= self.begin:
                return None  # promised for another day
            high -= BEFORE_END
        task.windows = self._cut(order, low, high, task.minutes)
        return task

    def _get_visit_windows(self, visit, minutes) -> tuple:
        if visit.slot_start:
            low, high = visit.slot_start, visit.slot_end - BEFORE_END
        else:
            room = timedelta(minutes=self.company.service_plan_tolerance)
            low, high = visit.planned_start - room, visit.planned_start + room
        if self.now and high < self.now + NOTICE:
            # Late already: the sooner the better
            high = self.now + NOTICE + timedelta(hours=2)
        return self._cut(visit.order_id, low, high, minutes)

    def _cut(self, order, low, high, minutes) -> tuple:
        """Starts between ``low`` and ``high`` that are ahead and within the opening
        hours of the site."""
        low, high = max(low, self.begin), min(high, self.end)
        if self.now:
            low = max(low, self.now + NOTICE)
        first, last = self.to_minutes(low), self.to_minutes(high)
        if first > last:
            return ()
        calendar = order.site_id.service_calendar_id
        if not calendar:
            return ((first, last),)
        hours = self.env["resource.calendar"]._get_service_calendar(calendar.id, "")
        windows = []
        for since, until in hours.windows(self.begin, self.end):
            opened = max(first, self.to_minutes(since))
            closed = min(last, self.to_minutes(until) - minutes)
            if opened <= closed:
                windows.append((opened, closed))
        return tuple(windows)

    def _get_due(self, order) -> float | None:
        if not order.date_due:
            return None
        due = self.to_minutes(order.date_due)
        # What is late anyway is as late wherever it is put: the penalty says urgent
        return due if due > 0 else None

    def is_late(self, order, minutes) -> bool:
        """Whether a visit that begins then is later than promised."""
        return bool(order.date_due) and self.to_moment(minutes) > order.date_due

    def _add_needs(self, task, parts):
        order = task.order
        asked = order.type_id._get_asked(
            order.category_id, parts.get(order.id, {}), task.crew
        )
        task.skills, task.one_of = asked.skills, asked.one_of
        task.tools, task.parts = asked.tools, asked.parts

    def _tie(self, tasks):
        """Which task waits for which; what can wait for nobody is refused."""
        by_order = defaultdict(list)
        for task in tasks:
            by_order[task.order.id].append(task.key)
        for task in tasks:
            after = []
            for other in task.order.after_order_ids:
                if other.state in ("done", "closed", "cancelled"):
                    continue
                planned = other.visit_ids.filtered(
                    lambda visit: visit.state in OPEN_STATES
                )
                if other.id in by_order:
                    after += by_order[other.id]
                elif not planned or max(planned.mapped("planned_end")) > self.begin:
                    task.refused = "after"
            task.after = tuple(after)

    # The problem

    def make_problem(self, weights, may_ask=True):
        """The engine's problem, and what is known about its travel times."""
        resources = self.make_resources()
        working = {resource.key for resource in resources}
        jobs = [
            self._make_job(task, working) for task in self.tasks if not task.refused
        ]
        jobs = [job for job in jobs if job]
        minutes, times = self.read_travel(may_ask)
        jobs += make_wait_jobs(self, resources, minutes)
        return routing.Problem(resources, jobs, minutes, weights), times

    def _make_job(self, task, working):
        locked = task.locked
        if locked:
            people = tuple(key for key in locked[0] if key in working)
            if not people:
                return None
            locked = (people, locked[1])
        own = self._get_own(task, working)
        refused = {key for key in task.after if self.tasks[key].refused}
        if refused:
            task.refused = "after"
            return None
        return routing.Job(
            key=task.key,
            place=task.place,
            minutes=task.minutes,
            windows=((locked[1], locked[1]),) if locked else _part(task),
            due=task.due,
            skills={} if locked else task.skills,
            one_of=frozenset() if locked else task.one_of,
            tools=frozenset() if locked else task.tools,
            parts={} if locked else task.parts,
            penalty=self._get_penalty(task),
            allowed=None if locked else own,
            preferred=self._get_preferences(task, own),
            crew=len(locked[0]) if locked else task.crew,
            after=() if locked else task.after,
            locked=locked,
        )

    def _get_own(self, task, working) -> frozenset:
        """Whose work it may be: the point's technicians, those on call where it is
        urgent or planned for such a time already."""
        people = task.order.point_id.technician_ids
        own = {technician.id for technician in people}
        if task.order.priority == URGENT:
            own |= self.watches.get_keys(people)
        elif task.visit:
            own |= set(self._get_visit_keys(task))
        return frozenset(own & working)

    def _get_visit_keys(self, task) -> list:
        """Who makes the planned visit of a task, for the engine."""
        return [
            self.watches.get_key(person, task.visit.planned_start)
            for person in task.people
        ]

    def _get_preferences(self, task, own) -> dict:
        """What each costs more, or less, than the minutes of the work."""
        costs = self._get_preferred(task, own)
        for key in own:
            if key < 0:
                person = self.watches.get_technician_id(key)
                costs[key] = CALL_OUT_COST + costs.get(person, 0.0)
        if task.order.priority != URGENT:
            # Who waits does so for what others cannot make
            for key in self.watches.get_waiting(self.now) & own - {*task.people}:
                costs[key] = KEPT_COST + costs.get(key, 0.0)
        return costs

    def _get_penalty(self, task) -> float:
        penalty = PENALTIES.get(task.order.priority, PENALTIES["1"])
        if task.order.date_due and task.order.date_due < self.end:
            penalty *= DUE_FACTOR
        if task.visit or task.order._get_promised_slot():
            penalty *= PROMISED_FACTOR
        return penalty

    def _get_preferred(self, task, own) -> dict:
        """Whom the customer or the contract names, cheaper by so many minutes; somewhat
        less cheap, who speaks the customer's language."""
        wishes = self.get_wishes(task)
        return {
            key: -DESIGNATED_BONUS if "designated" in codes else -LANGUAGE_BONUS
            for key, codes in wishes.items()
            if codes and key in own
        }

    def get_wishes(self, task) -> dict:
        """What speaks for each technician of the order's point, codes by id."""
        order = task.order
        wishes = order._get_technician_preferences(order.point_id.technician_ids)
        for key in order.entitlement_id.technician_id.ids:
            if key in wishes and "designated" not in wishes[key]:
                wishes[key].append("designated")
        return wishes

    def get_stops(self, key) -> list:
        """What a technician is planned to do: (task, start), in order."""
        stops = []
        for task in self.tasks:
            if task.locked and key in task.locked[0]:
                stops.append((task, task.locked[1]))
            elif not task.locked and task.visit and key in self._get_visit_keys(task):
                stops.append((task, self.to_minutes(task.visit.planned_start)))
        return sorted(stops, key=lambda stop: stop[1])

    def make_start(self, problem) -> routing.Plan:
        """The plan as it stands, to begin the search with."""
        working = {resource.key for resource in problem.resources}
        routes = defaultdict(list)
        left_out = {}
        for job in problem.jobs:
            if job.key < 0:  # where somebody waits
                key, start = job.locked[0][0], job.locked[1]
                routes[key].append(routing.Stop(job.key, start, start, start))
                continue
            visit = self.tasks[job.key].visit
            people = (
                job.locked[0]
                if job.locked
                else self._get_visit_keys(self.tasks[job.key])
            )
            if not visit or not people or set(people) - working:
                left_out[job.key] = "price"
                continue
            start = self.to_minutes(visit.planned_start)
            for key in people:
                routes[key].append(
                    routing.Stop(job.key, start, start, start + job.minutes)
                )
        return routing.Plan(
            {
                key: tuple(sorted(stops, key=lambda stop: stop.start))
                for key, stops in routes.items()
            },
            left_out,
            0.0,
            {},
        )

    def _is_past(self, task) -> bool:
        return bool(
            self.now
            and task.locked
            and self.to_moment(task.locked[1]) <= self.now + NOTICE
        )


def time_of(hours: float) -> time:
    """8.5 is half past eight; 24 is the last minute of the day."""
    minutes = min(round(hours * 60), 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)


def get_position_of(point) -> tuple[float, float] | None:
    """Latitude and longitude of a service point, where they are known."""
    place = (point.partner_latitude, point.partner_longitude)
    return place if any(place) else None


def _part(task) -> tuple:
    """The windows, parted where the visit would begin to be late: the search chooses
    between waiting and being late."""
    if task.due is None:
        return task.windows
    parts = []
    for low, high in task.windows:
        if low < task.due < high:
            parts += [(low, task.due), (task.due, high)]
        else:
            parts.append((low, high))
    return tuple(parts)
