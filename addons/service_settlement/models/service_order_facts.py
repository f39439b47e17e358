from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.tools import float_round

from odoo.addons.service_management.engine.candidate_ranking import great_circle_km
from odoo.addons.service_management.models.dispatch.service_scorecard_facts import (
    FIXED,
    REPORT_HOURS,
)

from ..engine import pricing

URGENT = ("3",)
CODES = ("condition_id", "symptom_id", "section_id", "defect_id", "repair_code_id")
HUNDRED_METRES = Decimal("0.1")
# Facts that are read from the visits of an order
VISIT_FACTS = {"hours", "crew", "first_time_fix", "late_report", *pricing.TIMES}


class ServiceOrder(models.Model):
    """What the price of an order depends on, read for a whole month at once."""

    _inherit = "service.order"

    def _get_job_facts(self, tariffs=None, needs=None) -> dict:
        """Order → ``pricing.JobFacts``; a number of queries that does not grow.

        :param tariffs: order → tariff, for whether the work was done at night, on a
            weekend, on a holiday
        :param needs: what the tariffs ask for, see ``pricing.Book.needs``; what
            nobody asks for is not read. ``None``: everything
        """
        tariffs = tariffs or {}
        visits = parts = {}
        if needs is None or needs & VISIT_FACTS:
            visits = self._get_job_visits()
        if needs is None or needs & {"parts_total", "material"}:
            parts = self._get_job_parts()
        complaints = set()
        if needs is None or "complaint" in needs:
            complaints = self._get_complained_ids()
        distances = {}
        facts = {}
        for order in self:
            total, uses = parts.get(order.id, (pricing.ZERO, ()))
            visit = visits.get(order.id) or {}
            facts[order] = pricing.JobFacts(
                type_id=order.type_id.id or None,
                categories=_to_path(order.category_id.parent_path),
                warranty_state=order.warranty_state or "none",
                grade=order.point_id.grade or None,
                distance=order._get_job_distance(distances),
                hours=visit.get("hours"),
                parts_total=order._to_tariff_currency(total, tariffs.get(order)),
                areas=order._get_job_areas(needs),
                codes=order._get_job_codes(needs),
                occasions=order._get_job_occasions(
                    visit, tariffs.get(order), order.id in complaints
                ),
                crew=visit.get("crew", 0),
                score=round(order.rating_last_value) or None,
                parts=uses,
            )
        return facts

    def _to_tariff_currency(self, cost, tariff) -> Decimal:
        """What parts cost is said in the currency of the company, what a tariff pays
        of it in its own."""
        self.ensure_one()
        source = self.company_id.currency_id
        if not cost or not tariff or tariff.currency_id == source:
            return cost
        return Decimal(
            str(
                source._convert(
                    float(cost),
                    tariff.currency_id,
                    self.company_id,
                    self._get_claim_date(),
                )
            )
        )

    def _get_job_areas(self, needs) -> tuple[int, ...]:
        if needs is not None and "areas" not in needs:
            return ()
        return _to_path(self.area_id.parent_path)

    def _get_job_codes(self, needs) -> tuple[int, ...]:
        if needs is not None and "codes" not in needs:
            return ()
        return tuple(self[name].id for name in CODES if self[name])

    def _get_job_occasions(self, visit, tariff, has_complaint) -> tuple[str, ...]:
        """What of ``pricing.OCCASIONS`` is so, in any order."""
        self.ensure_one()
        found = []
        if self.priority in URGENT:
            found.append("urgent")
        kept = self._has_kept_promise()
        if kept is not None:
            found.append("sla_met" if kept else "sla_missed")
        if has_complaint:
            found.append("complaint")
        if visit:
            if visit["count"] == 1 and self.outcome in FIXED:
                found.append("first_time_fix")
            if visit["is_late"]:
                found.append("late_report")
            if tariff and visit["start"]:
                found += tariff._get_times(visit["start"])
        return tuple(found)

    def _has_kept_promise(self) -> bool | None:
        """Whether the service level was kept; ``None`` without a promise."""
        if self.sla_state == "met":
            return True
        if self.sla_state in ("missed", "breached"):
            return False
        if self.date_due and self.date_done:
            return self.date_done <= self.date_due
        return None

    def _get_job_visits(self) -> dict:
        """Order id → what its finished visits say: ``count``, ``start`` of the first,
        ``hours`` on site if they were reported, ``crew`` beside the first technician,
        ``is_late`` when a report came more than a day after the plan."""
        visits = self.env["service.visit"].search_fetch(
            [("order_id", "in", self.ids), ("state", "=", "done")],
            ["order_id", "planned_start", "planned_end", "actual_start", "actual_end"],
            order="planned_start, id",
        )
        crews = dict(
            self.env["service.visit.crew"]._read_group(
                [("visit_id", "in", visits.ids)],
                ["visit_id"],
                ["technician_id:count_distinct"],
            )
        )
        limit = timedelta(hours=REPORT_HOURS)
        result = {}
        for visit in visits:
            start, end = visit.actual_start, visit.actual_end
            seen = result.setdefault(
                visit.order_id.id,
                {
                    "count": 0,
                    "start": start or visit.planned_start,
                    "hours": None,
                    "crew": 0,
                    "is_late": False,
                    "seconds": 0,
                },
            )
            seen["count"] += 1
            seen["crew"] = max(seen["crew"], crews.get(visit, 1) - 1)
            if end and visit.planned_end and end > visit.planned_end + limit:
                seen["is_late"] = True
            if start and end:
                seen["seconds"] += (end - start).total_seconds()
                hours = float_round(seen["seconds"] / 3600, precision_digits=2)
                seen["hours"] = Decimal(str(hours))
        return result

    def _get_job_parts(self) -> dict:
        """Order id → (cost of the parts used, ``pricing.PartUse`` of each product)."""
        used = self.env["stock.move"]._read_group(
            [
                ("service_order_id", "in", self.ids),
                ("state", "=", "done"),
                ("location_dest_usage", "=", "customer"),
                # a loaner comes back
                ("service_kind", "!=", "loan"),
            ],
            ["service_order_id", "product_id"],
            ["quantity:sum"],
        )
        totals = defaultdict(Decimal)
        uses = defaultdict(list)
        for order, product, quantity in used:
            quantity = Decimal(str(quantity))
            cost = product.with_company(order.company_id).standard_price
            totals[order.id] += quantity * Decimal(str(cost))
            path = _to_path(product.categ_id.parent_path)
            uses[order.id].append(pricing.PartUse(product.id, quantity, path))
        return {key: (total, tuple(uses[key])) for key, total in totals.items()}

    def _get_complained_ids(self) -> set:
        """Ids of the orders of whose work somebody complained."""
        groups = self.env["service.order"]._read_group(
            [
                ("parent_id", "in", self.ids),
                ("type_id.code", "=", "complaint"),
                ("state", "not in", ("draft", "cancelled")),
            ],
            ["parent_id"],
        )
        return {parent.id for (parent,) in groups}

    def _get_job_distance(self, known=None) -> Decimal | None:
        """Kilometres from the point to the site to 100 m; ``None`` if a place is not
        known. ``known`` remembers what was measured."""
        self.ensure_one()
        start = self._get_place(self.point_id.partner_id, self.point_id.area_id)
        end = self._get_place(self.site_id or self.partner_id, self.area_id)
        if known is None:
            known = {}
        if (start, end) not in known:
            distance = great_circle_km(start, end)
            known[start, end] = (
                None
                if distance is None
                else pricing.round_money(Decimal(distance), HUNDRED_METRES)
            )
        return known[start, end]

    def _get_place(self, partner, area):
        """Latitude and longitude of an address, else of the middle of its area."""
        for latitude, longitude in (
            (partner.partner_latitude, partner.partner_longitude),
            (area.latitude, area.longitude),
        ):
            if latitude or longitude:
                return latitude, longitude
        return None


def _to_path(parent_path) -> tuple[int, ...]:
    """Ids of a tree path, the record's own first."""
    return tuple(int(part) for part in reversed((parent_path or "").split("/")) if part)
