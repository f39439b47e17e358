from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

STAGES = [
    ("claimed", "Claimed"),
    ("checked", "Checked"),
    ("approved", "Approved"),
]


class ServiceClaimAmount(models.Model):
    """Every change of an amount: who, when, from what to what, and why.

    The database writes these rows itself whenever an amount of a claim line changes
    or goes, so nothing gets past them, and a month of bulk decisions costs no query
    more. They are not changed and not deleted; the amount a line began with is the
    old value of its first row.
    """

    _name = "service.claim.amount"
    _description = "Claim Amount Version"
    _inherit = ["service.amount.mixin"]
    _order = "id desc"
    _log_access = False

    claim_id = fields.Many2one(
        "service.claim", required=True, readonly=True, index=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "service.claim.line", readonly=True, index=True, ondelete="set null"
    )
    currency_id = fields.Many2one(related="claim_id.currency_id")
    kind = fields.Char(readonly=True)
    kind_label = fields.Char(string="Kind of Cost", compute="_compute_kind_label")
    stage = fields.Selection(STAGES, string="Amount", required=True, readonly=True)
    amount_old = fields.Monetary(string="Before", readonly=True)
    amount_new = fields.Monetary(string="After", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, ondelete="restrict"
    )
    date = fields.Datetime(required=True, readonly=True)
    note = fields.Char(string="Why", readonly=True)

    def init(self):
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION service_claim_amount_append_only()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    -- The line may go (it was priced again); its history stays.
                    IF NEW.line_id IS NULL
                       AND to_jsonb(NEW) - 'line_id' = to_jsonb(OLD) - 'line_id'
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'service_claim_amount is append-only'
                        USING ERRCODE = 'restrict_violation';
                END $$;
                DROP TRIGGER IF EXISTS service_claim_amount_append_only
                    ON service_claim_amount;
                CREATE TRIGGER service_claim_amount_append_only
                    BEFORE UPDATE ON service_claim_amount
                    FOR EACH ROW EXECUTE FUNCTION service_claim_amount_append_only();
                """
            )
        )

    def _compute_kind_label(self):
        field = self.env["service.claim.line"]._fields["kind"]
        labels = dict(field._description_selection(self.env))
        for amount in self:
            amount.kind_label = labels.get(amount.kind, amount.kind)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("The history of an amount is a fact: it cannot be changed.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The history of an amount is a fact: it cannot be deleted.")
        )


class ServiceClaimLine(models.Model):
    _inherit = "service.claim.line"

    amount_ids = fields.One2many(
        "service.claim.amount",
        "line_id",
        readonly=True,
        groups="service_settlement.group_settlement_accountant",
    )

    def init(self):
        result = super().init()
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION service_claim_line_keep_amounts()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO service_claim_amount (
                        claim_id, line_id, kind, stage, amount_old, amount_new,
                        user_id, date, note
                    )
                    SELECT NEW.claim_id, NEW.id, NEW.kind, v.stage, v.before, v.after,
                           NEW.write_uid, now() AT TIME ZONE 'UTC', NEW.note
                      FROM (VALUES
                            ('claimed', OLD.amount_claimed, NEW.amount_claimed),
                            ('checked', OLD.amount_checked, NEW.amount_checked),
                            ('approved', OLD.amount_approved, NEW.amount_approved)
                           ) AS v (stage, before, after)
                     WHERE v.before IS DISTINCT FROM v.after;
                    RETURN NULL;
                END $$;
                DROP TRIGGER IF EXISTS service_claim_line_keep_amounts
                    ON service_claim_line;
                CREATE TRIGGER service_claim_line_keep_amounts
                    AFTER UPDATE OF amount_claimed, amount_checked, amount_approved
                    ON service_claim_line FOR EACH ROW
                    WHEN (OLD.amount_claimed IS DISTINCT FROM NEW.amount_claimed
                       OR OLD.amount_checked IS DISTINCT FROM NEW.amount_checked
                       OR OLD.amount_approved IS DISTINCT FROM NEW.amount_approved)
                    EXECUTE FUNCTION service_claim_line_keep_amounts();
                """
            )
        )
        return result

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"amount_claimed", "amount_checked", "amount_approved"}:
            # The database adds the versions: now, in the name of this user, and not
            # together with a later change
            self.flush_recordset()
            self.invalidate_recordset(["amount_ids"])
            self.claim_id.invalidate_recordset(["amount_ids"])
        return result

    def _keep_amounts(self, note):
        """Keep what lines say that are about to go."""
        if not self:
            return
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO service_claim_amount (
                    claim_id, kind, stage, amount_old, amount_new, user_id, date, note
                )
                SELECT line.claim_id, line.kind, v.stage, v.amount, 0, %(user)s,
                       now() AT TIME ZONE 'UTC', %(note)s
                  FROM service_claim_line line
            CROSS JOIN LATERAL (VALUES
                        ('claimed', line.amount_claimed),
                        ('checked', line.amount_checked),
                        ('approved', line.amount_approved)
                       ) AS v (stage, amount)
                 WHERE line.id = ANY(%(ids)s) AND v.amount <> 0
             RETURNING id
                """,
                user=self.env.uid,
                note=note,
                ids=self.ids,
            )
        )
        self.claim_id.invalidate_recordset(["amount_ids"])


class ServiceClaim(models.Model):
    _inherit = "service.claim"

    amount_ids = fields.One2many(
        "service.claim.amount",
        "claim_id",
        string="Amount Versions",
        readonly=True,
        groups="service_settlement.group_settlement_accountant",
    )

    def _price(self):
        self.line_ids._keep_amounts(self.env._("Priced again"))
        return super()._price()
