from odoo import api, fields, models
from odoo.exceptions import UserError

# What was sold, and for what
FIXED = {"asset_id", "company_id", "product_id", "promise_id", "date", "reason"}


class ServiceWarrantyExtension(models.Model):
    """A term that a customer bought for an asset, after the one it came with.

    What it promises is frozen when it is sold; its days follow once those of the
    first warranty are known.
    """

    _name = "service.warranty.extension"
    _description = "Warranty Extension"
    _order = "date desc, id desc"
    _rec_name = "product_id"
    _check_company_auto = True

    asset_id = fields.Many2one(
        "service.asset", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="asset_id.company_id", store=True)
    product_id = fields.Many2one(
        "product.product",
        string="Extension",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('service_warranty_extension_id', '!=', False)]",
    )
    date = fields.Date(
        string="Sold On", required=True, default=fields.Date.context_today
    )
    promise_id = fields.Many2one(
        "service.warranty.promise",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    reason = fields.Char(
        string="Proof of Sale",
        help="Where no sales order of ours sold it: who did, and by which receipt. "
        "It stays with the asset.",
    )
    warranty_ids = fields.One2many("service.warranty", "extension_id", readonly=True)
    state = fields.Selection(
        [("sold", "Sold"), ("cancelled", "Cancelled")],
        default="sold",
        required=True,
        readonly=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        # sudo: service.warranty.template: what is sold is promised, whoever sells it
        products = self.env["product.product"].sudo()
        products = products.browse({vals.get("product_id") for vals in vals_list})
        templates = products.service_warranty_extension_id
        # sudo: service.warranty.promise: kept by the sale
        promises = self.env["service.warranty.promise"].sudo()
        promises = promises._freeze_templates(templates)
        for vals in vals_list:
            product = products.browse(vals.get("product_id"))
            template = product.service_warranty_extension_id
            if not template:
                raise UserError(
                    self.env._(
                        "%s is no warranty extension: choose a product that sells one.",
                        product.display_name,
                    )
                )
            vals["promise_id"] = promises[template.id].id
        self._check_reasons(vals_list)
        extensions = super().create(vals_list)
        extensions.asset_id._freeze_warranty()
        return extensions

    @api.model
    def _check_reasons(self, vals_list):
        """Added by hand it binds the company as much as a sale: the proof is kept, and
        no sale is named that did not sell it."""
        if self.env.su:
            return
        for vals in vals_list:
            vals.pop("sale_line_id", None)
            vals["reason"] = (vals.get("reason") or "").strip()
            if not vals["reason"]:
                raise UserError(
                    self.env._(
                        "Say who sold the extension, and by which receipt. What we "
                        "sell ourselves is added by its sales order."
                    )
                )

    def write(self, vals):
        if FIXED & vals.keys() or ("state" in vals and not self.env.su):
            raise UserError(
                self.env._(
                    "What was sold is not changed. Cancel the extension and add "
                    "another one."
                )
            )
        return super().write(vals)

    def action_cancel(self):
        """What was not sold after all covers nothing; its terms stay to be read."""
        self.check_access("write")
        sold = self.filtered(lambda extension: extension.state == "sold")
        # pylint: disable=super-method-mismatch
        super(ServiceWarrantyExtension, sold).write({"state": "cancelled"})
        sold.warranty_ids._cut(None, "cancelled")
        # It may be sold again at once: both are unique while they stand
        self.env.flush_all()
        return True
