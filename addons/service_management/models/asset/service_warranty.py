from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine import warranty as warranty_engine

WARRANTY_KINDS = [
    ("labour", "Labour"),
    ("parts", "Parts"),
    ("travel", "Travel"),
]
WARRANTY_SOURCES = [
    ("base", "With the Product"),
    ("extension", "Extension"),
    ("added", "Added by Hand"),
]
WARRANTY_CUTS = [
    ("transfer", "New Owner"),
    ("consent", "New Owner, Not Agreed To"),
    ("cancelled", "Sale Cancelled"),
]
FROZEN_FIELDS = {
    "asset_id",
    "kind",
    "component_id",
    "date_start",
    "date_end",
    "promise_id",
    "line_key",
    "extension_id",
    "source",
}
# Set by what happens to the asset, never by hand
CUT_FIELDS = {"date_cut", "cut_reason"}


class ServiceWarranty(models.Model):
    """One promised term of one asset, frozen when the asset was registered."""

    _name = "service.warranty"
    _description = "Warranty Term"
    _order = "asset_id, kind, date_end desc"

    asset_id = fields.Many2one(
        "service.asset", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(WARRANTY_KINDS, required=True)
    component_id = fields.Many2one(
        "service.warranty.component",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: everything that has no term of its own.",
    )
    date_start = fields.Date(string="Start Date", required=True)
    date_end = fields.Date(string="End Date", required=True)
    reason = fields.Char(string="Source", help="Where the term came from.")
    source = fields.Selection(
        WARRANTY_SOURCES, string="Obtained", default="added", readonly=True
    )
    # The values that were promised
    promise_id = fields.Many2one(
        "service.warranty.promise",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    line_key = fields.Integer(
        string="Line of the Promise", readonly=True, aggregator=None
    )
    extension_id = fields.Many2one(
        "service.warranty.extension",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    # What ended it before its time
    date_cut = fields.Date(
        string="Ended Early On", readonly=True, help="The last day it covers."
    )
    cut_reason = fields.Selection(
        WARRANTY_CUTS, string="Why It Ended Early", readonly=True
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)",
        "A warranty term must end on or after the day it starts.",
    )
    _frozen_uniq = models.UniqueIndex(
        "(asset_id, kind, (COALESCE(component_id, 0)), date_start, date_end) "
        "WHERE cut_reason IS DISTINCT FROM 'cancelled'",
        "The asset already has this warranty term.",
    )

    @api.depends("kind", "component_id", "asset_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """What is promised and for which asset, in words."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for term in self:
            what = term.component_id.display_name or kinds.get(term.kind)
            term.display_name = " · ".join(
                filter(None, (what, term.asset_id.display_name))
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._freeze_by_hand(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if FROZEN_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "Warranty terms are frozen when the asset is registered. Add a "
                    "further term with its reason instead of changing this one."
                )
            )
        if CUT_FIELDS & vals.keys() and not self.env.su:
            raise UserError(
                self.env._("A warranty term ends early when its asset is sold on.")
            )
        return super().write(vals)

    @api.model
    def _freeze_by_hand(self, vals_list):
        """Keep what a component is, for terms that somebody adds by hand."""
        # sudo: service.warranty.promise: kept with the term
        promises = self.env["service.warranty.promise"].sudo()
        for vals in vals_list:
            if vals.get("component_id") and not vals.get("promise_id"):
                component = self.env["service.warranty.component"].browse(
                    vals["component_id"]
                )
                vals["promise_id"] = promises._freeze_component(component).id
                vals["line_key"] = 0

    def _cut(self, day, reason):
        """End terms early: on ``day``, or before they began."""
        for term in self:
            last = day or fields.Date.subtract(term.date_start, days=1)
            if last < (term.date_cut or term.date_end):
                term.write({"date_cut": last, "cut_reason": reason})

    def _prepare_term(self) -> warranty_engine.Term:
        """The term as the engine decides by it: frozen values only."""
        self.ensure_one()
        values = (
            self.promise_id._get_term_values(self.line_key) if self.promise_id else {}
        )
        source = {
            "base": "base",
            "extension": f"extension {self.extension_id.id}",
        }.get(self.source, f"term {self.id}")
        return warranty_engine.Term(
            self.kind,
            self.date_start,
            self.date_end,
            until=self.date_cut or None,
            source=source,
            key=self.id,
            **values,
        )
