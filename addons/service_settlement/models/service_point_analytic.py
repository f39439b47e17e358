from collections import defaultdict

from odoo import fields, models
from odoo.tools import float_round

# Of a distribution, as Odoo keeps it
PERCENT_DIGITS = 2


class ServicePoint(models.Model):
    _inherit = "service.point"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        index="btree_not_null",
        check_company=True,
        groups="service_settlement.group_settlement_accountant",
        help="What orders of the service point cost and bring is posted to it.",
    )


class ServiceSettlement(models.Model):
    """Fees are a cost of the point's analytic account, and of the contracts' accounts
    in the proportion of their orders. Without any, Odoo's own rules decide."""

    _inherit = "service.settlement"

    def _prepare_bills(self, totals):
        vals_list = super()._prepare_bills(totals)
        shares = self._get_contract_shares()
        for settlement, vals in zip(self, vals_list, strict=True):
            # sudo: service.point: the account is the accountants', whoever bills
            account = settlement.point_id.sudo().analytic_account_id
            for __, __, line in vals["invoice_line_ids"]:
                distribution = self._get_fee_distribution(
                    account.id, shares.get((settlement.id, line["service_kind"]), {})
                )
                if distribution:
                    line["analytic_distribution"] = distribution
        return vals_list

    def _get_contract_shares(self) -> dict:
        """(statement id, kind) → analytic account id of the contract → share of the
        amount; one query, or two where contracts have accounts."""
        # sudo: service.contract: only which account bears the cost
        has_accounts = (
            self.env["service.contract"]
            .sudo()
            .search_count([("analytic_account_id", "!=", False)], limit=1)
        )
        if not has_accounts:
            return {}
        # sudo: service.claim.line: as above
        rows = (
            self.env["service.claim.line"]
            .sudo()
            ._read_group(
                [("claim_id.settlement_id", "in", self.ids)],
                [
                    "claim_id.settlement_id",
                    "kind",
                    "claim_id.order_id.contract_id.analytic_account_id",
                ],
                ["amount_approved:sum"],
            )
        )
        totals, amounts = defaultdict(float), defaultdict(dict)
        for settlement, kind, account, amount in rows:
            totals[settlement.id, kind] += amount
            if account:
                amounts[settlement.id, kind][account.id] = amount
        return {
            key: {
                account_id: amount / totals[key] for account_id, amount in found.items()
            }
            for key, found in amounts.items()
            if totals[key]
        }

    def _get_fee_distribution(self, point_account_id, shares) -> dict:
        """All of it to the point's account; beside it to each contract its share."""
        distribution, left = {}, 100.0
        for account_id, share in sorted(shares.items()):
            percent = float_round(100 * share, precision_digits=PERCENT_DIGITS)
            # Amounts of both signs make shares that are none
            if not 0 < percent <= left:
                continue
            left = float_round(left - percent, precision_digits=PERCENT_DIGITS)
            keys = [str(account_id)]
            if point_account_id:
                keys.append(str(point_account_id))
            distribution[",".join(keys)] = percent
        if point_account_id and left > 0:
            distribution[str(point_account_id)] = left
        return distribution
