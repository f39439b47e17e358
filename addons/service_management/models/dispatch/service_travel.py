import logging
import time
from typing import NamedTuple

import requests

from odoo import api, models

from odoo.addons.service_management.engine import travel, travel_table

_logger = logging.getLogger(__name__)


class TravelTimes(NamedTuple):
    """Minutes between places, and whose they are."""

    minutes: list[list[float]]
    source: str  # great_circle, osrm, valhalla
    # Legs that the server did not know, estimated instead; why it was not asked on
    estimated: int = 0
    error: str = ""


class ServiceTravel(models.AbstractModel):
    """Travel times: estimated offline, or from a routing server of the company.

    1. Without a server: great circle, detour and speeds of ``engine.travel``.
    2. With one: known legs from ``service.travel.leg``, the others in batches.
    3. A server that does not answer is not asked again for the same table; what it
       does not know is estimated, and the answer says how much of it is.
    """

    _name = "service.travel"
    _description = "Travel Times"

    @api.model
    def _get_minutes(self, positions) -> list[list[float]]:
        """Minutes from each (latitude, longitude) to each."""
        return self._get_times(positions).minutes

    @api.model
    def _get_times(self, positions, company=None, may_ask=True) -> TravelTimes:
        """As ``_get_minutes``, with where they come from.

        :param may_ask: ``False``: known legs only, for whoever waits for the answer
        """
        company = (company or self.env.company).sudo()
        detour = company.service_travel_detour or travel.DETOUR
        estimate = travel.matrix(positions, detour)
        source = company.service_travel_source
        if source not in travel_table.INTERFACES or not company.service_travel_url:
            return TravelTimes(estimate, "great_circle")
        legs = self.env["service.travel.leg"]
        keys = [legs._get_key(position) for position in positions]
        places = list(dict.fromkeys(keys))
        known = legs._get_known(company, places)
        error = ""
        missing = {
            (first, second)
            for first in places
            for second in places
            if first != second and (first, second) not in known
        }
        if missing and may_ask:
            found, error = self._ask_server(company, places, missing)
            legs._keep(company, found)
            known |= found
        estimated = 0
        for row, first in enumerate(keys):
            for column, second in enumerate(keys):
                if first == second:
                    continue
                minutes = known.get((first, second))
                if minutes is None:
                    estimated += 1
                else:
                    estimate[row][column] = minutes
        return TravelTimes(estimate, source, estimated, error)

    @api.model
    def _ask_server(self, company, places, missing) -> tuple[dict, str]:
        """Minutes (or ``None``: no way) of the missing legs, and what went wrong.

        The blocks of the table that hold nothing missing are not asked for.
        """
        legs = self.env["service.travel.leg"]
        ask, read = travel_table.INTERFACES[company.service_travel_source]
        positions = [legs._get_position(key) for key in places]
        found = {}
        until = time.monotonic() + 10 * company.service_travel_timeout
        limit = company.service_travel_batch
        with requests.Session() as session:
            for rows, columns in travel_table.split(len(places), limit):
                wanted = [
                    (places[row], places[column])
                    for row in rows
                    for column in columns
                    if (places[row], places[column]) in missing
                ]
                if not wanted:
                    continue
                if time.monotonic() > until:
                    return found, self.env._("the routing server is too slow")
                method, path, body = ask(
                    [positions[row] for row in rows],
                    [positions[column] for column in columns],
                )
                try:
                    response = session.request(
                        method,
                        company.service_travel_url.rstrip("/") + path,
                        json=body,
                        timeout=company.service_travel_timeout,
                        allow_redirects=False,
                    )
                    table = read(response.json(), len(rows), len(columns))
                except (requests.RequestException, ValueError) as error:
                    _logger.info("Routing server: %s", error)
                    return found, self.env._("the routing server does not answer")
                except travel_table.TableError as error:
                    _logger.info("Routing server: %s", error)
                    return found, self.env._(
                        "the routing server answers: %(error)s", error=str(error)[:200]
                    )
                found |= {
                    (places[row], places[column]): table[i][j]
                    for i, row in enumerate(rows)
                    for j, column in enumerate(columns)
                    if row != column
                }
        return found, ""
