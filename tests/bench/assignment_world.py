"""A city region of orders and service points, seeded: 12 towns, 660 points, 4,000
orders a day, about as much capacity as orders. As records and as plain problems."""

import math
import random

from odoo.addons.service_management.engine import assignment

TOWNS = 12
POINTS = 660
ORDERS = 4000
TYPES = 5
CATEGORIES = 8
# Room for so many times the orders
ROOM = 1.1
# Points serve addresses this near (km)
REACH_KM = 60
WEIGHTS = {"0": 2, "1": 3, "2": 5, "3": 10}


class Region:
    """Where everything is and who can do what; distances in km."""

    def __init__(self, seed=7, points=POINTS, orders=ORDERS):
        chance = random.Random(seed)
        self.towns = [
            (chance.uniform(0, 120), chance.uniform(0, 120)) for _town in range(TOWNS)
        ]
        self.sizes = [chance.uniform(0.3, 2.0) for _town in self.towns]
        self.points = [self._make_point(chance) for _point in range(points)]
        total = sum(point["size"] for point in self.points)
        for point in self.points:
            point["capacity"] = max(1, round(point["size"] * orders * ROOM / total))
        self.types = chance.choices(range(TYPES), [40, 30, 15, 10, 5], k=orders)

    def _place(self, chance, spread):
        number = chance.choices(range(TOWNS), self.sizes)[0]
        town = self.towns[number]
        return number, tuple(chance.gauss(at, spread) for at in town)

    def _make_point(self, chance):
        town, at = self._place(chance, 6)
        return {
            "town": town,
            "at": at,
            "size": chance.uniform(3, 11),
            "types": chance.sample(range(TYPES), 4),
            "categories": chance.sample(range(CATEGORIES), 4),
            "satisfaction": min(max(chance.gauss(0.85, 0.08), 0.4), 1.0),
            "priority": chance.randint(1, 10),
        }

    def make_day(self, seed, orders=ORDERS):
        """The orders of a day, in the order in which they come."""
        chance = random.Random(seed)
        day = []
        for _order in range(orders):
            town, at = self._place(chance, 7)
            day.append(
                {
                    "town": town,
                    "at": at,
                    "type": chance.choices(range(TYPES), [40, 30, 15, 10, 5])[0],
                    "category": chance.randrange(CATEGORIES),
                    "priority": chance.choices("123", [70, 22, 8])[0],
                }
            )
        return day

    def make_orders(self, day):
        """The day as the engine's orders, with the costs that ranking gives."""
        return [
            assignment.Order(
                number,
                self._get_options(order),
                penalty=16.0 * WEIGHTS[order["priority"]],
                kind=order["type"],
            )
            for number, order in enumerate(day)
        ]

    def _get_options(self, order):
        options = {}
        for key, point in enumerate(self.points):
            if order["type"] not in point["types"]:
                continue
            if order["category"] not in point["categories"]:
                continue
            distance = 1.3 * math.dist(order["at"], point["at"])
            if distance <= REACH_KM:
                options[key] = (
                    3.0 * distance / REACH_KM
                    + 2.0 * (1 - point["satisfaction"])
                    + 3.0 * point["priority"] / 20
                )
        return options

    def make_points(self, bids=None, taken=None):
        """Points with the room that is left after ``taken`` orders, by key."""
        bids, taken = bids or {}, taken or {}
        return [
            assignment.Point(
                key,
                assignment.make_slices(point["capacity"], taken.get(key, 0)),
                bid=bids.get(key, 0.0),
            )
            for key, point in enumerate(self.points)
        ]
