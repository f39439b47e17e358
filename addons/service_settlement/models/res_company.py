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

    service_settlement_carry = fields.Boolean(
        string="Carry Negative Statements Forward",
        help="A statement by which a service point owes money is closed with zero, and "
        "the next one takes the rest along. Otherwise it becomes a vendor refund.",
    )
    service_settlement_invoice_required = fields.Boolean(
        string="Service Points Send Invoices",
        help="A statement is billed only when its service point has handed in its own "
        "invoice. Otherwise the statement itself is the document (self-billing).",
    )

    def _get_service_settlement_journal(self):
        """The journal of settlement bills; empty if the company has none."""
        self.ensure_one()
        return self.service_settlement_journal_id or self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.id)], limit=1
        )
