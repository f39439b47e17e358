from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine.caller_key import (
    name_key,
    name_pairs,
    phone_key,
)

# With fewer digits a number says nothing about who is calling.
MIN_PHONE_DIGITS = 4
# So many last digits are a subscriber's, whatever prefix the two numbers have.
SUBSCRIBER_DIGITS = 9
# A whole stored number has at least so many.
MIN_LOCAL_DIGITS = 7
# Those who call are not the staff.
CALLERS = Domain("partner_share", "=", True)
CALLER_FIELDS = ("complete_name", "phone", "city")


def trigram_index(column):
    """An index for texts looked for by any part, where the database can have one."""
    return models.Index(
        lambda registry: (
            registry.has_trigram and f"USING gin ({column} gin_trgm_ops)" or ""
        )
    )


class ResPartner(models.Model):
    """Customers are recognised among hundreds of thousands by what they say first.

    The keys are compared as they are stored; the indexes below are those that the
    phone form and the choice of a customer in any form search by. Odoo itself brings
    none of them: its own look-up of a name reads the whole table.
    """

    _inherit = "res.partner"

    service_phone_key = fields.Char(
        compute="_compute_service_phone_key",
        store=True,
        index="trigram",
        prefetch=False,
        help="The digits of the phone number: a caller is recognised whatever way "
        "the number was written.",
    )
    service_name_key = fields.Char(
        compute="_compute_service_name_key",
        store=True,
        index="trigram",
        prefetch=False,
        help="The name as it is looked for: without case, accents and spaces.",
    )
    service_name_pairs = fields.Char(
        compute="_compute_service_name_pairs",
        store=True,
        index="trigram",
        prefetch=False,
        help="The pairs of Chinese characters in the name and its company's.",
    )

    # A number is known by its end, a name by its beginning
    _service_phone_tail_idx = models.Index(
        "(reverse(service_phone_key) text_pattern_ops)"
    )
    _service_name_head_idx = models.Index("(service_name_key text_pattern_ops)")
    # What Odoo compares when a customer is typed into a field of any form
    _service_complete_name_idx = trigram_index("complete_name")
    _service_email_idx = trigram_index("email")
    _service_ref_idx = trigram_index("ref")
    _service_vat_idx = trigram_index("vat")
    _service_registry_idx = trigram_index("company_registry")

    @api.depends("phone")
    def _compute_service_phone_key(self):
        for partner in self:
            partner.service_phone_key = phone_key(partner.phone)

    @api.depends("name")
    def _compute_service_name_key(self):
        for partner in self:
            partner.service_name_key = name_key(partner.name)

    @api.depends("complete_name")
    def _compute_service_name_pairs(self):
        for partner in self:
            partner.service_name_pairs = name_pairs(name_key(partner.complete_name))

    @api.model
    def _search_display_name(self, operator, value):
        """Two Chinese characters are looked for by the index that knows them."""
        if operator == "ilike" and isinstance(value, str):
            parts = self._get_name_parts(name_key(value) or "")
            if parts and len(name_key(value)) == 2:
                return parts[0]
        return super()._search_display_name(operator, value)

    # Who is calling

    @api.model
    def _find_callers_by_phone(self, number, limit=8):
        """Customers with this number, or a part of it, however it was written.

        In this order, the first that finds somebody: the typed digits end the stored
        number or the other way round (one of them has the country's prefix), the last
        digits are the same, the typed digits are somewhere in the number.
        """
        digits = phone_key(number)
        if not digits or len(digits) < MIN_PHONE_DIGITS or limit < 1:
            return self.browse()
        callers = self._find_callers(self._get_phone_tail_domain(digits), limit, "tail")
        if not callers and len(digits) > SUBSCRIBER_DIGITS:
            tail = self._get_phone_tail_domain(digits[-SUBSCRIBER_DIGITS:])
            callers = self._find_callers(tail, limit, "tail")
        if not callers:
            part = Domain("service_phone_key", "like", digits)
            callers = self._find_callers(part, limit)
        return callers

    @api.model
    def _get_phone_tail_domain(self, digits):
        """Numbers that end with ``digits``, or that ``digits`` end with."""
        ends = [digits[start:] for start in range(len(digits) - MIN_LOCAL_DIGITS + 1)]

        def to_sql(model, alias, query):
            tail = SQL("reverse(%s)", model._field_to_sql(alias, "service_phone_key"))
            likes = SQL("%s LIKE %s", tail, f"{digits[::-1]}%")
            if not ends:
                return likes
            whole = SQL("%s IN %s", tail, tuple(end[::-1] for end in ends))
            return SQL("(%s OR %s)", likes, whole)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _find_callers_by_name(self, term, limit=8):
        """Customers by name or parts of it: exact, then beginning so, then others."""
        key = name_key(term)
        if not key or len(key) < 2 or limit < 1:
            return self.browse()
        head = Domain("service_name_key", "=like", f"{key}%")
        callers = self._find_callers(head, limit, "head")
        if len(callers) < limit:
            words = [word for word in map(name_key, term.split()) if word]
            parts = [part for word in words for part in self._get_name_parts(word)]
            if parts:
                callers |= self._find_callers(Domain.AND(parts), limit)
        return callers[:limit]

    @api.model
    def _get_name_parts(self, word):
        """Conditions on names with ``word`` in them; none where no index helps."""
        pairs = name_pairs(word)
        if len(word) == 2 and pairs:
            return [Domain("service_name_pairs", "like", pairs)]
        if len(word) > 2:
            return [Domain("service_name_key", "like", word)]
        return []

    @api.model
    def _find_callers(self, domain, limit, nearest=None):
        """Customers of ``domain``, the latest first.

        :param nearest: ``"head"`` or ``"tail"`` puts the shortest rest before: the
            order of the index that finds them, which is read no further than needed
        """
        query = self._search(domain & CALLERS, limit=limit, order="id desc")
        if nearest and not query.is_empty():
            if nearest == "head":
                key = self._field_to_sql(self._table, "service_name_key", query)
            else:
                key = SQL(
                    "reverse(%s)",
                    self._field_to_sql(self._table, "service_phone_key", query),
                )
            query.order = SQL("%s USING ~<~, %s", key, query.order)
        return self._fetch_query(query, self._determine_fields_to_fetch(CALLER_FIELDS))
