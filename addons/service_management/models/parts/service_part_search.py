from typing import Any, NamedTuple

from odoo import api, models

from odoo.addons.service_management.engine import travel

# Minutes to a place whose position nobody knows: after all the others
UNKNOWN_MINUTES = 10_000.0
GOOD_KINDS = ("central", "branch", "point", "vehicle")


class PartPlace(NamedTuple):
    """A place that holds a part."""

    location: Any
    kind: str
    point: Any
    technician: Any
    free: float
    # Free above what the place keeps for itself by its replenishment rule
    spare: float
    minutes: float
    kilometres: float
    # Whether parts may be sent from there: not from vans, nor what others own
    may_send: bool


class ServicePartStock(models.Model):
    _inherit = "service.part.stock"

    @api.model
    def _find_parts(self, products, company, position) -> dict:
        """Where parts are, the nearest first: ``{product: [PartPlace]}``.

        Constant queries, whatever the number of products and places (sudo).

        :param position: (latitude, longitude) of where they are needed, or ``None``
        """
        # sudo: service.part.stock: free quantities and places only
        groups = self.sudo()._read_group(
            [
                ("product_id", "in", products.ids),
                ("company_id", "=", company.id),
                ("kind", "in", GOOD_KINDS),
                ("free", ">", 0),
            ],
            ["product_id", "location_id", "kind", "point_id", "technician_id"],
            ["free:sum"],
        )
        minimum = self._get_minimums(products, company)
        ways = self._measure_ways(
            {(row[1], row[3], row[4]) for row in groups}, company, position
        )
        result = {product: [] for product in products}
        for product, location, kind, point, technician, free in groups:
            minutes, kilometres = ways[location]
            kept = minimum.get((product, location), 0.0) if kind == "point" else 0.0
            result[product].append(
                PartPlace(
                    location,
                    kind,
                    point,
                    technician,
                    free,
                    max(free - kept, 0.0),
                    minutes,
                    kilometres,
                    kind != "vehicle" and not (point and point._get_part_owner()),
                )
            )
        for places in result.values():
            places.sort(key=lambda place: (place.minutes, place.location.id))
        return result

    @api.model
    def _get_minimums(self, products, company) -> dict:
        # sudo: stock.warehouse.orderpoint: what a place keeps for itself
        rules = (
            self.env["stock.warehouse.orderpoint"]
            .sudo()
            .search(
                [
                    ("product_id", "in", products.ids),
                    ("company_id", "=", company.id),
                ]
            )
        )
        return {
            (rule.product_id, rule.location_id): rule.product_min_qty for rule in rules
        }

    @api.model
    def _measure_ways(self, places, company, position) -> dict:
        """Minutes and kilometres from each place to where the part is needed."""
        warehouse = company._get_part_warehouse()
        spots = {}
        for location, point, technician in places:
            partner = (
                technician.base_partner_id
                or point.partner_id
                or warehouse.partner_id
                or company.partner_id
            )
            spots[location] = (partner.partner_latitude, partner.partner_longitude)
        known = {spot for spot in spots.values() if any(spot)}
        if not position or not any(position):
            return dict.fromkeys(spots, (UNKNOWN_MINUTES, 0.0))
        points = [*sorted(known), tuple(position)]
        # Known legs only: somebody waits for the answer
        times = self.env["service.travel"]._get_times(points, company, may_ask=False)
        minutes = dict(zip(points, (row[-1] for row in times.minutes), strict=True))
        return {
            location: (
                (
                    round(minutes[spot], 1),
                    round(travel.kilometres_between(spot, position), 1),
                )
                if spot in known
                else (UNKNOWN_MINUTES, 0.0)
            )
            for location, spot in spots.items()
        }
