from collections import defaultdict
from datetime import datetime, timedelta

from odoo import models

from odoo.addons.service_management.engine import crew as crews
from odoo.addons.service_management.engine import local_time


class ServiceOrder(models.Model):
    """Whether a crew fits an order: skills, tools, parts, number, hours; and whom it
    would rather have."""

    _inherit = "service.order"

    def _find_broken_crew_rules(self, crew, start, end) -> list[str]:
        """One sentence for each rule about the crew that a plan breaks.

        :param crew: technicians, as superuser
        """
        self.ensure_one()
        service_type = self.sudo().type_id
        broken = []
        if len(crew) < service_type.crew_size:
            broken.append(
                self.env._(
                    "%(type)s needs a crew of %(count)s",
                    type=service_type.name,
                    count=service_type.crew_size,
                )
            )
        broken += self._find_crew_gaps(crew, start)
        planned = self._get_planned_hours(crew, start)
        hours = (end - start).total_seconds() / 3600
        for technician in crew.filtered("max_hours_day"):
            if planned[technician.id] + hours > technician.max_hours_day + 1e-6:
                broken.append(
                    self.env._(
                        "%(technician)s would have more than %(hours)g hours on that "
                        "day",
                        technician=technician.name,
                        hours=technician.max_hours_day,
                    )
                )
        return broken

    def _find_crew_gaps(self, crew, start) -> list[str]:
        """One sentence for what each of the crew lacks, and for what all of it lack
        together, nobody of it finds at the service point and nobody has asked for."""
        order = self.sudo()
        service_type = order.type_id
        requirements = service_type._get_requirements(order.category_id)
        missing = crew._get_missing_requirements(
            requirements, self.company_id._get_service_day(start)
        )
        parts = order._get_parts_to_bring()
        runs = self.env["service.planning.run"]
        stock = runs._get_planning_stock(crew, crew.point_id, order) if parts else {}
        asked = service_type._get_asked(order.category_id, parts, len(crew))
        unmet = crews.find_unmet(
            crews.list_needs(asked),
            [
                crews.Member(
                    technician.id,
                    0.0,
                    technician._get_brought(asked, missing.get(technician), stock),
                    technician.point_id._get_fetched(asked, stock),
                    0.0,
                )
                for technician in crew
            ],
        )
        return [
            *self._describe_missing_skills(crew, missing, asked.one_of, unmet),
            *order._describe_missing_things(asked.parts, unmet),
        ]

    def _get_parts_to_bring(self) -> dict:
        """Parts that the order needs and nobody has asked for yet: who books by hand
        knows when what was asked for will be there."""
        runs = self.env["service.planning.run"]
        needed = runs._get_planning_parts(self).get(self.id)
        if not needed:
            return {}
        coming = runs._get_planning_parts_coming(self).get(self.id, {})
        left = {
            part: quantity - coming.get(part, 0.0) for part, quantity in needed.items()
        }
        return {part: quantity for part, quantity in left.items() if quantity > 0}

    def _describe_missing_skills(self, crew, missing, one_of, unmet) -> list[str]:
        """What each one has to have, and what one of several has to.

        :param missing: technician → requirements that he or she does not meet
        :param one_of: ids of the skills that one of the crew has to have
        """
        alone = len(crew) == 1
        gaps = [
            self.env._(
                "%(technician)s lacks %(skill)s on that day",
                technician=technician.name,
                skill=requirement.display_name,
            )
            for technician in crew
            for requirement in missing.get(technician, ())
            if requirement.skill_id.id not in one_of
            or (alone and ("skill", requirement.skill_id.id) in unmet)
        ]
        if alone or not crew:
            return gaps
        nobody = [
            requirement
            for requirement in missing.get(crew[0], ())
            if ("skill", requirement.skill_id.id) in unmet
            and all(requirement in missing.get(other, ()) for other in crew)
        ]
        return gaps + [
            self.env._(
                "nobody of the crew has %(skill)s on that day",
                skill=requirement.display_name,
            )
            for requirement in nobody
        ]

    def _describe_missing_things(self, parts, unmet) -> list[str]:
        """Tools and parts that nobody brings or finds at the service point (sudo).

        :param parts: part → quantity that is asked for
        """
        gaps = [
            self.env._(
                "nobody of the crew carries %(tool)s, nor is it at the service point",
                tool=tool.name,
            )
            for tool in self.type_id.tool_ids
            if ("tool", tool.id) in unmet
        ]
        lacking = [thing for kind, thing in unmet if kind == "part"]
        if not lacking:
            return gaps
        names = self.env["service.planning.run"]._get_planning_part_names(self)
        return gaps + [
            self.env._(
                "%(part)s × %(quantity)g: neither the vans nor the service point hold "
                "it",
                part=names.get(part, ""),
                quantity=parts[part],
            )
            for part in lacking
        ]

    def _get_planned_hours(self, crew, moment) -> dict:
        """Hours of other visits on the technician's own day, by technician id."""
        hours = defaultdict(float)
        limited = crew.filtered("max_hours_day")
        if not limited:
            return hours
        days = {tech.id: tech._get_day(moment) for tech in limited}
        rows = (
            self.env["service.visit.crew"]
            .sudo()
            .search_fetch(
                [
                    ("technician_id", "in", limited.ids),
                    ("is_active", "=", True),
                    ("planned_start", "<", max(day[1] for day in days.values())),
                    ("planned_end", ">", min(day[0] for day in days.values())),
                ],
                ["technician_id", "visit_id", "planned_start", "planned_end"],
            )
        )
        for row in rows:
            if row.visit_id.order_id == self and row.visit_id.state == "planned":
                continue  # the visit that is being moved
            since, until = days[row.technician_id.id]
            overlap = min(row.planned_end, until) - max(row.planned_start, since)
            hours[row.technician_id.id] += max(overlap, timedelta()).total_seconds()
        return defaultdict(
            float, {key: seconds / 3600 for key, seconds in hours.items()}
        )

    def _get_technician_preferences(self, technicians) -> dict:
        """What speaks for each technician though no rule asks for it.

        :return: ``{technician id: ["designated", "language"]}``, in this order
        """
        self.ensure_one()
        # sudo: res.partner, service.technician: facts of planning, whoever asks
        order, crew = self.sudo(), technicians.sudo()
        customers = order.partner_id | order.commercial_partner_id
        lang = order.partner_id.lang
        return {
            technician.id: [
                code
                for code, holds in (
                    ("designated", technician.designated_partner_ids & customers),
                    ("language", lang and lang in technician.lang_ids.mapped("code")),
                )
                if holds
            ]
            for technician in crew
        }


