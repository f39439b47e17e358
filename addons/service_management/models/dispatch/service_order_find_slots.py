from datetime import timedelta

from odoo import fields, models

from odoo.addons.service_management.engine import crew as crews
from odoo.addons.service_management.engine import routing, visit_gaps
from odoo.addons.service_management.engine.routing_tables import find_reason
from odoo.addons.service_management.models.order.service_order import URGENT

from .planning_facts import (
    DESIGNATED_BONUS,
    LANGUAGE_BONUS,
    PlanningFacts,
)
from .planning_standby import CALL_OUT_COST

# As far ahead as a customer is offered a time, and how many days are looked at beyond
# the first one that has room
DAYS_AHEAD = 10
DAYS_BEYOND = 1
# Why nobody can come, in the order in which it is found out: of several days what came
# furthest is told
OBSTACLES = (
    "point",
    "after",
    "closed",
    "allowed",
    "skill",
    "tool",
    "part",
    "crew",
    "window",
    "shift",
    "full",
)
# Driven further before parts or tools have to be fetched at the point
DEPOT_COST = 20.0


class ServiceOrder(models.Model):
    """Times for one order now: who could come when, without moving anybody else."""

    _inherit = "service.order"

    def _find_slots(self, count=3, date_from=None, days=None) -> list[dict]:
        """The best times for a visit of this order, across technicians.

        Every technician of the order's point, or of the points that could have it, is
        looked at: skills and tools, parts, working hours, leaves, booked visits, the
        way between them and to the point where something is fetched there, the promise
        to the customer. Where the work needs a crew, its people are found together, all
        of one point.

        :param date_from: nothing before (UTC); now by default
        :param days: days to look at
        :return: by rising cost: ``{"technician_id", "technician_ids", "technician",
            "point_id", "start", "end", "travel_minutes", "cost", "reasons"}``; the
            technician is the first of the crew, the name that of all of it; a reason
            is ``{"code", "text", "value"}``
        """
        return self._search_slots(count, date_from, days)[0]

    def _search_slots(self, count=3, date_from=None, days=None) -> tuple[list, str]:
        """As `_find_slots`, with a sentence that says why there are none."""
        self.ensure_one()
        self.check_access("read")
        # sudo: planning reads calendars, stock and bookings whoever asks for a time
        order = self.sudo()
        points = order._get_slot_points()
        now = max(date_from or fields.Datetime.now(), fields.Datetime.now())
        first = order.company_id._get_service_day(now)
        found, obstacles, beyond = [], {"point"}, DAYS_BEYOND
        for number in range(days or DAYS_AHEAD):
            if not points:
                break
            slots, obstacle = order._find_day_slots(
                points, first + timedelta(days=number), now, count
            )
            found += slots
            obstacles.add(obstacle)
            if len(found) >= count:
                if not beyond:
                    break
                beyond -= 1
        found.sort(key=lambda slot: (slot["cost"], slot["start"]))
        if found:
            return found[:count], ""
        obstacle = max(obstacles - {""}, key=OBSTACLES.index)
        return [], order._describe_obstacle(obstacle)

    def _get_slot_points(self):
        """Whose technicians could come: the order's point, else its candidates."""
        self.ensure_one()
        if self.point_id:
            return self.point_id
        if not self.type_id:
            return self.env["service.point"]
        decision = self._rank_candidates()[self.id]
        return self.env["service.point"].browse(
            ranked.candidate.key for ranked in decision.ranked if ranked.eligible
        )

    def _find_day_slots(self, points, day, now, count) -> tuple[list, str]:
        """The best times of a day, and what stands in the way where there are none."""
        facts = PlanningFacts(points, day, orders=self)
        if facts.end <= now:
            return [], ""
        # The order as it would be planned first, also where a visit is being moved
        task = facts._make_order_task(len(facts.tasks), self)
        if self._waits_for_others(day):
            return [], "after"
        if not task:
            return [], "window"
        is_known = task.place is not None
        if not is_known:
            # Somebody has to go all the same: the way counts for nothing
            task.place = facts.no_place
        facts._add_needs(
            task, self.env["service.planning.run"]._get_planning_parts(self)
        )
        moving = self.visit_ids.filtered(lambda visit: visit.state == "planned")
        resources = facts.make_resources()
        minutes, __ = facts.read_travel(may_ask=False)
        called = [one for one in resources if one.key > 0 or self.priority == URGENT]
        people = [
            resource for resource in called if crews.has_own_skills(resource, task)
        ]
        get_id = facts.watches.get_technician_id
        ids = {get_id(resource.key) for resource in people}
        preferences = self._get_technician_preferences(
            facts.technicians.filtered(lambda tech: tech.id in ids)
        )
        for key in self.entitlement_id.technician_id.ids:
            if key in ids and "designated" not in preferences[key]:
                preferences[key].append("designated")
        days = [
            self._make_day(
                facts, resource, task, preferences[get_id(resource.key)], moving
            )
            for resource in people
        ]
        gaps = visit_gaps.find(
            [day for day in days if day],
            visit_gaps.Visit(
                task.place,
                task.minutes,
                task.windows,
                task.due,
                task.crew,
                crews.list_needs(task),
            ),
            minutes,
            count=count,
            now=max(0.0, facts.to_minutes(now)),
        )
        # A later day costs what waiting for it costs
        ahead = max(0.0, facts.to_minutes(facts.begin) - facts.to_minutes(now))
        slots = [self._prepare_slot(facts, gap, ahead, is_known) for gap in gaps]
        if slots:
            return slots, ""
        return [], self._find_obstacle(facts, called, task, minutes)

    def _find_obstacle(self, facts, resources, task, minutes) -> str:
        """Why nobody has room for the order on a day; a code of ``OBSTACLES``."""
        staffed = set(facts.technicians.point_id.ids)
        if staffed and staffed <= facts.closed:
            return "closed"
        job = routing.Job(
            key=task.key,
            place=task.place,
            minutes=task.minutes,
            windows=task.windows,
            skills=task.skills,
            one_of=task.one_of,
            tools=task.tools,
            parts=task.parts,
            crew=task.crew,
        )
        problem = routing.Problem(resources, [job], minutes)
        return find_reason(problem, job) or "full"

    def _describe_obstacle(self, obstacle) -> str:
        runs = self.env["service.planning.run"]
        skills = self.type_id._get_requirements(self.category_id)
        parts = runs._get_planning_part_names(self).values()
        texts = {
            "point": self.env._("No service point can take the order."),
            "after": self.env._(
                "An order that must be done before is not planned early enough."
            ),
            "closed": self.env._("The service point is closed on these days."),
            "allowed": self.env._(
                "Nobody of the service point works on these days, or is on call."
            ),
            "skill": self.env._(
                "Nobody who works on these days has the skills: %(skills)s.",
                skills=", ".join(skills.mapped("display_name")),
            ),
            "tool": self.env._(
                "Neither a technician nor the service point has the tools: %(tools)s.",
                tools=", ".join(self.type_id.tool_ids.mapped("name")),
            ),
            "part": self.env._(
                "Neither a van nor the service point holds the parts: %(parts)s.",
                parts=", ".join(dict.fromkeys(parts)),
            ),
            "crew": self.env._(
                "Fewer than the %(count)s technicians of the crew work on these days.",
                count=self.type_id.crew_size,
            ),
            "window": self.env._(
                "No time is left within what the customer was promised or the site is "
                "open."
            ),
            "shift": self.env._(
                "The way there, the work and the way back do not fit into anybody's "
                "hours of a day."
            ),
            "full": self.env._("Whoever could come is booked on all these days."),
        }
        return texts[obstacle]

    def _waits_for_others(self, day) -> bool:
        return any(
            other.state not in ("done", "closed", "cancelled")
            and not any(
                other.company_id._get_service_day(visit.planned_end) <= day
                for visit in other.visit_ids
                if visit.state in ("planned", "en_route", "on_site")
            )
            for other in self.after_order_ids
        )

    def _make_day(self, facts, resource, task, wishes, moving):
        """A technician's day for the search of gaps; none when it is full already."""
        blocks = [
            visit_gaps.Block(start, start + length, None)
            for start, __, length in resource.breaks
        ]
        person = facts.watches.get_technician_id(resource.key)
        booked = task.minutes
        for visit in facts.visits:
            if visit in moving or person not in visit.crew_ids.technician_id.ids:
                continue
            start = facts.to_minutes(visit.planned_start)
            end = facts.to_minutes(visit.planned_end)
            booked += end - start
            if end <= resource.shift[0] or start >= resource.shift[1]:
                continue  # on standby, or overtime
            position = visit.order_id._get_position()
            blocks.append(
                visit_gaps.Block(
                    start,
                    end,
                    None if position is None else facts._numbers[position],
                )
            )
        blocks += self._make_waits(facts, person)
        if resource.max_minutes and booked > resource.max_minutes:
            return None
        cost, codes = 0.0, list(wishes)
        if resource.key < 0:
            cost += CALL_OUT_COST
            codes.append("standby")
        if "designated" in wishes:
            cost -= DESIGNATED_BONUS
        elif "language" in wishes:
            cost -= LANGUAGE_BONUS
        return visit_gaps.Day(
            resource.key,
            resource.shift[0],
            resource.shift[1],
            resource.start_place,
            tuple(blocks),
            cost,
            tuple(codes),
            facts.technicians.browse(person).point_id.id,
            crews.list_brought(resource, task),
            crews.list_fetched(resource, task),
            resource.depot_place,
            resource.depot_minutes,
            DEPOT_COST,
        )

    def _make_waits(self, facts, person):
        """Where the technician waits, as stops of no length: what comes later starts
        from there. Only urgent orders come before."""
        for wait in facts.watches.waits.get(person, ()):
            place = facts.get_wait_place(wait)
            is_ahead = wait.start > fields.Datetime.now()
            if place is None or (is_ahead and self.priority == URGENT):
                continue
            start = facts.to_minutes(wait.start)
            yield visit_gaps.Block(start, start, place)

    def _prepare_slot(self, facts, gap, ahead, is_known) -> dict:
        crew = self.env["service.technician"].browse(
            facts.watches.get_technician_id(key) for key in gap.people
        )
        labels = self._get_slot_reason_labels()
        reasons = [{"code": "travel", "value": round(gap.travel)}]
        if not is_known:
            reasons = [{"code": "position", "value": None}]
        reasons += [{"code": code, "value": None} for code in gap.codes]
        start = facts.to_moment(gap.start)
        if any(facts.watches.get_wait(person.id, start) for person in crew):
            reasons.append({"code": "ready", "value": None})
        if gap.fetcher is not None:
            reasons.append({"code": "depot", "value": None})
        if self.date_due:
            late = facts.is_late(self, gap.start)
            reasons.append({"code": "late" if late else "in_time", "value": None})
        return {
            "technician_id": crew[0].id,
            "technician_ids": crew.ids,
            "technician": ", ".join(crew.mapped("name")),
            "point_id": crew[0].point_id.id,
            "start": start,
            "end": facts.to_moment(gap.end),
            "travel_minutes": round(gap.travel),
            "cost": round(gap.cost + visit_gaps.Prices().wait * ahead, 2),
            "reasons": [
                {**reason, "text": labels.get(reason["code"], reason["code"])}
                for reason in reasons
            ],
        }

    def _get_slot_reason_labels(self) -> dict[str, str]:
        return self.env["service.planning.run.line"]._get_reason_labels()
