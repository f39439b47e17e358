from odoo import api, models
from odoo.fields import Domain

# What customers are told of a part on a picture
PART_FACTS = ("number", "x", "y", "name", "code", "quantity", "uom")


class ServiceAsset(models.Model):
    _name = "service.asset"
    _inherit = ["service.asset", "service.portal.guard"]

    _portal_readable = frozenset(
        {
            "name",
            "serial",
            "place",
            "active",
            "state",
            "purchase_date",
            "install_date",
            "warranty_end",
            "create_date",
            "write_date",
        }
    )

    @api.model
    def _get_customer_domain(self) -> Domain:
        """The assets of the user's own commercial entity."""
        partner = self.env.user.partner_id.commercial_partner_id
        return Domain("commercial_partner_id", "=", partner.id)

    def _get_portal_rows(self) -> list[dict]:
        """One line per asset of the customer's list; expects sudo."""
        return [
            {
                "id": asset.id,
                "url": f"/my/service/assets/{asset.id}",
                "name": asset.product_id.name,
                "serial": asset.serial,
                "place": asset.place,
                "category": asset.category_id.name,
                "warranty_end": asset.warranty_end,
                "retired": asset.state == "retired",
            }
            for asset in self
        ]

    def _get_customer_diagrams(self):
        """The parts pictures that the owner sees; expects sudo."""
        self.ensure_one()
        shared = self.env["res.company"]
        return self._find_part_diagrams()[self].filtered(
            lambda diagram: (
                diagram.for_customers
                and diagram.company_id in (self.company_id, shared)
            )
        )

    def _get_customer_pictures(self) -> list[dict]:
        """What the page shows of them: no more than what is seen; expects sudo."""
        diagrams = self._get_customer_diagrams()
        pictures = diagrams._prepare_pictures(
            lambda diagram: f"/my/service/assets/{self.id}/pictures/{diagram.id}"
        )
        return [
            {
                "name": picture["name"],
                "image": picture["image"],
                "parts": [
                    {"key": part["number"]} | {name: part[name] for name in PART_FACTS}
                    for part in picture["parts"]
                ],
            }
            for picture in pictures
            if picture["parts"]
        ]

    def _get_portal_documents(self) -> list[dict]:
        """What the warranty asks to be shown, and how far that is; expects sudo.

        What an earlier owner handed in is nobody else's.

        :return: ``{code, name, state, answer}`` each; ``state`` is ``missing``,
            ``pending``, ``accepted`` or ``refused``
        """
        self.ensure_one()
        partner = self.env.user.partner_id.commercial_partner_id
        latest = {}
        for proof in self.warranty_proof_ids.sorted("id"):
            if proof.partner_id == partner:
                latest[proof.document_id.code] = proof
        shown = set(self.warranty_document_ids.mapped("code"))
        rows = []
        for code, name in self.warranty_promise_id._get_document_names().items():
            proof = latest.get(code)
            state = proof.state if proof else "missing"
            if code in shown:
                state = "accepted"
            elif state == "accepted":
                # Taken back by staff: to be shown again
                state = "missing"
            rows.append(
                {
                    "code": code,
                    "name": name,
                    "state": state,
                    "answer": state == "refused" and proof.answer,
                }
            )
        return rows

    def _get_portal_page(self) -> dict:
        self.ensure_one()
        kinds = dict(
            self.env["service.warranty"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        return {
            **self._get_portal_rows()[0],
            "purchase_date": self.purchase_date,
            "install_date": self.install_date,
            "site": self.site_id._display_address(without_company=True).strip(),
            "warranties": [
                {
                    "kind": " · ".join(
                        name
                        for name in (kinds[term.kind], term.component_id.name)
                        if name
                    ),
                    "start": term.date_start,
                    "end": term.date_cut or term.date_end,
                }
                for term in self.warranty_ids
                # What was sold and cancelled never began
                if not term.date_cut or term.date_cut >= term.date_start
            ],
            "documents": self._get_portal_documents(),
            "pictures": self._get_customer_pictures(),
        }
