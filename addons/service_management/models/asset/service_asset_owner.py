from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_management.models.base.append_only import keep_append_only


class ServiceAssetOwner(models.Model):
    """Since when an asset is whose: a fact that is added and never edited.

    The last day of an owner is the day before the next one begins.
    """

    _name = "service.asset.owner"
    _description = "Owner of an Asset"
    _order = "asset_id, date_from desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    asset_id = fields.Many2one(
        "service.asset", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Asset Owner",
        required=True,
        index=True,
        ondelete="restrict",
    )
    date_from = fields.Date(string="Since", required=True)
    date_to = fields.Date(string="Until", compute="_compute_date_to")
    user_id = fields.Many2one("res.users", string="Recorded By", ondelete="set null")

    def init(self):
        # The owner itself may move: merging contacts rewrites who is meant.
        keep_append_only(self, "UPDATE OF asset_id, date_from")

    @api.depends("asset_id.owner_ids.date_from")
    def _compute_date_to(self):
        after = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT id, until FROM (
                        SELECT id, lead(date_from) OVER (
                            PARTITION BY asset_id ORDER BY date_from, id
                        ) AS until
                          FROM service_asset_owner WHERE asset_id IN %s
                    ) AS periods WHERE until IS NOT NULL
                    """,
                    tuple(self.asset_id.ids) or (0,),
                )
            )
        )
        for owner in self:
            until = after.get(owner.id)
            owner.date_to = until and fields.Date.subtract(until, days=1)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("The owners of an asset are facts: they cannot be changed.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(
            self.env._("The owners of an asset are facts: they cannot be deleted.")
        )
