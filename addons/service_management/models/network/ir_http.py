from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        return super().session_info() | {"service_map": self._get_service_map()}

    def _get_service_map(self) -> dict:
        """Where the background of maps comes from; an empty URL is a plain grid."""
        # sudo: ir.config_parameter: what every browser that shows a map must know
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return {
            "tiles_url": parameters_sudo.get_param("service_management.map_tiles_url")
            or "",
            "attribution": parameters_sudo.get_param(
                "service_management.map_attribution"
            )
            or "",
        }
