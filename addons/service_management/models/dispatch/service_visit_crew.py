from odoo import fields, models


class ServiceVisitCrew(models.Model):
    """A technician's part in a visit, and the time it blocks.

    The database refuses a second active row of the same technician at the same time:
    nobody is booked twice, however many dispatchers plan at once.
    """

    _name = "service.visit.crew"
    _description = "Visit Crew"
    _order = "visit_id, id"
    _rec_name = "technician_id"

    visit_id = fields.Many2one(
        "service.visit", required=True, index=True, ondelete="cascade"
    )
    technician_id = fields.Many2one("service.technician", required=True, index=True)
    planned_start = fields.Datetime(
        related="visit_id.planned_start", store=True, required=True, precompute=True
    )
    planned_end = fields.Datetime(
        related="visit_id.planned_end", store=True, required=True, precompute=True
    )
    is_active = fields.Boolean(
        related="visit_id.is_blocking", store=True, precompute=True
    )

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(technician_id, technician_id, '[]') WITH &&, "
        "tsrange(planned_start, planned_end) WITH &&) WHERE (is_active)",
        "The technician already has a visit at this time.",
    )
