from odoo import fields, models
from odoo.fields import Command, Domain

# Parts that were used in fewer of the orders alike than this are not suggested
SUGGESTED_SHARE = 0.3
# The orders alike that are looked at, the last ones first
HISTORY_LIMIT = 200


class ServiceOrder(models.Model):
    """Parts that are expected for the job."""

    _inherit = "service.order"

    part_need_ids = fields.One2many(
        "service.part.need",
        "order_id",
        string="Expected Parts",
        copy=True,
        groups="service_management.group_service_agent,"
        "service_management.group_service_technician,"
        "service_management.group_service_quality",
    )

    def action_suggest_parts(self):
        """Expect what finished orders of the same symptom and product took."""
        self.check_access("write")
        for order in self:
            known = order.part_need_ids.product_id
            order.part_need_ids = [
                Command.create({"product_id": product.id, "quantity": quantity})
                for product, quantity in order._get_usual_parts()
                if product not in known
            ]
        return True

    def _get_usual_parts(self) -> list[tuple]:
        """(product, usual quantity) of the parts that orders like this one took."""
        self.ensure_one()
        if not self.symptom_id:
            return []
        domain = Domain("symptom_id", "=", self.symptom_id.id) & Domain(
            "state", "in", ("done", "closed")
        )
        if self.product_id:
            domain &= Domain("product_id", "=", self.product_id.id)
        elif self.category_id:
            domain &= Domain("category_id", "child_of", self.category_id.id)
        # sudo: service.order, stock.move: only which parts are usual is told
        alike = self.sudo().search(domain, order="id desc", limit=HISTORY_LIMIT)
        groups = (
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [("service_order_id", "in", alike.ids), ("state", "=", "done")],
                ["product_id"],
                ["service_order_id:count_distinct", "quantity:sum"],
            )
        )
        return [
            (product, max(1.0, round(quantity / count)))
            for product, count, quantity in groups
            if count >= SUGGESTED_SHARE * len(alike)
        ]
