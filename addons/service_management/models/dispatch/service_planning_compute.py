import logging
import math
from dataclasses import replace

from odoo import api, fields, models

from odoo.addons.service_management.engine import (
    crew as crews,
)
from odoo.addons.service_management.engine import (
    routing,
    routing_check,
    territory,
)
from odoo.addons.service_management.models.mixins.service_queue_mixin import (
    CONCURRENCY_ERRORS,
)

from .planning_facts import PlanningFacts
from .service_planning_run import FIGURES

_logger = logging.getLogger(__name__)

# What a search can grasp in its time; above it, territories are planned one by one
TERRITORY_SIZE = 300
JOB = "service_planning"
# Work, and half as much for its share on the road; far from overtime, near to promises
WEIGHTS = {"travel": 0.5, "overtime": 2.0, "late": 3.0, "balance": 2.0}
# Minutes that a visit is driven further before another technician makes it
CHANGE = {"day": 10.0, "repair": 60.0}


class ServicePlanningRun(models.Model):
    """How a plan is computed: point by point, in the background, resumed where it was
    interrupted."""

    _inherit = "service.planning.run"

    @api.model
    def _cron_compute(self):
        """Compute the plans that wait, the oldest first."""
        self.env["service.job"]._run(
            JOB, self._compute_waiting, cron="service_management.cron_planning_run"
        )

    @api.model
    def _compute_waiting(self):
        # sudo: service.planning.run: plans wait for the job, whoever asked for them
        runs = self.sudo().search(
            [("state", "in", ("queued", "computing"))], order="id"
        )
        for run in runs:
            if not run.try_lock_for_update(allow_referencing=True):
                continue  # another worker has it
            run._compute_plan()

    def _compute_plan(self):
        """Compute one plan; its error is the plan's, not the job's."""
        self.ensure_one()
        cron = self.env["ir.cron"]
        try:
            if self.state == "queued":
                self.state = "computing"
            points = self._get_points()
            for number, point in enumerate(points, start=1):
                if point in self.done_point_ids:
                    continue
                self._compute_point(point)
                self.done_point_ids += point
                self.progress = 100.0 * number / len(points)
                cron._commit_progress()
                # what the commit let go
                self.try_lock_for_update(allow_referencing=True)
            self._set_proposed()
        except Exception as error:
            if isinstance(error, CONCURRENCY_ERRORS):
                raise
            _logger.exception("Plan %s", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            self.write({"state": "failed", "error": f"{type(error).__name__}: {error}"})
        cron._commit_progress()

    def _get_points(self):
        """The points to plan, those below them included, that anybody works at."""
        self.ensure_one()
        points = self.env["service.point"]
        domain = [
            ("company_id", "=", self.company_id.id),
            ("technician_ids", "!=", False),
        ]
        if self.point_ids:
            domain.append(("id", "child_of", self.point_ids.ids))
        return points.search(domain, order="id")

    def _compute_point(self, point):
        """Propose the day of one point: nobody works for another one."""
        facts = self._read_facts(point)
        problem, times = facts.make_problem(self._get_weights(), may_ask=True)
        if times.error:
            self.note = self.env._(
                "Travel times are estimated: %(error)s.", error=times.error
            )
        start = facts.make_start(problem)
        parts = self._split(facts, problem, start)
        search = routing.repair if self.mode == "repair" else routing.solve
        plans = [
            search(
                part,
                seed=self.seed,
                cpu_seconds=max(self.cpu_seconds / len(parts), 1.0),
                start=begin,
            )
            for part, begin in parts
        ]
        for (part, __), plan in zip(parts, plans, strict=True):
            broken = routing_check.check(part, plan)
            if broken:
                # Never shown to a person: a plan that breaks a rule is no proposal
                raise AssertionError(f"plan of {point.display_name}: {broken[:3]}")
        self.cpu_used += sum(plan.cpu_seconds for plan in plans)
        self.iterations += sum(plan.iterations for plan in plans)
        routes = {key: stops for plan in plans for key, stops in plan.routes.items()}
        left_out = {key: code for plan in plans for key, code in plan.left_out.items()}
        for task in facts.tasks:
            if task.refused and task.key not in left_out:
                left_out[task.key] = task.refused
        self._count(facts, problem, start.routes, "before")
        self._count(facts, problem, routes, "after")
        self._write_lines(facts, problem, start, routes, left_out)

    def _read_facts(self, point):
        if self.mode == "day":
            return PlanningFacts(point, self.day)
        # Few changes: waiting orders are served where somebody asked for it, or where
        # the day would end before they are
        facts_orders = self.order_ids.filtered(
            lambda order: order.point_id == point and order.state == "accepted"
        )
        urgent = self.env["service.order"].search(
            [
                ("point_id", "=", point.id),
                ("state", "=", "accepted"),
                ("priority", "=", "3"),
                ("type_id.visit_required", "=", True),
            ]
        )
        return PlanningFacts(
            point, self.day, now=fields.Datetime.now(), orders=facts_orders | urgent
        )

    def _get_weights(self):
        """Hook: what the plan is good for."""
        return routing.Weights(**WEIGHTS, change=CHANGE[self.mode])

    def _split(self, facts, problem, start) -> list:
        """The problem, or territories of it that are small enough: (problem, start)."""
        if len(problem.jobs) <= TERRITORY_SIZE:
            return [(problem, start)]
        positions = {
            job.key: facts.positions[job.place]
            for job in problem.jobs
            if job.place is not None and facts.positions[job.place] is not None
        }
        # Nobody works in two of them: there are no more than people
        size = math.ceil(len(problem.jobs) / max(len(problem.resources), 1))
        parts = territory.split(positions, max(TERRITORY_SIZE, 2 * size))
        number = {key: n for n, part in enumerate(parts) for key in part}
        tied = {}
        for job in problem.jobs:
            for key in job.locked[0] if job.locked else ():
                tied.setdefault(key, number.get(job.key, 0))
        people = {
            resource.key: facts.positions[resource.start_place]
            for resource in problem.resources
        }
        shares = territory.share(parts, positions, people, tied)
        home = {key: n for n, part in enumerate(shares) for key in part}
        # Where its people are, a fixed visit is; what has no place goes anywhere
        for job in problem.jobs:
            if job.locked:
                number[job.key] = home[job.locked[0][0]]
            number.setdefault(job.key, 0)
        return [
            self._cut_out(problem, start, number, home, n) for n in range(len(parts))
        ]

    def _cut_out(self, problem, start, number, home, n):
        jobs = [job for job in problem.jobs if number[job.key] == n]
        keys = {job.key for job in jobs}
        part = routing.Problem(
            [resource for resource in problem.resources if home[resource.key] == n],
            [_keep_ties(job, keys) for job in jobs],
            problem.minutes,
            problem.weights,
        )
        routes = {
            key: tuple(stop for stop in stops if stop.job in keys)
            for key, stops in start.routes.items()
            if home[key] == n
        }
        planned = {stop.job for stops in routes.values() for stop in stops}
        return part, routing.Plan(
            routes, dict.fromkeys(keys - planned, "price"), 0.0, {}
        )

    # What came of it

    def _count(self, facts, problem, routes, when):
        """Add the figures of one point: minutes on the road and beyond the shift,
        visits that begin late, tasks that nobody makes."""
        jobs = {job.key: job for job in problem.jobs}
        travel = overtime = 0.0
        late, served = set(), set()
        for resource in problem.resources:
            place = resource.start_place
            stops = [
                stop for stop in routes.get(resource.key, ()) if stop.kind != "break"
            ]
            for stop in stops:
                target = (
                    resource.depot_place if stop.job is None else jobs[stop.job].place
                )
                travel += problem.minutes[place][target]
                place = target
                if stop.job is None or stop.job < 0:
                    continue
                served.add(stop.job)
                if facts.is_late(facts.tasks[stop.job].order, stop.start):
                    late.add(stop.job)
            if stops:
                back = problem.minutes[place][resource.end_place]
                travel += back
                overtime += max(0.0, stops[-1].end + back - resource.shift[1])
        unserved = len(facts.tasks) - len(served)
        for name, value in zip(
            FIGURES, (travel, overtime, len(late), unserved), strict=True
        ):
            self[f"{name}_{when}"] += round(value)

    def _write_lines(self, facts, problem, start, routes, left_out):
        """One line for each visit that is new, moves, or cannot be."""
        found: dict[int, dict] = {}
        resources = {resource.key: resource for resource in problem.resources}
        for key, stops in routes.items():
            fetches = False
            for stop in stops:
                fetches = fetches or stop.kind == "depot"
                if stop.kind != "job" or stop.job < 0:
                    continue
                entry = found.setdefault(
                    stop.job,
                    {
                        "people": [],
                        "resources": [],
                        "stop": stop,
                        "depot": False,
                        "standby": False,
                    },
                )
                entry["resources"].append(resources[key])
                entry["people"].append(facts.watches.get_technician_id(key))
                entry["standby"] |= key < 0
                entry["depot"] |= fetches
        for key, entry in found.items():
            entry["depot"] &= self._needs_depot(entry["resources"], facts.tasks[key])
        lines = self.env["service.planning.run.line"]
        vals_list = []
        for task in facts.tasks:
            if task.locked:
                continue
            if task.key in left_out:
                vals_list.append(
                    lines._prepare_left_out(self, task, left_out[task.key])
                )
            elif task.key in found:
                vals = lines._prepare_change(self, facts, task, found[task.key])
                if vals:
                    vals_list.append(vals)
        lines.create(vals_list)

    def _needs_depot(self, resources, task) -> bool:
        """Whether these people do not carry everything themselves."""
        brought = [crews.list_brought(resource, task) for resource in resources]
        return bool(crews.find_missing(crews.list_needs(task), brought))

    def _set_proposed(self):
        changes = self.line_ids.filtered(lambda line: line.kind != "left_out")
        self.write(
            {
                "state": "proposed",
                "progress": 100.0,
                "computed_at": fields.Datetime.now(),
            }
        )
        if self.mode == "repair":
            if changes and self.company_id.service_repair_apply:
                changes.action_apply()
                return
            if changes or self.line_ids:
                self._tell_dispatcher()
        if not self.line_ids:
            self.state = "applied"
        self.user_id._bus_send(
            "simple_notification",
            {
                "type": "info",
                "message": self.env._("The plan %(plan)s is computed.", plan=self.name),
            },
        )

    def _tell_dispatcher(self):
        summary = self.env._(
            "Look at the repair of the day: %(reason)s", reason=self.reason or ""
        )
        if not self.activity_ids:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary[:200],
                user_id=self.user_id.id,
            )

    # Facts that other areas bring

    @api.model
    def _get_planning_parts(self, orders) -> dict:
        """Hook of the parts area: ``{order id: {product id: quantity}}``.

        A part that is kept for its order is a thing of its own, with a negative id:
        nobody else may take it.
        """
        return {}

    @api.model
    def _get_planning_parts_coming(self, orders) -> dict:
        """Hook of the parts area: ``{order id: {product id: quantity}}`` asked for and
        not there yet."""
        return {}

    @api.model
    def _get_planning_part_names(self, orders) -> dict[int, str]:
        """Hook of the parts area: the names of what ``_get_planning_parts`` returns."""
        return {}

    @api.model
    def _get_planning_stock(self, technicians, points, orders) -> dict:
        """Hook of the parts area: what vans and points hold, of what orders need."""
        return {}


def _keep_ties(job, keys):
    """What waits for a visit of another territory waits for nobody here."""
    after = tuple(key for key in job.after if key in keys)
    return job if after == job.after else replace(job, after=after)
