import logging
from dataclasses import dataclass

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .service_tariff_line import KINDS

_logger = logging.getLogger(__name__)

# Statements that share a savepoint as long as none of them fails.
CHUNK = 100
# How far a run may take a statement.
STEPS = ("draft", "issued", "confirmed", "billed")
# From which states each step leads on. What a point disputes waits for its answers.
BEFORE = {
    "issued": ("draft",),
    "confirmed": ("issued",),
    "billed": ("confirmed", "approved"),
}


@dataclass(frozen=True, slots=True)
class RunFailure:
    """What kept one statement, or one point without a statement, from going on."""

    point_id: int
    settlement_id: int
    step: str
    message: str


class ServiceSettlement(models.Model):
    """The run of a period: from approved claims to statements, on to bills.

    * A claim goes onto the statement of the period in which it is settled: the
      approved claims done until the last day of the period, those of earlier
      periods included that came too late for their own.
    * A period run again adds to drafts. A statement that was issued stays as it is;
      what came later waits for the next period.
    * One statement that cannot go on does not stop the others.
    * Runs of one company wait for no other: the second one says so. Should two meet
      all the same, unique constraints let one of them win.
    """

    _inherit = "service.settlement"

    @api.model
    def _run(self, company, date_from, date_to, points=None, until="billed"):
        """Settle a period of a company.

        :param points: only these service points; all of the company if empty
        :param until: the state to take the statements to
        :return: ``(settlements, failures)``: all statements of the period, and a
            list of ``RunFailure``
        """
        # What happened when stands on the statement: no message for each step
        self = self.with_company(company).with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
        )
        self.check_access("create")
        self._lock_run(company, points)
        self._collect_dues(company, date_to, points)
        waiting = self._get_waiting(company, date_to, points)
        settlements = self._get_period_settlements(company, date_from, date_to, points)
        failures = []
        settlements |= self._collect_waiting(
            company, date_from, date_to, waiting, settlements, failures
        )
        settlements._run_steps(until, failures)
        return settlements, failures

    def _run_steps(self, until, failures):
        """Take each statement from where it is as far as ``until``."""
        for step in STEPS[1 : STEPS.index(until) + 1]:
            ready = self.filtered(lambda rec, states=BEFORE[step]: rec.state in states)
            ready._run_step(step, failures)

    @api.model
    def _lock_run(self, company, points=None):
        """One run at a time; the lock ends with the transaction."""
        if not self._try_lock_run(company, points):
            raise UserError(
                self.env._(
                    "Another settlement run of %(company)s is at work: wait until it "
                    "has ended.",
                    company=company.name,
                )
            )

    @api.model
    def _try_lock_run(self, company, points=None) -> bool:
        """Runs of single points go side by side; a run of more than one waits for
        nobody and lets nobody in."""
        is_single = points is not None and len(points) == 1
        [(free,)] = self.env.execute_query(
            SQL(
                "SELECT %s(hashtext('service_settlement_run'), %s)",
                SQL(
                    "pg_try_advisory_xact_lock_shared"
                    if is_single
                    else "pg_try_advisory_xact_lock"
                ),
                company.id,
            )
        )
        if free and is_single:
            [(free,)] = self.env.execute_query(
                SQL(
                    "SELECT pg_try_advisory_xact_lock("
                    "hashtext('service_settlement_point'), %s)",
                    points.id,
                )
            )
        return free

    @api.model
    def _get_claim_domain(self, company, date_to, points=None):
        """Claims that may go onto a statement of a period that ends on ``date_to``."""
        domain = (
            Domain("company_id", "=", company.id)
            & self.env["service.claim"]._to_settle_domain()
            & Domain("hold_reason", "=", False)
            & Domain("date", "<=", date_to)
        )
        return domain & Domain("point_id", "in", points.ids) if points else domain

    @api.model
    def _get_adjustment_domain(self, company, date_to, points=None):
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("settlement_id", "=", False)
            & Domain("date", "<=", date_to)
        )
        return domain & Domain("point_id", "in", points.ids) if points else domain

    @api.model
    def _get_waiting(self, company, date_to, points=None) -> dict:
        """(point, currency) → (claims, adjustments) that wait for a statement."""
        waiting = {}
        for index, (model, domain) in enumerate(
            (
                ("service.claim", self._get_claim_domain),
                ("service.settlement.adjustment", self._get_adjustment_domain),
            )
        ):
            for point, currency, records in self.env[model]._read_group(
                domain(company, date_to, points),
                ["point_id", "currency_id"],
                ["id:recordset"],
            ):
                key = (point, currency)
                if key not in waiting:
                    waiting[key] = [
                        self.env["service.claim"],
                        self.env["service.settlement.adjustment"],
                    ]
                waiting[key][index] = records
        return waiting

    @api.model
    def _get_period_settlements(self, company, date_from, date_to, points=None):
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("date_from", "=", date_from)
            & Domain("date_to", "=", date_to)
        )
        return self.search(
            domain & Domain("point_id", "in", points.ids) if points else domain
        )

    @api.model
    def _collect_waiting(
        self, company, date_from, date_to, waiting, settlements, failures
    ):
        """Put what waits onto drafts, new ones where there is none yet."""
        existing = {(rec.point_id, rec.currency_id): rec for rec in settlements}
        missing = [key for key in waiting if key not in existing]
        created = self._create_drafts(
            [
                {
                    "company_id": company.id,
                    "point_id": point.id,
                    "currency_id": currency.id,
                    "date_from": date_from,
                    "date_to": date_to,
                }
                for point, currency in missing
            ],
            failures,
        )
        existing.update({(rec.point_id, rec.currency_id): rec for rec in created})
        drafts = self.browse()
        bad_claims = self._hold_bad_claims(waiting, failures)
        claims, adjustments = [], []
        for key, rows in waiting.items():
            settlement = existing.get(key)
            if settlement and settlement.state == "draft":
                drafts |= settlement
                claims.append(rows[0])
                adjustments.append(rows[1])
        drafts._take(
            self.env["service.claim"].union(*claims) - bad_claims,
            self.env["service.settlement.adjustment"].union(*adjustments),
        )
        drafts._draw_advances()
        return created

    @api.model
    def _hold_bad_claims(self, waiting, failures):
        """Keep claims back that cannot be billed, so that each stops only itself.

        The lines of a claim must be its amount, and each of their kinds must have a
        product that a bill can carry.
        """
        claims = self.env["service.claim"].union(*(row[0] for row in waiting.values()))
        if not claims:
            return claims
        claims.flush_recordset(["amount_approved"])
        claims.line_ids.flush_model(["amount_approved", "kind"])
        kinds = [kind for kind, __ in KINDS if not self._find_kind_product(kind)]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT claim.id
                  FROM service_claim claim
                  LEFT JOIN service_claim_line line ON line.claim_id = claim.id
                 WHERE claim.id = ANY(%s)
                 GROUP BY claim.id
                HAVING coalesce(sum(line.amount_approved), 0) IS DISTINCT FROM
                       coalesce(claim.amount_approved, 0)
                    OR bool_or(line.kind = ANY(%s))
                """,
                claims.ids,
                kinds,
            )
        )
        bad_claims = claims.browse(row[0] for row in rows)
        for claim in bad_claims:
            reason = self.env._(
                "The lines of the claim for %(order)s are not its amount, or one of "
                "their kinds has no product to be billed with.",
                order=claim.display_name,
            )
            claim._hold(reason)
            failures.append(RunFailure(claim.point_id.id, 0, "draft", reason))
        return bad_claims

    @api.model
    def _create_drafts(self, vals_list, failures):
        """The drafts; one by one only if together they do not go."""
        try:
            with self.env.cr.savepoint():
                return self.create([dict(vals) for vals in vals_list])
        except (UserError, IntegrityError):
            created = self.browse()
        for vals in vals_list:
            try:
                with self.env.cr.savepoint():
                    created |= self.create([dict(vals)])
            except (UserError, IntegrityError) as error:
                failures.append(
                    RunFailure(vals["point_id"], 0, "draft", self._explain(error))
                )
        return created

    def _collect(self):
        """Take what waits for this draft onto it."""
        self.ensure_one()
        self._collect_dues(self.company_id, self.date_to, self.point_id)
        waiting = self._get_waiting(self.company_id, self.date_to, self.point_id)
        claims, adjustments = waiting.get(
            (self.point_id, self.currency_id), (None, None)
        )
        if claims is not None:
            self._take(claims, adjustments)
        self._draw_advances()

    def _take(self, claims, adjustments):
        """Put approved claims and waiting adjustments onto these drafts, each onto
        the one of its point and currency.

        In SQL, because it is one statement for ten thousand claims; it takes only
        what is still free, so the constraints of a single write hold for each.
        """
        self._check_draft()
        if claims:
            self.flush_recordset()
            claims.flush_recordset()
            rows = self.env.execute_query(
                SQL(
                    """
                    UPDATE service_claim claim
                       SET settlement_id = settlement.id, state = 'settled',
                           write_uid = %(user)s, write_date = now() AT TIME ZONE 'UTC'
                      FROM service_settlement settlement
                     WHERE settlement.id = ANY(%(settlements)s)
                       AND claim.id = ANY(%(claims)s)
                       AND claim.point_id = settlement.point_id
                       AND claim.company_id = settlement.company_id
                       AND claim.currency_id = settlement.currency_id
                       AND claim.state = 'approved'
                       AND claim.settlement_id IS NULL
                 RETURNING claim.id
                    """,
                    user=self.env.uid,
                    settlements=self.ids,
                    claims=claims.ids,
                )
            )
            if len(rows) != len(claims):
                raise UserError(
                    self.env._("Some claims have changed meanwhile: run again.")
                )
            claims.invalidate_recordset(["settlement_id", "state"], flush=False)
            self.invalidate_recordset(["claim_ids"], flush=False)
            claims.modified(["settlement_id", "state"])
        by_key = {(rec.point_id, rec.currency_id): rec for rec in self}
        for key, rows in adjustments.grouped(
            lambda row: (row.point_id, row.currency_id)
        ).items():
            # sudo: service.settlement.adjustment: taken by this flow only
            rows.sudo().write({"settlement_id": by_key[key].id})

    def _run_step(self, step, failures):
        """Take the statements one step further, together if they all can."""
        for start in range(0, len(self), CHUNK):
            chunk = self[start : start + CHUNK]
            if not chunk._try_step(step):
                for settlement in chunk:
                    settlement._try_step(step, failures)

    def _try_step(self, step, failures=None) -> bool:
        """Whether the step went through; if not, nothing of it has happened."""
        method = {
            "issued": self.action_issue,
            "confirmed": self.action_confirm,
            "billed": self.action_bill,
        }[step]
        try:
            with self.env.cr.savepoint():
                method()
                # What the database refuses must be refused inside the savepoint
                self.env.flush_all()
        except (UserError, IntegrityError, LockError) as error:
            if failures is not None:
                failures.append(
                    RunFailure(self.point_id.id, self.id, step, self._explain(error))
                )
            return False
        return True

    @api.model
    def _explain(self, error) -> str:
        if isinstance(error, IntegrityError):
            _logger.info("Settlement run: %s", error)
            return self.env._("Another run or user has just made this statement.")
        return str(error)

    @api.model
    def _get_previous_month(self):
        """First and last day of the month before today."""
        last = fields.Date.start_of(fields.Date.context_today(self), "month")
        last = fields.Date.subtract(last, days=1)
        return fields.Date.start_of(last, "month"), last
