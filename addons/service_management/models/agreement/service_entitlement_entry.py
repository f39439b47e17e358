from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_management.models.base.append_only import keep_append_only

ENTRY_KINDS = [
    ("grant", "Granted"),
    ("carry", "Rolled Over"),
    ("reserve", "Promised"),
    ("release", "Given Back"),
    ("consume", "Used"),
    ("overage", "Used Beyond the Quota"),
    ("expire", "Expired"),
]
# The values of rows that nobody has caused: they follow from the terms.
BY_ITSELF = {"user_id": False}


class ServiceEntitlementEntry(models.Model):
    """One row of the ledger: what was granted, promised, used, given back or lost.

    What is left is the sum of ``change``. Rows are added, never changed or removed:
    neither the ORM nor the database lets it happen. A trigger adds each new row to
    its period, the guard row that keeps two requests from taking the same unit.
    """

    _name = "service.entitlement.entry"
    _description = "Entitlement Entry"
    _order = "date desc, id desc"
    _rec_name = "kind"
    _log_access = False

    entitlement_id = fields.Many2one(
        "service.entitlement", required=True, index=True, ondelete="restrict"
    )
    period_id = fields.Many2one(
        "service.entitlement.period", required=True, index=True, ondelete="restrict"
    )
    contract_id = fields.Many2one(
        "service.contract", required=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(ENTRY_KINDS, required=True)
    quantity = fields.Float(digits=(16, 2), required=True)
    change = fields.Float(
        string="Balance Change",
        digits=(16, 2),
        required=True,
        help="What is left is the sum of these.",
    )
    price = fields.Monetary(help="What the overage costs the customer.")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="restrict")
    name = fields.Char(string="Reason")

    _quantity_not_negative = models.Constraint(
        "CHECK (quantity >= 0)", "A ledger row speaks of a positive quantity."
    )

    def init(self):
        keep_append_only(self, "UPDATE OR DELETE")
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION service_entitlement_entry_book()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    -- In one order for everybody, so that no two wait for each other
                    PERFORM 1 FROM service_entitlement_period
                        WHERE id IN (SELECT period_id FROM added)
                            AND NOT COALESCE(is_unlimited, FALSE)
                        ORDER BY id FOR NO KEY UPDATE;
                    UPDATE service_entitlement_period AS period
                        SET available = COALESCE(period.available, 0) + booked.change,
                            granted = COALESCE(period.granted, 0) + booked.granted
                        FROM (
                            SELECT period_id, sum(change) AS change,
                                COALESCE(sum(change)
                                    FILTER (WHERE kind IN ('grant', 'carry')), 0)
                                    AS granted
                            FROM added GROUP BY period_id
                        ) AS booked
                        WHERE period.id = booked.period_id
                            AND NOT COALESCE(period.is_unlimited, FALSE);
                    RETURN NULL;
                END $$;
                DROP TRIGGER IF EXISTS service_entitlement_entry_book
                    ON service_entitlement_entry;
                CREATE TRIGGER service_entitlement_entry_book
                    AFTER INSERT ON service_entitlement_entry
                    REFERENCING NEW TABLE AS added
                    FOR EACH STATEMENT
                    EXECUTE FUNCTION service_entitlement_entry_book();
                """
            )
        )

    @api.model
    def _add(self, rows):
        """Add rows to the ledger, all in one statement.

        :param rows: (period, ``engine.entitlement.Entry``, further values) each
        """
        vals_list = [
            {
                "entitlement_id": period.entitlement_id.id,
                "period_id": period.id,
                "contract_id": period.contract_id.id,
                "kind": entry.kind,
                "quantity": entry.quantity,
                "change": 0.0 if period.is_unlimited else entry.change,
                "user_id": self.env.uid,
                **vals,
            }
            for period, entry, vals in rows
        ]
        if not vals_list:
            return self.browse()
        # sudo: service.entitlement.entry: written by what happens, by nobody's hand
        entries = self.sudo().create(vals_list)
        # The trigger has changed them behind the cache
        periods = entries.period_id
        periods.invalidate_recordset(["available", "granted"])
        periods.modified(["available", "granted"])
        return entries

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._(
                "The entitlement ledger is a record of facts: add a row instead."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(
            self.env._("The entitlement ledger is a record of facts: it is kept.")
        )
