"""A queue for tests, made in the registry and in the test's own transaction."""

from odoo import fields, models
from odoo.exceptions import UserError

NAME = "service.queue.probe"


def add_probe(case):
    """Give the test class's registry and database a model with a queue."""
    # A test's own model is added the way core's tests of the ORM do it
    from odoo.orm.model_classes import add_to_registry  # noqa: PLC0415, TID251

    class ServiceQueueProbe(models.Model):
        _module = "service_management"
        _name = NAME
        _description = "Queue Probe"
        _inherit = ["service.queue.mixin"]

        name = fields.Char()
        effect = fields.Integer()
        again_at = fields.Datetime()

        def _queue_process(self):
            if self.again_at and self.again_at > fields.Datetime.now():
                return self.again_at
            self.effect += 1
            if self.name == "poison":
                raise UserError(self.env._("This record is poison."))
            if self.name == "bug":
                self.env.cr.execute("SELECT 1/0")
            return None

    add_to_registry(case.registry, ServiceQueueProbe)
    case.registry._setup_models__(case.env.cr, [NAME])
    case.registry.init_models(case.env.cr, [NAME], {})
    case.addClassCleanup(case.registry._setup_models__, case.env.cr, [])
    case.addClassCleanup(case.registry.__delitem__, NAME)
