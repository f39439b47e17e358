from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_management.models.base.append_only import keep_append_only

STATEMENT_STEPS = [
    ("issued", "Issued"),
    ("confirmed", "Confirmed"),
    ("returned", "Back to Draft"),
]


class ServiceSettlementStep(models.Model):
    """Each time a statement was issued, confirmed, or went back to draft: by whom, when
    and at which amount. Added, never changed; the statement itself shows the last.
    """

    _name = "service.settlement.step"
    _description = "Statement Step"
    _inherit = ["service.amount.mixin"]
    _order = "id"
    _rec_name = "kind"
    _log_access = False

    settlement_id = fields.Many2one(
        "service.settlement",
        string="Statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        STATEMENT_STEPS, string="Step", required=True, readonly=True
    )
    version = fields.Integer(
        readonly=True,
        aggregator=None,
        help="How often the statement had been issued by then.",
    )
    date = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    amount_total = fields.Monetary(string="Total", readonly=True)

    def init(self):
        keep_append_only(self)
        # Statements of older databases know of their last issue only
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_settlement_step
                       (settlement_id, kind, version, date, user_id, amount_total)
                SELECT rec.id, deed.kind, 1, deed.date, deed.user_id, rec.amount_total
                  FROM service_settlement rec
                  JOIN LATERAL (
                       VALUES (1, 'issued', rec.issued_on, rec.issued_by_id),
                              (2, 'confirmed', rec.confirmed_on, rec.confirmed_by_id)
                  ) AS deed (number, kind, date, user_id) ON deed.date IS NOT NULL
                 WHERE NOT EXISTS (
                       SELECT FROM service_settlement_step step
                        WHERE step.settlement_id = rec.id
                 )
                 ORDER BY rec.id, deed.number
                """
            )
        )

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("The steps of a statement are facts: they cannot be changed.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The steps of a statement are facts: they cannot be deleted.")
        )


class ServiceSettlement(models.Model):
    _inherit = "service.settlement"

    step_ids = fields.One2many(
        "service.settlement.step",
        "settlement_id",
        readonly=True,
        groups="service_settlement.group_settlement_accountant",
    )

    def _check_deletable(self):
        result = super()._check_deletable()
        # sudo: service.settlement.step: whether there is one, whoever deletes
        for settlement in self.sudo():
            if settlement.step_ids:
                raise UserError(
                    self.env._(
                        "The statement %(name)s has been issued before and stays on "
                        "record. To take claims off it, hold them back.",
                        name=settlement.name,
                    )
                )
        return result

    def _log_step(self, kind):
        """Add a step to each statement, in one statement of SQL."""
        # sudo: service.settlement.step: the log is the system's, whoever acts
        steps_sudo = self.env["service.settlement.step"].sudo()
        issues = dict(
            steps_sudo._read_group(
                [("settlement_id", "in", self.ids), ("kind", "=", "issued")],
                ["settlement_id"],
                ["__count"],
            )
        )
        now = fields.Datetime.now()
        # sudo: service.settlement: the amount of what was done
        steps_sudo.create(
            [
                {
                    "settlement_id": settlement.id,
                    "kind": kind,
                    "version": issues.get(settlement, 0) + (kind == "issued"),
                    "date": now,
                    "user_id": self.env.uid,
                    "amount_total": settlement.amount_total,
                }
                for settlement in self.sudo()
            ]
        )
