from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Each mail asks for its sender among hundreds of thousands
    email_normalized = fields.Char(index="btree_not_null")

    @api.model
    def _get_phone_keys_domain(self, keys) -> Domain:
        """Who has one of these numbers exactly, by the index of the numbers' ends: a
        trigram index cannot answer for a list."""
        backwards = [key[::-1] for key in keys]

        def to_sql(model, alias, query):
            key = model._field_to_sql(alias, "service_phone_key", query)
            return SQL("reverse(%s) = ANY(%s)", key, backwards)

        return Domain.custom(to_sql=to_sql)
