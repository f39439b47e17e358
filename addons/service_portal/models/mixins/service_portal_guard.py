from odoo import api, models
from odoo.fields import Domain


class ServicePortalGuard(models.AbstractModel):
    """Limits what portal users read of a model whose records they may see.

    Record rules say which records; this says which fields, as an allow-list, so that a
    field added later stays closed until somebody opens it here. Pages are built by
    the server, which reads more with ``sudo()`` after the record was checked.

    A consumer sets ``_portal_readable``.
    """

    _name = "service.portal.guard"
    _description = "Portal Field Guard"

    _portal_readable = frozenset()

    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        if self.env.su or not self.env.user.share:
            return True
        return operation == "read" and (
            field.name in ("id", "display_name") or field.name in self._portal_readable
        )

    @api.model
    def _search_portal(self, domain, **kwargs):
        """Records of ``domain`` that the user may read, in sudo for building a page.

        Search terms reach into records that a portal user may not open (the name of
        the product, say); the rules of the user apply all the same.
        """
        if not self.has_access("read"):
            return self.sudo().browse()
        # sudo: the rules of the user are part of the domain
        return self.sudo().search(self._add_portal_rules(domain), **kwargs)

    @api.model
    def _count_portal(self, domain) -> int:
        if not self.has_access("read"):
            return 0
        # sudo: the rules of the user are part of the domain
        return self.sudo().search_count(self._add_portal_rules(domain))

    @api.model
    def _add_portal_rules(self, domain) -> Domain:
        rules = self.env["ir.rule"]._compute_domain(self._name, "read")
        return Domain(domain) & Domain(rules)
