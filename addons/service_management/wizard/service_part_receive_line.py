from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ServicePartReceiveLine(models.TransientModel):
    """What was sent of a part, or one piece with its number."""

    _name = "service.part.receive.line"
    _description = "Part of a Parcel"
    _rec_name = "product_id"

    receive_id = fields.Many2one(
        "service.part.receive", required=True, index=True, ondelete="cascade"
    )
    request_line_id = fields.Many2one("service.part.request.line", readonly=True)
    product_id = fields.Many2one("product.product", string="Part", readonly=True)
    lot_id = fields.Many2one("stock.lot", readonly=True)
    serial = fields.Char(
        string="Serial Number", related="lot_id.name", related_sudo=True
    )
    is_surplus = fields.Boolean(
        compute="_compute_is_surplus",
        help="For numbers of this part that nobody sent.",
    )
    surplus_serials = fields.Char(
        string="Also in the Parcel",
        help="Serial numbers that are in the parcel though nobody sent them, with "
        "commas between them.",
    )
    sent = fields.Float(readonly=True, digits="Product Unit")
    quantity = fields.Float(
        string="Has Come",
        required=True,
        digits="Product Unit",
        help="0 for a number that is not in the parcel.",
    )

    @api.depends("product_id", "lot_id")
    def _compute_is_surplus(self):
        for line in self:
            # sudo: product.product: whoever receives parts may know their kind
            is_serial = line.product_id.sudo().tracking == "serial"
            line.is_surplus = is_serial and not line.lot_id

    @api.constrains("quantity", "lot_id")
    def _check_one_piece(self):
        for line in self:
            if line.lot_id and line.quantity not in (0, 1):
                raise ValidationError(
                    self.env._(
                        "Serial number of %(part)s: %(serial)s has come, 1, or has "
                        "not, 0.",
                        part=line.product_id.display_name,
                        serial=line.serial,
                    )
                )
