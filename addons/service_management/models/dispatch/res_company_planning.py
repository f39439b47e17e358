from odoo import fields, models


class ResCompany(models.Model):
    """How visits are planned, and how long ways take."""

    _inherit = "res.company"

    # Ways
    service_travel_source = fields.Selection(
        [
            ("great_circle", "Estimated From Coordinates"),
            ("osrm", "OSRM Server"),
            ("valhalla", "Valhalla Server"),
        ],
        string="Travel Times",
        default="great_circle",
        required=True,
    )
    service_travel_url = fields.Char(
        string="Routing Server",
        help="Address of the server, such as http://osrm.example.com:5000",
    )
    service_travel_timeout = fields.Integer(
        string="Routing Server Timeout (Seconds)", default=5
    )
    service_travel_batch = fields.Integer(
        string="Places a Request",
        default=100,
        help="How many places the server takes in one table; OSRM takes 100 unless it "
        "is told otherwise.",
    )
    service_travel_cache_days = fields.Integer(
        string="Keep Travel Times (Days)", default=30
    )
    service_travel_detour = fields.Float(
        string="Detour Factor",
        default=1.3,
        help="By how much the way on roads is longer than the straight line.",
    )
    # Planning
    service_day_start = fields.Float(
        string="Day Begins",
        default=8.0,
        help="Technicians without working hours of their own are planned from then on.",
    )
    service_day_end = fields.Float(string="Day Ends", default=18.0)
    service_plan_seconds = fields.Integer(
        string="Computing Time of a Plan (Seconds)",
        default=10,
        help="For each service point.",
    )
    service_plan_tolerance = fields.Integer(
        string="Planned Visits May Move By (Minutes)",
        default=120,
        help="Within the time that was promised to the customer; without a promise, by "
        "so many minutes.",
    )
    service_repair_propose = fields.Boolean(
        string="Propose Repairs of the Day",
        default=True,
        help="When a technician is away, a visit takes too long, is cancelled or an "
        "urgent order comes in.",
    )
    service_repair_apply = fields.Boolean(
        string="Apply Repairs at Once",
        help="Without asking a dispatcher.",
    )
    service_overrun_minutes = fields.Integer(
        string="A Visit Takes Too Long After (Minutes)",
        default=20,
        help="Behind its planned end.",
    )
    service_standby_weeks = fields.Integer(
        string="Weeks Looked Back",
        default=8,
        help="As many requests are expected as came, on days of the same kind and at "
        "the same hours, in so many weeks.",
    )
    service_standby_worth = fields.Integer(
        string="A Request Answered Is Worth (Minutes)",
        default=240,
        help="As many minutes of work may be spent on waiting to answer one more "
        "request in time.",
    )

    _service_travel_limits = models.Constraint(
        "CHECK (service_travel_timeout > 0 AND service_travel_batch > 1 "
        "AND service_travel_cache_days >= 0 AND service_travel_detour >= 1)",
        "The limits of the routing server must be above zero, the detour factor at "
        "least 1.",
    )
    _service_standby_limits = models.Constraint(
        "CHECK (service_standby_weeks BETWEEN 1 AND 52 AND service_standby_worth > 0)",
        "Between 1 and 52 weeks are looked back, and a request is worth something.",
    )
    _service_plan_limits = models.Constraint(
        "CHECK (service_day_start >= 0 AND service_day_end <= 24 "
        "AND service_day_start < service_day_end AND service_plan_seconds > 0 "
        "AND service_plan_tolerance >= 0 AND service_overrun_minutes >= 0)",
        "The day must end after it begins, and limits must not be negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_travel_source = fields.Selection(
        related="company_id.service_travel_source", readonly=False
    )
    service_travel_url = fields.Char(
        related="company_id.service_travel_url", readonly=False
    )
    service_travel_timeout = fields.Integer(
        related="company_id.service_travel_timeout", readonly=False
    )
    service_travel_batch = fields.Integer(
        related="company_id.service_travel_batch", readonly=False
    )
    service_travel_cache_days = fields.Integer(
        related="company_id.service_travel_cache_days", readonly=False
    )
    service_travel_detour = fields.Float(
        related="company_id.service_travel_detour", readonly=False
    )
    service_day_start = fields.Float(
        related="company_id.service_day_start", readonly=False
    )
    service_day_end = fields.Float(related="company_id.service_day_end", readonly=False)
    service_plan_seconds = fields.Integer(
        related="company_id.service_plan_seconds", readonly=False
    )
    service_plan_tolerance = fields.Integer(
        related="company_id.service_plan_tolerance", readonly=False
    )
    service_repair_propose = fields.Boolean(
        related="company_id.service_repair_propose", readonly=False
    )
    service_repair_apply = fields.Boolean(
        related="company_id.service_repair_apply", readonly=False
    )
    service_overrun_minutes = fields.Integer(
        related="company_id.service_overrun_minutes", readonly=False
    )
    service_standby_weeks = fields.Integer(
        related="company_id.service_standby_weeks", readonly=False
    )
    service_standby_worth = fields.Integer(
        related="company_id.service_standby_worth", readonly=False
    )
