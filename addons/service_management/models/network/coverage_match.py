"""Which coverage rows fit which jobs: read once, compared as plain values."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine.candidate_ranking import EARTH_RADIUS_KM

from .service_area_zip import normalise_zip

# From 'could almost do it' to 'cannot': of several rows of a point the first counts.
REFUSALS = (
    None,
    "level",
    "brand",
    "category",
    "type",
    "date",
    "excluded",
    "suspended",
)
# What the database reads itself, or keeps shapes of
_FLUSHED = ["kind", "zips", "outline", "latitude", "longitude", "radius_km", "active"]
# The more exact kind first, where rows fit equally well.
_EXACTNESS = {"area": 0, "zip": 1, "radius": 2, "polygon": 3}


@dataclass(frozen=True, slots=True)
class CoverageJob:
    """What is to be done, where and when. Records; empty ones are allowed.

    ``position`` is (latitude, longitude) in degrees; without a ``day`` it is today.
    """

    area: Any
    type: Any
    category: Any
    level: int = 1
    company: Any = None
    zip: str | None = None
    position: tuple[float, float] | None = None
    brand: Any = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class CoverageMatch:
    """A point that serves the place of a job.

    ``refused`` says what speaks against it: ``suspended``, ``excluded``, ``date``,
    ``type``, ``category``, ``brand``, ``level``; ``None`` when nothing does. ``via``
    is how the row covers the place: ``area``, ``zip``, ``radius``, ``polygon``.
    """

    coverage: Any
    point: Any
    refused: str | None = None
    via: str = "area"


class CoverageMatcher:
    """Matches many jobs with the rows of ``coverage_model`` that cover their places."""

    def __init__(self, coverage_model, jobs):
        self.coverage_model = coverage_model
        self.env = coverage_model.env
        self.jobs = jobs
        self.today = fields.Date.context_today(coverage_model)

    def match(self) -> list[list[CoverageMatch]]:
        # One read for all, also where the jobs come from different recordsets.
        self.env["service.area"].union(
            *(job.area for job in self.jobs if job.area)
        ).fetch(["parent_path", "country_id"])
        self.env["product.category"].union(
            *(job.category for job in self.jobs if job.category)
        ).fetch(["parent_path"])
        paths = [job.area._get_path_ids() if job.area else [] for job in self.jobs]
        codes = [normalise_zip(job.zip) for job in self.jobs]
        self.coverage_model.flush_model(_FLUSHED)
        placed = self._find_by_position()
        zipped = self._find_by_zip(codes)
        rows = self._read_rows({key for path in paths for key in path}, placed, zipped)
        by_area = defaultdict(list)
        for row in rows.values():
            if row.kind == "area":
                by_area[row.area_id].append(row)
        # In a city many jobs ask the same: each answer is worked out once, and shared.
        answers = {}
        result = []
        for job, path, code in zip(self.jobs, paths, codes, strict=True):
            special = [
                (row.coverage.id, depth, row)
                for row, depth in self._get_zip_rows(job, code, zipped, rows)
            ] + [
                (row_id, 0, rows[row_id])
                for row_id in placed.get(job.position, ())
                if row_id in rows
            ]
            key = (
                (job.area, job.type, job.category, job.level, job.company)
                + (job.brand, job.day)
                + tuple(sorted(entry[:2] for entry in special))
            )
            if key not in answers:
                answers[key] = self._match_rows(
                    job,
                    [
                        (row, depth)
                        for depth, area_id in enumerate(path)
                        for row in by_area.get(area_id, ())
                    ]
                    + [(row, depth) for _row_id, depth, row in special],
                )
            result.append(answers[key])
        return result

    def _find_by_position(self) -> dict:
        """``{position: ids of the rows whose radius or drawn area holds it}``."""
        positions = list({job.position for job in self.jobs if job.position})
        if not positions:
            return {}
        # Great-circle distance (haversine), as in engine.candidate_ranking
        rows = self.env.execute_query(
            SQL(
                """
                SELECT place.number, coverage.id
                  FROM unnest(%(latitudes)s::float8[], %(longitudes)s::float8[])
                       WITH ORDINALITY AS place(lat, lng, number)
                  JOIN service_coverage AS coverage
                    ON coverage.reach @> box(point(lat, lng), point(lat, lng))
                 WHERE coverage.active
                   AND CASE coverage.kind
                       WHEN 'polygon' THEN coverage.shape @> point(lat, lng)
                       ELSE 2 * %(radius)s * asin(least(1, sqrt(
                            sin(radians(lat - coverage.latitude) / 2) ^ 2
                            + cos(radians(lat))
                            * cos(radians(coverage.latitude::float8))
                            * sin(radians(lng - coverage.longitude) / 2) ^ 2
                       ))) <= coverage.radius_km
                       END
                """,
                latitudes=[position[0] for position in positions],
                longitudes=[position[1] for position in positions],
                radius=EARTH_RADIUS_KM,
            )
        )
        found = defaultdict(list)
        for number, row_id in rows:
            found[positions[number - 1]].append(row_id)
        return found

    def _find_by_zip(self, codes) -> dict:
        """``{prefix: ids of the rows with it}`` for beginnings of the codes."""
        prefixes = {code[:end] for code in codes for end in range(1, len(code) + 1)}
        if not prefixes:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, zips FROM service_coverage
                 WHERE active AND kind = 'zip'
                   AND string_to_array(zips, ',') && %(prefixes)s
                """,
                prefixes=list(prefixes),
            )
        )
        found = defaultdict(list)
        for row_id, zips in rows:
            for prefix in prefixes.intersection(zips.split(",")):
                found[prefix].append(row_id)
        return found

    def _read_rows(self, area_ids, placed, zipped) -> dict:
        """``{id: _Row}`` of what may be read, of points that are in the network."""
        row_ids = {row_id for ids in placed.values() for row_id in ids}
        row_ids |= {row_id for ids in zipped.values() for row_id in ids}
        records = self.coverage_model.search_fetch(
            Domain("point_id.active", "=", True)
            & Domain("point_id.state", "!=", "terminated")
            & (
                (Domain("kind", "=", "area") & Domain("area_id", "in", list(area_ids)))
                | Domain("id", "in", list(row_ids))
            ),
            ["point_id", "company_id", "kind", "area_id", "country_id", "is_exclusion"]
            + ["type_ids", "category_ids", "brand_ids", "priority", "level"]
            + ["valid_from", "valid_to"],
        )
        records.point_id.fetch(["state"])
        return {record.id: _Row(record) for record in records}

    def _get_zip_rows(self, job, code, zipped, rows):
        """Rows by the longest prefix of theirs that fits, of the job's country."""
        country_id = job.area.country_id.id if job.area else None
        longest = {}
        for end in range(1, len(code) + 1):
            for row_id in zipped.get(code[:end], ()):
                row = rows.get(row_id)
                if row and (
                    not country_id or not row.country_id or row.country_id == country_id
                ):
                    longest[row_id] = (row, end)
        return longest.values()

    def _match_rows(self, job, found) -> list[CoverageMatch]:
        """One match a point.

        :param found: pairs of a row and how small a piece of its kind it is
        """
        category_ids = {
            int(key) for key in (job.category.parent_path or "").split("/") if key
        }
        day = job.day or self.today
        company_id = job.company.id if job.company else None
        excluded = defaultdict(list)
        offered = []
        for row, depth in found:
            if company_id and row.company_id != company_id:
                continue
            if not row.is_exclusion:
                offered.append((row, depth))
            elif row.is_valid(day) and not row.get_misfit(job, category_ids):
                excluded[row.point_id].append((row.kind, depth))
        best = {}
        for row, depth in offered:
            refused = row.get_refusal(job, category_ids, day)
            if refused != "suspended" and any(
                kind != row.kind or limit >= depth
                for kind, limit in excluded.get(row.point_id, ())
            ):
                refused = "excluded"
            rank = (
                REFUSALS.index(refused),
                row.priority,
                -_EXACTNESS[row.kind],
                -depth,
            )
            if row.point_id not in best or rank < best[row.point_id][0]:
                best[row.point_id] = (rank, row, refused)
        return [
            CoverageMatch(row.coverage, row.point, refused, row.kind)
            for _rank, row, refused in sorted(
                best.values(), key=lambda item: (*item[0], item[1].point_id)
            )
        ]


