from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class ServiceAsset(models.Model):
    """Whose an asset was, how it comes to somebody else, and its papers."""

    _inherit = "service.asset"

    owner_ids = fields.One2many(
        "service.asset.owner", "asset_id", string="Owners", readonly=True, copy=False
    )

    document_count = fields.Integer(compute="_compute_document_count")

    def _compute_document_count(self):
        counts = dict.fromkeys(self.ids, 0)
        for model, owners in self._get_document_owners().items():
            rows = self.env["ir.attachment"]._read_group(
                self._get_document_domain(model, owners), ["res_id"], ["__count"]
            )
            for res_id, count in rows:
                counts[owners[res_id]] += count
        for asset in self:
            asset.document_count = counts.get(asset.id, 0)

    def _get_document_owners(self) -> dict:
        """Hook: whose attachments are papers of the assets, as far as the user reads
        them: ``{model: {id: id of the asset}}``."""
        return {"service.asset": {asset_id: asset_id for asset_id in self.ids}}

    @api.model
    def _get_document_domain(self, model, owners) -> Domain:
        return (
            Domain("res_model", "=", model)
            & Domain("res_id", "in", list(owners))
            & Domain("res_field", "=", False)
        )

    def action_view_documents(self):
        """Photos and papers of the assets."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Documents"),
            "res_model": "ir.attachment",
            "view_mode": "kanban,list,form",
            "domain": list(
                Domain.OR(
                    self._get_document_domain(model, owners)
                    for model, owners in self._get_document_owners().items()
                )
            ),
        }

    def write(self, vals):
        if "partner_id" not in vals:
            return super().write(vals)
        before = {asset: asset.partner_id for asset in self}
        result = super().write(vals)
        moved = self.filtered(lambda asset: asset.partner_id != before[asset])
        day = self.env.context.get("service_transfer_date")
        moved._record_owner(day or fields.Date.context_today(self))
        for old, assets in moved.grouped(before.get).items():
            assets._after_transfer(
                old, assets.partner_id, day or fields.Date.context_today(self)
            )
        return result

    def action_transfer(self, partner, date=None):
        """Give the assets and their components to ``partner`` from ``date`` on.

        :param partner: the new owner, ``res.partner`` or its id
        :param date: the first day, today by default
        :raises UserError: an owner cannot begin before the present one did
        """
        self.check_access("write")
        partner = self.env["res.partner"].browse(
            partner if isinstance(partner, int) else partner.id
        )
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        assets = self._get_with_components()
        for asset in assets:
            last = asset.owner_ids[:1]
            if last and last.date_from > day:
                raise UserError(
                    self.env._(
                        "%(asset)s belongs to %(owner)s since %(date)s: choose a "
                        "later day.",
                        asset=asset.name,
                        owner=last.partner_id.display_name,
                        date=last.date_from,
                    )
                )
        assets.with_context(service_transfer_date=day).write(
            {
                "partner_id": partner.id,
                "site_id": partner.id,
                "place": False,
                "state": "active",
            }
        )
        return True

    def _after_transfer(self, old, new, date):
        """Hook: the assets went from ``old`` to ``new`` (``res.partner``)."""

    def _get_with_components(self):
        """The assets with what they are made of, at any depth."""
        assets = level = self
        while level := level.child_ids - assets:
            assets |= level
        return assets

    def _open_ownership(self):
        """The first owner of new assets, since the earliest day that is known."""
        if not self:
            return
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO service_asset_owner (
                    asset_id, partner_id, date_from, user_id
                )
                SELECT asset.id, asset.partner_id,
                       COALESCE(
                           LEAST(
                               asset.purchase_date, asset.delivery_date,
                               asset.install_date
                           ),
                           %(today)s
                       ),
                       %(user)s
                  FROM service_asset asset
                 WHERE asset.id = ANY(%(ids)s)
             RETURNING id
                """,
                today=fields.Date.context_today(self),
                user=self.env.uid,
                ids=list(self.ids),
            )
        )
        self.invalidate_recordset(["owner_ids"], flush=False)

    def _record_owner(self, day):
        # sudo: service.asset.owner: who may give an asset to another records it
        self.env["service.asset.owner"].sudo().create(
            [
                {
                    "asset_id": asset.id,
                    "partner_id": asset.partner_id.id,
                    "date_from": day,
                    "user_id": self.env.uid,
                }
                for asset in self
            ]
        )
        # The latest stands first
        self.invalidate_recordset(["owner_ids"], flush=False)
