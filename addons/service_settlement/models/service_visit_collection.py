from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from odoo.addons.service_management.models.base.turns import take_turn

from .service_collection import METHODS

# No receipt of a visit reaches it; a typing error does
MAX_AMOUNT = 10**9


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    def action_collect(self, amount, method="cash", note="", operation_key=None):
        """Note money the customer gave to the crew.

        :param float amount: above zero, in the company's currency
        :param str operation_key: the device's own number of this receipt; sent again,
            it gives the receipt that it has made
        :return: name of the receipt
        """
        self.ensure_one()
        self._check_may_act()
        self._check_visit_state(("en_route", "on_site", "done"))
        visit = self.sudo()
        collections = self.env["service.collection"].sudo()
        if operation_key:
            known = collections.search(
                [
                    ("user_id", "=", self.env.uid),
                    ("operation_key", "=", str(operation_key)[:64]),
                ],
                limit=1,
            )
            if known:
                return known.name
        if method not in dict(METHODS):
            raise UserError(self.env._("Choose how the customer paid."))
        currency = visit.company_id.currency_id
        if (
            not isinstance(amount, (int, float))
            or not 0 < amount < MAX_AMOUNT  # refuses what is not a number, too
            or currency.compare_amounts(amount, 0) <= 0
        ):
            raise UserError(self.env._("The amount must be above zero."))
        order = visit.order_id
        # A write: of two at once the second runs again and sees what the first took
        take_turn(order)
        due = order._get_amount_to_collect()
        asked = due or order.collected_amount
        if (
            asked
            and float_compare(amount, due, precision_rounding=currency.rounding) > 0
        ):
            raise UserError(
                self.env._(
                    "The customer has to pay %(due)s, not more: correct the amount, or "
                    "ask the service desk for a new quotation.",
                    due=currency.format(due),
                )
            )
        collection = collections.create(
            {
                "order_id": order.id,
                "visit_id": visit.id,
                "point_id": visit.point_id.id,
                "technician_id": visit.technician_id.id,
                "user_id": self.env.uid,
                "company_id": visit.company_id.id,
                "currency_id": currency.id,
                "amount": currency.round(amount),
                "amount_asked": due,
                "method": method,
                "note": (note or "").strip()[:200],
                "operation_key": str(operation_key)[:64] if operation_key else None,
            }
        )
        order._log_event(
            "collected",
            name=self.env._(
                "%(amount)s, receipt %(receipt)s",
                amount=currency.format(collection.amount),
                receipt=collection.name,
            ),
            is_public=True,
        )
        return collection.name
