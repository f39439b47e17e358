from odoo import fields, models


class ServiceOrder(models.Model):
    """What the form of an order shows and opens."""

    _inherit = "service.order"

    visit_required = fields.Boolean(related="type_id.visit_required")
    offer_reasons = fields.Json(
        compute="_compute_offer_reasons",
        help="Why the last offered service point was chosen.",
    )
    workitem_count = fields.Integer(compute="_compute_workitem_count")

    def _compute_offer_reasons(self):
        if not self.env["service.offer"].has_access("read"):
            # Technicians do not see to whom else the order was offered
            self.offer_reasons = False
            return
        for order in self:
            offers = order.offer_ids.sorted("id", reverse=True)
            accepted = offers.filtered(lambda offer: offer.state == "accepted")
            order.offer_reasons = (accepted or offers)[:1].reasons

    def _compute_workitem_count(self):
        counts = dict(
            self.env["service.workitem"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.workitem_count = counts.get(order, 0)

    def action_view_visits(self):
        return self._get_related_action("service_management.action_service_visit")

    def action_view_offers(self):
        return self._get_related_action("service_management.action_service_offer")

    def action_view_workitems(self):
        return self._get_related_action("service_management.action_service_workitem")

    def _get_related_action(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("order_id", "in", self.ids)]
        action["context"] = {}
        return action

    def action_open_dispatch(self):
        """The candidates in a stored wizard: its lines have buttons of their own."""
        action = super().action_open_dispatch()
        wizard = self.env["service.order.dispatch"].create({"order_id": self.id})
        return action | {"res_id": wizard.id, "context": {}}
