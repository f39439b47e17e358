"""Asking a routing server for a table of travel times, and reading its answer.

Two widespread interfaces are spoken, each by a pair of functions:

- OSRM 5 and whatever follows it: ``GET /table/v1/driving/{lon},{lat};...`` answers
  ``{"code": "Ok", "durations": [[seconds or null]]}``
- Valhalla: ``POST /sources_to_targets`` answers
  ``{"sources_to_targets": [[{"time": seconds or null}]]}``

Nothing is sent from here; a request is (method, path and query, JSON body or ``None``).
"""

from collections.abc import Iterator, Sequence

Position = tuple[float, float]


class TableError(Exception):
    """The answer is none that the interface describes."""


def split(count: int, limit: int) -> Iterator[tuple[range, range]]:
    """Blocks (sources, targets) of a ``count`` × ``count`` table, each with at most
    ``limit`` places, counted as servers do: sources and targets together."""
    size = max(limit // 2, 1)
    parts = [range(low, min(low + size, count)) for low in range(0, count, size)]
    for sources in parts:
        for targets in parts:
            yield sources, targets


def ask_osrm(sources: Sequence[Position], targets: Sequence[Position]) -> tuple:
    places = ";".join(f"{lng:.6f},{lat:.6f}" for lat, lng in (*sources, *targets))
    first = ";".join(map(str, range(len(sources))))
    last = ";".join(map(str, range(len(sources), len(sources) + len(targets))))
    query = f"annotations=duration&sources={first}&destinations={last}"
    return "GET", f"/table/v1/driving/{places}?{query}", None


def read_osrm(answer, rows: int, columns: int) -> list[list[float | None]]:
    """Minutes by source and target; ``None`` where there is no way.

    :raises TableError: the answer is something else
    """
    if not isinstance(answer, dict) or answer.get("code") != "Ok":
        text = answer.get("message") if isinstance(answer, dict) else None
        raise TableError(str(text or "no table"))
    return _read(answer.get("durations"), rows, columns, lambda cell: cell)


def ask_valhalla(sources: Sequence[Position], targets: Sequence[Position]) -> tuple:
    body = {
        "sources": [{"lat": lat, "lon": lng} for lat, lng in sources],
        "targets": [{"lat": lat, "lon": lng} for lat, lng in targets],
        "costing": "auto",
    }
    return "POST", "/sources_to_targets", body


def read_valhalla(answer, rows: int, columns: int) -> list[list[float | None]]:
    """As ``read_osrm``."""
    if not isinstance(answer, dict) or "sources_to_targets" not in answer:
        text = answer.get("error") if isinstance(answer, dict) else None
        raise TableError(str(text or "no table"))
    return _read(
        answer["sources_to_targets"],
        rows,
        columns,
        lambda cell: cell.get("time") if isinstance(cell, dict) else None,
    )


def _read(table, rows, columns, get):
    if not isinstance(table, list) or len(table) != rows:
        raise TableError("the table has another size than asked for")
    result = []
    for line in table:
        if not isinstance(line, list) or len(line) != columns:
            raise TableError("the table has another size than asked for")
        seconds = [get(cell) for cell in line]
        if any(
            value is not None
            and (isinstance(value, bool) or not isinstance(value, int | float))
            for value in seconds
        ):
            raise TableError("the table holds something that is no number")
        result.append([None if value is None else value / 60 for value in seconds])
    return result


INTERFACES = {
    "osrm": (ask_osrm, read_osrm),
    "valhalla": (ask_valhalla, read_valhalla),
}
