from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import pricing

# Work that is paid for
CLAIMED_STATES = ("done", "closed")


class ServiceOrder(models.Model):
    _inherit = "service.order"

    claim_ids = fields.One2many(
        "service.claim",
        "order_id",
        groups="service_settlement.group_settlement_accountant",
    )
    claim_count = fields.Integer(
        compute="_compute_claim_amount",
        groups="service_settlement.group_settlement_accountant",
    )
    claim_amount = fields.Monetary(
        string="Cost of the Service Point",
        compute="_compute_claim_amount",
        currency_field="claim_currency_id",
        groups="service_settlement.group_settlement_accountant",
    )
    claim_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_claim_amount",
        groups="service_settlement.group_settlement_accountant",
    )
    is_unclaimed = fields.Boolean(
        string="Finished Without a Claim",
        compute="_compute_is_unclaimed",
        search="_search_is_unclaimed",
        groups="service_settlement.group_settlement_accountant",
        help="The work is done by a settled service point, since it is settled, and "
        "nobody is paid for it yet.",
    )

    @api.depends("claim_ids", "state", "point_id.is_settled", "point_id.settled_since")
    def _compute_is_unclaimed(self):
        unclaimed = self.search(
            Domain("id", "in", self.ids) & Domain("is_unclaimed", "=", True)
        )
        for order in self:
            order.is_unclaimed = order in unclaimed

    @api.model
    def _search_is_unclaimed(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        self.flush_model(["state", "point_id", "date_done", "date_closed"])
        self.env["service.claim"].flush_model(["order_id"])
        self.env["service.point"].flush_model(["is_settled", "settled_since"])
        return Domain(
            "id",
            "in",
            SQL(
                """(
                SELECT work.id
                  FROM service_order work
                  JOIN service_point point ON point.id = work.point_id
                  JOIN (%(zones)s) AS company (id, zone)
                    ON company.id = work.company_id
                 WHERE point.is_settled
                   AND work.state = ANY(%(states)s)
                   AND (point.settled_since IS NULL
                        OR coalesce(work.date_done, work.date_closed)
                           >= point.settled_since::timestamp
                              AT TIME ZONE company.zone AT TIME ZONE 'UTC')
                   AND NOT EXISTS (
                       SELECT FROM service_claim claim WHERE claim.order_id = work.id
                   )
                )""",
                states=list(CLAIMED_STATES),
                zones=self.env["res.company"]._get_zones_sql(),
            ),
        )

    def _compute_claim_amount(self):
        claims = self.env["service.claim"].search_fetch(
            [("order_id", "in", self.ids)],
            ["order_id", "currency_id", "amount_approved", "state"],
        )
        by_order = claims.grouped("order_id")
        for order in self:
            claim = by_order.get(order, claims.browse())
            order.claim_count = len(claim)
            order.claim_currency_id = claim.currency_id or order.company_id.currency_id
            order.claim_amount = (
                claim.amount_approved if claim.state != "rejected" else 0.0
            )

    def action_view_claim(self):
        self.ensure_one()
        return self.claim_ids._get_list_action()

    def action_create_claim(self):
        """Claim finished orders that were done before their point was settled."""
        self.env["service.claim"].check_access("write")
        claims = self._create_claims()
        if not claims:
            raise UserError(
                self.env._(
                    "There is nothing to claim: the order is not done, or its service "
                    "point is not settled."
                )
            )
        return claims._get_list_action()

    # Claims

    def _after_done(self):
        result = super()._after_done()
        self._create_claims()
        return result

    def _create_claims(self):
        """Make the claim of each finished order whose point is settled.

        An order has one claim. One that exists is priced again if the order was
        reopened and done again, unless a person has decided on it or it stands on a
        statement. The number of queries does not grow with the number of orders.
        """
        # sudo: service.claim: made by the system, whoever reports the work done
        orders_sudo = self.sudo().filtered(
            lambda order: order.state in CLAIMED_STATES and order.point_id.is_settled
        )
        claims_sudo = self.env["service.claim"].sudo()
        existing = claims_sudo.search([("order_id", "in", orders_sudo.ids)])
        again = existing.filtered(lambda claim: claim._is_untouched())
        if again:
            again._refresh()
        orders_sudo -= existing.order_id
        priced = claims_sudo._get_price_vals(orders_sudo)
        created = claims_sudo._insert_many(
            [
                priced[order] | {"order_id": order.id, **order._prepare_claim_owner()}
                for order in orders_sudo
            ]
        )
        orders_sudo._log_priced(created)
        created._run_checks()
        return existing | created

    def _log_priced(self, claims):
        """Write the result of pricing into the orders' logs."""
        if not claims:
            return
        # Most claims of a month have one of a few amounts
        texts = {}
        names = []
        for claim in claims:
            key = (claim.amount_claimed, claim.currency_id)
            if claim.reasons:
                names.append(claim.reason_text)
                continue
            if key not in texts:
                texts[key] = self.env._(
                    "%(amount)s %(currency)s",
                    amount=f"{claim.amount_claimed:.2f}",
                    currency=claim.currency_id.name,
                )
            names.append(texts[key])
        claims.order_id._log_event("priced", names=names)

    def _prepare_claim_owner(self) -> dict:
        return {"company_id": self.company_id.id, "point_id": self.point_id.id}

    def _get_claim_date(self):
        """The day on which the work was done, where the company is."""
        self.ensure_one()
        done = self.date_done or self.date_closed or fields.Datetime.now()
        return self.company_id._get_service_day(done)

    def _prepare_claim_vals(self, day, tariff, book, facts, snapshots) -> dict:
        """What the tariff says about this order.

        :param book: the lines of ``tariff`` for the engine
        :param snapshots: cache of what explains a tariff line, filled here
        """
        self.ensure_one()
        vals = {
            "date": day,
            "tariff_id": tariff.id if tariff else False,
            "currency_id": (tariff or self.company_id).currency_id.id,
            "reasons": False,
            "line_ids": [],
        }
        if not tariff:
            reasons = [{"code": "no_tariff", "date": fields.Date.to_string(day)}]
            return vals | {"state": "unpriced", "reasons": reasons}
        quote = pricing.price_job(facts, book, tariff._get_rounding())
        if not quote.is_complete:
            return vals | {
                "state": "unpriced",
                "reasons": [
                    self._prepare_claim_reason(gap, tariff) for gap in quote.gaps
                ],
            }
        vals["line_ids"] = [
            fields.Command.create(self._prepare_claim_line(price, facts, snapshots))
            for price in quote.lines
        ]
        approve = self.company_id.service_claim_auto_approve
        return vals | {"state": "approved" if approve else "draft"}

    def _prepare_claim_line(self, price, facts, snapshots) -> dict:
        line_id = price.line.id
        if line_id not in snapshots:
            snapshots[line_id] = (
                self.env["service.tariff.line"].browse(line_id)._prepare_snapshot()
            )
        amount = float(price.amount)
        inputs = snapshots[line_id] | {
            "quantity": str(price.quantity),
            "exact": str(price.exact.normalize()),
        }
        if price.bound:
            inputs["bound"] = price.bound
        if price.line.has_band:
            inputs["distance"] = str(facts.distance)
        if price.line.occasion == "survey":
            inputs["score"] = facts.score
        if price.product_id:
            product = self.env["product.product"].browse(price.product_id)
            inputs["product"] = product.display_name
        return {
            "kind": price.kind,
            "tariff_line_id": line_id,
            "quantity": float(price.quantity),
            "price": float(price.price),
            "amount_claimed": amount,
            "amount_checked": amount,
            "amount_approved": amount,
            "inputs": inputs,
        }

    def _prepare_claim_reason(self, gap, tariff) -> dict:
        return {
            "code": gap.code,
            "kind": gap.kind,
            "line_ids": list(gap.line_ids),
            "tariff": tariff.name,
            "job": {
                "type_id": self.type_id.id,
                "type": self.type_id.name,
                "category": self.category_id.display_name,
                "warranty_state": self.warranty_state,
                "grade": self.point_id.grade,
            },
        }
