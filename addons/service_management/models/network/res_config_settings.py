from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_map_tiles_url = fields.Char(
        string="Map Tiles",
        config_parameter="service_management.map_tiles_url",
        help="Address of the images of a map, with {z}, {x} and {y}. Every browser "
        "that shows a map asks this server. Empty: a plain grid, and nobody is asked.",
    )
    service_map_attribution = fields.Char(
        string="Map Attribution",
        config_parameter="service_management.map_attribution",
        help="What the owner of the map wants to be written on it.",
    )
