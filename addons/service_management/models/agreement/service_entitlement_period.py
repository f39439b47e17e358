from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_management.engine import entitlement as engine

from .service_entitlement_entry import BY_ITSELF


class ServiceEntitlementPeriod(models.Model):
    """One period of an entitlement: the guard row of its ledger.

    ``available`` and ``granted`` are the sums of the ledger's changes. The database
    itself keeps them: a trigger on the ledger adds each new row here, and nothing else
    can change them. So two transactions that take from the same period meet in this
    row: the second fails to serialise, runs again and sees what the first has taken;
    the check below refuses whatever would fall under zero.
    """

    _name = "service.entitlement.period"
    _description = "Entitlement Period"
    _order = "date_start, id"
    _log_access = False

    entitlement_id = fields.Many2one(
        "service.entitlement", required=True, index=True, ondelete="cascade"
    )
    contract_id = fields.Many2one(
        "service.contract", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(related="entitlement_id.kind")
    is_unlimited = fields.Boolean(string="Without Limit")
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="Until", required=True)
    entry_ids = fields.One2many("service.entitlement.entry", "period_id")
    granted = fields.Float(digits=(16, 2), readonly=True)
    available = fields.Float(string="Left", digits=(16, 2), readonly=True)
    reserved = fields.Float(string="Promised", compute="_compute_use", digits=(16, 2))
    used = fields.Float(compute="_compute_use", digits=(16, 2))

    _period_uniq = models.Constraint(
        "UNIQUE (entitlement_id, date_start)", "This period is open already."
    )
    _available_not_negative = models.Constraint(
        "CHECK (COALESCE(available, 0) >= 0)",
        "Nothing is left of this entitlement in this period.",
    )
    _dates_idx = models.Index("(contract_id, date_start, date_end)")
    _left_idx = models.Index("(date_end) WHERE available > 0")

    def init(self):
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION service_entitlement_period_kept()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'balances are kept by the entitlement ledger'
                        USING ERRCODE = 'restrict_violation';
                END $$;
                DROP TRIGGER IF EXISTS service_entitlement_period_kept
                    ON service_entitlement_period;
                CREATE TRIGGER service_entitlement_period_kept
                    BEFORE UPDATE ON service_entitlement_period FOR EACH ROW
                    WHEN (pg_trigger_depth() = 0 AND (
                        COALESCE(NEW.available, 0) <> COALESCE(OLD.available, 0)
                        OR COALESCE(NEW.granted, 0) <> COALESCE(OLD.granted, 0)))
                    EXECUTE FUNCTION service_entitlement_period_kept();
                """
            )
        )

    @api.depends("entitlement_id", "date_start", "date_end")
    def _compute_display_name(self):
        for period in self:
            period.display_name = f"{period.date_start} – {period.date_end}"

    @api.depends("available")
    def _compute_use(self):
        sums = {
            (period, kind): quantity
            for period, kind, quantity in self.env[
                "service.entitlement.entry"
            ]._read_group(
                [("period_id", "in", self.ids), ("kind", "in", ("consume", "expire"))],
                ["period_id", "kind"],
                ["quantity:sum"],
            )
        }
        for period in self:
            used = sums.get((period, "consume"), 0.0)
            gone = used + sums.get((period, "expire"), 0.0)
            period.used = used
            period.reserved = max(
                engine.exact(period.granted - period.available - gone), 0.0
            )

    def _prepare_cover(self) -> engine.Cover:
        """The period with its terms, as a coverage decision needs them."""
        self.ensure_one()
        terms = self.entitlement_id
        return engine.Cover(
            key=terms.id,
            period=self.id,
            kind=terms.kind,
            start=self.date_start,
            end=self.date_end,
            left=self.available,
            unlimited=self.is_unlimited,
            **terms._get_scope(),
            overage=terms.overage == "charge",
            price=terms.overage_price,
        )

    def _close(self):
        """Carry on or let expire what is left; each period of another entitlement."""
        following = self._get_following()
        rows = []
        for period in self:
            terms = period.entitlement_id
            next_period = following.get(period)
            closing = engine.close_period(
                period.available,
                terms.unused == "roll_over",
                terms.rollover_limit,
                has_next=bool(next_period),
            )
            if closing.carried:
                out = engine.Entry("carry", closing.carried, -closing.carried)
                rows.append((period, out, BY_ITSELF))
                into = engine.Entry("carry", closing.carried, closing.carried)
                rows.append((next_period, into, BY_ITSELF))
            if closing.expired:
                lost = engine.Entry("expire", closing.expired, -closing.expired)
                rows.append((period, lost, BY_ITSELF))
        self.env["service.entitlement.entry"]._add(rows)

    def _get_following(self) -> dict:
        """The period after each; what the contract's last one has left expires."""
        siblings = self.search(
            [("entitlement_id", "in", self.entitlement_id.ids)], order="date_start"
        ).grouped("entitlement_id")
        result = {}
        for period in self:
            later = siblings[period.entitlement_id].filtered(
                lambda other, period=period: other.date_start > period.date_end
            )
            result[period] = later[:1]
        return result
