from odoo import api, fields, models

EXCLUSION_SCOPES = [("all", "Everything"), ("parts", "Parts Only")]


class ServiceWarrantyExclusion(models.Model):
    """A reason for which a warranty does not pay, by its code.

    Somebody finds it on the spot and says so, or it follows from what is known: the
    coded fault, the category of the spare parts, a company as the user.
    """

    _name = "service.warranty.exclusion"
    _description = "Warranty Exclusion"
    _inherit = ["service.warranty.frozen.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    scope = fields.Selection(
        EXCLUSION_SCOPES, string="Not Covered", default="all", required=True
    )
    fault_ids = fields.Many2many(
        "service.fault.code",
        context={"active_test": False},
        string="Fault Codes",
        help="Found when one of these is coded on the order.",
    )
    category_ids = fields.Many2many(
        "product.category",
        string="Categories of Parts",
        help="Found when all spare parts of the order are of these categories, or of "
        "those below.",
    )
    for_companies = fields.Boolean(
        string="Used by a Company", help="Found when the customer is a company."
    )
    note = fields.Text(
        string="In Plain Words",
        translate=True,
        help="What the customer is told when this is why the warranty does not pay.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is a warranty exclusion with this code already."
    )

    def _prepare_frozen_vals(self) -> dict:
        return super()._prepare_frozen_vals() | {
            "scope": self.scope,
            "faults": sorted(self.fault_ids.ids),
            "categories": sorted(self.category_ids.ids),
            "companies": self.for_companies,
        }

    @api.model
    def _get_plain_words(self, label) -> str:
        """What the customer is told of an exclusion, by its frozen names.

        :param label: the names by language, or the code
        """
        name = self._read_frozen_name(label)
        # sudo: service.warranty.exclusion: written for customers
        found = self.sudo().with_context(active_test=False)
        return found.search([("name", "=", name)], limit=1).note or name
