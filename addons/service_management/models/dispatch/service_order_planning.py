from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ServiceOrder(models.Model):
    """What planning needs to know of an order."""

    _inherit = "service.order"

    after_order_ids = fields.Many2many(
        "service.order",
        relation="service_order_after_rel",
        column1="order_id",
        column2="before_id",
        string="After",
        copy=False,
        check_company=True,
        domain="[('id', '!=', id), "
        "('commercial_partner_id', '=', commercial_partner_id)]",
        help="Orders whose visits must end before a visit of this one begins, such as "
        "the delivery before the installation.",
    )

    @api.constrains("after_order_ids")
    def _check_after_orders(self):
        if self._has_cycle("after_order_ids"):
            raise ValidationError(
                self.env._("An order cannot wait for one that waits for it.")
            )

    def _get_promised_slot(self):
        """(start, end) in which a visit was promised to begin, or ``None``."""
        self.ensure_one()
        return
