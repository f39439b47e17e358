from odoo import fields, models

# How soon an order wants to be seen; also the values of service.order.priority.
PRIORITIES = [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Urgent")]


class ServiceType(models.Model):
    """What kind of service is asked for, and what follows from the kind."""

    _name = "service.type"
    _description = "Service Type"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="A short word for imports and interfaces, such as repair.",
    )
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    # What an order of this type needs
    visit_required = fields.Boolean(
        default=True, help="Somebody has to go to the customer's site."
    )
    fault_required = fields.Boolean(
        string="Fault Code Required",
        help="The order cannot be completed without fault codes.",
    )
    requirement_ids = fields.One2many(
        "service.skill.requirement", "type_id", string="Required Skills", copy=True
    )
    # What a new order of this type starts with
    duration = fields.Float(
        string="Usual Duration (Hours)",
        default=1.0,
        help="How long a visit is planned for.",
    )
    priority = fields.Selection(PRIORITIES, default="1", required=True)
    promise_hours = fields.Float(
        string="Promised Within (Hours)",
        default=48.0,
        help="Where no service-level policy promises a resolution, an order is due "
        "this many hours after it was requested.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "The code of a service type must be unique."
    )
    _hours_positive = models.Constraint(
        "CHECK (duration >= 0 AND promise_hours >= 0)",
        "The hours of a service type cannot be negative.",
    )

    def _get_requirements(self, category):
        """Skills that an order of this type for a product of ``category`` asks for."""
        return self.requirement_ids.filtered(
            lambda requirement: requirement._is_for_category(category)
        )
