from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from odoo.addons.service_management.models.mixins.service_queue_mixin import (
    QUEUE_STATES,
)

from ..engine import pricing
from .service_tariff_line import KINDS

# Claims whose orders are read and priced together
CHUNK = 2000


class ServiceTariffTrial(models.Model):
    """What a past period would have cost with another tariff.

    The work of the period is priced once more, in the background, with the facts as
    they are now; claims, their amounts and their statements stay as they are. What is
    compared is what the tariffs give: amounts that people added or decided are the
    same in both and left out.
    """

    _name = "service.tariff.trial"
    _description = "Tariff Trial"
    _inherit = ["service.queue.mixin", "service.amount.mixin"]
    _order = "id desc"
    _check_company_auto = True

    _queue_cron = "service_settlement.cron_tariff_trial"
    _queue_batch_size = 1
    _queue_max_tries = 3

    # Defined here again, so that its words are translated with this addon
    queue_state = fields.Selection(QUEUE_STATES)
    tariff_id = fields.Many2one(
        "service.tariff",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="Usually a draft. Its validity does not matter here.",
    )
    company_id = fields.Many2one(
        related="tariff_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    date_from = fields.Date(
        string="Work From",
        required=True,
        default=lambda self: self.env["service.settlement"]._get_previous_month()[0],
    )
    date_to = fields.Date(
        string="Work Until",
        required=True,
        default=lambda self: self.env["service.settlement"]._get_previous_month()[1],
    )
    point_ids = fields.Many2many(
        "service.point",
        context={"active_test": False},
        string="Service Points",
        domain="[('company_id', 'in', (company_id, False)), ('is_settled', '=', True)]",
        help="Empty: all for whom the tariff would hold.",
    )
    # What came out
    line_ids = fields.One2many("service.tariff.trial.line", "trial_id", readonly=True)
    claim_count = fields.Integer(string="Claims", readonly=True, copy=False)
    converted_count = fields.Integer(
        string="Paid in Another Currency",
        readonly=True,
        copy=False,
        help="Claims whose amounts as they were are converted into the currency of the "
        "tariff on trial, at the rate of the last day.",
    )
    gap_count = fields.Integer(
        string="Not Priced",
        readonly=True,
        copy=False,
        help="Claims for which the tariff on trial has no complete price.",
    )
    gap_text = fields.Text(
        string="Why Not", compute="_compute_gap_text", help="The reasons, by number."
    )
    gaps = fields.Json(readonly=True, copy=False)
    amount_now = fields.Monetary(string="As It Was", readonly=True, copy=False)
    amount_then = fields.Monetary(string="On Trial", readonly=True, copy=False)
    difference = fields.Monetary(readonly=True, copy=False)

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A period cannot end before it begins."
    )

    @api.depends("tariff_id.name", "date_from", "date_to")
    def _compute_display_name(self):
        for trial in self:
            trial.display_name = self.env._(
                "%(tariff)s, %(start)s – %(end)s",
                tariff=trial.tariff_id.name,
                start=trial.date_from,
                end=trial.date_to,
            )

    @api.depends("gaps")
    def _compute_gap_text(self):
        labels = dict(
            self.env["service.claim.line"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        texts = {
            "no_line": self.env._("no line matches"),
            "distance_unknown": self.env._("distance not known"),
            "hours_unknown": self.env._("duration not known"),
        }
        for trial in self:
            trial.gap_text = "\n".join(
                self.env._(
                    "%(count)s × %(kind)s: %(reason)s",
                    count=gap["count"],
                    kind=labels.get(gap["kind"], "-"),
                    reason=texts.get(gap["code"], gap["code"]),
                )
                for gap in trial.gaps or ()
            )

    def write(self, vals):
        asked = vals.keys() & {"tariff_id", "date_from", "date_to"}
        if asked and any(trial.queue_state == "done" for trial in self):
            raise UserError(
                self.env._("This trial is done: copy it to try something else.")
            )
        return super().write(vals)

    def action_recompute(self):
        """Price once more, after the tariff on trial was changed."""
        self.check_access("write")
        # sudo: service.queue.mixin: its state is the queue's
        self.sudo().write(
            {
                "queue_state": "pending",
                "tries": 0,
                "next_try_at": fields.Datetime.now(),
            }
        )
        self._queue_wake()
        return True

    def action_view_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_tariff_trial_line"
        )
        return action | {"domain": [("trial_id", "=", self.id)]}

    # In the background

    def _get_claim_domain(self) -> Domain:
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("date", ">=", self.date_from)
            & Domain("date", "<=", self.date_to)
            & Domain("state", "!=", "rejected")
        )
        if self.point_ids:
            domain &= Domain("point_id", "in", self.point_ids.ids)
        return domain

    def _get_claim_ids(self) -> list[int]:
        """Claims of the points that were named, else of those for whom the tariff
        would hold on the day of the work."""
        claims = self.env["service.claim"].search_fetch(
            self._get_claim_domain(), ["point_id", "date"], order="id"
        )
        if self.point_ids:
            return claims.ids
        found = self.tariff_id._find_many(
            {(self.company_id, claim.point_id, claim.date) for claim in claims},
            draft=self.tariff_id,
        )
        return [
            claim.id
            for claim in claims
            if found.get((self.company_id, claim.point_id, claim.date))
            == self.tariff_id
        ]

    def _queue_process(self):
        self.ensure_one()
        ids = self._get_claim_ids()
        book, rounding = self.tariff_id._get_book(), self.tariff_id._get_rounding()
        then = defaultdict(Decimal)
        gaps = defaultdict(int)
        gap_count = 0
        for start in range(0, len(ids), CHUNK):
            claims = self.env["service.claim"].browse(ids[start : start + CHUNK])
            for claim, quote in self._price_claims(claims, book, rounding):
                if not quote.is_complete:
                    gap_count += 1
                    for gap in quote.gaps:
                        gaps[gap.code, gap.kind] += 1
                    continue
                for price in quote.lines:
                    then[claim.point_id.id, price.kind] += price.amount
            # What is counted is not needed any more: the cache would only grow
            self.env.invalidate_all()
        self._write_result(ids, then, gap_count, gaps)

    def _price_claims(self, claims, book, rounding):
        """Claims with what the tariff on trial gives for their orders."""
        tariffs = dict.fromkeys(claims.order_id, self.tariff_id)
        facts = claims.order_id._get_job_facts(tariffs, book.needs)
        for claim in claims:
            yield claim, pricing.price_job(facts[claim.order_id], book, rounding)

    def _write_result(self, ids, then, gap_count, gaps):
        now, counts = self._get_amounts_now(ids)
        converted = self.env["service.claim"].search_count(
            [("id", "in", ids), ("currency_id", "!=", self.currency_id.id)]
        )
        rows = []
        for point_id, kind in sorted(now.keys() | then.keys()):
            before = now.get((point_id, kind), 0.0)
            after = float(then.get((point_id, kind), 0))
            rows.append(
                {
                    "point_id": point_id,
                    "kind": kind,
                    "claim_count": counts.get((point_id, kind), 0),
                    "amount_now": before,
                    "amount_then": after,
                    "difference": self.currency_id.round(after - before),
                }
            )
        total_now = sum(row["amount_now"] for row in rows)
        total_then = sum(row["amount_then"] for row in rows)
        self.write(
            {
                "line_ids": [Command.clear(), *map(Command.create, rows)],
                "claim_count": len(ids),
                "converted_count": converted,
                "gap_count": gap_count,
                "gaps": [
                    {"code": code, "kind": kind, "count": count}
                    for (code, kind), count in sorted(
                        gaps.items(), key=lambda item: (-item[1], str(item[0]))
                    )
                ],
                "amount_now": total_now,
                "amount_then": total_then,
                "difference": self.currency_id.round(total_then - total_now),
            }
        )

    def _get_amounts_now(self, ids) -> tuple[dict, dict]:
        """What the tariff of then gave, in the currency of this trial, and for how many
        claims, by (point id, kind)."""
        now, counts = defaultdict(float), defaultdict(int)
        rates = {}
        lines = self.env["service.claim.line"]
        for filed, field in ((False, "amount_claimed"), (True, "amount_tariff")):
            for point, kind, currency, amount, count in lines._read_group(
                [
                    ("claim_id", "in", ids),
                    ("tariff_line_id", "!=", False),
                    ("is_filed", "=", filed),
                ],
                ["claim_id.point_id", "kind", "claim_id.currency_id"],
                [f"{field}:sum", "claim_id:count_distinct"],
            ):
                if currency not in rates:
                    rates[currency] = currency._get_conversion_rate(
                        currency, self.currency_id, self.company_id, self.date_to
                    )
                now[point.id, kind] += self.currency_id.round(amount * rates[currency])
                counts[point.id, kind] += count
        return now, counts


class ServiceTariffTrialLine(models.Model):
    """The difference for one service point and kind of cost."""

    _name = "service.tariff.trial.line"
    _description = "Tariff Trial Result"
    _inherit = ["service.amount.mixin"]
    _order = "trial_id, point_id, kind"

    trial_id = fields.Many2one(
        "service.tariff.trial",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="trial_id.currency_id")
    point_id = fields.Many2one(
        "service.point", string="Service Point", required=True, readonly=True
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    claim_count = fields.Integer(string="Claims", readonly=True)
    amount_now = fields.Monetary(string="As It Was", readonly=True)
    amount_then = fields.Monetary(string="On Trial", readonly=True)
    difference = fields.Monetary(readonly=True)

    @api.depends("point_id", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            line.display_name = f"{line.point_id.name}, {labels.get(line.kind)}"


class ServiceTariff(models.Model):
    _inherit = "service.tariff"

    def action_try(self):
        """What the last month would have cost with this tariff."""
        self.ensure_one()
        if not self.line_ids:
            raise UserError(
                self.env._("%(tariff)s has no lines yet.", tariff=self.name)
            )
        trial = self.env["service.tariff.trial"].create({"tariff_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": trial._name,
            "res_id": trial.id,
            "view_mode": "form",
        }
