import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_management.models.base.turns import take_turn

# Of one asset: more waits for nobody but whoever wants to fill our disks
MAX_WAITING = 10
# All that people change of it by hand: what a customer is told
OPEN_FIELDS = {"answer"}


class ServiceWarrantyProof(models.Model):
    """A paper that a customer hands in for a warranty: a photo or a PDF of a receipt.

    - It counts once a person of the desk or of quality has looked at it; then the
      asset has the document, and open orders are decided anew (``service.asset``).
    - It belongs to who handed it in: a later owner of the asset sees neither the paper
      nor the answer.
    """

    _name = "service.warranty.proof"
    _description = "Document Handed In"
    _order = "id desc"
    _rec_name = "document_id"

    asset_id = fields.Many2one(
        "service.asset", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="asset_id.company_id", store=True, precompute=True, index=True
    )
    document_id = fields.Many2one(
        "service.warranty.document",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    attachment_id = fields.Many2one(
        "ir.attachment",
        string="File",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    file = fields.Binary(related="attachment_id.datas", string="File Content")
    file_name = fields.Char(related="attachment_id.name")
    is_pdf = fields.Boolean(compute="_compute_is_pdf")
    state = fields.Selection(
        [
            ("pending", "To Be Checked"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    answer = fields.Char(
        string="Answer to the Customer", help="What is wrong with it, if anything is."
    )
    checked_by_id = fields.Many2one("res.users", readonly=True)
    checked_on = fields.Date(readonly=True)

    _pending_idx = models.Index("(asset_id) WHERE state = 'pending'")

    @api.depends("attachment_id.mimetype")
    def _compute_is_pdf(self):
        for proof in self:
            proof.is_pdf = proof.attachment_id.mimetype == "application/pdf"

    def write(self, vals):
        if not self.env.su and vals.keys() - OPEN_FIELDS:
            raise AccessError(
                self.env._("What a customer hands in is accepted or refused as it is.")
            )
        return super().write(vals)

    @api.model
    def _find_waiting(self, assets):
        """Those of ``assets`` for which something waits to be looked at."""
        rows = self._read_group(
            [("asset_id", "in", assets.ids), ("state", "=", "pending")], ["asset_id"]
        )
        return assets.browse([asset.id for [asset] in rows])

    # Handing in

    @api.model
    def _hand_in(self, asset, code, name, content):
        """A paper from the user for an asset of his or hers; expects sudo.

        :param asset: the asset, found through the rules of the user
        :param str code: which document, of those that its warranty asks for
        :param bytes content: a passive PDF or a picture (``engine.document``)
        :raises UserError: nobody asked for that, or too much waits already
        """
        if code not in asset.warranty_promise_id._get_document_names():
            raise UserError(self.env._("Please choose which document it is."))
        # Two papers at the same moment do not both take the last place
        take_turn(asset)
        waiting = [("asset_id", "=", asset.id), ("state", "=", "pending")]
        if self.search_count(waiting) >= MAX_WAITING:
            raise UserError(
                self.env._(
                    "Many of your documents are waiting for us. Please try again when "
                    "we have looked at them."
                )
            )
        documents = self.env["service.warranty.document"]
        proof = self.create(
            {
                "asset_id": asset.id,
                # Archived since: what was promised with it still asks for it
                "document_id": documents.with_context(active_test=False)
                .search([("code", "=", code)])
                .id,
                "partner_id": self.env.user.partner_id.commercial_partner_id.id,
            }
        )
        proof.attachment_id = self.env["ir.attachment"].create(
            {
                "name": name,
                "datas": base64.b64encode(content),
                "res_model": self._name,
                "res_id": proof.id,
            }
        )
        proof._on_handed_in()
        return proof

    def _on_handed_in(self):
        """Hook: tell who should look at it."""
        self.ensure_one()
        self.asset_id.message_post(
            body=self.env._(
                "%(customer)s handed in a warranty document: %(document)s.",
                customer=self.env.user.partner_id.display_name,
                document=self.document_id.name,
            )
        )

    # Looking at it

    def action_accept(self):
        """The paper is what it should be: the asset has the document now."""
        self._judge("accepted")
        for asset, proofs in self.grouped("asset_id").items():
            # sudo: service.asset: who may judge a proof may let it count
            asset_sudo = asset.sudo()
            asset_sudo.warranty_document_ids |= proofs.document_id
            asset_sudo.message_post(
                body=self.env._(
                    "Warranty documents accepted: %(documents)s.",
                    documents=", ".join(proofs.document_id.mapped("name")),
                )
            )
        return True

    def action_refuse(self):
        """The paper proves nothing; the customer reads the answer on the own pages."""
        if not all(proof.answer for proof in self):
            raise UserError(
                self.env._("Tell the customer in one sentence why it is refused.")
            )
        self._judge("refused")
        return True

    def _judge(self, state):
        self.check_access("write")
        if any(proof.state != "pending" for proof in self):
            raise UserError(self.env._("This has been decided already."))
        # sudo: service.warranty.proof: the right was checked above
        self.sudo().write(
            {
                "state": state,
                "checked_by_id": self.env.uid,
                "checked_on": fields.Date.context_today(self),
            }
        )

    def action_view_file(self):
        """The paper in full, in a tab of its own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}",
            "target": "new",
        }
