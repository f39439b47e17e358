from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# (key, model, field of the amount); how many there are is the number of queries.
STAGES = (
    ("unclaimed", "service.order", None),
    ("unpriced", "service.claim", "amount_claimed:sum"),
    ("unchecked", "service.claim", "amount_claimed:sum"),
    ("held", "service.claim", "amount_approved:sum"),
    ("waiting", "service.claim", "amount_approved:sum"),
    ("unissued", "service.settlement", "amount_total:sum"),
    ("unconfirmed", "service.settlement", "amount_total:sum"),
    ("disputed", "service.settlement", "amount_total:sum"),
    ("unapproved", "service.settlement", "amount_total:sum"),
    ("unbilled", "service.settlement", "amount_total:sum"),
    ("unposted", "service.settlement", "amount_total:sum"),
    ("unpaid", "service.settlement", "amount_total:sum"),
    ("paid", "service.settlement", "amount_total:sum"),
)
# (key, field of the amount) of what others bear of the claims
SHARES = (
    ("supplier_share", "amount_supplier"),
    ("customer_share", "amount_customer"),
)


class ServiceSettlementCockpit(models.AbstractModel):
    """A month's end at a glance: what still has to happen until all is paid, with its
    sums by currency, and the way to each list."""

    _name = "service.settlement.cockpit"
    _description = "Settlement Cockpit"

    @api.model
    @api.readonly
    def get_cockpit(self, date_from=None, date_to=None) -> dict:
        """What the page shows of a period, the month before this one by default.

        A constant number of queries, whatever the period holds, and with the rights
        of the reader.

        :return: ``{"date_from", "date_to", "stages": [{"key", "count", "sums":
            [[currency id, amount], ...], "model", "domain", "view_id"}], "wrong":
            number of statements that differ from their lines or bills}``. Work that
            nobody claimed has no amount yet
        """
        self.env["service.settlement"].check_access("write")
        start, end = self._get_period(date_from, date_to)
        stages = [self._get_stage(*stage, start, end) for stage in STAGES]
        stages += [self._get_share_stage(*share, end) for share in SHARES]
        wrong_domain = self._get_period_domain(
            "service.settlement.reconciliation", start, end
        )
        return {
            "date_from": fields.Date.to_string(start),
            "date_to": fields.Date.to_string(end),
            "stages": stages,
            "wrong": self.env["service.settlement.reconciliation"].search_count(
                wrong_domain & Domain("is_wrong", "=", True)
            ),
        }

    @api.model
    def _get_stage(self, key, model, measure, start, end) -> dict:
        domain = Domain.AND(
            [
                self._get_period_domain(model, start, end),
                getattr(self, f"_get_{key}_domain")(),
            ]
        )
        stage = {"key": key, "model": model, "domain": list(domain), "view_id": False}
        if not measure:
            return stage | {"count": self.env[model].search_count(domain), "sums": []}
        rows = self.env[model]._read_group(
            domain, ["currency_id"], ["__count", measure]
        )
        return stage | {
            "count": sum(count for __, count, __amount in rows),
            "sums": [[currency.id, amount] for currency, __, amount in rows],
        }

    @api.model
    def _get_share_stage(self, key, measure, end) -> dict:
        """What is still to be asked for from suppliers or customers. Each line is
        rounded by itself, so the lines are read: there are as many as were left."""
        domain = (
            Domain("company_id", "in", self.env.companies.ids)
            & Domain("date", "<=", end)
            & Domain(f"is_{key}", "=", True)
        )
        lines = self.env["service.claim.line"].search(domain)
        sums = defaultdict(float)
        for line in lines:
            sums[line.currency_id] += line[measure]
        return {
            "key": key,
            "model": lines._name,
            "domain": list(domain),
            "view_id": self.env.ref(
                "service_settlement.service_claim_line_view_list_share"
            ).id,
            "count": len(lines),
            "sums": [
                [currency.id, currency.round(amount)]
                for currency, amount in sorted(sums.items(), key=lambda row: row[0].id)
            ],
        }

    @api.model
    def _get_period(self, date_from, date_to):
        if date_from and date_to:
            try:
                return fields.Date.to_date(date_from), fields.Date.to_date(date_to)
            except (TypeError, ValueError):
                raise UserError(
                    self.env._("Please give the day as year-month-day.")
                ) from None
        return self.env["service.settlement"]._get_previous_month()

    @api.model
    def _get_period_domain(self, model, start, end):
        companies = Domain("company_id", "in", self.env.companies.ids)
        if model == "service.order":
            last = self.env.company._get_day_end(end)
            return companies & (
                Domain("date_done", "<=", last)
                | (Domain("date_done", "=", False) & Domain("date_closed", "<=", last))
            )
        if model == "service.claim":
            # What an earlier month has left is work of this one, too
            return companies & Domain("date", "<=", end)
        return companies & Domain("date_to", ">=", start) & Domain("date_to", "<=", end)

    # What each stage holds

    @api.model
    def _get_unclaimed_domain(self):
        return Domain("is_unclaimed", "=", True)

    @api.model
    def _get_unpriced_domain(self):
        return Domain("state", "=", "unpriced")

    @api.model
    def _get_unchecked_domain(self):
        return Domain(
            "state",
            "not in",
            ("unpriced", "approved", "rejected", "settled"),
        )

    @api.model
    def _get_held_domain(self):
        return Domain("state", "=", "approved") & Domain("hold_reason", "!=", False)

    @api.model
    def _get_waiting_domain(self):
        return Domain("state", "=", "approved") & Domain("hold_reason", "=", False)

    @api.model
    def _get_unissued_domain(self):
        return Domain("state", "=", "draft")

    @api.model
    def _get_unconfirmed_domain(self):
        return Domain("state", "=", "issued")

    @api.model
    def _get_disputed_domain(self):
        return Domain("state", "=", "disputed")

    @api.model
    def _get_unapproved_domain(self):
        return Domain("state", "=", "confirmed") & Domain("tier_id", "!=", False)

    @api.model
    def _get_unbilled_domain(self):
        return Domain("state", "=", "approved") | (
            Domain("state", "=", "confirmed") & Domain("tier_id", "=", False)
        )

    @api.model
    def _get_unposted_domain(self):
        return Domain("state", "=", "billed") & Domain("move_id.state", "=", "draft")

    @api.model
    def _get_unpaid_domain(self):
        return Domain("state", "=", "billed") & Domain("move_id.state", "=", "posted")

    @api.model
    def _get_paid_domain(self):
        return Domain("state", "=", "paid")
