from odoo import api, fields, models


class ServiceStandby(models.Model):
    """A time in which a technician is on call outside working hours."""

    _name = "service.standby"
    _description = "Standby"
    _inherit = ["service.owner.mixin"]
    _owner_field = "technician_id"
    _order = "start desc, id desc"
    _rec_name = "technician_id"

    technician_id = fields.Many2one(
        "service.technician", required=True, index=True, ondelete="cascade"
    )
    point_id = fields.Many2one(
        related="technician_id.point_id", store=True, string="Service Point", index=True
    )
    company_id = fields.Many2one(related="technician_id.company_id", store=True)
    start = fields.Datetime(required=True)
    end = fields.Datetime(required=True)
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

    @api.depends("technician_id", "start")
    def _compute_display_name(self):
        for standby in self:
            standby.display_name = standby.technician_id.name or ""
