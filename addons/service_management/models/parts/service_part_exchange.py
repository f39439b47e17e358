from odoo import api, fields, models
from odoo.exceptions import UserError

from .stock_move_parts import PartMove


class ServiceOrder(models.Model):
    """Exchange without a visit: the customer gets a part and sends the old one."""

    _inherit = "service.order"

    def _exchange_part(self, product, quantity, in_advance, date_due=None):
        """Send a part to the customer, who owes the old one.

        :param bool in_advance: sent now; else when the old one has come
        :return: the ``service.part.return`` of what the customer owes (sudo)
        """
        self.ensure_one()
        self.check_access("write")
        if self.state in ("draft", "closed", "cancelled"):
            raise UserError(self.env._("The order needs no parts any more."))
        # sudo: service.part.return: who may change the order may exchange its parts
        row = (
            self.env["service.part.return"]
            .sudo()
            .create(
                {
                    "kind": "exchange",
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "order_id": self.id,
                    "product_id": product.id,
                    "quantity": quantity,
                    "value": product.with_company(self.company_id).sudo().standard_price
                    * quantity,
                    "location_id": self.partner_id.property_stock_customer.id,
                    "date_due": date_due
                    or fields.Date.add(fields.Date.context_today(self), days=14),
                }
            )
        )
        row._plan_reminders()
        if in_advance:
            row._send_replacement()
        return row


class ServicePartReturn(models.Model):
    _inherit = "service.part.return"

    waits_for_old = fields.Boolean(
        string="Replacement Not Sent",
        compute="_compute_waits_for_old",
        help="The customer gets the new part when the old one has come.",
    )

    @api.depends("kind", "move_id")
    def _compute_waits_for_old(self):
        for row in self:
            # sudo: stock.move: whether it was sent is no secret of the warehouse
            row.waits_for_old = row.kind == "exchange" and not row.sudo().move_id

    def action_send_replacement(self):
        """Send the new part now, also where the old one has not come yet."""
        self._check_office()
        if any(not row.waits_for_old for row in self):
            raise UserError(self.env._("The new part was sent already."))
        self.sudo()._send_replacement()
        return True

    def _send_replacement(self):
        """The new part leaves the central warehouse for the customer (sudo)."""
        for row in self:
            row.move_id = self.env["stock.move"]._move_parts(
                [
                    PartMove(
                        row.product_id,
                        row.quantity,
                        row.company_id._get_part_location("central"),
                        row.partner_id.property_stock_customer,
                        "exchange",
                        vals={
                            "service_order_id": row.order_id.id,
                            "origin": row.order_id.name,
                        },
                    )
                ]
            )
            row.order_id._log_event("part_exchanged", name=row.move_id._get_part_text())

    def _after_received(self):
        result = super()._after_received()
        waiting = self.filtered("waits_for_old")
        held = self.env["service.visit"]._get_free_quantities(
            [
                (row.product_id, row.company_id._get_part_location("central"))
                for row in waiting
            ]
        )
        for row in waiting:
            central = row.company_id._get_part_location("central")
            key = (row.product_id.id, central.id)
            if held[key] >= row.quantity:
                held[key] -= row.quantity
                row._send_replacement()
            else:
                row.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Send the new part as soon as it is in stock"),
                    user_id=(row.order_id.user_id or self.env.user).id,
                )
        return result
