import psycopg2

from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError

from .service_order_workflow import Filing

# What a request from outside may say; anything else is refused, not ignored.
CHANNEL_FIELDS = {
    "channel",
    "source_key",
    "company_id",
    "partner_id",
    "requester_id",
    "phone",
    "email",
    "site_id",
    "type_id",
    "asset_id",
    "product_id",
    "category_id",
    "description",
    "condition_id",
    "symptom_id",
    "section_id",
    "priority",
    "date_request",
    "date_fault",
    "date_preferred",
    "parent_id",
}


class ServiceOrder(models.Model):
    _inherit = "service.order"

    @api.model
    def _create_from_channel(self, vals_list):
        """Registered orders for requests from outside, in the order of ``vals_list``.

        - A request that came before (same channel and source key) gives the order
          that exists, also when two deliveries arrive at the same moment.
        - A field outside ``CHANNEL_FIELDS`` raises: nothing sneaks in.
        """
        for vals in vals_list:
            unknown = vals.keys() - CHANNEL_FIELDS
            if unknown:
                raise UserError(
                    self.env._(
                        "A request may not set: %(fields)s.",
                        fields=", ".join(sorted(unknown)),
                    )
                )
        existing = self._find_by_source(vals_list)
        fresh, seen = [], set()
        for vals in vals_list:
            key = self._get_source(vals)
            if key in existing or key in seen:
                continue
            if key[1]:
                seen.add(key)
            fresh.append(vals)
        if fresh:
            created = self._create_or_find(fresh)
            existing |= self._map_by_source(created)
            unkeyed = iter(created.filtered(lambda order: not order.source_key))
        result = self.browse()
        for vals in vals_list:
            key = self._get_source(vals)
            result += existing[key] if key[1] else next(unkeyed)
        return result

    @api.model
    def _get_source(self, vals) -> tuple:
        return (vals.get("channel"), vals.get("source_key") or False)

    @api.model
    def _find_by_source(self, vals_list) -> dict:
        keys = [vals["source_key"] for vals in vals_list if vals.get("source_key")]
        if not keys:
            return {}
        return self._map_by_source(
            self.search(
                [
                    ("source_key", "in", keys),
                    (
                        "channel",
                        "in",
                        list({vals.get("channel") for vals in vals_list}),
                    ),
                ]
            )
        )

    def _map_by_source(self, orders) -> dict:
        return {
            (order.channel, order.source_key): order
            for order in orders
            if order.source_key
        }

    @api.model
    def _create_or_find(self, vals_list):
        """Create and register; on a race for the same key take the winner's order."""
        try:
            with self.env.cr.savepoint():
                # sudo: service.order: `source_key` is the channel's to set; the
                # account that brings requests does not follow them
                orders = (
                    self.sudo()
                    .with_context(mail_create_nosubscribe=True, service_filing=Filing())
                    .create(vals_list)
                    .with_env(self.env)
                )
                orders.with_context(service_filing=Filing()).action_register()
                return orders
        except psycopg2.errors.UniqueViolation as error:
            if len(vals_list) > 1:
                orders = self.browse()
                for vals in vals_list:
                    orders += self._create_or_find([vals])
                return orders
            found = self._find_by_source(vals_list)
            if not found:
                # The winner is not visible in our snapshot: the request is run again
                raise ConcurrencyError(str(error)) from error
            return next(iter(found.values()))
