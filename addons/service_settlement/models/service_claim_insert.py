import json

from odoo import api, fields, models
from odoo.tools import SQL

# What a new claim and its lines are written with; their type is the field's.
CLAIM_FIELDS = (
    "order_id",
    "company_id",
    "point_id",
    "date",
    "tariff_id",
    "currency_id",
    "state",
    "reasons",
    "amount_claimed",
    "amount_checked",
    "amount_approved",
    "is_filed",
)
LINE_FIELDS = (
    "claim_id",
    "kind",
    "tariff_line_id",
    "inputs",
    "quantity",
    "price",
    "amount_claimed",
    "amount_checked",
    "amount_approved",
    "payer",
    "customer_percent",
    "supplier_percent",
    "is_filed",
)
AMOUNTS = ("amount_claimed", "amount_checked", "amount_approved")


class ServiceClaim(models.Model):
    """New claims of many orders in three statements.

    Ten thousand claims with their lines are most of the cost of a month when they go
    through ``create``; nothing depends on a claim that is just being made, so the
    rows are written as they are. ``test_claim_insert`` holds them equal to what
    ``create`` writes, column by column.
    """

    _inherit = "service.claim"

    @api.model
    def _insert_many(self, vals_list):
        """What ``create`` of the same values would make: claims with ``line_ids``."""
        if not vals_list:
            return self.browse()
        ids = self._draw_ids(len(vals_list))
        claims, lines = [], []
        for claim_id, vals in zip(ids, vals_list, strict=True):
            own = [line for __, __, line in vals["line_ids"]]
            claim = {"is_filed": False} | vals
            claim |= {
                "id": claim_id,
                "date": fields.Date.to_string(vals["date"]),
                "reasons": vals["reasons"] or None,
                "tariff_id": vals["tariff_id"] or None,
            }
            for name in AMOUNTS:
                # Each amount is exact to the cent, their float sum need not be
                claim[name] = round(sum(line[name] for line in own), 6)
            claims.append({name: claim[name] for name in ("id", *CLAIM_FIELDS)})
            lines += [
                {
                    "payer": "company",
                    "customer_percent": 0.0,
                    "supplier_percent": 0.0,
                    "is_filed": False,
                }
                | line
                | {
                    "claim_id": claim_id,
                    "quantity": round(line["quantity"], 2),
                    "price": round(line["price"], 4),
                }
                for line in own
            ]
        self._insert_rows(claims, ("id", *CLAIM_FIELDS))
        self.env["service.claim.line"]._insert_rows(lines, LINE_FIELDS)
        created = self.browse(ids)
        # sudo: service.order: only forgets what is cached
        created.sudo().order_id.invalidate_recordset(["claim_ids"], flush=False)
        return created

    @api.model
    def _draw_ids(self, number) -> list[int]:
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"{self._table}_id_seq",
                number,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _insert_rows(self, rows, names):
        _insert_rows(self, rows, names)


class ServiceClaimLine(models.Model):
    _inherit = "service.claim.line"

    @api.model
    def _insert_rows(self, rows, names):
        _insert_rows(self, rows, names)


def _insert_rows(model, rows, names):
    """Write plain values in one statement; one JSON text is read faster than lists."""
    if not rows:
        return
    # What the rows refer to must be there
    model.env.flush_all()
    types = {"id": "int4"} | {
        name: model._fields[name].column_type[1] for name in names if name != "id"
    }
    model.env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s
                   (%(names)s, create_uid, write_uid, create_date, write_date)
            SELECT %(names)s, %(user)s, %(user)s, now() AT TIME ZONE 'UTC',
                   now() AT TIME ZONE 'UTC'
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (%(types)s)
            """,
            table=SQL.identifier(model._table),
            names=SQL(", ").join(SQL.identifier(name) for name in names),
            types=SQL(", ").join(
                SQL("%s %s", SQL.identifier(name), SQL(types[name])) for name in names
            ),
            user=model.env.uid,
            rows=json.dumps(rows),
        )
    )