class ServiceTechnician(models.Model):
    _inherit = "service.technician"

    def _get_brought(self, asked, missing, stock) -> dict:
        """What the technician brings of what a visit asks for.

        :param missing: requirements that the technician does not meet
        :param stock: see ``service.planning.run._get_planning_stock``
        """
        self.ensure_one()
        lacking = set(missing.skill_id.ids) if missing else set()
        return crews.list_amounts(
            asked.one_of - lacking,
            asked.tools & set(self.tool_ids.ids),
            {
                part: quantity
                for part, quantity in stock.get(("technician", self.id), {}).items()
                if part in asked.parts
            },
        )

    def _get_day(self, moment) -> tuple[datetime, datetime]:
        """Start and end (naive UTC) of the technician's own day around a moment."""
        self.ensure_one()
        zone = self.tz or "UTC"
        return local_time.hours_of(local_time.day_of(moment, zone), zone)

    def _is_standing_by(self, start, end) -> bool:
        """Whether the technician is on standby when the work would begin.

        What begins on standby may end after it.
        """
        self.ensure_one()
        # sudo: service.standby: who is on call is the same for all
        return bool(
            self.env["service.standby"]
            .sudo()
            .search_count(
                [
                    ("technician_id", "=", self.id),
                    ("start", "<=", start),
                    ("end", ">", start),
                ],
                limit=1,
            )
        )


class ServicePoint(models.Model):
    _inherit = "service.point"

    def _get_fetched(self, asked, stock) -> frozenset:
        """What lies at the point of what a visit asks for."""
        self.ensure_one()
        parts = stock.get(("point", self.id), {})
        return frozenset(
            [("tool", tool) for tool in asked.tools & set(self.tool_ids.ids)]
            + [("part", part) for part in asked.parts if part in parts]
        )
