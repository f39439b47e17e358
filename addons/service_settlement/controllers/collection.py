from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.http import request, route

from ..models.service_collection import METHODS
from .point_settlement import MAX_AMOUNT, PAGE_SIZE, PointSettlements, _get_text

COLLECTIONS_URL = "/my/payments-on-site"
# Visits of these days are offered; a payment is noted where it was taken.
SHOWN_DAYS = 3


class Collections(PointSettlements):
    """Technicians and service points note what a customer paid on site, and see what
    they still have to hand over.

    Visits are looked up in sudo, by the user's crew or points: that is the right to
    note a payment, too.
    """

    def _get_collection_visits(self):
        """Running and lately finished visits of the user or of his points (sudo)."""
        visits = request.env["service.visit"].sudo()
        own = Domain(visits._get_crew_domain()) | Domain(
            "point_id", "in", request.env.user.service_point_ids.ids
        )
        since = fields.Datetime.now() - timedelta(days=SHOWN_DAYS)
        return visits.search(
            own
            & (
                Domain("state", "in", ("en_route", "on_site"))
                | (Domain("state", "=", "done") & Domain("actual_end", ">=", since))
            ),
            order="planned_start desc",
            limit=PAGE_SIZE,
        )

    def _takes_payments(self) -> bool:
        # sudo: service.technician: whether the user is one
        technicians = request.env["service.technician"].sudo()
        return bool(
            request.env.user.service_point_ids
            or technicians.search_count([("user_id", "=", request.env.uid)], limit=1)
        )

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        values["takes_service_payments"] = self._takes_payments()
        return values

    @route(
        COLLECTIONS_URL,
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_collections(self, **kw):
        if not self._takes_payments():
            return self._settlement_not_found()
        receipts = request.env["service.collection"].search([], limit=PAGE_SIZE)
        labels = dict(receipts._fields["state"]._description_selection(request.env))
        methods = dict(receipts._fields["method"]._description_selection(request.env))
        return self._settlement_render(
            "service_settlement.portal_collection_page",
            {
                "page_name": "service_collections",
                "methods": methods,
                "visits": [
                    {
                        "id": visit.id,
                        "order": visit.order_id.name,
                        "customer": visit.order_id.partner_id.name,
                        "due": visit.order_id._get_amount_to_collect(),
                        "currency": visit.company_id.currency_id,
                        "url": f"{COLLECTIONS_URL}/{visit.id}",
                    }
                    for visit in self._get_collection_visits()
                ],
                "receipts": [
                    {
                        "name": receipt.name,
                        # sudo: service.order: the number of the order of a receipt
                        # that the user may read
                        "order": receipt.sudo().order_id.name,
                        "date": receipt.date,
                        "amount": receipt.amount,
                        "currency": receipt.currency_id,
                        "method": methods[receipt.method],
                        "state": receipt.state,
                        "label": labels[receipt.state],
                    }
                    for receipt in receipts
                ],
                "in_hand": [
                    (currency, sum(group.mapped("amount")))
                    for currency, group in receipts.filtered(
                        lambda receipt: (
                            receipt.state == "taken" and receipt.method == "cash"
                        )
                    )
                    .grouped("currency_id")
                    .items()
                ],
            },
        )

    @route(
        f"{COLLECTIONS_URL}/<int:visit_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_collect(self, visit_id, amount=None, method=None, note=None, **kw):
        visit = self._get_collection_visits().filtered(lambda v: v.id == visit_id)
        if not visit:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("The payment was noted.")):
            visit.action_collect(
                self._read_collected(amount),
                method if method in dict(METHODS) else None,
                _get_text(note, 200),
                _get_text(kw.get("key"), 64) or None,
            )
        return request.redirect(COLLECTIONS_URL, code=303)

    def _read_collected(self, text) -> float:
        """What was typed; 0 for what is no amount."""
        amount = self._read_amount(text) or 0.0
        return amount if 0 < amount < MAX_AMOUNT else 0.0
