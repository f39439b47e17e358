from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.service_management.models.base.flow_defaults import without_defaults
from odoo.addons.service_management.models.base.numbers import number_each

# Set by the buttons, or counted from the receipts
DONE_FIELDS = {"state", "cashier_id", "amount_expected", "difference"}


class ServiceCollectionHandover(models.Model):
    """Cash that a technician or a point brings to the cashier, counted by both."""

    _name = "service.collection.handover"
    _description = "Handover of Cash"
    _inherit = ["mail.thread", "service.amount.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: self.env._("New")
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    point_id = fields.Many2one(
        "service.point", string="Service Point", index=True, check_company=True
    )
    technician_id = fields.Many2one(
        "service.technician",
        index="btree_not_null",
        domain="[('point_id', '=?', point_id)]",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    collection_ids = fields.One2many(
        "service.collection", "handover_id", string="Receipts", readonly=True
    )
    amount_expected = fields.Monetary(
        string="Receipts Say", compute="_compute_amounts", store=True
    )
    amount_counted = fields.Monetary(string="Counted", tracking=True)
    difference = fields.Monetary(
        compute="_compute_amounts",
        store=True,
        help="Counted less what the receipts say: negative if money is missing.",
    )
    difference_note = fields.Char(string="Why It Differs", tracking=True)
    state = fields.Selection(
        [("draft", "To Count"), ("confirmed", "Booked")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    cashier_id = fields.Many2one("res.users", readonly=True, copy=False)

    @api.depends("collection_ids.amount", "amount_counted")
    def _compute_amounts(self):
        for handover in self:
            handover.amount_expected = sum(handover.collection_ids.mapped("amount"))
            handover.difference = handover.amount_counted - handover.amount_expected

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for name in DONE_FIELDS:
                vals.pop(name, None)
        number_each(self.env, "service.collection.handover", vals_list)
        model = without_defaults(self, DONE_FIELDS)
        return super(ServiceCollectionHandover, model).create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if DONE_FIELDS & vals.keys():
                raise UserError(self.env._("A handover is booked by its button."))
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        self._check_draft()

    def _check_draft(self):
        for handover in self:
            if handover.state != "draft":
                raise UserError(
                    self.env._(
                        "%s has been booked: it no longer changes.", handover.name
                    )
                )

    def action_collect(self):
        """Take on all cash that the technician or the point has in hand."""
        self._check_draft()
        for handover in self:
            handover.check_access("write")
            if not handover.point_id and not handover.technician_id:
                raise UserError(
                    self.env._("Choose the service point or the technician first.")
                )
            handover._find_receipts(("netted",))._bring_in_after_all()
            waiting = handover._find_receipts(("taken",))
            if not waiting:
                raise UserError(self.env._("No receipt of cash is waiting there."))
            # sudo: service.collection: a receipt is no form; its handover is a fact
            handover.sudo().collection_ids = [Command.set(waiting.ids)]
            handover.amount_counted = handover.amount_expected
        return True

    def _find_receipts(self, states):
        """Cash of who brings it that no other handover counts: of a technician all, or
        what was taken for the point that is named, too."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "in", states),
            ("method", "=", "cash"),
            ("handover_id", "in", (False, self.id)),
        ]
        for name in ("technician_id", "point_id"):
            if self[name]:
                domain.append((name, "=", self[name].id))
        return self.env["service.collection"].search(domain)

    def action_confirm(self):
        """The money was counted: book a payment for each receipt."""
        self._check_draft()
        self.lock_for_update()
        for handover in self:
            handover.check_access("write")
            if not handover.collection_ids:
                raise UserError(
                    self.env._("%s has no receipts: collect them first.", handover.name)
                )
            if (
                not handover.currency_id.is_zero(handover.difference)
                and not (handover.difference_note or "").strip()
            ):
                raise UserError(
                    self.env._(
                        "%(name)s: %(counted)s was counted, the receipts say "
                        "%(expected)s. Say why it differs.",
                        name=handover.name,
                        counted=handover.currency_id.format(handover.amount_counted),
                        expected=handover.currency_id.format(handover.amount_expected),
                    )
                )
            handover.collection_ids._check_state("taken")
            handover.collection_ids._book()
            handover._charge_difference()
            # sudo: service.collection.handover: the state is this button's to set
            handover.sudo().write({"state": "confirmed", "cashier_id": self.env.uid})
        return True

    def _get_owing_point(self):
        """The settled point whose money is missing, if it is one's.

        Whoever brings it: what a technician takes is in the custody of the point that
        the work was done for. Of points that are not settled it is our own loss.
        """
        self.ensure_one()
        points = self.collection_ids.point_id
        settled = points.filtered("is_settled")
        if settled and len(points) > 1:
            raise UserError(
                self.env._(
                    "%(name)s: money is missing, and the receipts are of %(points)s. "
                    "Count them apart: choose the service point beside the technician.",
                    name=self.name,
                    points=", ".join(points.mapped("name")),
                )
            )
        return settled

    def _charge_difference(self):
        """What was taken for a settled point and is missing is taken off its next
        statement."""
        self.ensure_one()
        if self.currency_id.compare_amounts(self.difference, 0) >= 0:
            return
        if point := self._get_owing_point():
            # sudo: service.settlement.adjustment: its source is named by this flow
            self.env["service.settlement.adjustment"].sudo().create(
                {
                    "company_id": self.company_id.id,
                    "point_id": point.id,
                    "currency_id": self.currency_id.id,
                    "kind": "cash",
                    "source_ref": f"{self._name},{self.id}",
                    "amount": self.difference,
                    "reason": self.env._(
                        "%(name)s: %(note)s", name=self.name, note=self.difference_note
                    ),
                }
            )
