from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# What of a tariff says where and when it holds
SCOPE_FIELDS = {
    "company_id",
    "point_ids",
    "area_ids",
    "date_start",
    "date_end",
    "state",
}
# The scope of a tariff that names neither points nor regions
EVERYWHERE = ("all", 0)


class ServiceTariffScope(models.Model):
    """One row for each service point or region that an active tariff names, or one
    for all others: where a tariff holds and when.

    The tariff writes these rows itself. They are there so that the database refuses
    two tariffs for the same scope on one day, whoever activates them at once, and
    that the tariff of any point and day is found with one query.
    """

    _name = "service.tariff.scope"
    _description = "Where a Tariff Holds"
    _order = "date_start desc, id"
    _log_access = False

    tariff_id = fields.Many2one(
        "service.tariff", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    point_id = fields.Many2one(
        "service.point", string="Service Point", readonly=True, ondelete="restrict"
    )
    area_id = fields.Many2one(
        "service.area", string="Region", readonly=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    date_start = fields.Date(string="Valid From", required=True, readonly=True)
    date_end = fields.Date(string="Valid Until", readonly=True)

    _one_tariff_a_day = models.Constraint(
        "EXCLUDE USING gist (int4range(company_id, company_id, '[]') WITH &&, "
        "int4range(coalesce(point_id, 0), coalesce(point_id, 0), '[]') WITH &&, "
        "int4range(coalesce(area_id, 0), coalesce(area_id, 0), '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&)",
        "Another tariff holds for the same service points or region on these days.",
    )

    @api.depends_context("lang")
    @api.depends("point_id.name", "area_id.name")
    def _compute_display_name(self):
        for scope in self:
            scope.display_name = (
                scope.point_id.name
                or scope.area_id.name
                or self.env._("All without one of their own")
            )

    def action_view_tariff(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.tariff",
            "res_id": self.tariff_id.id,
            "view_mode": "form",
        }

    def init(self):
        # Tariffs that were active before there were scopes hold for all points. Of two
        # that were activated for the same days at once the later one did
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_tariff_scope
                       (tariff_id, company_id, date_start, date_end)
                SELECT tariff.id, tariff.company_id, tariff.date_start, tariff.date_end
                  FROM service_tariff tariff
                 WHERE tariff.state = 'active'
                   AND NOT EXISTS (
                       SELECT FROM service_tariff_scope scope
                        WHERE scope.tariff_id = tariff.id
                   )
                 ORDER BY tariff.date_start DESC, tariff.id DESC
                    ON CONFLICT DO NOTHING
                """
            )
        )


class ServiceTariff(models.Model):
    """For whom a tariff holds, and which one holds for a point on a day.

    1. one that names the service point,
    2. one that names the region that the point is in, the smallest such region,
    3. one that names neither.

    Its currency is the currency that the point is settled in.
    """

    _inherit = "service.tariff"

    # With what is in the archive: a tariff that names nothing else would hold for all
    point_ids = fields.Many2many(
        "service.point",
        string="Only Service Points",
        context={"active_test": False},
        domain="[('company_id', '=', company_id), ('is_settled', '=', True)]",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="These points are paid by this tariff, whatever region they are in.",
    )
    area_ids = fields.Many2many(
        "service.area",
        string="Only Regions",
        context={"active_test": False},
        ondelete="restrict",
        tracking=True,
        help="Points that are in these regions, or in a part of them, are paid by this "
        "tariff, unless another one names the point or a smaller region.",
    )
    scope_text = fields.Char(string="Holds For", compute="_compute_scope_text")

    @api.depends_context("lang")
    @api.depends("point_ids.name", "area_ids.name")
    def _compute_scope_text(self):
        for tariff in self:
            names = [
                record.name for record in (*tariff.point_ids[:4], *tariff.area_ids[:4])
            ]
            count = len(tariff.point_ids) + len(tariff.area_ids)
            if not count:
                tariff.scope_text = self.env._("All without one of their own")
            elif count > len(names):
                tariff.scope_text = self.env._(
                    "%(names)s and %(count)s more",
                    names=", ".join(names),
                    count=count - len(names),
                )
            else:
                tariff.scope_text = ", ".join(names)

    @api.constrains(*SCOPE_FIELDS)
    def _check_overlap(self):
        active = self.filtered(lambda tariff: tariff.state == "active")
        others = self.search(
            [("company_id", "in", active.company_id.ids), ("state", "=", "active")]
        )
        for tariff in active:
            for other in others:
                if other != tariff and tariff._is_overlapping(other):
                    raise ValidationError(
                        self.env._(
                            "%(tariff)s and %(other)s would both hold on the same "
                            "days for the same service points (%(scope)s). End one "
                            "before the other begins.",
                            tariff=tariff.name,
                            other=other.name,
                            scope=tariff.scope_text,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        tariffs = super().create(vals_list)
        tariffs._update_scopes()
        return tariffs

    def write(self, vals):
        result = super().write(vals)
        if SCOPE_FIELDS & vals.keys():
            self._update_scopes()
        return result

    def _is_overlapping(self, other) -> bool:
        self.ensure_one()
        return bool(
            self.company_id == other.company_id
            and self.date_start <= (other.date_end or self.date_start)
            and other.date_start <= (self.date_end or other.date_start)
            and self._get_scope_keys() & other._get_scope_keys()
        )

    def _get_scope_keys(self) -> set[tuple[str, int]]:
        self.ensure_one()
        return {
            *(("point", point_id) for point_id in self.point_ids.ids),
            *(("area", area_id) for area_id in self.area_ids.ids),
        } or {EVERYWHERE}

    def _update_scopes(self):
        """The rows of active tariffs are what these say; others have none."""
        # sudo: service.tariff.scope: written by the tariff only
        scopes_sudo = self.env["service.tariff.scope"].sudo()
        scopes_sudo.search([("tariff_id", "in", self.ids)]).unlink()
        # All ends are in the database before a beginning is checked against them
        self.env.flush_all()
        scopes_sudo.create(
            [
                {
                    "tariff_id": tariff.id,
                    "company_id": tariff.company_id.id,
                    "point_id": key if kind == "point" else False,
                    "area_id": key if kind == "area" else False,
                    "date_start": tariff.date_start,
                    "date_end": tariff.date_end,
                }
                for tariff in self
                if tariff.state == "active"
                for kind, key in sorted(tariff._get_scope_keys())
            ]
        )
        scopes_sudo.flush_model()

    # Which one holds

    @api.model
    def _find_many(self, keys, draft=None) -> dict:
        """The tariffs that hold for ``(company, point, day)``; a number of queries
        that does not grow. Without a point: the one that holds for all others.

        :param draft: a tariff that is taken to be active on all days, instead of those
            that hold for the same points now
        :return: dict of those keys for which a tariff holds
        """
        keys = set(keys)
        held = self._get_held({company for company, __, __day in keys})
        for scope in draft._get_scope_keys() if draft else ():
            rows = held.setdefault((draft.company_id, *scope), [])
            rows.insert(0, (date.min, None, draft))
        has_areas = any(kind == "area" for __, kind, __id in held)
        chains = {}
        found = {}
        for company, point, day in keys:
            if (company, point) not in chains:
                scopes = point._get_tariff_scopes(has_areas) if point else [EVERYWHERE]
                chains[company, point] = [
                    row for scope in scopes for row in held.get((company, *scope), ())
                ]
            for start, end, tariff in chains[company, point]:
                if start <= day and (not end or day <= end):
                    found[company, point, day] = tariff
                    break
        return found

    @api.model
    def _get_held(self, companies) -> dict:
        """(company, kind, id) of a scope → its (first day, last day, tariff)."""
        held = {}
        for row in self.env["service.tariff.scope"].search(
            [("company_id", "in", [company.id for company in companies])]
        ):
            scope = EVERYWHERE
            if row.point_id:
                scope = ("point", row.point_id.id)
            elif row.area_id:
                scope = ("area", row.area_id.id)
            held.setdefault((row.company_id, *scope), []).append(
                (row.date_start, row.date_end, row.tariff_id)
            )
        return held


class ServicePoint(models.Model):
    _inherit = "service.point"

    tariff_id = fields.Many2one(
        "service.tariff",
        string="Tariff Today",
        compute="_compute_tariff_id",
        groups="service_settlement.group_settlement_accountant",
        help="By it, and in its currency, the work of this point is paid: the tariff "
        "that names the point, else the one of its smallest region, else the one that "
        "names neither.",
    )

    @api.depends("company_id", "area_id", "is_settled")
    def _compute_tariff_id(self):
        today = fields.Date.context_today(self)
        found = self.env["service.tariff"]._find_many(
            (point.company_id, point, today) for point in self if point.is_settled
        )
        for point in self:
            point.tariff_id = found.get((point.company_id, point, today), False)

    def _get_tariff_scopes(self, has_areas=True) -> list[tuple[str, int]]:
        """Scopes that hold for this point, the one that counts first at the front."""
        self.ensure_one()
        areas = self.area_id._get_path_ids() if has_areas and self.area_id else []
        return [
            ("point", self.id),
            *(("area", area_id) for area_id in reversed(areas)),
            EVERYWHERE,
        ]
