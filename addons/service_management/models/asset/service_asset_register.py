import csv
import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What a registration may say of an asset
REGISTER_COLUMNS = {
    "company_id",
    "partner_id",
    "site_id",
    "product_id",
    "lot_id",
    "parent_id",
    "installed_by_point_id",
    "installed_by_technician_id",
    "employee_id",
    "department_id",
    "serial",
    "code",
    "place",
    "source",
    "state",
    "note",
    "is_internal",
    "manufacture_date",
    "purchase_date",
    "delivery_date",
    "install_date",
    "sale_line_id",
    "import_id",
    # what is promised, by ``_promise_rows``
    "warranty_promise_id",
    "warranty_pending",
    "warranty_end",
}
DATES = ("manufacture_date", "purchase_date", "delivery_date", "install_date")
# What rows say, in the words of the computes that it stands for
SET_BASED = {
    "name",
    "commercial_partner_id",
    "site_id",
    "serial",
    "category_id",
    # only where an employee uses the asset
    "department_id",
    "user_id",
    # given by forms, not by ``create``
    "properties",
}


class ServiceAsset(models.Model):
    """The one entry for assets that come in numbers: by delivery, sale, customer, file.

    Rows are copied into the table at once, whatever their number, with what ``create``
    would compute: ``tests/asset/test_register.py`` holds both ways against each other.
    What is promised is known before that: writing it afterwards would touch every
    index of each row again. The hook ``_on_registered`` is called once for all.
    """

    _inherit = "service.asset"

    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Sold With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="sales_team.group_sale_salesman",
    )
    import_id = fields.Many2one(
        "service.asset.import",
        string="Imported With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="service_management.group_service_agent",
    )

    @api.model
    def _register_many(self, vals_list):
        """Assets for ``vals_list``, in its order.

        - A product is registered once per serial number and company: what is there
          already is returned, unchanged. An asset that had been returned comes to the
          new customer.
        - Whoever calls decides who may register what; nothing is checked here.

        :param vals_list: dictionaries with keys of ``REGISTER_COLUMNS``; ``partner_id``
            and ``product_id`` are required
        """
        rows = [self._prepare_register_row(vals) for vals in vals_list]
        # sudo: service.asset: a registration follows from what was delivered or sold
        registry = self.sudo()
        known = registry._find_registered(rows)
        fresh = {}
        for row in rows:
            key = self._get_register_key(row)
            if key not in known and key not in fresh:
                fresh[key or id(row)] = row
        registry._insert_registered(list(fresh.values()))
        registry._bring_back(rows, known)
        return self.browse(
            known[self._get_register_key(row)].id
            if self._get_register_key(row) in known
            else fresh[self._get_register_key(row) or id(row)]["id"]
            for row in rows
        )

    @api.model
    def _prepare_register_row(self, vals) -> dict:
        unknown = vals.keys() - REGISTER_COLUMNS
        if unknown:
            raise UserError(
                self.env._(
                    "A registration may not set: %(fields)s.",
                    fields=", ".join(sorted(unknown)),
                )
            )
        row = {"company_id": self.env.company.id, "source": "manual", **vals}
        if row.get("lot_id"):
            row["serial"] = self.env["stock.lot"].sudo().browse(row["lot_id"]).name
        row["serial"] = (row.get("serial") or "").strip() or None
        for name in DATES:
            row[name] = fields.Date.to_date(row.get(name) or None)
        return row

    @api.model
    def _get_register_key(self, row):
        """What makes it the same asset; nothing without a serial number."""
        if not row["serial"]:
            return None
        return (row["product_id"], row["serial"], row["company_id"] or 0)

    @api.model
    def _find_registered(self, rows) -> dict:
        """Registered asset by key, of those in ``rows``."""
        serials = {row["serial"] for row in rows if row["serial"]}
        if not serials:
            return {}
        found = self.with_context(active_test=False).search_fetch(
            [
                ("serial", "in", list(serials)),
                ("product_id", "in", [row["product_id"] for row in rows]),
            ],
            ["product_id", "serial", "company_id", "partner_id", "state"],
        )
        return {
            (asset.product_id.id, asset.serial, asset.company_id.id or 0): asset
            for asset in found
        }

    @api.model
    def _bring_back(self, rows, known):
        """Give assets that had been returned to the customers who have them now."""
        for row in rows:
            asset = known.get(self._get_register_key(row))
            if asset and asset.state == "returned":
                day = row.get("delivery_date") or row.get("purchase_date")
                asset.with_context(
                    service_transfer_date=fields.Date.to_date(day)
                ).write(
                    {
                        "partner_id": row["partner_id"],
                        "site_id": row.get("site_id") or row["partner_id"],
                        "state": "active",
                        "active": True,
                    }
                )

    @api.model
    def _insert_registered(self, rows):
        """Insert assets for ``rows``, and what follows.

        :param rows: dictionaries of ``REGISTER_COLUMNS``, all of them valid, dates as
            ``date``, with ``commercial_partner_id`` where it is known; each gets the
            ``id`` of its asset. A row whose serial number is registered already is an
            error.
        """
        if not rows:
            return self.browse()
        ids = self.env.execute_query(
            SQL(
                "SELECT nextval('service_asset_id_seq')::int "
                "FROM generate_series(1, %s)",
                len(rows),
            )
        )
        for row, (number,) in zip(rows, ids, strict=True):
            row["id"] = number
        terms = self._promise_rows(rows)
        self._complete_rows(rows)
        assets = self._copy_rows(rows)
        self._copy_terms(terms)
        assets._compute_registered()
        assets._on_registered()
        return assets

    @api.model
    def _complete_rows(self, rows):
        """Add to ``rows`` what follows from the product and the customer."""
        commercial = self._find_commercial(
            {row["partner_id"] for row in rows if not row.get("commercial_partner_id")}
        )
        # Together: each product by itself would be read by itself
        products = {
            product.id: (product.name, product.categ_id.id or None)
            for product in self.env["product.product"].browse(
                {row["product_id"] for row in rows}
            )
        }
        for row in rows:
            partner = row["partner_id"]
            name, category = products[row["product_id"]]
            serial = row.get("serial")
            row["name"] = f"{name} · {serial}" if name and serial else name or serial
            row["category_id"] = category
            row["site_id"] = row.get("site_id") or partner
            row["state"] = row.get("state") or "active"
            row["is_internal"] = row.get("is_internal") or False
            if not row.get("commercial_partner_id"):
                row["commercial_partner_id"] = commercial[partner]

    @api.model
    def _find_commercial(self, partner_ids) -> dict:
        """Partner id → id of the customer it belongs to."""
        if not partner_ids:
            return {}
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, commercial_partner_id FROM res_partner "
                    "WHERE id = ANY(%s)",
                    list(partner_ids),
                )
            )
        )

    @api.model
    def _copy_rows(self, rows):
        """``COPY`` what ``rows`` say, and what is the same in all; the new assets."""
        self.flush_model()
        # None of the columns that nobody fills: a registration fills few of them
        empty = dict.fromkeys(name for row in rows for name in row)
        empty |= self._get_register_constants([*REGISTER_COLUMNS, *empty])
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(
            (empty | row).values() for row in rows
        )
        self._copy_lines("service_asset", empty, [text.getvalue()])
        return self.browse(row["id"] for row in rows)

    @api.model
    def _format_row(self, row) -> str:
        """A row of values as a line for ``COPY``; ``None`` and empty texts are NULL.

        Lines end with both signs: a text that holds one of them is quoted then.
        """
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n").writerow(row)
        return line.getvalue()

    @api.model
    def _copy_lines(self, table, names, lines):
        """``COPY`` to the columns ``names`` of ``table`` what ``_format_row`` made."""
        columns = ", ".join(names)
        self.env.cr.copy_expert(
            f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv)",
            io.StringIO("".join(lines), newline=""),
        )

    @api.model
    def _get_register_constants(self, given) -> dict:
        """Column → value, of the columns that are the same in all new rows."""
        now = self.env.cr.now()
        uid = self.env.uid
        constants = {
            "create_uid": uid,
            "write_uid": uid,
            "create_date": now,
            "write_date": now,
        }
        names = [
            name
            for name, field in self._fields.items()
            if field.store
            and field.column_type
            and field.default
            and name not in given
            and name not in constants
        ]
        for name, value in self.default_get(names).items():
            field = self._fields[name]
            constants[name] = field.convert_to_column_insert(value, self)
        return constants

    def _compute_registered(self):
        """Stored computes that the statement does not stand for, by the ORM."""
        if not self:
            return
        for name, field in self._fields.items():
            if (
                field.store
                and field.compute
                and field.column_type
                and name not in SET_BASED
                and name not in REGISTER_COLUMNS
            ):
                self.env.add_to_compute(field, self)
        used = self.search([("id", "in", self.ids), ("employee_id", "!=", False)])
        if used:
            self.env.add_to_compute(self._fields["user_id"], used)
            unplaced = used.filtered(lambda asset: not asset.department_id)
            self.env.add_to_compute(self._fields["department_id"], unplaced)
