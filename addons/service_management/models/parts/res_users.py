from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_own_technicians(self):
        """Whom the user is as a technician, in sudo."""
        self.ensure_one()
        # sudo: service.technician: who somebody is, whoever asks
        return self.env["service.technician"].sudo().search([("user_id", "=", self.id)])

    def _get_own_part_points(self):
        """The points whose parts the user handles: as one of the point, or as a
        technician of it; in sudo."""
        return self._get_own_service_points() | self._get_own_technicians().point_id

    def _get_own_part_places(self):
        """Stock locations that the user counts, in sudo: those of the own points, a
        technician the own van."""
        points = self._get_own_service_points()
        return (
            points._get_stock_locations()
            | self._get_own_technicians().vehicle_location_id
        )
