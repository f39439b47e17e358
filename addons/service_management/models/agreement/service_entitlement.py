from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine import entitlement as engine

from .service_entitlement_entry import BY_ITSELF

# What was sold; after activation only a further grant changes how much there is.
FROZEN_FIELDS = {"contract_id", "kind", "quantity", "is_unlimited", "period"}


class ServiceEntitlement(models.Model):
    """So much of a kind of service, promised by a contract in each of its periods.

    Nothing here is counted: what was promised, used and is left are sums of the
    ledger (``service.entitlement.entry``) in each period.
    """

    _name = "service.entitlement"
    _description = "Entitlement"
    _inherit = "service.entitlement.terms"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "service.contract",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    contract_state = fields.Selection(related="contract_id.state")
    partner_id = fields.Many2one(related="contract_id.partner_id")
    commercial_partner_id = fields.Many2one(related="contract_id.commercial_partner_id")
    asset_ids = fields.Many2many(
        "service.asset",
        context={"active_test": False},
        string="Covered Assets",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: every asset that the contract covers.",
    )
    period_ids = fields.One2many(
        "service.entitlement.period", "entitlement_id", string="Periods", copy=False
    )
    entry_ids = fields.One2many(
        "service.entitlement.entry", "entitlement_id", copy=False
    )
    # Where it stands today
    period_id = fields.Many2one(
        "service.entitlement.period", compute="_compute_balance", string="This Period"
    )
    period_end = fields.Date(string="Until", compute="_compute_balance")
    granted = fields.Float(compute="_compute_balance", digits=(16, 2))
    reserved = fields.Float(
        string="Promised", compute="_compute_balance", digits=(16, 2)
    )
    used = fields.Float(compute="_compute_balance", digits=(16, 2))
    available = fields.Float(string="Left", compute="_compute_balance", digits=(16, 2))
    used_percent = fields.Float(compute="_compute_balance")

    _quantity_not_negative = models.Constraint(
        "CHECK (quantity >= 0 AND rollover_limit >= 0 AND overage_price >= 0)",
        "Quantities and prices of an entitlement cannot be negative.",
    )

    @api.depends("period_ids.available", "period_ids.granted", "company_id")
    def _compute_balance(self):
        for entitlement in self:
            today = entitlement.company_id._get_service_day()
            period = entitlement.period_ids.filtered(
                lambda period, day=today: period.date_start <= day <= period.date_end
            )[:1]
            entitlement.period_id = period
            entitlement.period_end = period.date_end
            entitlement.granted = period.granted
            entitlement.reserved = period.reserved
            entitlement.used = period.used
            entitlement.available = period.available
            entitlement.used_percent = (
                100 * (period.granted - period.available) / period.granted
                if period.granted
                else 0.0
            )

    @api.model_create_multi
    def create(self, vals_list):
        entitlements = super().create(vals_list)
        entitlements._open_periods()
        return entitlements

    def write(self, vals):
        if FROZEN_FIELDS & vals.keys():
            self._check_draft(
                self.env._(
                    "What was sold cannot be changed once the contract runs. Grant a "
                    "further quantity, with its reason, instead."
                )
            )
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @tools.ormcache("self.id")
    def _get_scope(self) -> dict[str, frozenset]:
        """What it is for and what not, as ``engine.entitlement.Cover`` takes it.

        Asked for by every order of the customer and never changed but by `write`.
        """
        return {
            name: frozenset(self[name].ids)
            for name in (
                "type_ids",
                "asset_ids",
                "excluded_category_ids",
                "excluded_fault_ids",
            )
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        self._check_draft(
            self.env._("The entitlements of a contract that ran are kept.")
        )

    def _check_draft(self, message):
        if any(entitlement.contract_id.state != "draft" for entitlement in self):
            raise UserError(message)

    def _open_periods(self):
        """Open the periods that active contracts do not have yet, and grant them.

        A contract that ends later goes on where its last period ended; one that was
        cut short by the old end becomes as long as it should be.
        """
        active = self.filtered(lambda rec: rec.contract_id.state == "active")
        vals_list = []
        for entitlement in active:
            contract = entitlement.contract_id
            # sudo: service.entitlement.period: follows from the contract's terms
            opened = {
                period.date_start: period for period in entitlement.sudo().period_ids
            }
            last = max((period.date_end for period in opened.values()), default=None)
            for period in engine.split_periods(
                contract.date_start, contract.date_end, entitlement.period
            ):
                if period.start in opened:
                    if opened[period.start].date_end < period.end:
                        opened[period.start].date_end = period.end
                elif not last or period.start > last:
                    vals_list.append(
                        {
                            "entitlement_id": entitlement.id,
                            "contract_id": contract.id,
                            "is_unlimited": entitlement.is_unlimited,
                            "date_start": period.start,
                            "date_end": period.end,
                        }
                    )
        if not vals_list:
            return
        # sudo: service.entitlement.period: follows from the contract's terms
        periods = self.env["service.entitlement.period"].sudo().create(vals_list)
        self.env["service.entitlement.entry"]._add(
            [
                (period, engine.grant(period.entitlement_id.quantity), BY_ITSELF)
                for period in periods
                if not period.is_unlimited
            ]
        )

    def _grant(self, quantity, reason):
        """Add ``quantity`` to the period of today, for a reason that is kept."""
        self.ensure_one()
        period = self.period_id
        if not period or self.is_unlimited:
            raise UserError(
                self.env._("%s has no quota today that could grow.", self.display_name)
            )
        self.env["service.entitlement.entry"]._add(
            [(period, engine.grant(quantity), {"name": reason})]
        )
        self.contract_id.message_post(
            body=self.env._(
                "%(entitlement)s: %(quantity)s more granted. %(reason)s",
                entitlement=self.display_name,
                quantity=f"{quantity:g}",
                reason=reason,
            )
        )

    @api.model
    def _close_periods(self, day=None, domain=Domain.TRUE):
        """What is left of the periods that ended before ``day``, or before the day that
        it is for their company, rolls over or expires.

        In the order of time, so that what rolled over into a period that has ended
        as well goes on from there. A promise that is given back later is closed by
        the next run.
        """
        # sudo: service.entitlement.period: what becomes of the rest is in the terms
        Period = self.env["service.entitlement.period"].sudo()
        ended = (
            Domain("date_end", "<", day)
            if day
            else self.env["res.company"]._get_today_domain(
                lambda today: [("date_end", "<", today)], "entitlement_id.company_id"
            )
        )
        ended &= Domain("available", ">", 0)
        for __ in range(engine.MAX_PERIODS):
            periods = Period.search(ended & domain, order="date_start, id", limit=1000)
            if not periods:
                return
            # One period of an entitlement at a time: the next gets what it carries
            first = {}
            for period in periods:
                first.setdefault(period.entitlement_id, period)
            Period.union(*first.values())._close()

    def action_grant(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.entitlement.grant",
            "name": self.env._("Grant More"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_entitlement_id": self.id},
        }

    def action_view_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_entitlement_entry"
        )
        return action | {
            "domain": [("entitlement_id", "=", self.id)],
            "context": {"create": False},
        }
