from odoo import models
from odoo.exceptions import UserError

from ..order.service_order import FINISHED_STATES
from .service_part_diagram import Subject

# What the words of a coverage mean for somebody who chooses a part
COVERED = {"covered": True, "unknown": None}


class ServiceOrder(models.Model):
    """A part is chosen on the picture; the order expects it from then on."""

    _name = "service.order"
    _inherit = ["service.order", "service.part.diagram.mixin"]

    def _get_diagram_subject(self):
        template = self.product_id.product_tmpl_id
        return Subject(template, self.category_id, self.company_id)

    def _get_part_choice(self):
        may_expect = self.has_access("write") and self.env[
            "service.part.need"
        ].has_access("create")
        return "expect" if may_expect and self.state not in FINISHED_STATES else ""

    def _get_part_facts(self, parts):
        """Free at the order's point, who pays, and how many the order expects."""
        # sudo: service.point: what the order's own point holds is not a secret
        location = self.sudo().point_id.location_id
        free = self.env["service.visit"]._get_free_quantities(
            [(part, location) for part in parts if location]
        )
        coverage = self._get_part_coverage(parts) if self.asset_id else {}
        # sudo: service.part.need: which parts are expected is part of the order
        needs = self.sudo().part_need_ids
        expected = {need.product_id.id: need.quantity for need in needs}
        return {
            part.id: {
                "available": free[part.id, location.id] if location else None,
                "is_covered": COVERED.get(coverage.get(part), False)
                if part in coverage
                else None,
                "chosen": expected.get(part.id, 0),
            }
            for part in parts
        }

    def action_expect_part(self, product_id, quantity=1.0):
        """Expect a part, or more of one that is expected already.

        :return: the quantity that is expected then
        """
        self.ensure_one()
        self.check_access("write")
        if self.state in FINISHED_STATES:
            raise UserError(
                self.env._(
                    "Order %(name)s is finished: it takes no more parts.",
                    name=self.name,
                )
            )
        expected = self.part_need_ids.filtered(
            lambda need: need.product_id.id == product_id
        )
        return self._expect_part(product_id, expected.quantity + quantity).quantity

    def _expect_part(self, product_id, quantity):
        """The part that is expected, as often as told from now on."""
        self.ensure_one()
        need = self.part_need_ids.filtered(
            lambda need: need.product_id.id == product_id
        )
        vals = {"product_id": product_id, "quantity": quantity}
        if need:
            need.quantity = quantity
        else:
            need = need.create({**vals, "order_id": self.id})
        return need
