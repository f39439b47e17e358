from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# Of these a part is looked up in an index of trigrams, if it has three characters
TYPED_FIELDS = {"name", "serial", "code", "place"}
PART_OPERATORS = {"like", "ilike"}
SHORTEST = 3
# As many as a pager counts; of more than that a page is soon met in any order
FEW = 10_000


class ServiceAsset(models.Model):
    """Finds what was typed first, and sorts it then.

    Lists are sorted by name. Where a part of a text is looked for, PostgreSQL likes to
    read the assets in that order until it has met a page of them. That goes well while
    they are spread evenly; but what stands on one floor, or has one kind of serial
    number, is of few products and so of few names, and most of the assets are read.
    """

    _inherit = "service.asset"

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        access = {"active_test": active_test, "bypass_access": bypass_access}
        if limit and order and self._is_typed(domain):
            found = super()._search(domain, limit=FEW + 1, **access)
            if len(found) <= FEW:
                self = self.with_context(service_asset_found_first=True)
        return super()._search(domain, offset, limit, order, **access)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name != "name" or not self.env.context.get(
            "service_asset_found_first"
        ):
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        # No index has this order, so that the one of the condition is taken
        name = self._field_to_sql(alias, field_name, query)
        return SQL("(%s || '') %s %s", name, direction, nulls)

    @api.model
    def _is_typed(self, domain) -> bool:
        return any(
            condition.field_expr in TYPED_FIELDS
            and condition.operator in PART_OPERATORS
            and isinstance(condition.value, str)
            and len(condition.value) >= SHORTEST
            for condition in Domain(domain).iter_conditions()
        )
