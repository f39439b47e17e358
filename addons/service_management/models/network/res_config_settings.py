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
    service_geo = fields.Selection(
        [
            ("off", "No positions are looked up"),
            ("area", "The middle of the area; no server is asked"),
            ("provider", "The geolocation provider, else the middle of the area"),
        ],
        string="Positions of Addresses",
        config_parameter="service_management.geo",
        default="off",
        help="How addresses without a position get one, in the background. A provider "
        "on the internet learns the addresses.",
    )
    service_takes_applications = fields.Boolean(
        related="company_id.service_takes_applications", readonly=False
    )
