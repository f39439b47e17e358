from odoo import api, fields, models, tools

# Where an order can be in its life; every stage stands for one of them.
ORDER_STATES = [
    ("draft", "Draft"),
    ("new", "New"),
    ("offered", "Offered"),
    ("accepted", "Accepted"),
    ("scheduled", "Scheduled"),
    ("in_progress", "In Progress"),
    ("done", "Done"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]


class ServiceStage(models.Model):
    """A column of the order board: a name people like for a state the code knows."""

    _name = "service.stage"
    _description = "Service Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        copy=False, help="A short word by which drawn workflows name the stage."
    )
    state = fields.Selection(ORDER_STATES, required=True, index=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean(string="Folded in Board")
    is_side = fields.Boolean(
        string="Shown When Used",
        help="A column of the board and a step of the status bar only while an order "
        "is in it.",
    )

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "The code of a stage must be unique."
    )

    @api.model
    def _get_by_state(self, state: str):
        """The first stage that stands for ``state``; empty when there is none."""
        return self.browse(self._get_id_by_state(state))

    @api.model
    @tools.ormcache("state")
    def _get_id_by_state(self, state):
        # sudo: service.stage: the cached answer is the same for every user
        return self.sudo().search([("state", "=", state)], limit=1).id

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        self.env.registry.clear_cache()
        return stages

    def write(self, vals):
        result = super().write(vals)
        if {"state", "sequence"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
