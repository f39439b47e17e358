from odoo import models
from odoo.exceptions import AccessError

from .service_visit_parts import OPEN_STATES


class ServiceVisit(models.Model):
    """A part is chosen on the picture; the crew notes what it did with it."""

    _name = "service.visit"
    _inherit = ["service.visit", "service.part.diagram.mixin"]

    def _get_diagram_subject(self):
        # sudo: service.order: what the visit's own order is about
        return self.sudo().order_id._get_diagram_subject()

    def _get_part_choice(self):
        try:
            self._check_may_act()
        except AccessError:
            return ""
        return "use" if self.state in OPEN_STATES else ""

    def _get_part_facts(self, parts):
        """As for the order; free in the vans of the crew too; how many are noted."""
        # sudo: service.visit: the places of the visit's own crew, parts noted on it
        visit_sudo = self.sudo()
        facts = visit_sudo.order_id._get_part_facts(parts)
        places = visit_sudo._get_part_places()
        free = self._get_free_quantities(
            [(part, place) for part in parts for place in places]
        )
        for part in parts:
            fact = facts[part.id]
            fact["available"] = sum(free[part.id, place.id] for place in places)
            fact["chosen"] = sum(
                move.product_uom_qty
                for move in visit_sudo.move_ids
                if move.product_id == part
                and move.state != "cancel"
                and move.service_kind in ("use", False)
            )
        return facts
