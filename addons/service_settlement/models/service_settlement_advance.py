from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ServiceSettlementAdvance(models.Model):
    """Money that a point got ahead, or a deposit that it builds up: taken from its
    statements bit by bit, and never twice.

    What was drawn is the sum of the adjustments; it stands on the record so that two
    statements which draw at the same time collide in the database.
    """

    _name = "service.settlement.advance"
    _description = "Advance or Deposit"
    _inherit = ["mail.thread", "service.amount.mixin"]
    _order = "date, id"
    _check_company_auto = True

    name = fields.Char(string="For", required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    kind = fields.Selection(
        [("advance", "Advance Payment"), ("deposit", "Deposit")],
        required=True,
        default="advance",
        help="An advance was paid to the point and is netted with its statements. "
        "A deposit is kept back from the statements until it is complete.",
    )
    date = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        help="Statements whose period ends on this day or later are drawn on.",
    )
    amount = fields.Monetary(required=True, tracking=True)
    share_max = fields.Float(
        string="At Most of a Statement",
        default=1.0,
        help="The part of each statement that may be taken, 100% at most.",
    )
    payment_id = fields.Many2one(
        "account.payment",
        check_company=True,
        index="btree_not_null",
        help="The payment by which the point got the advance.",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    adjustment_ids = fields.One2many(
        "service.settlement.adjustment", "advance_id", readonly=True
    )
    amount_drawn = fields.Monetary(
        string="Taken", compute="_compute_amount_drawn", store=True
    )
    amount_left = fields.Monetary(
        string="Left", compute="_compute_amount_drawn", store=True
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "An advance or deposit is above zero."
    )
    _share_in_range = models.Constraint(
        "CHECK (share_max > 0 AND share_max <= 1)",
        "Between nothing and the whole of a statement can be taken.",
    )
    _not_overdrawn = models.Constraint(
        "CHECK (amount_left >= -0.005)", "More would be taken than is left."
    )
    _open_idx = models.Index(
        "(company_id, point_id) WHERE active IS TRUE AND amount_left > 0"
    )

    @api.depends("amount", "adjustment_ids.amount")
    def _compute_amount_drawn(self):
        drawn = dict(
            self.env["service.settlement.adjustment"]._read_group(
                [("advance_id", "in", self.ids)], ["advance_id"], ["amount:sum"]
            )
        )
        for advance in self:
            taken = -drawn.get(advance._origin, 0.0)
            advance.amount_drawn = taken
            advance.amount_left = advance.currency_id.round(advance.amount - taken)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        if self.adjustment_ids:
            raise UserError(
                self.env._(
                    "Something was taken already: archive it, and no more is taken."
                )
            )

    def write(self, vals):
        if {"point_id", "currency_id", "company_id", "kind"} & vals.keys():
            self._check_untouched()
        return super().write(vals)

    def _check_untouched(self):
        for advance in self:
            if advance.adjustment_ids:
                raise UserError(
                    self.env._(
                        "Something was taken for '%(name)s' already: whose it is and "
                        "what it is stays.",
                        name=advance.name,
                    )
                )

    def action_return(self):
        """Give a deposit back with the next statement; nothing more is kept."""
        # What stands on drafts is not kept yet, and comes off them when they grow
        self.adjustment_ids.filtered(
            lambda row: row.settlement_id.state == "draft" and row.amount < 0
        ).unlink()
        for advance in self:
            if advance.kind != "deposit" or advance.amount_drawn <= 0:
                raise UserError(
                    self.env._(
                        "Nothing was kept for '%(name)s' that could be given back.",
                        name=advance.name,
                    )
                )
            advance.lock_for_update()
            # sudo: service.settlement.adjustment: advances are named by their flow
            self.env["service.settlement.adjustment"].sudo().create(
                advance._prepare_draw_vals(-advance.amount_drawn)
                | {
                    "date": fields.Date.context_today(self),
                    "reason": self.env._("Deposit given back: %s", advance.name),
                }
            )
        self.active = False
        return True

    def _prepare_draw_vals(self, amount) -> dict:
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "point_id": self.point_id.id,
            "currency_id": self.currency_id.id,
            "kind": self.kind,
            "amount": -amount,
            "reason": self.name,
            "advance_id": self.id,
        }


class ServiceSettlementAdjustment(models.Model):
    _inherit = "service.settlement.adjustment"

    advance_id = fields.Many2one(
        "service.settlement.advance",
        string="Advance or Deposit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="service_settlement.group_settlement_accountant",
    )

    _draw_uniq = models.UniqueIndex(
        "(advance_id, settlement_id) "
        "WHERE advance_id IS NOT NULL AND settlement_id IS NOT NULL",
        "This advance or deposit is on the statement already.",
    )


class ServiceSettlement(models.Model):
    """Drawing advances and deposits from drafts."""

    _inherit = "service.settlement"

    def _draw_advances(self):
        """Take from each draft what its point still owes, never more than it earns.

        A draft is drawn anew each time it grows: what was taken before comes off
        first.
        """
        drafts = self.filtered(lambda rec: rec.state == "draft")
        advances = self.env["service.settlement.advance"].search(
            Domain("company_id", "in", drafts.company_id.ids)
            & Domain("point_id", "in", drafts.point_id.ids)
        )
        if not advances:
            return
        # sudo: service.settlement.adjustment: advances are named by their flow
        adjustments_sudo = drafts.sudo().adjustment_ids
        adjustments_sudo.filtered(
            lambda row: row.advance_id and row.amount < 0
        ).unlink()
        left = {advance: advance.amount_left for advance in advances}
        vals_list = []
        for settlement in drafts.sorted("date_to"):
            vals_list += settlement._prepare_draws(left)
        adjustments_sudo.create(vals_list)

    def _prepare_draws(self, left) -> list[dict]:
        """
        :param left: advance → what is left of it; less of it afterwards
        """
        self.ensure_one()
        currency = self.currency_id
        total = max(self.amount_total, 0.0)
        vals_list = []
        for advance in left:
            if (
                advance.point_id != self.point_id
                or advance.company_id != self.company_id
                or advance.currency_id != currency
                or advance.date > self.date_to
            ):
                continue
            share = currency.round(max(self.amount_total, 0.0) * advance.share_max)
            amount = min(left[advance], share, total)
            if currency.compare_amounts(amount, 0.0) > 0:
                total = currency.round(total - amount)
                left[advance] = currency.round(left[advance] - amount)
                vals_list.append(
                    advance._prepare_draw_vals(amount)
                    | {"settlement_id": self.id, "date": self.date_to}
                )
        return vals_list
