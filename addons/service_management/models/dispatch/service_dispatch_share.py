import math

from odoo import api, fields, models


class ServiceDispatchShare(models.Model):
    """The least and the greatest part of a batch that a point, or all points of an
    ownership, get: agreed volumes, and work for own centres."""

    _name = "service.dispatch.share"
    _description = "Share in Batch Dispatch"
    _order = "company_id, ownership, point_id, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    ownership = fields.Selection(
        [("own", "Own"), ("partner", "Partner Point")],
        help="All points of this ownership together.",
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    least = fields.Float(
        string="At Least",
        help="Part of the orders of a batch. Where it cannot be reached, the batch "
        "says so.",
    )
    most = fields.Float(string="At Most", default=1.0)
    active = fields.Boolean(default=True)

    _whose = models.Constraint(
        "CHECK ((point_id IS NULL) <> (ownership IS NULL))",
        "A share belongs to a service point or to an ownership, not to both.",
    )
    _in_order = models.Constraint(
        "CHECK (0 <= least AND least <= most AND most <= 1)",
        "Shares lie between 0 and 100%, the least not above the most.",
    )
    _point_uniq = models.UniqueIndex(
        "(point_id) WHERE active AND point_id IS NOT NULL",
        "The service point has a share already.",
    )
    _ownership_uniq = models.UniqueIndex(
        "(company_id, ownership) WHERE active AND ownership IS NOT NULL",
        "This ownership has a share already.",
    )

    @api.depends("point_id", "ownership")
    def _compute_display_name(self):
        labels = dict(self._fields["ownership"]._description_selection(self.env))
        for share in self:
            share.display_name = share.point_id.display_name or labels.get(
                share.ownership
            )

    def _get_limits(self, count) -> tuple[int, int | None]:
        """(least, most) orders out of ``count``; without a limit where most is all."""
        self.ensure_one()
        most = None if self.most >= 1 else math.floor(self.most * count + 1e-9)
        return math.ceil(self.least * count - 1e-9), most
