from odoo import models
from odoo.tools import plaintext2html


class ServicePoint(models.Model):
    """Whoever works for a point is told when it gets no orders any longer, or again."""

    _inherit = "service.point"

    def _record_changes(self, points, before):
        result = super()._record_changes(points, before)
        # Who decides by a scorecard tells more
        if not self.env.context.get("service_point_told"):
            for point in points:
                point._tell_state()
        return result

    def _get_people_to_tell(self):
        """Partners (sudo) with an address: the users of the point, else the point."""
        self.ensure_one()
        # sudo: res.users: whom to write to, whoever changes the point
        point_sudo = self.sudo()
        people = point_sudo.user_ids.filtered("active").partner_id.filtered("email")
        return people or point_sudo.partner_id.filtered("email")

    def _tell_state(self):
        """A mail to each language, sent by the queue: a branch may have hundreds of
        points that change together with it."""
        self.ensure_one()
        if self.state == "applied":
            return
        for lang, people in self._get_people_to_tell().grouped("lang").items():
            # sudo: service.point: as above
            point_sudo = self.sudo().with_context(
                lang=lang or self.env.lang, mail_notify_force_send=False
            )
            labels = dict(
                point_sudo._fields["state"]._description_selection(point_sudo.env)
            )
            point_sudo.message_notify(
                partner_ids=people.ids,
                subject=point_sudo.env._(
                    "%(point)s: %(state)s",
                    point=point_sudo.name,
                    state=labels[self.state],
                ),
                body=plaintext2html("\n".join(point_sudo._get_state_sentences())),
            )

    def _get_state_sentences(self) -> list[str]:
        """What the state means for the point, and why it is so."""
        self.ensure_one()
        context = self.env.context
        sentences = []
        if self.state in self._get_open_states():
            sentences.append(self.env._("Your service point gets orders."))
        elif self.state in ("suspended", "terminated"):
            sentences.append(self.env._("Your service point gets no new orders."))
            ways = {
                "finish": self.env._("Please finish the orders you have accepted."),
                "redispatch": self.env._(
                    "Orders that have not begun are given to other service points."
                ),
            }
            if context.get("service_point_orders") in ways:
                sentences.append(ways[context["service_point_orders"]])
        reason = context.get("service_point_reason")
        if reason:
            sentences.append(self.env._("Reason: %(reason)s", reason=reason))
        return sentences
