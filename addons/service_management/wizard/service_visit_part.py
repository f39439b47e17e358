from odoo import api, fields, models


class ServiceVisitPart(models.TransientModel):
    """Note a part of a visit, seeing what is held and whether it fits."""

    _name = "service.visit.part"
    _description = "Use a Part"

    visit_id = fields.Many2one("service.visit", required=True, readonly=True)
    kind = fields.Selection(
        [("use", "Built In"), ("loan", "Lent to the Customer")],
        default="use",
        required=True,
    )
    fitting_ids = fields.Many2many(
        "product.product", compute="_compute_fitting_ids", string="Parts That Fit"
    )
    fits_only = fields.Boolean(
        string="Only Parts That Fit",
        compute="_compute_fits_only",
        store=True,
        readonly=False,
    )
    product_id = fields.Many2one(
        "product.product",
        string="Part",
        required=True,
        domain="[('type', '=', 'consu'), ('id', 'in', fitting_ids)] if fits_only "
        "else [('type', '=', 'consu')]",
    )
    tracking = fields.Selection(related="product_id.tracking")
    is_recoverable = fields.Boolean(related="product_id.service_recoverable")
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit")
    place_ids = fields.Many2many("stock.location", compute="_compute_place_ids")
    location_id = fields.Many2one(
        "stock.location",
        string="Taken From",
        compute="_compute_location_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', place_ids)]",
    )
    serial = fields.Char(string="Serial Built In")
    old_serial = fields.Char(string="Serial Taken Out")
    date_due = fields.Date(string="Due Back")
    available = fields.Float(
        string="On Hand", compute="_compute_available", digits="Product Unit"
    )
    warning = fields.Char(compute="_compute_warning")

    @api.depends("visit_id")
    def _compute_place_ids(self):
        for line in self:
            # sudo: service.visit: the places of the visit's own crew
            line.place_ids = line.visit_id.sudo()._get_part_places()

    @api.depends("visit_id")
    def _compute_location_id(self):
        for line in self:
            line.location_id = line.visit_id.sudo().location_id

    @api.depends("visit_id")
    def _compute_fitting_ids(self):
        for line in self:
            # sudo: service.part.bom: what fits is no secret
            product = line.visit_id.sudo().order_id.product_id
            lines = product.product_tmpl_id.service_bom_ids
            parts = lines.part_id
            for part in lines.part_id:
                parts |= part._get_part_choices()
            line.fitting_ids = parts

    @api.depends("fitting_ids")
    def _compute_fits_only(self):
        for line in self:
            line.fits_only = bool(line.fitting_ids)

    @api.depends("product_id", "location_id")
    def _compute_available(self):
        for line in self:
            # sudo: stock.location: the place of the visit's own point or van
            location = line.location_id.sudo()
            free = line.visit_id._get_free_quantities([(line.product_id, location)])
            line.available = free[line.product_id.id, location.id]

    @api.depends("product_id", "visit_id")
    def _compute_warning(self):
        for line in self:
            machine = line.visit_id.sudo().order_id.product_id
            part = line.product_id
            fits = self.env["service.part.bom"]._get_fits([(machine, part)])
            if part and fits[machine.id, part.id] == "no":
                line.warning = self.env._(
                    "Not in the spare-part list of %(product)s",
                    product=machine.display_name,
                )
            elif part.service_successor_id:
                line.warning = self.env._(
                    "Followed by %(part)s",
                    part=part.service_successor_id.display_name,
                )
            else:
                line.warning = False

    def action_confirm(self):
        self.ensure_one()
        lot_id = self.visit_id._find_part_lot(self.product_id, self.serial)
        if self.kind == "loan":
            self.visit_id.action_lend_part(
                self.product_id.id,
                self.quantity,
                self.date_due,
                location_id=self.location_id.id,
                lot_id=lot_id,
            )
        else:
            self.visit_id.action_add_part(
                self.product_id.id,
                self.quantity,
                location_id=self.location_id.id,
                lot_id=lot_id,
                old_serial=self.old_serial,
            )
        return {"type": "ir.actions.act_window_close"}
