from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_management.engine import warranty as warranty_engine

# What a promise may begin with
WARRANTY_START_FIELDS = {
    "product_id",
    "manufacture_date",
    "purchase_date",
    "delivery_date",
    "install_date",
}
ASSET_SOURCES = [
    ("manual", "By Hand"),
    ("delivery", "Delivery"),
    ("sale", "Sale"),
    ("portal", "Customer"),
    ("import", "Import"),
]


class ServiceAsset(models.Model):
    """A product installed at a customer's site, or one of the company's own.

    Its warranty terms are copied from the product once, when the day they start is
    known; from then on they are the asset's own.
    """

    _name = "service.asset"
    _description = "Asset"
    _inherit = ["mail.thread", "mail.activity.mixin", "image.mixin"]
    _order = "name, id"
    _rec_names_search = ["name", "serial", "code"]
    _parent_name = "parent_id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, index="trigram")
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, index=True
    )
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("active", "In Use"), ("returned", "Returned"), ("retired", "Retired")],
        default="active",
        required=True,
        tracking=True,
    )
    source = fields.Selection(
        ASSET_SOURCES,
        string="Registered By",
        default="manual",
        required=True,
        readonly=True,
        copy=False,
    )
    # Whose, and where
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, tracking=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
    )
    site_id = fields.Many2one(
        "res.partner",
        compute="_compute_site_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        help="The address where the asset stands.",
    )
    place = fields.Char(
        string="Place on Site", help="Where to find it there: building, floor, room."
    )
    installed_by_point_id = fields.Many2one(
        "service.point",
        string="Installed By",
        check_company=True,
        index="btree_not_null",
    )
    installed_by_technician_id = fields.Many2one(
        "service.technician",
        string="Installing Technician",
        check_company=True,
        index="btree_not_null",
    )
    # What
    code = fields.Char(
        string="Asset Number",
        copy=False,
        index="btree_not_null",
        help="The number on your own label, where there is one.",
    )
    product_id = fields.Many2one(
        "product.product", required=True, index=True, check_company=True
    )
    lot_id = fields.Many2one(
        "stock.lot",
        string="Lot/Serial",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
        index="btree_not_null",
    )
    serial = fields.Char(
        string="Serial Number",
        compute="_compute_serial",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
    )
    category_id = fields.Many2one(
        "product.category",
        compute="_compute_category_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
    )
    properties = fields.Properties(
        definition="category_id.service_asset_properties_definition", copy=True
    )
    # What it is made of
    parent_id = fields.Many2one(
        "service.asset",
        string="Component Of",
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        domain="[('commercial_partner_id', '=', commercial_partner_id), "
        "('id', '!=', id)]",
    )
    child_ids = fields.One2many("service.asset", "parent_id", string="Components")
    # Since when, and what was promised
    manufacture_date = fields.Date(string="Made On")
    purchase_date = fields.Date()
    delivery_date = fields.Date(string="Delivered On")
    install_date = fields.Date()
    warranty_ids = fields.One2many("service.warranty", "asset_id", copy=False)
    warranty_end = fields.Date(
        compute="_compute_warranty_end",
        store=True,
        help="The last day on which anything is covered.",
    )
    note = fields.Text()

    _serial_uniq = models.UniqueIndex(
        "(product_id, serial, (COALESCE(company_id, 0))) "
        "WHERE serial IS NOT NULL AND serial != ''",
        "This product is already registered with this serial number.",
    )
    _code_uniq = models.UniqueIndex(
        "(code, (COALESCE(company_id, 0))) WHERE code IS NOT NULL AND code != ''",
        "Another asset has this asset number.",
    )

    @api.depends("product_id", "serial", "partner_id")
    def _compute_name(self):
        for asset in self:
            parts = [asset.product_id.name, asset.serial]
            asset.name = " · ".join(part for part in parts if part)

    @api.depends("partner_id")
    def _compute_site_id(self):
        for asset in self:
            asset.site_id = asset.site_id or asset.partner_id

    @api.depends("lot_id")
    def _compute_serial(self):
        for asset in self:
            asset.serial = asset.lot_id.name or asset.serial

    @api.depends("product_id")
    def _compute_category_id(self):
        for asset in self:
            asset.category_id = asset.product_id.categ_id or asset.category_id

    @api.depends("warranty_ids.date_end")
    def _compute_warranty_end(self):
        for asset in self:
            asset.warranty_end = max(
                asset.warranty_ids.mapped("date_end"), default=False
            )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("An asset cannot be a component of itself.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        assets = super().create(vals_list)
        assets._on_registered()
        return assets

    def write(self, vals):
        result = super().write(vals)
        if WARRANTY_START_FIELDS & vals.keys():
            self._freeze_warranty()
        return result

    def _on_registered(self):
        """Hook: new assets, by whatever way; a constant number of queries."""
        self._open_ownership()
        self._freeze_warranty()

    def _get_warranty_start(self):
        """The day on which the promise begins, or ``False`` while it is unknown."""
        self.ensure_one()
        return self.install_date or self.purchase_date

    def _freeze_warranty(self):
        """Copy the product's promise to assets that have no terms yet."""
        vals_list = []
        for asset in self:
            if asset.warranty_ids:
                continue
            product = asset.product_id
            months = {
                kind: product[f"service_warranty_{kind}"]
                for kind in warranty_engine.KINDS
            }
            for term in warranty_engine.freeze_terms(
                months, asset._get_warranty_start()
            ):
                vals_list.append(
                    {
                        "asset_id": asset.id,
                        "kind": term.kind,
                        "date_start": term.start,
                        "date_end": term.end,
                        "reason": self.env._(
                            "%(product)s: %(months)s months",
                            product=product.display_name,
                            months=months[term.kind],
                        ),
                    }
                )
        if vals_list:
            # sudo: service.warranty: registering an asset grants its terms; only
            # managers may add others
            self.env["service.warranty"].sudo().create(vals_list)

    def _decide_warranty(self, day):
        """Decisions by kind for a fault on ``day``, as ``engine.warranty.Decision``."""
        self.ensure_one()
        return warranty_engine.decide(
            [
                warranty_engine.Term(term.kind, term.date_start, term.date_end)
                for term in self.warranty_ids
            ],
            day,
        )

    @api.model
    def _describe_warranty(self, reasons) -> str:
        """One sentence a kind, for the person who has to explain the answer.

        :param reasons: what ``engine.warranty.as_data`` gives
        """
        kinds = dict(
            self.env["service.warranty"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        lines = []
        for reason in reasons:
            text = {
                "covered": self.env._("covered until %s", reason.get("end")),
                "ended": self.env._("ended on %s", reason.get("end")),
                "not_started": self.env._("starts on %s", reason.get("start")),
                "no_date": self.env._("the date of the fault is missing"),
                "no_term": self.env._("nothing was promised"),
                "no_asset": self.env._("No asset was named."),
            }[reason["code"]]
            kind = kinds.get(reason.get("kind"))
            lines.append(
                self.env._("%(kind)s: %(reason)s", kind=kind, reason=text)
                if kind
                else text
            )
        return "\n".join(lines)
