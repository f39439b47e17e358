from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.asset.service_warranty import WARRANTY_KINDS


class ServiceGoodwill(models.Model):
    """What somebody decided to pay although nothing obliged us to.

    Rows are only added: a later one of the same kind takes the place of an earlier one.
    """

    _name = "service.goodwill"
    _description = "Goodwill"
    _order = "order_id, id desc"
    _rec_name = "kind"

    order_id = fields.Many2one(
        "service.order", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(WARRANTY_KINDS, required=True, readonly=True)
    percent = fields.Integer(
        string="Per Cent", default=100, required=True, readonly=True, aggregator=None
    )
    reason = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Granted By", required=True, readonly=True, index=True
    )
    create_date = fields.Datetime(string="Granted On")

    _percent_in_range = models.Constraint(
        "CHECK (percent BETWEEN 0 AND 100)", "Goodwill is between 0 and 100 per cent."
    )

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("What was granted is kept. Grant again to change it.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_granted(self):
        raise UserError(
            self.env._("What was granted is kept. Grant again to change it.")
        )
