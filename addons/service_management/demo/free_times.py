"""When technicians of a played past could have come: nothing but hours and bookings."""

from datetime import datetime, timedelta

STEP = timedelta(minutes=30)


def find_free_times(order, date_from, days, technicians, limit=60) -> list[dict]:
    """``{"technician_id", "start", "end"}`` by start (UTC), of who has the skills; the
    search for times of the product looks ahead only."""
    crew = technicians.sudo()
    requirements = order.sudo().type_id._get_requirements(order.category_id)
    missing = crew._get_missing_requirements(
        requirements, order.company_id._get_service_day(date_from)
    )
    crew = crew.filtered(lambda tech: not missing.get(tech))
    until = date_from + timedelta(days=days)
    duration = timedelta(hours=order.type_id.duration or 1.0)
    busy = _find_bookings(crew, date_from, until)
    slots = [
        {"technician_id": technician.id, "start": start, "end": start + duration}
        for technician in crew
        for since, end in technician._get_work_intervals(date_from, until)
        for start in _free_starts(since, end, duration, busy[technician.id])
    ]
    slots.sort(key=lambda slot: (slot["start"], slot["technician_id"]))
    return slots[:limit]


def _find_bookings(technicians, start, end) -> dict:
    """Booked (start, end) pairs of each technician that touch the period."""
    rows = (
        technicians.env["service.visit.crew"]
        .sudo()
        .search_fetch(
            [
                ("technician_id", "in", technicians.ids),
                ("is_active", "=", True),
                ("planned_start", "<", end),
                ("planned_end", ">", start),
            ],
            ["technician_id", "planned_start", "planned_end"],
        )
    )
    busy = {technician.id: [] for technician in technicians}
    for row in rows:
        busy[row.technician_id.id].append((row.planned_start, row.planned_end))
    return busy


def _free_starts(start, end, duration, busy):
    """Starts on the half hour where ``duration`` fits between the ``busy`` times."""
    slot = _round_up(start)
    while slot + duration <= end:
        clash = next(
            (
                until
                for since, until in busy
                if since < slot + duration and until > slot
            ),
            None,
        )
        if clash is None:
            yield slot
            slot += STEP
        else:
            slot = _round_up(clash)


def _round_up(moment):
    rest = (moment - datetime.min) % STEP
    return moment + (STEP - rest) if rest else moment
