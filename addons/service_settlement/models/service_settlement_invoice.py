from odoo import api, fields, models
from odoo.exceptions import UserError

# From when on a point may hand in its own invoice, and until when.
INVOICE_STATES = ("issued", "disputed", "confirmed", "approved", "billed")


class ServiceSettlement(models.Model):
    """The point's own invoice: its number and its file go onto the vendor bill.

    Without one the statement itself is the document (self-billing), unless the
    company insists on an invoice.
    """

    _inherit = "service.settlement"

    partner_invoice_number = fields.Char(
        string="Invoice of the Point", copy=False, tracking=True
    )
    partner_invoice_date = fields.Date(string="Invoice Date", copy=False)
    partner_invoice_ids = fields.Many2many(
        "ir.attachment", string="Invoice Files", copy=False, bypass_search_access=True
    )
    is_invoice_missing = fields.Boolean(compute="_compute_is_invoice_missing")

    _partner_invoice_uniq = models.UniqueIndex(
        "(point_id, lower(partner_invoice_number)) "
        "WHERE partner_invoice_number IS NOT NULL",
        "This invoice of the service point is on another statement already.",
    )

    @api.depends(
        "state",
        "partner_invoice_number",
        "company_id.service_settlement_invoice_required",
    )
    def _compute_is_invoice_missing(self):
        for settlement in self:
            # sudo: res.company: the point, too, is told what is expected of it
            settlement.is_invoice_missing = (
                settlement.sudo().company_id.service_settlement_invoice_required
                and not settlement.partner_invoice_number
                and settlement.state in INVOICE_STATES
            )

    @api.model_create_multi
    def create(self, vals_list):
        settlements = super().create(vals_list)
        if any("partner_invoice_ids" in vals for vals in vals_list):
            settlements._check_own_files()
        return settlements

    def write(self, vals):
        if vals.keys() & {"partner_invoice_number", "partner_invoice_date"}:
            self._check_bill_not_posted()
        if "partner_invoice_number" in vals:
            number = (vals["partner_invoice_number"] or "").strip()
            vals = vals | {"partner_invoice_number": number or False}
        result = super().write(vals)
        if "partner_invoice_ids" in vals:
            self._check_own_files()
        return result

    def _check_own_files(self):
        """Files go onto the bill, which others read: nobody hangs in what they may
        not read themselves."""
        self.partner_invoice_ids.check_access("read")

    def _check_bill_not_posted(self):
        for settlement in self:
            # sudo: account.move: only whether the bill is still open
            if settlement.sudo().move_id.state == "posted":
                raise UserError(
                    self.env._(
                        "The bill of %(name)s has been posted: its invoice number is "
                        "changed there.",
                        name=settlement.name,
                    )
                )

    def _set_partner_invoice(self, number, date=None, files=()):
        """Take the invoice of the point, from the point or from an accountant.

        :param files: ``(name, bytes)``, checked by the caller
        """
        self.ensure_one()
        self._check_may_confirm()
        self._check_state(INVOICE_STATES)
        number = (number or "").strip()
        if not number:
            raise UserError(self.env._("Give the number of your invoice."))
        # sudo: service.settlement: users of the point read it and may only do this
        settlement_sudo = self.sudo()
        settlement_sudo.write(
            {"partner_invoice_number": number, "partner_invoice_date": date or False}
        )
        attachments_sudo = settlement_sudo.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for name, content in files
            ]
        )
        settlement_sudo.partner_invoice_ids |= attachments_sudo
        if settlement_sudo.move_id:
            settlement_sudo._move_partner_invoices()
        settlement_sudo.message_post(
            body=self.env._("Invoice of the service point: %s", number)
        )

    def _check_partner_invoice(self):
        for settlement in self:
            if settlement.is_invoice_missing:
                raise UserError(
                    self.env._(
                        "The service point %(point)s has not handed in its invoice for "
                        "%(name)s.",
                        point=settlement.point_id.display_name,
                        name=settlement.name,
                    )
                )

    def _move_partner_invoices(self):
        """Put number and files onto the bill, where accountants look for them."""
        for settlement in self:
            if not settlement.partner_invoice_number:
                continue
            # sudo: account.move: also when the point hands in its invoice later
            move_sudo = settlement.sudo().move_id
            if move_sudo.state == "draft":
                move_sudo.ref = settlement.partner_invoice_number
            known = set(
                move_sudo.env["ir.attachment"]
                .search(
                    [("res_model", "=", "account.move"), ("res_id", "=", move_sudo.id)]
                )
                .mapped("checksum")
            )
            for attachment in settlement.sudo().partner_invoice_ids:
                if attachment.checksum not in known:
                    attachment.copy(
                        {"res_model": "account.move", "res_id": move_sudo.id}
                    )
