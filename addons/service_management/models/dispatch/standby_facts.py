"""What must be known to say who should stand by: the day as it is planned, and what
came in on days like it."""

from datetime import timedelta
from random import Random

from odoo.fields import Domain

from odoo.addons.service_management.engine import local_time, readiness
from odoo.addons.service_management.engine.request_history import Past, draw
from odoo.addons.service_management.engine.routing import Job
from odoo.addons.service_management.models.order.service_order import URGENT

from .planning_facts import BEGUN_STATES, PlanningFacts
from .planning_standby import NOTICE

# Possible requests that are looked at; more make no better choice
DRAWN = 100
# The latest so many orders are looked at
MOST_ORDERS = 2000


class StandbyFacts(PlanningFacts):
    """The rest of a point's day (superuser's records), and requests that may come.

    The number of queries grows neither with visits nor with past orders.
    """

    def __init__(self, point, day, now, weeks):
        self.point = point
        self.weeks = weeks
        orders = point.env["service.order"]
        super().__init__(point, day, now=now, orders=orders.browse())
        self.history, self.days = self._find_history()
        self.past = self._make_past()

    # What came in before

    def _find_history(self):
        """Orders of the point that had to be begun on the day they came in, as urgent
        ones have, and the number of days like this one that were looked at."""
        worked = set(
            self.company.resource_calendar_id.attendance_ids.mapped("dayofweek")
        )

        def get_kind(day):
            return str(day.weekday()) in worked

        first = self.day - timedelta(weeks=self.weeks)
        days = [first + timedelta(days=number) for number in range(self.weeks * 7)]
        alike = {day for day in days if get_kind(day) == get_kind(self.day)}
        since, __ = local_time.hours_of(first, self.zone)
        orders = self.env["service.order"].search_fetch(
            Domain("point_id", "=", self.point.id)
            & Domain("type_id.visit_required", "=", True)
            & Domain("date_request", ">=", since)
            & Domain("date_request", "<", self.begin)
            & (Domain("date_due", "!=", False) | Domain("priority", "=", URGENT)),
            ["date_request", "date_due", "type_id", "category_id", "priority"]
            + ["site_id", "area_id"],
            order="date_request desc, id desc",
            limit=MOST_ORDERS,
        )
        if len(orders) == MOST_ORDERS:
            # Only the days that were read as a whole
            oldest = local_time.day_of(orders[-1].date_request, self.zone)
            alike = {day for day in alike if day > oldest}
        return (
            orders.filtered(
                lambda order: (
                    local_time.day_of(order.date_request, self.zone) in alike
                    and self._is_same_day(order)
                )
            ),
            len(alike),
        )

    def _is_same_day(self, order) -> bool:
        if order.priority == URGENT:
            return True
        came = local_time.day_of(order.date_request, self.zone)
        return local_time.day_of(order.date_due, self.zone) <= came

    def _make_past(self) -> list[Past]:
        """What each asked for; crews and places that nobody knows are left out, and
        what the service point has neither: waiting there helps with none of them."""
        needs = self.env["service.planning.run"]._get_planning_parts(self.history)
        depot_tools = frozenset(self.point.tool_ids.ids)
        past = []
        for number, order in enumerate(self.history):
            position = order._get_position()
            asked = order.type_id._get_asked(
                order.category_id, needs.get(order.id, {}), 1
            )
            if position is None or asked.crew > 1 or asked.tools - depot_tools:
                continue
            day = local_time.day_of(order.date_request, self.zone)
            begin, end = local_time.hours_of(day, self.zone)
            moment = order.date_request
            due = max(min(order.date_due or end, end), moment)
            place = self._add_place(position)
            past.append(
                Past(
                    Job(
                        number,
                        place,
                        round((order.type_id.duration or 1.0) * 60),
                        (),
                        skills=asked.skills,
                        tools=asked.tools,
                        # What is kept for its order is nobody else's
                        parts={key: n for key, n in asked.parts.items() if key > 0},
                    ),
                    place,
                    (moment - begin).total_seconds() / 60,
                    (due - moment).total_seconds() / 60,
                )
            )
        return past

    def _read_stock(self) -> dict:
        return self.env["service.planning.run"]._get_planning_stock(
            self.technicians, self.points, self.history | self.visits.order_id
        )

    def draw_requests(self, resources, seed):
        """Possible requests until the last one is done, and how many to expect."""
        if not resources:
            return [], 0.0
        held = resources[0].depot_parts
        return draw(
            [past for past in self.past if past.job.parts.keys() <= held],
            self.days,
            self.get_now(),
            max(resource.shift[1] for resource in resources),
            DRAWN,
            Random(f"{seed}-{self.point.id}"),
        )

    def get_now(self) -> float:
        return self.to_minutes(self.now + NOTICE)

    # What lies ahead

    def make_people(self, resources, minutes) -> list[readiness.Ahead]:
        """Everybody at work with the visits that are planned, and who waits already as
        somebody who does."""
        people = []
        for resource in resources:
            ahead = self._make_ahead(resource, minutes)
            for wait in self.watches.waits.get(resource.key, ()):
                until = min(self.to_minutes(wait.end), resource.shift[1])
                ahead = readiness.stand_by(ahead, minutes, until)
            people.append(ahead)
        return people

    def _make_ahead(self, resource, minutes) -> readiness.Ahead:
        stops = self.get_stops(resource.key)
        place, now = resource.start_place, self.get_now()
        free = max(now, resource.shift[0])
        is_out, is_waiting, planned = False, True, []
        parts = dict(resource.parts)
        for task, start in stops:
            state = task.visit.state
            if state != "done":
                for part, quantity in task.parts.items():
                    parts[part] = parts.get(part, 0.0) - quantity
            if state not in BEGUN_STATES:
                planned.append((task, start))
                continue
            is_out, place = True, task.place
            if state == "en_route":
                is_waiting, start = False, max(start, now)
            if state != "done":
                free = max(free, start + task.minutes)
        wait = self.watches.get_wait(resource.key, self.now + NOTICE)
        if wait and is_waiting and free <= now:
            place = self.get_wait_place(wait) or place
        return readiness.Ahead(
            resource,
            free,
            minutes[place],
            parts,
            self._make_errands(resource, place, free, planned, minutes),
            is_out=is_out,
            since=free,
            is_waiting=is_waiting,
        )

    def _make_errands(self, resource, place, free, planned, minutes) -> tuple:
        """The visits to come, begun as planned or as soon as somebody gets there."""
        timed = []
        for task, start in planned:
            way = minutes[place][task.place]
            start = max(start, free + way)
            free, place = start + task.minutes, task.place
            timed.append((task, start - way, start))
        following, latest = resource.end_place, resource.shift[1]
        errands = []
        for task, leave, start in reversed(timed):
            back = minutes[task.place][following]
            high = start if task.locked or not task.windows else task.windows[-1][1]
            latest = max(start, min(high, latest - back - task.minutes))
            end = start + task.minutes
            errands.append(readiness.Errand(task.place, leave, start, end, latest))
            following = task.place
        return tuple(reversed(errands))
