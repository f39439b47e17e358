from odoo import api, fields, models


class ServiceStandby(models.Model):
    """A time in which a technician is ready for what is not known yet.

    - without a place: on call outside working hours, for urgent orders
    - with a place: within working hours, waiting there and free for any order
    """

    _name = "service.standby"
    _description = "Standby"
    _inherit = ["service.owner.mixin"]
    _owner_field = "technician_id"
    _order = "start desc, id desc"
    _rec_name = "technician_id"
    _check_company_auto = True

    technician_id = fields.Many2one(
        "service.technician", required=True, index=True, ondelete="cascade"
    )
    point_id = fields.Many2one(
        related="technician_id.point_id", store=True, string="Service Point", index=True
    )
    company_id = fields.Many2one(related="technician_id.company_id", store=True)
    start = fields.Datetime(required=True)
    end = fields.Datetime(required=True)
    place_id = fields.Many2one(
        "service.point",
        string="Waits At",
        index="btree_not_null",
        check_company=True,
        help="Where the technician waits within working hours, with tools and parts at "
        "hand. Empty: on call outside working hours, for urgent orders.",
    )
    note = fields.Char()

    _period = models.Index("(start, technician_id)")
    _times_in_order = models.Constraint(
        'CHECK ("end" > start)', "A standby must end after it starts."
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(technician_id, technician_id, '[]') WITH &&, "
        'tsrange(start, "end") WITH &&)',
        "The technician is on standby at this time already.",
    )

    @api.depends("technician_id", "start", "place_id")
    def _compute_display_name(self):
        for standby in self:
            names = (standby.technician_id.name, standby.place_id.name)
            standby.display_name = " · ".join(filter(None, names))

    def _get_what_text(self) -> str:
        """What the technician does meanwhile, in words."""
        self.ensure_one()
        # sudo: service.point: where somebody waits belongs to the standby
        place = self.sudo().place_id.name
        if not place:
            return self.env._("On call")
        return self.env._("Stands by at %(place)s", place=place)

    def _call_off(self):
        """What is to come goes, what has begun ends now, what is over stays."""
        now = fields.Datetime.now()
        begun = self.filtered(lambda standby: standby.start < now)
        begun.filtered(lambda standby: standby.end > now).end = now
        (self - begun).unlink()
