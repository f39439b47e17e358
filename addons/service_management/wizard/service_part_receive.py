from odoo import api, fields, models

from odoo.addons.service_management.models.parts.part_quantity import read_serials


class ServicePartReceive(models.TransientModel):
    """Say what of the parcels of a request has come, and which numbers have not."""

    _name = "service.part.receive"
    _description = "Receive Parts"

    request_id = fields.Many2one("service.part.request", required=True, readonly=True)
    line_ids = fields.One2many("service.part.receive.line", "receive_id")
    has_serials = fields.Boolean(compute="_compute_has_serials")

    @api.depends("line_ids.lot_id")
    def _compute_has_serials(self):
        for receipt in self:
            receipt.has_serials = bool(receipt.line_ids.lot_id)

    @api.model_create_multi
    def create(self, vals_list):
        receipts = super().create(vals_list)
        for receipt in receipts:
            receipt._fill()
        return receipts

    def _fill(self):
        """A row for each part that was sent, and for each serial number of it."""
        self.ensure_one()
        vals_list = []
        for move in self.request_id._get_arriving().move_ids:
            common = {
                "receive_id": self.id,
                "request_line_id": move.service_request_line_id.id,
                "product_id": move.product_id.id,
            }
            rows = move.move_line_ids
            if move.product_id.tracking == "serial":
                vals_list += [
                    {**common, "lot_id": row.lot_id.id, "sent": 1, "quantity": 1}
                    for row in rows
                ]
                # For pieces that nobody sent
                vals_list.append({**common, "sent": 0, "quantity": 0})
            else:
                sent = move.quantity
                vals_list.append({**common, "sent": sent, "quantity": sent})
        self.env["service.part.receive.line"].create(vals_list)

    def action_confirm(self):
        self.ensure_one()
        quantities, missing, surplus = {}, {}, {}
        for line in self.line_ids:
            key = line.request_line_id.id
            if line.is_surplus:
                surplus.setdefault(key, []).extend(
                    read_serials(
                        self.env,
                        line.surplus_serials or "",
                        line.product_id.display_name,
                    )
                )
            elif not line.lot_id:
                quantities[key] = quantities.get(key, 0.0) + line.quantity
            elif not line.quantity:
                missing.setdefault(key, []).append(line.lot_id.id)
        self.request_id.action_receive(quantities, missing, surplus)
        return {"type": "ir.actions.act_window_close"}
