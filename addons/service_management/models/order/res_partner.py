from odoo import fields, models

from .service_order import FINISHED_STATES


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_order_count = fields.Integer(
        compute="_compute_service_counts",
        groups="service_management.group_service_user",
    )
    service_asset_count = fields.Integer(
        compute="_compute_service_counts",
        groups="service_management.group_service_user",
    )

    def _compute_service_counts(self):
        commercial = self.commercial_partner_id
        counts = {}
        for model in ("service.order", "service.asset"):
            counts[model] = dict(
                self.env[model]._read_group(
                    [("commercial_partner_id", "in", commercial.ids)],
                    ["commercial_partner_id"],
                    ["__count"],
                )
            )
        for partner in self:
            company = partner.commercial_partner_id
            partner.service_order_count = counts["service.order"].get(company, 0)
            partner.service_asset_count = counts["service.asset"].get(company, 0)

    def _on_service_grade_changed(self):
        result = super()._on_service_grade_changed()
        # sudo: service.order: the promise follows from the customer
        self.env["service.order"].sudo().search(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("state", "not in", ("draft", *FINISHED_STATES)),
            ]
        )._renew_clocks("grade")
        return result

    def action_view_service_orders(self):
        return self._get_service_action("service_management.action_service_order")

    def action_view_service_assets(self):
        return self._get_service_action("service_management.action_service_asset")

    def _get_service_action(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = {"default_partner_id": self.id}
        return action
