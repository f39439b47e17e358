from odoo import fields, models


class ServiceOrderEvent(models.Model):
    _inherit = "service.order.event"

    kind = fields.Selection(
        selection_add=[
            ("part_lent", "Loaner Handed Out"),
            ("part_recovered", "Old Part Taken Back"),
            ("part_received", "Old Part Received"),
            ("part_reserved", "Part Reserved"),
            ("part_requested", "Part Requested"),
            ("part_exchanged", "Part Sent in Exchange"),
        ],
        ondelete={
            "part_lent": "cascade",
            "part_recovered": "cascade",
            "part_received": "cascade",
            "part_reserved": "cascade",
            "part_requested": "cascade",
            "part_exchanged": "cascade",
        },
    )
