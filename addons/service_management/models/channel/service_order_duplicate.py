from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_management.engine import duplicates
from odoo.addons.service_management.models.base.res_partner import phone_key
from odoo.addons.service_management.models.order.service_order import FINISHED_STATES

BATCH_SIZE = 200
# Of a busy customer the latest requests are compared, not all of them.
CANDIDATES = 20
CRON = "service_management.cron_service_order_duplicate"
# A change of these is a reason to look again.
COMPARED_FIELDS = {
    "partner_id",
    "phone",
    "email",
    "asset_id",
    "category_id",
    "symptom_id",
    "description",
}


class ServiceOrderDuplicate(models.Model):
    """Two open requests that may be the same one: proposed, with reasons."""

    _name = "service.order.duplicate"
    _description = "Possible Duplicate"
    _order = "score desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "service.order",
        string="Later Order",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    other_id = fields.Many2one(
        "service.order",
        string="Earlier Order",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    score = fields.Integer(readonly=True, aggregator="max")
    reasons = fields.Json(readonly=True)
    why = fields.Char(compute="_compute_why")
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("dismissed", "Two Requests"),
            ("merged", "Merged"),
            ("over", "Over"),
        ],
        default="proposed",
        required=True,
        readonly=True,
    )
    order_channel = fields.Selection(related="order_id.channel", string="Later Channel")
    other_channel = fields.Selection(
        related="other_id.channel", string="Earlier Channel"
    )
    partner_id = fields.Many2one(related="order_id.partner_id")

    _proposed_idx = models.Index("(id) WHERE state = 'proposed'")
    _pair_uniq = models.Constraint(
        "UNIQUE (order_id, other_id)", "This pair has been proposed already."
    )
    _pair_order = models.Constraint(
        "CHECK (order_id > other_id)", "The later order comes first in a pair."
    )

    @api.depends("reasons")
    def _compute_why(self):
        for pair in self:
            pair.why = self._explain(pair.reasons or ())

    @api.model
    def _explain(self, reasons) -> str:
        texts = {
            "same_customer": self.env._("same customer"),
            "same_phone": self.env._("same phone number"),
            "same_email": self.env._("same email address"),
            "same_asset": self.env._("same asset"),
            "same_category": self.env._("same kind of product"),
            "same_symptom": self.env._("same symptom"),
            "same_text": self.env._("words alike by %(value)s%%"),
            "within_hour": self.env._("within an hour"),
            "within_day": self.env._("within a day"),
            "other_symptom": self.env._("another symptom"),
            "other_type": self.env._("another service type"),
        }
        return ", ".join(
            texts[reason["code"]] % {"value": reason.get("value", 0)}
            for reason in reasons
        )

    def action_dismiss(self):
        """These are two requests: do not propose the pair again."""
        self._check_agent()
        # sudo: service.order.duplicate: the desk decides about proposals
        self.sudo().write({"state": "dismissed"})
        return True

    def action_merge(self):
        self.ensure_one()
        return (self.order_id | self.other_id).action_open_merge()

    def _check_agent(self):
        self.order_id.check_access("write")

    # Finding

    @api.model
    def _cron_find(self):
        self.env["service.job"]._run("service_order_duplicate", self._find_all, CRON)

    @api.model
    def _find_all(self):
        """Look at every open order that is new or has changed."""
        cron = self.env["ir.cron"]
        orders = self.env["service.order"].sudo()
        domain = [
            ("is_compared", "=", False),
            ("state", "not in", FINISHED_STATES),
            # What a plan makes nobody has asked for
            ("channel", "!=", "plan"),
        ]
        left = cron._commit_progress(remaining=orders.search_count(domain))
        while left > 0:
            batch = orders.search(domain, order="id", limit=BATCH_SIZE)
            if not batch:
                break
            self._propose(batch)
            left = cron._commit_progress(len(batch))

    @api.model
    def _propose(self, orders):
        """Write down the likely duplicates of ``orders``; in few statements."""
        found = orders._find_duplicates()
        pairs = {}
        for order, matches in found.items():
            for match in matches:
                pair = (max(order.id, match.id), min(order.id, match.id))
                pairs[pair] = match
        known = {
            (pair.order_id.id, pair.other_id.id): pair
            for pair in self.sudo().search(
                ["|", ("order_id", "in", orders.ids), ("other_id", "in", orders.ids)]
            )
        }
        # What a change has told apart is over; what a person has decided stays
        for key, pair in known.items():
            if key in pairs and pair.state in ("proposed", "over"):
                pair.write(self._prepare_vals(pairs[key]))
            elif key not in pairs and pair.state == "proposed":
                pair.state = "over"
        self.sudo().create(
            [
                {"order_id": later, "other_id": earlier, **self._prepare_vals(match)}
                for (later, earlier), match in pairs.items()
                if (later, earlier) not in known
            ]
        )
        orders.sudo().write({"is_compared": True})

    @api.model
    def _prepare_vals(self, match) -> dict:
        return {
            "score": match.score,
            "state": "proposed",
            "reasons": [
                {"code": reason.code, "points": reason.points, "value": reason.value}
                for reason in match.reasons
            ],
        }


