from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_settlement_journal_id = fields.Many2one(
        "account.journal",
        string="Settlement Journal",
        domain="[('type', '=', 'purchase'), ('company_id', '=', id)]",
        help="The purchase journal of the service points' bills. "
        "Empty: the company's first purchase journal.",
    )
    service_settlement_auto_post = fields.Boolean(
        string="Post Settlement Bills",
        default=True,
        help="Bills of confirmed statements are posted at once. "
        "Otherwise they wait as drafts for an accountant.",
    )
    service_claim_auto_approve = fields.Boolean(
        string="Approve Priced Claims",
        default=True,
        help="A claim that the tariff priced completely is approved as it stands. "
        "Otherwise it waits for a person to check and approve it.",
    )

    def _get_service_settlement_journal(self):
        """The journal of settlement bills; empty if the company has none."""
        self.ensure_one()
        return self.service_settlement_journal_id or self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.id)], limit=1
        )
