from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine import open_repair
from odoo.addons.service_management.models.order.service_import import (
    HISTORY_CONTEXT,
)

from .service_tariff_scope import EVERYWHERE

# What a repair pays by family of products, where no tariff is there yet.
LABOUR_BY_FAMILY = {
    "large_appliance": 60.0,
    "small_appliance": 25.0,
    "computer": 45.0,
    "phone": 35.0,
    None: 30.0,
}
# Of these: in warranty, partly, out of it; not known is the amount itself.
SHARE_BY_WARRANTY = {"in": 1.2, "partial": 1.1, "out": 0.9}
BILLS_A_COMMIT = 50
UNBILLED_STEPS = {"draft": "issued", "issued": "confirmed", "confirmed": "billed"}
TRAVEL_BY_GRADE = {"a": 12.5, "b": 10.0, "c": 8.0, "d": 6.0}


class ServiceImport(models.Model):
    """Imported repairs are claims like any others: months are settled into bills."""

    _inherit = "service.import"

    # A tariff for the days of the log

    def _ensure_tariff(self):
        """Tariffs for the days of the log on which none holds, so that claims have a
        price; the ones that are there stay as they are."""
        self.ensure_one()
        units = self._read_units(self._get_content())[0]
        days = {unit.day for unit in units if isinstance(unit, open_repair.RepairJob)}
        created = self.env["service.tariff"]
        if not days:
            return created
        for start, end in self._get_days_without_tariff(min(days), max(days)):
            created |= self._create_tariff(start, end)
        return created

    def _get_days_without_tariff(self, start, end):
        """(first, last) of the days from ``start`` to ``end`` without a tariff that
        holds for all points."""
        held = self.env["service.tariff"]._get_held([self.company_id])
        gaps = []
        for first, last, __ in sorted(
            held.get((self.company_id, *EVERYWHERE), ()), key=lambda row: row[0]
        ):
            if start < first:
                gaps.append((start, min(end, first - timedelta(days=1))))
            if not last:
                return [gap for gap in gaps if gap[0] <= gap[1]]
            start = max(start, last + timedelta(days=1))
        gaps.append((start, end))
        return [gap for gap in gaps if gap[0] <= gap[1]]

    def _create_tariff(self, start, end):
        tariff = self.env["service.tariff"].create(
            {
                "name": self.env._("Repairs of imported logs"),
                "company_id": self.company_id.id,
                "currency_id": self.company_id.currency_id.id,
                "date_start": start,
                "date_end": end,
                "line_ids": [
                    Command.create(vals | {"sequence": number})
                    for number, vals in enumerate(self._prepare_tariff_lines(), start=1)
                ],
            }
        )
        tariff.action_activate()
        return tariff

    @api.model
    def _prepare_tariff_lines(self) -> list[dict]:
        """Labour by family and warranty, travel by grade of the point."""
        lines = []
        for family, amount in LABOUR_BY_FAMILY.items():
            category = family and self.env.ref(
                f"service_management.category_{family}", raise_if_not_found=False
            )
            if family and not category:
                continue
            for warranty, share in ((None, 1.0), *SHARE_BY_WARRANTY.items()):
                lines.append(
                    {
                        "kind": "labour",
                        "category_id": category.id if category else False,
                        "warranty_state": warranty,
                        "amount": round(amount * share, 2),
                    }
                )
        lines += [
            {"kind": "travel", "point_grade": grade, "amount": amount}
            for grade, amount in TRAVEL_BY_GRADE.items()
        ]
        return lines

    # Months

    def _settle(self, report=None) -> list:
        """Bill what imported orders have to be settled.

        A claim goes onto the statement of its month; where that was issued before,
        onto that of the next month which is still open. First come the drafts of all
        months, then the bills of many months together: a log of small groups has
        more statements than a month has orders.

        Everything is committed as it is done; ended at any moment, the next call
        finds what is left.

        :param report: called with the number of bills that are done, and of all
        :return: failures of the runs
        """
        self.ensure_one()
        failures = []
        # Nobody follows old bills; the messages would be a third of the work
        settlements = self.env["service.settlement"].with_context(**HISTORY_CONTEXT)
        month = self._get_first_waiting_month()
        today = self.company_id._get_service_day()
        while month and month <= today:
            last = fields.Date.end_of(month, "month")
            points = self._get_waiting_points(month, last)
            if points:
                failures += settlements._run(
                    self.company_id, month, last, points, until="draft"
                )[1]
                self._commit_step()
            month = last + timedelta(days=1)
        waiting = settlements.search(self._get_unbilled_domain(), order="date_to, id")
        for start in range(0, len(waiting), BILLS_A_COMMIT):
            chunk = waiting[start : start + BILLS_A_COMMIT]
            chunk._lock_run(self.company_id)
            for state, step in UNBILLED_STEPS.items():
                chunk.filtered(lambda rec, state=state: rec.state == state)._run_step(
                    step, failures
                )
            self._commit_step()
            if report:
                report(start + len(chunk), len(waiting))
        return failures

    def _commit_step(self):
        self.env["ir.cron"]._commit_progress()
        # What is billed is not needed any more: the cache would only grow
        self.env.invalidate_all()

    def _get_unbilled_domain(self):
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "in", list(UNBILLED_STEPS))
            & Domain("date_from", "<=", self.company_id._get_service_day())
            & Domain("claim_ids.order_id.channel", "=", "import")
        )

    def _get_waiting_domain(self):
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "approved")
            & Domain("order_id.channel", "=", "import")
        )

    def _get_first_waiting_month(self):
        [(first,)] = self.env["service.claim"]._read_group(
            self._get_waiting_domain(), [], ["date:min"]
        )
        return first and fields.Date.start_of(first, "month")

    def _get_waiting_points(self, month, last):
        """Points with claims until ``last`` whose statement of the month is open."""
        groups = self.env["service.claim"]._read_group(
            self._get_waiting_domain() & Domain("date", "<=", last), ["point_id"]
        )
        points = self.env["service.point"].union(*(point for (point,) in groups))
        if not points:
            return points
        ended = self.env["service.settlement"].search_fetch(
            Domain("company_id", "=", self.company_id.id)
            & Domain("point_id", "in", points.ids)
            & Domain("date_from", "=", month)
            & Domain("date_to", "=", last)
            & Domain("state", "!=", "draft"),
            ["point_id"],
        )
        return points - ended.point_id

    # Do the sums agree?

    def _get_sums(self) -> list[dict]:
        """By currency: what the orders of the file claim, what statements and bills
        say of it. ``claimed`` is on the claims of these orders, ``stated`` on the
        statements they stand on, ``statements`` and ``bills`` are the totals of these
        statements and of the posted lines of their bills, ``lines`` of all that
        stands on them."""
        self.ensure_one()
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH claim AS (
                    SELECT claim.id, claim.currency_id, claim.settlement_id, claim.state
                      FROM service_claim claim
                      JOIN service_order job ON job.id = claim.order_id
                     WHERE job.channel = 'import'
                       AND job.company_id = %(company)s
                       AND job.source_key = ANY(%(keys)s)
                ), claimed AS (
                    SELECT claim.currency_id, count(DISTINCT claim.id) AS claims,
                           coalesce(sum(line.amount_approved)
                               FILTER (WHERE claim.state != 'rejected'), 0
                           ) AS claimed,
                           coalesce(sum(line.amount_approved)
                               FILTER (WHERE claim.settlement_id IS NOT NULL), 0
                           ) AS stated
                      FROM claim
                      LEFT JOIN service_claim_line line ON line.claim_id = claim.id
                     GROUP BY claim.currency_id
                ), statement AS (
                    SELECT settlement.*
                      FROM service_settlement settlement
                     WHERE settlement.id IN (SELECT settlement_id FROM claim)
                ), statements AS (
                    SELECT currency_id, count(*) AS statement_count,
                           sum(amount_total) AS statements
                      FROM statement GROUP BY currency_id
                ), lines AS (
                    SELECT statement.currency_id, sum(line.amount_approved) AS lines
                      FROM statement
                      JOIN service_claim other ON other.settlement_id = statement.id
                      JOIN service_claim_line line ON line.claim_id = other.id
                     GROUP BY statement.currency_id
                ), adjusted AS (
                    SELECT statement.currency_id, sum(amount_adjustments) AS adjusted
                      FROM statement GROUP BY statement.currency_id
                ), bills AS (
                    SELECT statement.currency_id,
                           count(DISTINCT move.id) AS bill_count,
                           sum(CASE WHEN move.move_type = 'in_refund'
                               THEN -line.price_subtotal
                               ELSE line.price_subtotal END) AS bills
                      FROM statement
                      JOIN account_move move ON move.id = statement.move_id
                       AND move.state = 'posted'
                      JOIN account_move_line line ON line.move_id = move.id
                       AND line.display_type = 'product'
                     GROUP BY statement.currency_id
                )
                SELECT currency.name AS currency, currency.rounding,
                       claims, claimed, stated,
                       coalesce(statement_count, 0) AS statement_count,
                       coalesce(statements, 0) AS statements,
                       coalesce(lines, 0) + coalesce(adjusted, 0) AS lines,
                       coalesce(bill_count, 0) AS bill_count,
                       coalesce(bills, 0) AS bills
                  FROM claimed
                  JOIN res_currency currency ON currency.id = claimed.currency_id
                  LEFT JOIN statements USING (currency_id)
                  LEFT JOIN lines USING (currency_id)
                  LEFT JOIN adjusted USING (currency_id)
                  LEFT JOIN bills USING (currency_id)
                 ORDER BY currency.name
                """,
                company=self.company_id.id,
                keys=self._get_file_keys(),
            )
        )

    def _get_summary(self) -> list:
        summary = super()._get_summary()
        if self.kind != open_repair.KIND:
            return summary
        for sums in self._get_sums():
            summary += [
                (self.env._("Claims"), sums["claims"]),
                (self.env._("Statements"), sums["statement_count"]),
                (self.env._("Posted bills"), sums["bill_count"]),
                (self.env._("Claims, %s", sums["currency"]), f"{sums['claimed']:.2f}"),
                (
                    self.env._("On statements, %s", sums["currency"]),
                    f"{sums['stated']:.2f}",
                ),
                (
                    self.env._("Totals of the statements, %s", sums["currency"]),
                    f"{sums['statements']:.2f}",
                ),
                (
                    self.env._("Lines of the bills, %s", sums["currency"]),
                    f"{sums['bills']:.2f}",
                ),
            ]
        return summary

    def _get_disagreements(self) -> list[str]:
        problems = super()._get_disagreements()
        if self.kind != open_repair.KIND:
            return problems
        sums = self._get_sums()
        claims = sum(row["claims"] for row in sums)
        owed = self._count_claimable()
        if claims != owed:
            problems.append(
                self.env._(
                    "%(owed)s closed orders, but %(claims)s claims.",
                    owed=owed,
                    claims=claims,
                )
            )
        for row in sums:
            half = float(row["rounding"]) / 2
            same = (
                {
                    self.env._("claims"): row["claimed"],
                    self.env._("claims on statements"): row["stated"],
                },
                {
                    self.env._("lines on statements"): row["lines"],
                    self.env._("totals of the statements"): row["statements"],
                    self.env._("lines of the bills"): row["bills"],
                },
            )
            for amounts in same:
                if max(amounts.values()) - min(amounts.values()) > half:
                    problems.append(
                        ", ".join(
                            f"{name}: {amount:.2f} {row['currency']}"
                            for name, amount in amounts.items()
                        )
                    )
            if row["bill_count"] != row["statement_count"]:
                problems.append(
                    self.env._(
                        "%(statements)s statements, but %(bills)s posted bills.",
                        statements=row["statement_count"],
                        bills=row["bill_count"],
                    )
                )
        return problems

    def _count_claimable(self) -> int:
        """Orders of the file that are done by points which are settled."""
        orders = self.env["service.order"].sudo()
        return orders.search_count(
            [
                ("channel", "=", "import"),
                ("company_id", "=", self.company_id.id),
                ("source_key", "in", self._get_file_keys()),
                ("state", "in", ("done", "closed")),
                ("point_id.is_settled", "=", True),
            ]
        )
