from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ServiceOrderShare(models.Model):
    """An order that somebody may see, or work on, beside those whose it is anyway.

    A person, a team or a service point, at the level *read* or *work*, until a day.
    Record rules read these rows: what is shared is in lists, counters, searches,
    attachments and messages alike, and leaves them again when the share ends.
    """

    _name = "service.order.share"
    _description = "Share of an Order"
    _order = "id"

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        domain="[('share', '=', False)]",
        ondelete="cascade",
    )
    team_id = fields.Many2one(
        "service.team", index="btree_not_null", ondelete="cascade"
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        index="btree_not_null",
        ondelete="cascade",
    )
    level = fields.Selection(
        [("read", "May Read"), ("work", "Work On")], required=True, default="read"
    )
    until = fields.Date(help="The last day. Empty: as long as the order exists.")
    reason = fields.Char()
    is_current = fields.Boolean(compute="_compute_is_current")

    _one_holder = models.Constraint(
        "CHECK (num_nonnulls(user_id, team_id, point_id) = 1)",
        "An order is shared with a person, a team or a service point: choose one.",
    )
    _user_uniq = models.UniqueIndex(
        "(order_id, user_id) WHERE user_id IS NOT NULL",
        "The order is already shared with this person.",
    )
    _team_uniq = models.UniqueIndex(
        "(order_id, team_id) WHERE team_id IS NOT NULL",
        "The order is already shared with this team.",
    )
    _point_uniq = models.UniqueIndex(
        "(order_id, point_id) WHERE point_id IS NOT NULL",
        "The order is already shared with this service point.",
    )

    @api.depends("until")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for share in self:
            share.is_current = not share.until or share.until >= today

    @api.depends("user_id", "team_id", "point_id")
    def _compute_display_name(self):
        for share in self:
            holder = share.user_id or share.team_id or share.point_id
            share.display_name = holder.display_name

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares._check_may_share()
        levels = dict(self._fields["level"]._description_selection(self.env))
        for share in shares:
            share.order_id._log_event(
                "shared",
                name=f"{share.display_name} ({levels[share.level]})",
                data=share._as_data(),
            )
        return shares

    def write(self, vals):
        if {"order_id", "user_id", "team_id", "point_id"} & vals.keys():
            raise UserError(
                self.env._("Share with somebody else by another line, not by this one.")
            )
        result = super().write(vals)
        self._check_may_share()
        for share in self:
            share.order_id._log_event(
                "shared", name=share.display_name, data=share._as_data()
            )
        return result

    def unlink(self):
        self._check_may_share()
        for share in self:
            share.order_id._log_event(
                "unshared", name=share.display_name, data=share._as_data()
            )
            share.order_id.message_unsubscribe(share.user_id.partner_id.ids)
        return super().unlink()

    def _check_may_share(self):
        """Who may change the order shares it; those it is shared with do not."""
        if self.env.su or self.env.user.has_group(
            "service_management.group_service_agent"
        ):
            return
        raise UserError(self.env._("Only the service desk shares orders."))

    def _as_data(self) -> dict:
        self.ensure_one()
        return {
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "point_id": self.point_id.id,
            "level": self.level,
            "until": fields.Date.to_string(self.until) if self.until else None,
        }

    @api.autovacuum
    def _gc_followers(self):
        """Who follows an order by a share that has ended gets no more messages."""
        ended = self.search(
            Domain("until", "<", "today") & Domain("user_id", "!=", False)
        )
        for share in ended:
            order = share.order_id
            if not order.with_user(share.user_id).has_access("read"):
                order.message_unsubscribe(share.user_id.partner_id.ids)
