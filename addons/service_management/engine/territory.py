"""Cutting many visits into territories that can be planned one by one.

    parts = split(positions, limit=300)

A territory is cut in two at the median along the longer of its two sides until no
part is above the limit: neighbours stay together and the parts are of even size.
"""

import math
from collections.abc import Hashable, Mapping, Sequence

Position = tuple[float, float]


def split(positions: Mapping[Hashable, Position], limit: int) -> list[list]:
    """Keys in groups of at most ``limit``; each key in one of them.

    :raises ValueError: the limit is below one
    """
    if limit < 1:
        raise ValueError("a territory holds at least one visit")
    waiting = [list(positions)]
    parts = []
    while waiting:
        keys = waiting.pop()
        if len(keys) <= limit:
            if keys:
                parts.append(keys)
            continue
        along = _along(positions, keys)
        keys.sort(key=lambda key: along(positions[key]))
        middle = len(keys) // 2
        waiting += [keys[middle:], keys[:middle]]
    return parts


def share(
    parts: Sequence[Sequence],
    positions: Mapping[Hashable, Position],
    people: Mapping[Hashable, Position | None],
    tied: Mapping[Hashable, int],
) -> list[list]:
    """People to parts: first who is ``tied`` to one, then whoever lives nearest, as
    many as each part's visits deserve.

    :param people: where each one starts, ``None`` where nobody knows
    :param tied: number of the part that somebody has fixed visits in
    :return: people by part
    """
    total = sum(map(len, parts)) or 1
    room = [math.ceil(len(people) * len(part) / total) for part in parts]
    centres = [_centre(positions, part) for part in parts]
    result: list[list] = [[] for __ in parts]
    for key, number in tied.items():
        result[number].append(key)
        room[number] -= 1
    free = [key for key in people if key not in tied]
    wishes = sorted(
        (_distance(people[key], centre), place, number)
        for place, key in enumerate(free)
        for number, centre in enumerate(centres)
    )
    settled = set()
    for __, place, number in wishes:
        if place not in settled and room[number] > 0:
            result[number].append(free[place])
            room[number] -= 1
            settled.add(place)
    for place, key in enumerate(free):
        if place not in settled:  # the tied ones have taken more than their share
            fewest = min(
                range(len(parts)), key=lambda n: len(result[n]) / len(parts[n])
            )
            result[fewest].append(key)
    return result


def _along(positions, keys):
    """The coordinate along the longer side, in comparable units."""
    latitudes = [positions[key][0] for key in keys]
    longitudes = [positions[key][1] for key in keys]
    shrink = math.cos(math.radians(sum(latitudes) / len(latitudes)))
    high = max(latitudes) - min(latitudes)
    wide = (max(longitudes) - min(longitudes)) * shrink
    return (lambda place: place[0]) if high > wide else (lambda place: place[1])


def _centre(positions, part):
    count = len(part) or 1
    return (
        sum(positions[key][0] for key in part) / count,
        sum(positions[key][1] for key in part) / count,
    )


def _distance(place, centre) -> float:
    if place is None:
        return 0.0
    shrink = math.cos(math.radians(centre[0]))
    return math.hypot(place[0] - centre[0], (place[1] - centre[1]) * shrink)
