from datetime import datetime
from typing import NamedTuple

from odoo import models

from odoo.addons.service_management.engine.sla_clock import Wanted


class ServiceHours(NamedTuple):
    """In whose hours an order is measured; ``calendar_id`` 0 is around the clock."""

    calendar_id: int
    zone: str
    source: str  # policy, team, company, none
    skipped: str  # names of calendars without any hours


class SlaSource(NamedTuple):
    policy_id: int
    source: str  # contract, type, company, or nothing


class ServiceOrder(models.Model):
    """Which promise holds for an order, and in which hours time is counted."""

    _inherit = "service.order"

    def _get_sla_source(self) -> SlaSource:
        """The policy of the order: its contract's, its type's, or the company's."""
        self.ensure_one()
        contract = self.contract_id
        if contract.state == "active" and contract.sla_policy_id:
            return SlaSource(contract.sla_policy_id.id, "contract")
        if self.type_id.sla_policy_id:
            return SlaSource(self.type_id.sla_policy_id.id, "type")
        if self.company_id.service_sla_policy_id:
            return SlaSource(self.company_id.service_sla_policy_id.id, "company")
        return SlaSource(0, "")

    def _get_sla_wanted(self) -> Wanted:
        """What targets ask about the order."""
        self.ensure_one()
        path = self.category_id.parent_path or ""
        return Wanted(
            self.type_id.id or 0,
            self.commercial_partner_id.service_grade or "",
            self.priority or "",
            tuple(int(part) for part in path.split("/") if part),
        )

    def _get_service_hours(self, policy) -> ServiceHours:
        """The hours of the policy, else of the team, else of the company, else all.

        :param policy: the compiled policy, or ``None``
        """
        self.ensure_one()
        zone = ""
        if policy and policy.has_site_zone:
            zone = self.site_id.tz or self.partner_id.tz or ""
        candidates = (
            (policy.calendar_id if policy else 0, "policy"),
            (self.team_id.calendar_id.id, "team"),
            (self.company_id.resource_calendar_id.id, "company"),
        )
        calendars = self.env["resource.calendar"]
        skipped = []
        for calendar_id, source in candidates:
            if not calendar_id:
                continue
            if calendars._get_service_calendar(calendar_id, zone).is_never_open:
                skipped.append(calendars.sudo().browse(calendar_id).name)
                continue
            return ServiceHours(calendar_id, zone, source, ", ".join(skipped))
        return ServiceHours(0, "", "none", ", ".join(skipped))

    def _get_working_deadline(self, hours: float) -> dict[int, datetime]:
        """``{order id: UTC moment}``, ``hours`` of service time from its own moment on.

        Counted in the hours of the order's policy, team or company; around the clock
        where none of them has any.
        """
        seconds = round(hours * 3600)
        calendars = self.env["resource.calendar"]
        policies = self.env["service.sla.policy"]
        result = {}
        # sudo: service.order: hours are read whoever acts on the order
        for order in self.sudo():
            policy_id = order._get_sla_source().policy_id
            policy = policies._get_compiled(policy_id) if policy_id else None
            found = order._get_service_hours(policy)
            calendar = calendars._get_service_calendar(found.calendar_id, found.zone)
            moment = order._get_moment()
            result[order.id] = calendar.add(moment, seconds) or moment
        return result
