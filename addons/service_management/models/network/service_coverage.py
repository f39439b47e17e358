from dataclasses import dataclass
from typing import Any

from odoo import api, fields, models


@dataclass(frozen=True, slots=True)
class CoverageJob:
    """What is to be done and where. Records; empty ones are allowed."""

    area: Any
    type: Any
    category: Any
    level: int = 1
    company: Any = None


@dataclass(frozen=True, slots=True)
class CoverageMatch:
    """A point that serves the area of a job.

    ``refused`` says what speaks against it: ``suspended``, ``type``, ``category``,
    ``level``; ``None`` when nothing does.
    """

    coverage: Any
    point: Any
    refused: str | None = None


# From 'could almost do it' to 'cannot': of several rows of a point the first counts.
_REFUSALS = (None, "level", "category", "type", "suspended")


class ServiceCoverage(models.Model):
    """What a point does in an area: service types, products, how soon it is asked."""

    _name = "service.coverage"
    _description = "Coverage"
    _order = "point_id, priority, id"
    _check_company_auto = True

    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="point_id.company_id", store=True, precompute=True, index=True
    )
    area_id = fields.Many2one(
        "service.area",
        required=True,
        index=True,
        ondelete="restrict",
        help="The point serves this area and those within it.",
    )
    type_ids = fields.Many2many(
        "service.type", string="Service Types", help="Empty: every service type."
    )
    category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Products of these categories and of those below them. Empty: every "
        "product.",
    )
    priority = fields.Integer(
        default=10, help="Points with a smaller number are asked first."
    )
    daily_capacity = fields.Integer(
        string="Orders a Day", help="Zero: the limit of the point counts."
    )
    level = fields.Integer(
        default=1,
        aggregator=None,
        help="How demanding the work may be, from 1 (simple) to 3 (demanding).",
    )
    active = fields.Boolean(default=True)

    _level_in_range = models.Constraint(
        "CHECK (level BETWEEN 1 AND 3)", "The level of a coverage is 1, 2 or 3."
    )
    _numbers_not_negative = models.Constraint(
        "CHECK (daily_capacity >= 0 AND priority >= 0)",
        "Priority and orders a day cannot be negative.",
    )

    @api.depends("point_id", "area_id")
    def _compute_display_name(self):
        for coverage in self:
            coverage.display_name = self.env._(
                "%(point)s in %(area)s",
                point=coverage.point_id.display_name,
                area=coverage.area_id.display_name,
            )

    @api.model
    def _find_covering(self, jobs):
        """The points that serve the area of each job, best first, with refusals.

        - A row covers the area of the job when its own is the same or an ancestor.
        - A row without service types does every type; one without categories every
          category; a category includes those below it.
        - A point that serves the area is listed once, by its best row, and refused
          with the reason when its state, type, category or level does not fit.
          Archived and terminated points are not listed.

        A fixed number of queries, whatever the number of jobs.

        :param jobs: ``CoverageJob`` objects
        :return: for each job a list of ``CoverageMatch``
        """
        # One read for all, also where the jobs come from different recordsets.
        self.env["service.area"].union(*(job.area for job in jobs if job.area)).fetch(
            ["parent_path"]
        )
        self.env["product.category"].union(
            *(job.category for job in jobs if job.category)
        ).fetch(["parent_path"])
        paths = [job.area._get_path_ids() if job.area else [] for job in jobs]
        rows_by_area = self._get_rows_by_area({key for path in paths for key in path})
        return [
            self._match_rows(
                job,
                [row for area_id in path for row in rows_by_area.get(area_id, ())],
            )
            for job, path in zip(jobs, paths, strict=True)
        ]

    def _get_rows_by_area(self, area_ids):
        rows = self.search_fetch(
            [
                ("area_id", "in", list(area_ids)),
                ("point_id.active", "=", True),
                ("point_id.state", "!=", "terminated"),
            ],
            ["point_id", "company_id", "area_id", "type_ids", "category_ids"]
            + ["priority", "level"],
        )
        rows.point_id.fetch(["state"])
        rows_by_area = {}
        for row in rows:
            rows_by_area.setdefault(row.area_id.id, []).append(_Row(row))
        return rows_by_area

    @api.model
    def _match_rows(self, job, rows):
        """One match a point; ``rows`` come from the large area to the small."""
        category_ids = {
            int(key) for key in (job.category.parent_path or "").split("/") if key
        }
        best = {}
        for depth, row in enumerate(rows):
            if job.company and row.company_id != job.company.id:
                continue
            refused = row.get_refusal(job, category_ids)
            rank = (_REFUSALS.index(refused), row.priority, -depth)
            if row.point_id not in best or rank < best[row.point_id][0]:
                best[row.point_id] = (rank, row, refused)
        return [
            CoverageMatch(row.coverage, row.coverage.point_id, refused)
            for _rank, row, refused in sorted(
                best.values(), key=lambda item: (*item[0], item[1].point_id)
            )
        ]


class _Row:
    """A coverage row as plain values: it is compared with many jobs."""

    __slots__ = (
        "category_ids",
        "company_id",
        "coverage",
        "is_suspended",
        "level",
        "point_id",
        "priority",
        "type_ids",
    )

    def __init__(self, coverage):
        self.coverage = coverage
        self.point_id = coverage.point_id.id
        self.company_id = coverage.company_id.id
        self.is_suspended = coverage.point_id.state == "suspended"
        self.type_ids = frozenset(coverage.type_ids._ids)
        self.category_ids = frozenset(coverage.category_ids._ids)
        self.priority = coverage.priority
        self.level = coverage.level

    def get_refusal(self, job, category_ids) -> str | None:
        if self.is_suspended:
            return "suspended"
        if self.type_ids and job.type.id not in self.type_ids:
            return "type"
        if self.category_ids and not self.category_ids & category_ids:
            return "category"
        if self.level < job.level:
            return "level"
        return None
