from odoo import fields, models


class ServiceAsset(models.Model):
    _inherit = "service.asset"

    visit_count = fields.Integer(compute="_compute_visit_count")

    def _compute_visit_count(self):
        counts = {}
        if self.env["service.visit"].has_access("read"):
            # Through the order: a visit knows its asset by nothing else
            for order, count in self.env["service.visit"]._read_group(
                [("order_id.asset_id", "in", self.ids)], ["order_id"], ["__count"]
            ):
                # sudo: service.order: only which asset the visit is for
                asset_id = order.sudo().asset_id.id
                counts[asset_id] = counts.get(asset_id, 0) + count
        for asset in self:
            asset.visit_count = counts.get(asset.id, 0)

    def _get_document_owners(self):
        """With those of visits: reports and the photos of checklists."""
        result = super()._get_document_owners()
        orders = result.get("service.order")
        if orders and self.env["service.visit"].has_access("read"):
            visits = self.env["service.visit"].search_fetch(
                [("order_id", "in", list(orders))], ["order_id"]
            )
            owners = {visit.id: orders[visit.order_id.id] for visit in visits}
            answers = self.env["service.visit.answer"].search_fetch(
                [("visit_id", "in", visits.ids), ("kind", "=", "photo")], ["visit_id"]
            )
            result["service.visit"] = owners
            result["service.visit.answer"] = {
                answer.id: owners[answer.visit_id.id] for answer in answers
            }
        return result

    def action_view_visits(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_visit"
        )
        return action | {
            "domain": [("order_id.asset_id", "=", self.id)],
            "context": {},
        }
