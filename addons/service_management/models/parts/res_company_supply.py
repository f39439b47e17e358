from odoo import fields, models
from odoo.fields import Command

# What the operations of the warehouse are called, and the prefix of their numbers
PICKING_TYPES = {
    "shipment": ("Part Shipments", "PSH"),
    "receipt": ("Part Receipts", "PRC"),
}


class ResCompany(models.Model):
    """How parts get to service points: shipment, transit, receipt; and the route by
    which Odoo's own replenishment rules use the same way."""

    _inherit = "res.company"

    service_shipment_type_id = fields.Many2one(
        "stock.picking.type", string="Part Shipments", readonly=True, copy=False
    )
    service_receipt_type_id = fields.Many2one(
        "stock.picking.type", string="Part Receipts", readonly=True, copy=False
    )
    service_consigned_route_id = fields.Many2one(
        "stock.route", string="Supply on Consignment", readonly=True, copy=False
    )
    service_sold_route_id = fields.Many2one(
        "stock.route", string="Supply of Sold Parts", readonly=True, copy=False
    )

    def _get_way_location(self, point):
        """Where parts are on their way to or from a point, in sudo: what the point
        buys is not ours any more, see ``service.point.stock_owner``."""
        kind = "sold" if point and point._get_part_owner() else "transit"
        return self._get_part_location(kind)

    def _get_part_picking_type(self, flow: str):
        """The operation type of shipments or receipts, in sudo; made when first asked
        for."""
        self.ensure_one()
        # sudo: res.company, stock.picking.type: who sends parts does not configure
        # the warehouse
        company_sudo = self.sudo()
        name = f"service_{flow}_type_id"
        if not company_sudo[name]:
            label, prefix = PICKING_TYPES[flow]
            transit = company_sudo._get_part_location("transit")
            central = company_sudo._get_part_location("central")
            company_sudo[name] = company_sudo.env["stock.picking.type"].create(
                {
                    "name": label,
                    "code": "internal",
                    "sequence_code": prefix,
                    "company_id": self.id,
                    "warehouse_id": company_sudo._get_part_warehouse().id,
                    "default_location_src_id": (
                        central if flow == "shipment" else transit
                    ).id,
                    # A receipt ends in one of the places below
                    "default_location_dest_id": (
                        transit
                        if flow == "shipment"
                        else company_sudo._get_service_point_location()
                    ).id,
                    # No transfer without a person's question about what is missing
                    "create_backorder": "ask",
                }
            )
        return company_sudo[name]

    def _get_part_route(self, point):
        """The route that Odoo's replenishment rules of a point use, in sudo."""
        self.ensure_one()
        way = self._get_way_location(point)
        is_sold = way == self.sudo().service_sold_location_id
        # sudo: res.company, stock.route: who plans the stock of points does not
        # configure the warehouse
        company_sudo = self.sudo()
        name = "service_sold_route_id" if is_sold else "service_consigned_route_id"
        if not company_sudo[name]:
            label = self._fields[name]._description_string(self.env)
            company_sudo[name] = company_sudo.env["stock.route"].create(
                {
                    "name": label,
                    "company_id": self.id,
                    "product_selectable": False,
                    "rule_ids": [
                        Command.create(vals)
                        for vals in company_sudo._prepare_part_rules(label, way)
                    ],
                }
            )
        return company_sudo[name]

    def _prepare_part_rules(self, label, way) -> list[dict]:
        receipt = self._get_part_picking_type("receipt")
        shipment = self._get_part_picking_type("shipment")
        common = {"action": "pull", "company_id": self.id}
        return [
            {
                **common,
                "name": f"{label}: {receipt.name}",
                "location_src_id": way.id,
                "location_dest_id": self._get_service_point_location().id,
                "picking_type_id": receipt.id,
                "procure_method": "make_to_order",
            },
            {
                **common,
                "name": f"{label}: {shipment.name}",
                "location_src_id": self._get_part_location("central").id,
                "location_dest_id": way.id,
                "location_dest_from_rule": True,
                "picking_type_id": shipment.id,
                "procure_method": "make_to_stock",
            },
        ]
