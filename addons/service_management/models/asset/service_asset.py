from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

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

    What was promised for it is in ``service_asset_warranty``.
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
    # Indexed below with what lists ask of it
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, tracking=True
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
        string="Place on Site",
        index="trigram",
        help="Where to find it there: building, floor, room.",
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
        index="trigram",
        help="The number on your own label, where there is one.",
    )
    # Indexed together with the name, by which lists are sorted
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        search="_search_product_id",
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
    # Lists of hundreds of thousands are sorted by name: what a filter leaves of them is
    # found in that order. Without the id: looking one up by it, PostgreSQL would take
    # such an index for as good as the key while it believes that the table is empty.
    _name_idx = models.Index("(name)")
    _product_idx = models.Index("(product_id, name)")
    _gone_idx = models.Index("(state, name) WHERE state <> 'active'")
    _archived_idx = models.Index("(name) WHERE active IS NOT TRUE")
    # How many of each there are is counted in the index alone, which has all that the
    # list as it opens and the rule of the company ask about
    _partner_idx = models.Index("(partner_id, state, active, company_id)")
    _category_idx = models.Index("(category_id, state, active, company_id)")
    _product_state_idx = models.Index("(product_id, state, active, company_id)")
    _purchased_idx = models.Index("(purchase_date)")
    _installed_idx = models.Index("(install_date)")

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

    def _search_product_id(self, operator, value):
        """Products that are meant are looked up first: the database would read all
        assets in the order of their names until enough are of such a product."""
        if operator == "any" and isinstance(value, Domain):
            products = self.env["product.product"]._search(value)
            return [("product_id", "in", products.get_result_ids())]
        return [("product_id", operator, value)]

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("An asset cannot be a component of itself.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # Values of properties are lost where their category is computed only
            if vals.get("properties") and not vals.get("category_id"):
                product = self.env["product.product"].browse(vals.get("product_id"))
                vals["category_id"] = product.categ_id.id
        assets = super().create(vals_list)
        assets._on_registered()
        assets._freeze_warranty()
        return assets

    def write(self, vals):
        result = super().write(vals)
        if WARRANTY_START_FIELDS & vals.keys():
            self._freeze_warranty()
        return result

    def _on_registered(self):
        """Hook: new assets, by whatever way; a constant number of queries."""
        self._open_ownership()