class ServiceOrder(models.Model):
    """What is compared to find a request that came in twice."""

    _inherit = "service.order"

    phone_key = fields.Char(
        compute="_compute_phone_key", store=True, precompute=True, copy=False
    )
    is_compared = fields.Boolean(
        copy=False, readonly=True, help="Looked at for duplicates since it changed."
    )
    merge_score = fields.Integer(
        string="Likely Duplicate",
        compute="_compute_merge_score",
        help="Of 100: how much speaks for another open order being the same request.",
    )

    _compared_idx = models.Index(
        "(id) WHERE is_compared IS NOT TRUE AND channel <> 'plan' "
        "AND state NOT IN ('done', 'closed', 'cancelled')"
    )
    _open_phone_idx = models.Index(
        "(phone_key) WHERE state NOT IN ('done', 'closed', 'cancelled')"
    )
    _open_email_idx = models.Index(
        "(lower(email)) WHERE state NOT IN ('done', 'closed', 'cancelled')"
    )

    @api.depends("phone")
    def _compute_phone_key(self):
        for order in self:
            order.phone_key = phone_key(order.phone)

    def _compute_merge_score(self):
        pairs = self.env["service.order.duplicate"]
        scores = {}
        for field in ("order_id", "other_id"):
            for order, score in pairs._read_group(
                [(field, "in", self.ids), ("state", "=", "proposed")],
                [field],
                ["score:max"],
            ):
                scores[order.id] = max(scores.get(order.id, 0), score)
        for order in self:
            order.merge_score = scores.get(order.id, 0)

    def write(self, vals):
        result = super().write(vals)
        if COMPARED_FIELDS & vals.keys():
            # sudo: service.order: follows from what was written
            self.sudo().is_compared = False
        return result

    def _find_duplicates(self) -> dict:
        """``{order: matches}``, the likeliest first, for the orders in ``self``."""
        pairs = self._find_candidates()
        ids = {other for others in pairs.values() for other in others}
        known = {
            order.id: order._prepare_compared() for order in self.browse(ids) | self
        }
        return {
            order: duplicates.find(
                known[order.id],
                [known[other] for other in pairs.get(order.id, ())],
                timedelta(days=order.company_id.service_duplicate_days),
            )
            for order in self
        }

    def _find_candidates(self) -> dict[int, set[int]]:
        """Open orders that share the customer, asset, phone or address of each."""
        self.flush_model()
        pairs: dict[int, set[int]] = {}
        conditions = (
            SQL("b.commercial_partner_id = a.commercial_partner_id"),
            SQL("b.asset_id = a.asset_id"),
            SQL("b.phone_key = a.phone_key AND length(a.phone_key) >= 6"),
            SQL("lower(b.email) = lower(a.email) AND a.email <> ''"),
        )
        query = SQL(" UNION ").join(
            SQL(
                """
                (SELECT a.id, c.id FROM service_order a CROSS JOIN LATERAL (
                    SELECT b.id FROM service_order b
                     WHERE %(condition)s AND b.id <> a.id
                       AND b.company_id = a.company_id AND b.channel <> 'plan'
                       AND b.state NOT IN ('done', 'closed', 'cancelled')
                     ORDER BY b.date_request DESC LIMIT %(limit)s
                ) c WHERE a.id = ANY(%(ids)s))
                """,
                condition=condition,
                limit=CANDIDATES,
                ids=list(self.ids),
            )
            for condition in conditions
        )
        for mine, other in self.env.execute_query(query):
            pairs.setdefault(mine, set()).add(other)
        return pairs

    def _prepare_compared(self) -> duplicates.Request:
        return duplicates.Request(
            id=self.id,
            date=self.date_request,
            customer=self.commercial_partner_id.id or 0,
            phone=self.phone_key or "",
            email=(self.email or "").lower(),
            asset=self.asset_id.id or 0,
            category=self.category_id.id or 0,
            symptom=self.symptom_id.id or 0,
            type=self.type_id.id or 0,
            text=self.description or "",
        )
