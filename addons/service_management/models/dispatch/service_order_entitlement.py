from odoo import models


class ServiceOrder(models.Model):
    """The day of a visit may decide which entitlement it is taken from."""

    _inherit = "service.order"

    def _on_transition(self, state):
        result = super()._on_transition(state)
        if state == "scheduled":
            self._cover_visit_day()
        return result

    def _on_events(self, events):
        result = super()._on_events(events)
        events.filtered(lambda event: event.kind == "rescheduled").order_id.with_env(
            self.env
        )._cover_visit_day()
        return result

    def _cover_visit_day(self):
        """A visit on a Saturday or holiday uses what was sold for such days, if there
        is any left; a visit moved back to a working day gives it back."""
        # sudo: service.order: what a contract owes follows from the visit
        orders = self.sudo().filtered(
            lambda order: (
                order.entitlement_use == "reserved"
                and order.entitlement_kind == "on_site"
                and order.planned_start
            )
        )
        for is_free, group in orders.grouped(_is_on_free_day).items():
            kinds = ("weekend", "on_site") if is_free else ("on_site",)
            group._move_to_kind(kinds)

    def _move_to_kind(self, kinds):
        """Promise these orders from the first of ``kinds`` where it has any left."""
        other = "on_site" if kinds[0] == "weekend" else "weekend"
        others = self.filtered(lambda order: order.entitlement_id.kind == other)
        if not others:
            return
        decided = others._preview_coverage(kinds)
        # sudo: service.entitlement: compared, whoever plans
        better = self.env["service.entitlement"].sudo()
        better = better.browse(
            vals["entitlement_id"]
            for vals in decided.values()
            if "entitlement_id" in vals
        ).filtered(lambda rec: rec.kind == kinds[0])
        others.filtered(
            lambda order: decided[order].get("entitlement_id") in better.ids
        )._renew_coverage(kinds)


def _is_on_free_day(order) -> bool:
    company = order.company_id
    return not company._is_service_workday(
        company._get_service_day(order.planned_start)
    )
