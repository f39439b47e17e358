from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain


class ServiceOrder(models.Model):
    """Whose an order is: passing control on (主控权), and sharing."""

    _inherit = "service.order"

    share_ids = fields.One2many("service.order.share", "order_id", copy=False)
    can_share = fields.Boolean(compute="_compute_can_share")

    @api.depends_context("uid")
    def _compute_can_share(self):
        self.can_share = self.env.user.has_group(
            "service_management.group_service_agent"
        )

    def action_open_handover(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over Control"),
            "res_model": "service.order.handover",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": [Command.set(self.ids)]},
        }

    def _hand_over_control(self, user, team=None, reason=None, keep_reading=True):
        """Pass control to ``user``: the order and its open work items are theirs now.

        Who had it, and who asked for it first, keep reading if they wish. Who gets
        control without otherwise being able to act on the order may work on it.
        """
        self._check_may_hand_over()
        if user.share or not user.active:
            raise UserError(
                self.env._(
                    "%(user)s cannot take control of an order: choose somebody of the "
                    "staff.",
                    user=user.name,
                )
            )
        for order in self:
            former = order.user_id
            # sudo: service.order: it was checked who may hand it over
            order_sudo = order.sudo()
            vals = {"user_id": user.id}
            if team:
                vals["team_id"] = team.id
            order_sudo.write(vals)
            if keep_reading:
                order_sudo._share_with(former | order.create_uid, "read")
            if not order.with_user(user).has_access("write"):
                order_sudo._share_with(user, "work")
            names = " → ".join(holder.name for holder in (former, user) if holder)
            text = " · ".join(part for part in (names, reason) if part)
            order._log_event(
                "handed_over", name=text, data={"from": former.id, "to": user.id}
            )
            order_sudo._notify_users(
                user - self.env.user,
                self.env._("%(order)s is yours now", order=order_sudo.display_name),
                text,
            )
        return True

    def _check_may_hand_over(self):
        """The owner, and whoever may change the order."""
        for order in self:
            order.check_access("read")
            if order.user_id != self.env.user and not order.has_access("write"):
                raise AccessError(
                    self.env._(
                        "%(order)s is not yours to hand over.", order=order.display_name
                    )
                )

    def _is_shared_to_work_on(self, user) -> bool:
        self.ensure_one()
        domain = (
            Domain("order_id", "=", self.id)
            & Domain("level", "=", "work")
            & (Domain("until", "=", False) | Domain("until", ">=", "today"))
        )
        holders = (
            Domain("user_id", "=", user.id)
            | Domain("team_id.member_ids", "in", user.ids)
            | Domain("team_id.leader_id", "=", user.id)
            | Domain("point_id", "in", user._get_own_service_points().ids)
        )
        # sudo: service.order.share: whether there is one is what is asked
        return bool(
            self.env["service.order.share"].sudo().search_count(domain & holders)
        )

    def _share_with(self, users, level):
        """A share for each of the users; one that is there is only raised."""
        self.ensure_one()
        users = users.filtered(
            lambda user: user.active and not user.share and not user._is_superuser()
        )
        for user in users:
            share = self.share_ids.filtered(lambda row, user=user: row.user_id == user)
            if not share:
                vals = {"order_id": self.id, "user_id": user.id, "level": level}
                self.env["service.order.share"].create(vals)
            elif level == "work" and share.level != "work":
                share.level = "work"

    def _hand_over_workitems(self):
        """What is given to somebody by a person begins its ladder from the ground."""
        before = {
            item: item.user_id
            for item in self.sudo().workitem_ids
            if item.state == "open"
        }
        result = super()._hand_over_workitems()
        if self._get_moments() is None:
            for item, former in before.items():
                if item.user_id != former:
                    item._begin_episode({})
        return result
