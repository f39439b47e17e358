"""From rows of a list to what they mean: products, customers, places.

Whatever the number of rows, each kind of record is looked up once: a list of a million
rows must not ask the database a million times. Keys are joined, not listed in a
condition: ten thousand of them against an index for parts of texts take a minute.
"""

from collections import defaultdict

from odoo.tools import SQL, email_normalize

from odoo.addons.service_management.engine.asset_sheet import Problem, read_asset
from odoo.addons.service_management.engine.caller_key import name_key, phone_key

# By what a customer is known, the surest first
CUSTOMER_FIELDS = ("customer_ref", "phone", "email", "customer_name")
COPIED = (
    "serial",
    "code",
    "place",
    "note",
    "manufacture_date",
    "purchase_date",
    "delivery_date",
    "install_date",
)


class AssetRows:
    """Rows read and looked up: ``good`` can be registered, ``refused`` cannot.

    :param env: of the superuser, in the company that gets the assets
    :param record: the import, for what holds for all rows
    :param targets: what each column means, by its position

    After ``resolve``: ``good`` are dictionaries for ``_insert_registered``,
    ``refused`` are ``(line, values, problems)``, ``existing`` is the number of rows
    whose asset is there already.
    """

    def __init__(self, env, record, targets):
        self.env = env
        self.company = record.company_id
        self.record = record
        self.targets = targets
        self.good = []
        self.refused = []
        self.existing = 0

    def resolve(self, rows):
        today = self.company._get_service_day()
        read = []
        for line, values in rows:
            if isinstance(values, str):
                self.refused.append((line, [], [Problem("", values)]))
                continue
            said = {
                self.targets[position]: value
                for position, value in enumerate(values)
                if position in self.targets
            }
            row, problems = read_asset(said, today)
            read.append((line, values, row, problems))
        texts = defaultdict(set)
        for __, __, row, __ in read:
            for name, value in row.items():
                texts[name].add(value)
        self._load(texts)
        for line, values, row, problems in read:
            vals = self._look_up(row, problems)
            if not problems:
                self._check_known(row, vals, problems)
            if problems:
                self.refused.append((line, values, problems))

    # Looking up, once for all rows

    def _load(self, texts):
        self.products = self._find_products(texts["product"])
        self.customers = {
            name: self._find_partners(name, texts[name])
            for name in (*CUSTOMER_FIELDS, "site_ref")
            if texts[name]
        }
        points = self._find("service.point", texts["point"], "code", "name")
        self.points = points
        self.employees = self._find(
            "hr.employee", texts["employee"], "work_email", "name"
        )
        self.departments = self._find("hr.department", texts["department"], "name")
        self.by_serial = self._find_assets("serial", texts["serial"])
        self.by_code = self._find_assets("code", texts["code"])

    def _find(self, model, texts, *names) -> dict:
        """Text → ids of the records with it in the first of the fields that has it."""
        found = defaultdict(list)
        for name in names:
            missing = [text for text in texts if text not in found]
            if not missing:
                break
            for record in self.env[model].search(
                [(name, "in", missing), ("company_id", "in", (False, self.company.id))]
            ):
                found[record[name]].append(record.id)
        return found

    def _find_products(self, texts) -> dict:
        """Text → ids of the products with this reference, barcode, else name."""
        found = defaultdict(list)
        products = self.env["product.product"]
        for name in ("default_code", "barcode", "name"):
            missing = [text for text in texts if text not in found]
            if not missing:
                break
            for product in products.search(
                [
                    (name, "in", missing),
                    ("type", "=", "consu"),
                    ("company_id", "in", (False, self.company.id)),
                ]
            ):
                found[product[name]].append(product.id)
        return found

    def _find_partners(self, name, texts) -> dict:
        """Text → ``[(id, commercial id, name key)]`` of the customers known by it."""
        keys = defaultdict(set)
        for text in texts:
            for key in self._get_partner_keys(name, text):
                keys[key].add(text)
        if not keys:
            return {}
        column = {
            "customer_ref": "ref",
            "site_ref": "ref",
            "phone": "service_phone_key",
            "email": "email_normalized",
            "customer_name": "service_name_key",
        }[name]
        partners = self.env["res.partner"]
        partners.flush_model([column, "commercial_partner_id", "active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.key, partner.id, partner.commercial_partner_id,
                       partner.service_name_key
                  FROM unnest(%(keys)s) AS wanted(key)
                  JOIN res_partner partner ON partner.%(column)s = wanted.key
                 WHERE partner.active AND partner.partner_share
                   AND (partner.company_id IS NULL OR partner.company_id = %(company)s)
                 ORDER BY partner.id
                """,
                column=SQL.identifier(column),
                keys=list(keys),
                company=self.company.id,
            )
        )
        found = defaultdict(list)
        for key, *partner in rows:
            for text in keys[key]:
                found[text].append(tuple(partner))
        return found

    def _get_partner_keys(self, name, text) -> list[str]:
        """As what the text may be stored."""
        if name == "phone":
            digits = phone_key(text)
            if not digits or len(digits) < 7:
                return []
            code = str(self.company.country_id.phone_code or "")
            return [
                digits,
                *([code + digits] if code else ()),
                *([digits[len(code) :]] if code and digits.startswith(code) else ()),
            ]
        if name == "email":
            return [email for email in [email_normalize(text)] if email]
        if name == "customer_name":
            return [key for key in [name_key(text)] if key]
        return [text]

    def _find_assets(self, name, texts) -> dict:
        """Key → commercial partner, of the assets that are there."""
        if not texts:
            return {}
        self.env["service.asset"].flush_model([name, "product_id", "partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.key, asset.product_id, asset.commercial_partner_id
                  FROM unnest(%(texts)s) AS wanted(key)
                  JOIN service_asset asset ON asset.%(name)s = wanted.key
                 WHERE COALESCE(asset.company_id, 0) = %(company)s
                """,
                name=SQL.identifier(name),
                texts=list(texts),
                company=self.company.id,
            )
        )
        return {
            (text, product) if name == "serial" else text: commercial
            for text, product, commercial in rows
        }

    # Row by row, without the database

    def _look_up(self, row, problems) -> dict:
        """Values of the asset; what is not found is added to ``problems``."""
        vals = {name: row[name] for name in COPIED if name in row}
        vals |= {
            "company_id": self.company.id,
            "source": "import",
            "import_id": self.record.id,
            "is_internal": self.record.is_internal,
        }
        if "product" in row:
            found = self.products.get(row["product"], ())
            if len(found) == 1:
                vals["product_id"] = found[0]
            else:
                code = "product_many" if found else "product_unknown"
                problems.append(Problem("product", code, row["product"]))
        partner, commercial = self._look_up_customer(row, problems)
        vals["partner_id"] = partner
        vals["commercial_partner_id"] = commercial
        if "site_ref" in row and partner:
            sites = [
                site
                for site, owner, __ in self.customers["site_ref"].get(
                    row["site_ref"], ()
                )
                if owner == commercial
            ]
            if len(sites) == 1:
                vals["site_id"] = sites[0]
            else:
                problems.append(Problem("site_ref", "site_unknown", row["site_ref"]))
        for name, target, found in (
            ("point", "installed_by_point_id", self.points),
            ("employee", "employee_id", self.employees),
            ("department", "department_id", self.departments),
        ):
            if name in row:
                ids = found.get(row[name], ())
                vals[target] = ids[0] if len(ids) == 1 else None
                if not vals[target]:
                    code = f"{name}_many" if ids else f"{name}_unknown"
                    problems.append(Problem(name, code, row[name]))
        return vals

    def _look_up_customer(self, row, problems):
        """(id, commercial id) of the customer: by the surest thing that is said."""
        name = next((name for name in CUSTOMER_FIELDS if name in row), None)
        if not name:
            if self.record.is_internal:
                partner = self.company.partner_id
                return partner.id, partner.commercial_partner_id.id
            problems.append(Problem("customer_ref", "customer_missing"))
            return None, None
        found = self.customers[name].get(row[name], ())
        if len(found) > 1 and "customer_name" in row:
            # Several share the number: the one who is called so
            key = name_key(row["customer_name"])
            found = [partner for partner in found if partner[2] == key] or found
        if len(found) > 1 and len({owner for __, owner, __ in found}) == 1:
            # Contacts of one customer: the customer itself
            found = [(found[0][1], found[0][1], None)]
        if len(found) == 1:
            return found[0][:2]
        code = "customer_many" if found else "customer_unknown"
        problems.append(Problem(name, code, row[name]))
        return None, None

    def _check_known(self, row, vals, problems):
        """Take the row unless its asset is there, in the database or further up."""
        commercial = vals["commercial_partner_id"]
        serial, code = row.get("serial"), row.get("code")
        key = serial and (serial, vals["product_id"])
        owner = self.by_serial.get(key) if key else None
        if owner is None and code and not serial:
            owner = self.by_code.get(code)
        if owner is not None:
            if owner == commercial:
                self.existing += 1
            else:
                name = "serial" if serial else "code"
                problems.append(Problem(name, "taken", row[name]))
            return
        if code and code in self.by_code:
            problems.append(Problem("code", "code_taken", code))
            return
        if key:
            self.by_serial[key] = commercial
        if code:
            self.by_code[code] = commercial
        self.good.append(vals)
