from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_charge_auto_post = fields.Boolean(
        string="Post Invoices of Services",
        default=True,
        help="Invoices for service orders are posted at once. Otherwise they wait as "
        "drafts for an accountant.",
    )
    service_collection_journal_id = fields.Many2one(
        "account.journal",
        string="Till of Payments Taken on Site",
        domain="[('type', 'in', ('cash', 'bank')), ('company_id', '=', id)]",
        help="Empty: the company's first cash journal.",
    )
    service_collection_card_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Cards and Mobile Payments",
        domain="[('type', 'in', ('cash', 'bank')), ('company_id', '=', id)]",
        help="Empty: the same as for cash.",
    )

    def _get_service_collection_journal(self, method):
        """The journal in which money taken on site by ``method`` is booked."""
        self.ensure_one()
        cash = self.service_collection_journal_id or self.env["account.journal"].search(
            [("type", "=", "cash"), ("company_id", "=", self.id)], limit=1
        )
        if method == "cash":
            return cash
        return self.service_collection_card_journal_id or cash


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_charge_auto_post = fields.Boolean(
        related="company_id.service_charge_auto_post", readonly=False
    )
    service_collection_journal_id = fields.Many2one(
        related="company_id.service_collection_journal_id", readonly=False
    )
    service_collection_card_journal_id = fields.Many2one(
        related="company_id.service_collection_card_journal_id", readonly=False
    )
