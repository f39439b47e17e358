from odoo import fields, models

from .service_settlement_bill import BILL_KINDS


class AccountMove(models.Model):
    _inherit = "account.move"

    service_settlement_id = fields.Many2one(
        "service.settlement",
        string="Settlement Statement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    # The other end of the statement's own link: with it, a bill that changes finds
    # the statement to compute anew in the cache, not by a search for each bill
    service_settled_ids = fields.One2many(
        "service.settlement", "move_id", string="Settled by This Bill", readonly=True
    )

    _service_settlement_uniq = models.UniqueIndex(
        "(service_settlement_id) "
        "WHERE service_settlement_id IS NOT NULL AND state != 'cancel'",
        "This statement already has a bill.",
    )

    def _post(self, soft=True):
        # sudo: service.settlement: whoever posts, the statement must agree
        settlements_sudo = self.sudo().service_settlement_id.filtered(
            lambda settlement: settlement.move_id in self
        )
        settlements_sudo._check_bills_agree()
        return super()._post(soft)

    def action_view_settlement(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.settlement",
            "res_id": self.service_settlement_id.id,
            "view_mode": "form",
        }

    def action_view_settled_lines(self):
        """The claim lines that this bill pays: each with its order and tariff line."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim_line"
        )
        return action | {
            "domain": [("invoice_line_id.move_id", "=", self.id)],
            "context": {},
        }


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    service_kind = fields.Selection(
        BILL_KINDS,
        string="Settled Kind",
        readonly=True,
        copy=False,
        help="What this line of a settlement bill pays.",
    )
