from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_management.engine import event_day, local_time, open_repair
from odoo.addons.service_management.engine.log_file import Reason
from odoo.addons.service_management.models.order.service_order_flow import Moments

from .service_order import VisitPlan

# A day of repairs, where the company is; a log knows the day only.
REQUEST_TIME = time(8, 0)
OPENING = time(9, 0)
CLOSING = time(17, 0)
REPAIR_TIME = timedelta(minutes=30)
UNFINISHED = ("running", "cancelled", "failed")


class ServiceImport(models.Model):
    """Repair logs: each line is an order that goes the whole way.

    - A group of repairers is a service point with an area and a coverage of its own,
      a stock location and technicians; more of them when a day is full.
    - People who came are not named: they are the group's walk-in customers. What they
      brought is an asset of its brand, category and year.
    - The order is registered, ranked, offered, accepted, planned, reported and closed
      by the same methods that people's buttons call, at the times of its day.
    """

    _inherit = "service.import"

    def _take_open_repair(self, jobs):
        known = self._find_orders([job.key for job in jobs])
        orders = {
            key: order
            for key, order in known.items()
            if order.state not in ("closed", "cancelled")
            and (order.import_id == self or order.import_id.state in UNFINISHED)
        }
        fresh = [job for job in jobs if job.key not in known]
        orders |= self._create_repairs(fresh)
        self._finish_repairs(
            [(job, orders[job.key]) for job in jobs if job.key in orders]
        )
        self._add_notes([(job.line, job.notes) for job in fresh if job.notes])
        self._count(
            created_count=len(fresh),
            existing_count=len(known),
            closed_count=sum(
                order.state == "closed" for order in (known | orders).values()
            ),
        )

    # What an order needs

    def _create_repairs(self, jobs) -> dict:
        """Registered orders with their assets, by source key."""
        if not jobs:
            return {}
        groups = self._get_groups(jobs)
        products = self._get_products(jobs)
        assets = self.env["service.asset"].create(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": groups[_group_key(job)]["customer"].id,
                    "product_id": products[_product_key(job)].id,
                    "purchase_date": job.made_on,
                }
                for job in jobs
            ]
        )
        repair = self.env.ref("service_management.type_repair")
        symptom = self.env.ref("service_management.fault_symptom_not_recorded")
        orders = self._create_orders(
            [
                {
                    "channel": "import",
                    "source_key": job.key,
                    "company_id": self.company_id.id,
                    "partner_id": asset.partner_id.id,
                    "asset_id": asset.id,
                    "type_id": repair.id,
                    "symptom_id": symptom.id,
                    "description": job.problem or job.product,
                    "date_request": self._to_utc(job.day, REQUEST_TIME),
                    "date_fault": job.day,
                }
                for job, asset in zip(jobs, assets, strict=True)
            ]
        )
        # Another transaction was faster with these: its assets are the ones
        (assets - orders.asset_id).unlink()
        return dict(zip((job.key for job in jobs), orders, strict=True))

    def _get_groups(self, jobs) -> dict:
        """Area, service point and customer of each group, made where missing."""
        first = {_group_key(job): job for job in reversed(jobs)}
        countries = self._get_countries({job.country for job in first.values()})
        areas = self._get_known(
            "service.area",
            {
                key: lambda job=job: self._prepare_area(job, countries)
                for key, job in first.items()
            },
        )
        partners = self._get_known(
            "res.partner",
            {
                (*key, role): lambda job=job, role=role, key=key: self._prepare_partner(
                    job, role, areas[key]
                )
                for key, job in first.items()
                for role in ("point", "customer")
            },
        )
        points = self._get_known(
            "service.point",
            {
                key: lambda job=job, key=key: self._prepare_point(
                    job, partners[(*key, "point")], areas[key]
                )
                for key, job in first.items()
            },
        )
        return {
            key: {"point": points[key], "customer": partners[(*key, "customer")]}
            for key in first
        }

    def _get_countries(self, codes) -> dict:
        found = self.env["res.country"].search_fetch(
            [("code", "in", [code for code in codes if code])], ["code"]
        )
        own = self.company_id.country_id or self.env["res.country"].search([], limit=1)
        countries = {country.code: country for country in found}
        return {code: countries.get(code, own) for code in codes}

    def _prepare_area(self, job, countries) -> dict:
        return {
            "name": job.group,
            "level": "city",
            "country_id": countries[job.country].id,
        }

    def _prepare_partner(self, job, role, area) -> dict:
        name = job.group
        if role == "customer":
            name = self.env._("Walk-in customers of %(group)s", group=job.group)
        return {
            "name": name,
            "is_company": True,
            "country_id": area.country_id.id,
            "service_area_id": area.id,
        }

    def _prepare_point(self, job, partner, area) -> dict:
        return {
            "name": job.group,
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "area_id": area.id,
            "kind": "point",
            "ownership": "partner",
            # A log tells no opening hours: groups meet on Saturdays, too
            "resource_calendar_id": False,
            "coverage_ids": [fields.Command.create({"area_id": area.id})],
            "technician_ids": [
                fields.Command.create(self._prepare_technician(job.group, 1))
            ],
        }

    def _prepare_technician(self, group, number) -> dict:
        return {
            "name": self.env._(
                "Repairer %(number)s, %(group)s", number=number, group=group
            ),
            "company_id": self.company_id.id,
            # A log tells no working hours
            "resource_calendar_id": False,
        }

    def _get_products(self, jobs) -> dict:
        first = {_product_key(job): job for job in reversed(jobs)}
        categories = self._get_categories(first.values())
        return self._get_known(
            "product.product",
            {
                key: lambda job=job: self._prepare_product(
                    job, categories[_category_key(job)]
                )
                for key, job in first.items()
            },
        )

    def _prepare_product(self, job, category) -> dict:
        return {
            "name": job.product,
            "categ_id": category.id,
            "type": "consu",
            "sale_ok": False,
            "purchase_ok": False,
            "service_warranty_labour": self.warranty_months,
            "service_warranty_parts": self.warranty_months,
            "service_warranty_travel": self.warranty_months,
        }

    def _get_categories(self, jobs) -> dict:
        return self._get_known(
            "product.category",
            {
                _category_key(job): lambda job=job: {
                    "name": job.category,
                    "parent_id": self._get_family(job).id,
                }
                for job in jobs
            },
        )

    @api.model
    def _get_family(self, job):
        for name in (*job.families, "service"):
            family = self.env.ref(
                f"service_management.category_{name}", raise_if_not_found=False
            )
            if family:
                return family
        return self.env["product.category"]

    # The way of an order

    def _finish_repairs(self, pairs):
        """Take orders from where they stand to closed; ``pairs`` of job and order."""
        moments = Moments()
        jobs = {order.id: job for job, order in pairs}
        orders = (
            self.env["service.order"].browse(jobs).with_context(service_moments=moments)
        )
        _in(orders, "new")._dispatch()
        waiting = _in(orders, "offered").offer_ids.filtered(
            lambda offer: offer.state == "offered"
        )
        best = {offer.order_id: offer for offer in waiting.sorted("rank", reverse=True)}
        waiting.browse(offer.id for offer in best.values()).action_accept()
        self._plan_repairs(_in(orders, "accepted"), jobs)
        visits = _in(orders, "scheduled").visit_ids.filtered(
            lambda visit: visit.state == "planned"
        )
        for visit in visits:
            visit.write(self._prepare_result(jobs[visit.order_id.id], visit))
            moments[visit.order_id.id] = visit.planned_end
        visits._finish({})
        finished = _in(orders, "done")
        moments |= {order.id: order.date_done for order in finished}
        finished.action_close()
        self._add_notes(
            [
                (jobs[order.id].line, [Reason("unserved")])
                for order in _in(orders, "new")
            ]
        )

    def _prepare_result(self, job, visit) -> dict:
        report = job.barrier
        if job.status == open_repair.UNKNOWN_STATUS:
            report = self.env._("The log does not say what came of it.")
        return {
            "outcome": job.outcome,
            "report": report or False,
            "actual_start": visit.planned_start,
        }

    def _plan_repairs(self, orders, jobs):
        """One visit for each order on its day, at a time when somebody is free."""
        days = orders.grouped(lambda order: (order.point_id, jobs[order.id].day))
        busy = self._get_busy(days)
        placed, missing = [], {}
        for (point, day), of_day in days.items():
            people = point.technician_ids.sorted("id")
            places = event_day.lay_out(
                len(of_day),
                [busy.get((person.id, day), ()) for person in people],
                self._to_utc(day, OPENING),
                self._to_utc(day, CLOSING),
                REPAIR_TIME,
            )
            placed += [
                (point, order, place)
                for order, place in zip(of_day, places, strict=True)
            ]
            last = max(place.person for place in places)
            missing[point] = max(missing.get(point, 0), last + 1 - len(people))
        self._add_technicians(missing)
        people = {point: point.technician_ids.sorted("id") for point in missing}
        orders._create_visits(
            [
                VisitPlan(order, people[point][place.person], place.start, place.end)
                for point, order, place in placed
            ]
        )

    def _add_technicians(self, missing):
        """So many more for each point."""
        self.env["service.technician"].create(
            [
                self._prepare_technician(point.name, len(point.technician_ids) + number)
                | {"point_id": point.id}
                for point, count in missing.items()
                for number in range(1, count + 1)
            ]
        )

    def _get_busy(self, days) -> dict:
        """Booked times of the points' technicians by (technician id, day)."""
        rows = [
            SQL(
                "(%s, %s::date, %s::timestamp, %s::timestamp)",
                person.id,
                day,
                self._to_utc(day, OPENING),
                self._to_utc(day, CLOSING),
            )
            for point, day in days
            for person in point.technician_ids
        ]
        busy = {}
        if rows:
            self.env["service.visit.crew"].flush_model()
            for person, day, start, end in self.env.execute_query(
                SQL(
                    """
                    SELECT asked.technician_id, asked.day,
                           crew.planned_start, crew.planned_end
                      FROM (VALUES %s) AS asked (technician_id, day, opening, closing)
                      JOIN service_visit_crew crew
                        ON crew.technician_id = asked.technician_id
                       AND crew.is_active
                       AND crew.planned_start < asked.closing
                       AND crew.planned_end > asked.opening
                    """,
                    SQL(", ").join(rows),
                )
            ):
                busy.setdefault((person, day), []).append((start, end))
        return busy

    def _to_utc(self, day, clock) -> datetime:
        zone = self.company_id._get_service_zone()
        return local_time.to_utc(datetime.combine(day, clock), zone)


def _in(orders, state):
    return orders.filtered(lambda order: order.state == state)


def _group_key(job) -> tuple[str, str]:
    return (job.provider, job.group.casefold())


def _product_key(job) -> tuple[str, str]:
    return (job.brand.casefold(), job.category.casefold())


def _category_key(job) -> tuple[str]:
    return (job.category.casefold(),)
