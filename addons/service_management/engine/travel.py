"""How long the way takes, without a map: great circle, detour and a speed by distance.

    minutes_between((31.23, 121.47), (31.20, 121.44))
    matrix([(31.23, 121.47), (31.20, 121.44)])

A place is (latitude, longitude) in degrees. The way on roads is the great circle times
a detour factor: 1.2 to 1.5 in most countries, see Ballou, Rahardja, Sakai, "Selected
country circuity factors for road travel distance estimation", Transportation Research
A 36 (2002). The first kilometres are driven in town, the further ones on faster roads:
``SPEEDS`` are assumptions to be checked against what drivers report, not measurements.
The time never falls with distance and a stop on the way never makes a way shorter.
"""

import math
from collections.abc import Sequence

Position = tuple[float, float]

EARTH_RADIUS_KM = 6371.0088  # mean radius of the earth, IUGG
DETOUR = 1.3
# (up to this many km of the way, at km/h)
SPEEDS = ((5.0, 22.0), (20.0, 35.0), (60.0, 55.0), (math.inf, 75.0))
# To the car, out of it, and a place to park: once a way
ACCESS_MINUTES = 3.0


def drive_minutes(kilometres: float) -> float:
    """Minutes that so many km on roads take, parking not included."""
    minutes = begun = 0.0
    for until, speed in SPEEDS:
        part = min(kilometres, until) - begun
        if part <= 0:
            break
        minutes += part / speed * 60
        begun = until
    return minutes


def minutes_between(first: Position, second: Position, detour: float = DETOUR) -> float:
    """Minutes from door to door; 0 within one place."""
    return _minutes(_direction(first), _direction(second), detour)


def kilometres_between(first: Position, second: Position) -> float:
    """Kilometres as the crow flies."""
    here, there = _direction(first), _direction(second)
    cosine = sum(a * b for a, b in zip(here, there, strict=True))
    return EARTH_RADIUS_KM * math.acos(max(-1.0, min(1.0, cosine)))


def matrix(positions: Sequence[Position], detour: float = DETOUR) -> list[list[float]]:
    """Minutes between all places; symmetric, zero on the diagonal."""
    directions = [_direction(position) for position in positions]
    size = len(directions)
    result = [[0.0] * size for __ in range(size)]
    for row, first in enumerate(directions):
        line = result[row]
        for column in range(row):
            value = _minutes(first, directions[column], detour)
            line[column] = result[column][row] = value
    return result


def _direction(position: Position) -> tuple[float, float, float]:
    latitude, longitude = math.radians(position[0]), math.radians(position[1])
    level = math.cos(latitude)
    return (
        level * math.cos(longitude),
        level * math.sin(longitude),
        math.sin(latitude),
    )


def _minutes(first, second, detour) -> float:
    chord = math.dist(first, second)
    if chord < 1e-9:  # a few millimetres
        return 0.0
    angle = 2 * math.asin(min(chord / 2, 1.0))
    return ACCESS_MINUTES + drive_minutes(EARTH_RADIUS_KM * angle * detour)
