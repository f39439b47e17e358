import hmac

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import hmac as sign

from odoo.addons.service_management.engine.asset_sheet import EARLIEST
from odoo.addons.service_management.models.base.turns import take_turn

# Registrations of a customer that wait for somebody to look at them
MAX_WAITING = 20
SIGNATURE_LENGTH = 24


class ServiceAssetRegistration(models.Model):
    """A customer says that a product is his or hers.

    - The code on the product's label carries product, serial number and a signature:
      who scanned it has the product at hand. If nobody has registered it, it is
      registered at once.
    - Everything else waits for a person: numbers typed in, and products that are
      registered to somebody else. Whoever asks gets the same answer for all of them,
      so that no number can be tried out.
    """

    _name = "service.asset.registration"
    _description = "Registration by a Customer"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "serial"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Asked By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    product_text = fields.Char(string="Product as Written", readonly=True)
    product_id = fields.Many2one(
        "product.product", check_company=True, index="btree_not_null"
    )
    serial = fields.Char(string="Serial Number", required=True)
    purchase_date = fields.Date()
    is_signed = fields.Boolean(
        string="Label Scanned",
        readonly=True,
        help="The signed code of the product's label: the customer has it at hand.",
    )
    state = fields.Selection(
        [("pending", "To Be Checked"), ("done", "Registered"), ("refused", "Refused")],
        default="pending",
        required=True,
        readonly=True,
        tracking=True,
    )
    asset_id = fields.Many2one(
        "service.asset",
        compute="_compute_asset_id",
        help="The asset with this product and serial number, where there is one.",
    )
    owner_id = fields.Many2one(
        "res.partner", string="Registered To", compute="_compute_asset_id"
    )
    is_transfer = fields.Boolean(string="Change of Owner", compute="_compute_asset_id")

    _pending_idx = models.Index("(partner_id) WHERE state = 'pending'")

    @api.depends("product_id", "serial", "company_id", "partner_id")
    def _compute_asset_id(self):
        found = self.env["service.asset"]._find_registered(
            [
                {"product_id": record.product_id.id, "serial": record.serial}
                for record in self
            ]
        )
        for record in self:
            asset = found.get(
                (record.product_id.id, record.serial, record.company_id.id)
            )
            record.asset_id = asset or False
            record.owner_id = asset.partner_id if asset else False
            record.is_transfer = bool(
                asset
                and asset.commercial_partner_id
                != record.partner_id.commercial_partner_id
            )

    # The label

    @api.model
    def _sign(self, product_id, serial) -> str:
        """The signature of a product and serial number, for its label."""
        # sudo: ir.config_parameter: the secret of the database
        text = sign(self.env(su=True), "service_asset_label", (product_id, serial))
        return text[:SIGNATURE_LENGTH]

    @api.model
    def _is_genuine(self, product_id, serial, signature) -> bool:
        wanted = self._sign(product_id, serial)
        return hmac.compare_digest(
            wanted.encode(), (signature or "").encode("utf-8", "replace")
        )

    # Registering

    @api.model
    def _submit(self, values):
        """What the user says is his or hers; the registration, in sudo.

        :param dict values: ``product_id`` and ``signature`` of a label, or ``product``
            as it was typed; ``serial``; ``purchase_date``
        :raises UserError: too many are waiting, something is missing
        """
        # sudo: service.asset.registration: a customer files, staff decide
        registry = self.sudo()
        serial = (values.get("serial") or "").strip()[:64]
        text = (values.get("product") or "").strip()[:200]
        signature = values.get("signature")
        is_signed = bool(signature) and self._is_genuine(
            values.get("product_id"), serial, signature
        )
        if not serial or not (is_signed or text):
            raise UserError(self.env._("Fill in the product and its serial number."))
        day = values.get("purchase_date")
        if day and day > fields.Date.context_today(self):
            raise UserError(self.env._("The day of the purchase has not come yet."))
        if day and day < EARLIEST:
            raise UserError(self.env._("Nobody bought it in the year %s.", day.year))
        customer = self.env.user.partner_id.commercial_partner_id
        # Sent twice at the same moment it is still one, and none is over the limit
        take_turn(customer)
        waiting = registry.search(
            [("partner_id", "=", customer.id), ("state", "=", "pending")]
        )
        product_id = values["product_id"] if is_signed else False
        same = waiting.filtered(
            lambda record: (
                record.serial == serial
                and record.product_id.id == product_id
                and (is_signed or record.product_text == text)
            )
        )
        if same:
            return same[0]
        if len(waiting) >= MAX_WAITING:
            raise UserError(
                self.env._(
                    "Many of your registrations are waiting for us. Please try again "
                    "when we have checked them."
                )
            )
        record = registry.create(
            {
                "partner_id": customer.id,
                "user_id": self.env.uid,
                "product_text": text,
                "product_id": product_id,
                "serial": serial,
                "purchase_date": day or False,
                "is_signed": is_signed,
            }
        )
        if is_signed and not record.is_transfer:
            record._take()
        return record

    def action_confirm(self):
        """Register the product, or give it to the customer who asks."""
        self.check_access("write")
        for record in self:
            if record.state != "pending":
                raise UserError(self.env._("This has been decided already."))
            if not record.product_id:
                raise UserError(self.env._("Choose the product first."))
            record._take()
        return True

    def action_refuse(self):
        self.check_access("write")
        self.filtered(lambda record: record.state == "pending").write(
            {"state": "refused"}
        )
        return True

    def _take(self):
        self.ensure_one()
        if self.is_transfer:
            self.asset_id.action_transfer(self.partner_id)
        elif not self.asset_id:
            self.env["service.asset"].with_company(self.company_id)._register_many(
                [
                    {
                        "partner_id": self.partner_id.id,
                        "product_id": self.product_id.id,
                        "serial": self.serial,
                        "purchase_date": self.purchase_date,
                        "source": "portal",
                    }
                ]
            )
        self.state = "done"
        self.invalidate_recordset(["asset_id"])

    def action_view_asset(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.asset",
            "res_id": self.asset_id.id,
            "view_mode": "form",
        }
