"""From what people write to the records they mean: types, products, customers.

Whatever the number of requests, each kind of record is looked up once.
"""

from odoo.fields import Domain
from odoo.tools import email_normalize

from odoo.addons.service_management.engine.request_input import Problem
from odoo.addons.service_management.models.base.res_partner import (
    MIN_PHONE_DIGITS,
    phone_key,
)

NEW_CUSTOMER_FIELDS = ("phone", "email", "street", "city", "zip")


class RequestResolver:
    """Values for ``service.order._create_from_channel`` out of read requests.

    Who asks, by the surest thing that was said:

    1. the customer's id, then its reference;
    2. the owner of the asset with the serial number;
    3. the phone number, then the e-mail address; where several share one, the one
       who has the name that was given, else the one that the others belong to;
    4. else a new customer, if a name was given.

    :param env: of the superuser, in the company that gets the orders: what is looked
        up is named by the caller, and nothing of it is told back
    """

    def __init__(self, env, inputs):
        self.env = env
        self.company = env.company
        self.inputs = inputs
        self._load_catalogue()
        self._load_assets()
        self._load_customers()

    # Looking up

    def _load_catalogue(self):
        self.types = self._map_names(self.env["service.type"].search([]), "code")
        wanted = {
            text.lower()
            for request in self.inputs
            for text in (request.symptom, request.condition)
            if text
        }
        codes = self.env["service.fault.code"]
        if wanted:
            codes = codes.search([("kind", "in", ("symptom", "condition"))])
        self.faults = {
            kind: self._map_names(
                codes.filtered(lambda code, kind=kind: code.kind == kind), "code"
            )
            for kind in ("symptom", "condition")
        }
        products = self._search(
            "product.product", "default_code", self._get_all("product")
        )
        self.products = products.grouped(lambda rec: rec.default_code)
        field = self.env["service.order"]._fields["priority"]
        self.priorities = {}
        for env in self._envs():
            for value, label in field._description_selection(env):
                self.priorities |= {value: value, label.lower(): value}

    def _envs(self):
        """In English and in the language of whoever asks: both may be written."""
        langs = {"en_US", self.env.lang or "en_US"}
        return [self.env(context={**self.env.context, "lang": lang}) for lang in langs]

    def _map_names(self, records, code):
        """Records by what they are called; a code goes before a name."""
        found = {}
        for env in self._envs():
            for record in records.with_env(env):
                found.setdefault(record.name.lower(), record.with_env(self.env))
        return found | {
            record[code].lower(): record for record in records if record[code]
        }

    def _load_assets(self):
        self.assets = self._search(
            "service.asset", "serial", self._get_all("serial")
        ).grouped("serial")

    def _load_customers(self):
        partners = self.env["res.partner"]
        ids = {request.customer_id for request in self.inputs} - {0}
        found = partners.search([("id", "in", list(ids)), *self._get_own_domain()])
        self.by_id = {partner.id: partner for partner in found}
        self.by_ref = self._search(
            "res.partner", "ref", self._get_all("customer_ref")
        ).grouped("ref")
        keys = {
            key for request in self.inputs for key in self._get_phones(request.phone)
        }
        own = Domain(self._get_own_domain()) & Domain("partner_share", "=", True)
        found = partners
        if keys:
            named = partners._get_phone_keys_domain(keys)
            found = partners.search(named & own, order="id")
        self.by_phone = found.grouped("service_phone_key")
        emails = {email_normalize(request.email) for request in self.inputs} - {False}
        self.by_email = self._search(
            "res.partner", "email_normalized", emails, (("partner_share", "=", True),)
        ).grouped("email_normalized")

    def _get_all(self, name):
        return {value for request in self.inputs if (value := getattr(request, name))}

    def _search(self, model, field, values, extra=()):
        records = self.env[model]
        if not values:
            return records
        domain = [(field, "in", list(values)), *extra, *self._get_own_domain()]
        return records.search(domain, order="id")

    def _get_own_domain(self):
        return [("company_id", "in", (False, self.company.id))]

    def _get_phones(self, phone):
        """The ways a number may be stored in: with the country's prefix or not."""
        key = phone_key(phone)
        if not key or len(key) < MIN_PHONE_DIGITS:
            return ()
        prefix = str(self.company.country_id.phone_code or "")
        keys = [key, prefix + key]
        if prefix and key.startswith(prefix) and len(key) > len(prefix) + 6:
            keys.append(key[len(prefix) :])
        return dict.fromkeys(keys)

    # Answering

    def resolve(self, request) -> tuple[dict, list[Problem]]:
        """Values of an order, without a customer where a new one is to be made."""
        vals, problems = {}, []
        for field, known in (
            ("type", self.types),
            ("symptom", self.faults["symptom"]),
            ("condition", self.faults["condition"]),
        ):
            text = getattr(request, field)
            if text and text.lower() in known:
                vals[f"{field}_id"] = known[text.lower()].id
            elif text:
                problems.append(Problem(field, "unknown", text))
        service_type = self.types.get(request.type.lower())
        if service_type and service_type.fault_required and not request.symptom:
            problems.append(Problem("symptom", "needed_for_type", request.type))
        if request.priority:
            vals["priority"] = self.priorities.get(request.priority.lower())
            if vals["priority"] is None:
                problems.append(Problem("priority", "unknown", request.priority))
        self._resolve_product(request, vals, problems)
        customer, wrong = self._find_customer(request)
        problems += wrong
        self._resolve_asset(request, customer, vals, problems)
        if customer:
            vals["partner_id"] = customer.id
        vals |= {
            name: value
            for name, value in (
                ("description", request.description),
                ("date_preferred", request.preferred_time),
                ("phone", request.phone),
                ("email", request.email),
                ("date_request", request.requested_on),
                ("date_fault", request.fault_date),
            )
            if value
        }
        return vals, problems

    def _resolve_product(self, request, vals, problems):
        if not request.product:
            return
        products = self.products.get(request.product)
        if products:
            vals["product_id"] = products[0].id
        else:
            problems.append(Problem("product", "unknown", request.product))

    def _resolve_asset(self, request, customer, vals, problems):
        if not request.serial:
            return
        assets = self.assets.get(request.serial, self.env["service.asset"])
        if customer:
            family = customer.commercial_partner_id
            own = assets.filtered(lambda rec: rec.commercial_partner_id == family)
            if assets and not own:
                problems.append(Problem("serial", "of_another", request.serial))
            assets = own
        if len(assets) == 1:
            vals["asset_id"] = assets.id
            vals.pop("product_id", None)
        elif len(assets) > 1:
            problems.append(Problem("serial", "several", request.serial))
        elif not any(problem.field == "serial" for problem in problems):
            problems.append(Problem("serial", "unknown", request.serial))

    def _find_customer(self, request):
        """``(customer or nobody, problems)``."""
        nobody = self.env["res.partner"]
        if request.customer_id:
            found = self.by_id.get(request.customer_id, nobody)
            missing = Problem("customer_id", "unknown", str(request.customer_id))
            return found, [] if found else [missing]
        if request.customer_ref and request.customer_ref in self.by_ref:
            return self._choose(request, "customer_ref", self.by_ref)
        if request.customer_ref and not request.customer_name:
            return nobody, [Problem("customer_ref", "unknown", request.customer_ref)]
        owners = self.assets.get(request.serial, self.env["service.asset"]).partner_id
        if len(owners) == 1 and not request.customer_name:
            return owners, []
        for field, known, keys in (
            ("phone", self.by_phone, self._get_phones(request.phone)),
            ("email", self.by_email, [email_normalize(request.email)]),
        ):
            for key in keys:
                if key in known:
                    return self._choose(request, field, known, key)
        if request.customer_name:
            return nobody, []
        named = next(
            (name for name in ("phone", "email") if getattr(request, name)), "serial"
        )
        return nobody, [Problem(named, "nobody", getattr(request, named))]

    def _choose(self, request, field, known, key=None):
        """One of several whom the same words mean."""
        found = known[key or getattr(request, field)]
        if len(found) > 1 and request.customer_name:
            name = request.customer_name.lower()
            found = (
                found.filtered(lambda rec: (rec.name or "").lower() == name) or found
            )
        if len(found) > 1:
            # Of a company and its people, the one that the others belong to
            roots = found.commercial_partner_id & found
            found = roots if len(roots) == 1 else found
        if len(found) > 1:
            several = Problem(field, "several", getattr(request, field))
            return self.env["res.partner"], [several]
        return found, []

    # New customers

    def create_customers(self, requests) -> dict[int, int]:
        """Customers for the requests that need new ones: index of request → partner.

        The same person in two requests is one customer.
        """
        by_person = {}
        for index, request in requests.items():
            by_person.setdefault(self._identify(request), []).append(index)
        vals_list = [
            {
                "name": requests[indexes[0]].customer_name,
                "ref": requests[indexes[0]].customer_ref or False,
                **{
                    name: value
                    for name in NEW_CUSTOMER_FIELDS
                    if (value := getattr(requests[indexes[0]], name))
                },
            }
            for indexes in by_person.values()
        ]
        partners = self.env["res.partner"].create(vals_list)
        return {
            index: partner.id
            for partner, indexes in zip(partners, by_person.values(), strict=True)
            for index in indexes
        }

    def _identify(self, request):
        return (
            request.customer_ref,
            phone_key(request.phone)
            or email_normalize(request.email)
            or request.customer_name.lower(),
        )
