from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_management.models.base.numbers import number_each
from odoo.addons.service_management.models.base.states import check_state

METHODS = [
    ("cash", "Cash"),
    ("card", "Card"),
    ("mobile", "Mobile Payment"),
]
# Set by what happens to the money, never by a form, an import or RPC.
WRITABLE = {"note"}


class ServiceCollection(models.Model):
    """Money a technician or a service point took from a customer on site.

    Nobody edits a receipt: it is handed over to a cashier, or taken off the next
    statement of a settled point, and booked as a payment of the customer. A wrong
    one is cancelled with a reason while it is still with who took it.
    """

    _name = "service.collection"
    _description = "Payment Taken on Site"
    _inherit = ["service.amount.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Receipt", required=True, readonly=True, copy=False)
    order_id = fields.Many2one(
        "service.order",
        string="Service Order",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    visit_id = fields.Many2one(
        "service.visit", readonly=True, index="btree_not_null", check_company=True
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        readonly=True,
        index=True,
        check_company=True,
    )
    technician_id = fields.Many2one(
        "service.technician", readonly=True, index="btree_not_null"
    )
    user_id = fields.Many2one("res.users", string="Taken By", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    amount = fields.Monetary(required=True, readonly=True)
    amount_asked = fields.Monetary(
        string="Was Due",
        readonly=True,
        help="What the customer had to pay when the money was taken; empty if nobody "
        "had quoted or invoiced anything yet.",
    )
    method = fields.Selection(
        METHODS, string="Payment Method", required=True, readonly=True, default="cash"
    )
    state = fields.Selection(
        [
            ("taken", "With the Collector"),
            ("netted", "On a Statement"),
            ("booked", "Booked"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        default="taken",
        required=True,
        readonly=True,
        index=True,
    )
    handover_id = fields.Many2one(
        "service.collection.handover", readonly=True, index="btree_not_null"
    )
    payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        index="btree_not_null",
        groups="service_settlement.group_settlement_accountant",
    )
    cancel_reason = fields.Char(readonly=True)
    note = fields.Char()
    # A device that sends the same receipt again gets the one it has made.
    operation_key = fields.Char(readonly=True, copy=False)

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "The amount taken must be above zero."
    )
    _operation_uniq = models.UniqueIndex(
        "(user_id, operation_key) WHERE operation_key IS NOT NULL",
        "This payment has been noted already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(
                self.env._("Payments on site are noted on the visit, not by hand.")
            )
        number_each(self.env, "service.collection", vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() - WRITABLE:
            raise UserError(
                self.env._(
                    "A receipt is not edited: cancel it with a reason and note the "
                    "payment again."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Receipts are kept: cancel the wrong one."))

    @api.depends("name", "order_id.name")
    def _compute_display_name(self):
        for collection in self:
            collection.display_name = f"{collection.name} · {collection.order_id.name}"

    # What happens to it

    def action_cancel_ask(self):
        """Open the question for the reason."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_collection_cancel"
        )
        action["context"] = {"default_collection_ids": self.ids}
        return action

    def action_cancel(self, reason=None):
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the receipt is cancelled."))
        self._check_accountant()
        self._check_state("taken")
        # sudo: service.collection: an accountant may, as was checked
        self.sudo().write({"state": "cancelled", "cancel_reason": reason})
        return True

    def action_book(self):
        """Book payments that need no handing over: cards and mobile payments."""
        self._check_accountant()
        for collection in self:
            if collection.method == "cash":
                raise UserError(
                    self.env._(
                        "%(receipt)s is cash: it is booked when it is handed over.",
                        receipt=collection.display_name,
                    )
                )
        self._check_state("taken")
        self._book()
        return True

    def _check_accountant(self):
        if not self.env.su and not self.env.user.has_group(
            "service_settlement.group_settlement_accountant"
        ):
            raise AccessError(
                self.env._("Only accountants may decide on payments taken on site.")
            )
        self.check_access("read")

    def _check_state(self, *states):
        check_state(self, states)

    def _book(self):
        """Post the payments of the customers and reconcile them with their invoices."""
        # sudo: account.payment: cashiers and the statement run book, by their rights
        # on the receipts
        collections_sudo = self.sudo()
        collections_sudo.lock_for_update()
        payments = (
            self.env["account.payment"]
            .sudo()
            .create([rec._prepare_payment_vals() for rec in collections_sudo])
        )
        for payment in payments:
            # Straight into the till: no bank would confirm it later
            payment.outstanding_account_id = payment.journal_id.default_account_id
        payments.action_post()
        for collection, payment in zip(collections_sudo, payments, strict=True):
            collection.write({"state": "booked", "payment_id": payment.id})
        collections_sudo.order_id._reconcile_collections()
        return payments

    def _prepare_payment_vals(self) -> dict:
        self.ensure_one()
        journal = self.company_id._get_service_collection_journal(self.method)
        if not journal.default_account_id:
            raise UserError(
                self.env._(
                    "%(company)s has no journal for payments taken on site: choose one "
                    "in the settings.",
                    company=self.company_id.name,
                )
            )
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.partner_id.commercial_partner_id.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "date": fields.Date.context_today(self),
            "journal_id": journal.id,
            "memo": f"{self.name} {self.order_id.name}",
        }