class _Row:
    """A coverage row as plain values: it is compared with many jobs."""

    __slots__ = (
        "area_id",
        "brand_ids",
        "category_ids",
        "company_id",
        "country_id",
        "coverage",
        "is_exclusion",
        "is_suspended",
        "kind",
        "level",
        "point",
        "point_id",
        "priority",
        "type_ids",
        "valid_from",
        "valid_to",
    )

    def __init__(self, coverage):
        self.coverage = coverage
        self.point = coverage.point_id
        self.point_id = self.point.id
        self.company_id = coverage.company_id.id
        self.country_id = coverage.country_id.id
        self.area_id = coverage.area_id.id
        self.kind = coverage.kind
        self.is_exclusion = coverage.is_exclusion
        self.is_suspended = coverage.point_id.state == "suspended"
        self.type_ids = frozenset(coverage.type_ids._ids)
        self.category_ids = frozenset(coverage.category_ids._ids)
        self.brand_ids = frozenset(coverage.brand_ids._ids)
        self.priority = coverage.priority
        self.level = coverage.level
        self.valid_from = coverage.valid_from
        self.valid_to = coverage.valid_to

    def is_valid(self, day) -> bool:
        return not (
            (self.valid_from and day < self.valid_from)
            or (self.valid_to and day > self.valid_to)
        )

    def get_misfit(self, job, category_ids) -> str | None:
        """What the row is not for."""
        if self.type_ids and job.type.id not in self.type_ids:
            return "type"
        if self.category_ids and not self.category_ids & category_ids:
            return "category"
        if self.brand_ids and (not job.brand or job.brand.id not in self.brand_ids):
            return "brand"
        return None

    def get_refusal(self, job, category_ids, day) -> str | None:
        if self.is_suspended:
            return "suspended"
        if not self.is_valid(day):
            return "date"
        misfit = self.get_misfit(job, category_ids)
        if misfit:
            return misfit
        return "level" if self.level < job.level else None
