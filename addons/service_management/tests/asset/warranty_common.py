from odoo.fields import Command

from odoo.addons.service_management.tests.common import ServiceCommon


class WarrantyCommon(ServiceCommon):
    """Products with templates, and assets installed on the first of January."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.section = cls.env.ref("service_management.fault_section_cmp")
        cls.component = cls.env["service.warranty.component"].create(
            {
                "name": "Compressor",
                "code": "test_compressor",
                "section_ids": [Command.set(cls.section.ids)],
            }
        )
        cls.extension = cls._make_product(
            name="Two More Years",
            type="service",
            service_warranty_extension_id=cls._make_template(("labour", 24)).id,
        )

    @classmethod
    def _make_template(cls, *lines, basis="use", **vals):
        """A template with a line for each (kind, months[, component])."""
        return cls.env["service.warranty.template"].create(
            {
                "name": "Test Terms",
                "line_ids": [
                    Command.create(
                        {
                            "kind": kind,
                            "months": months,
                            "component_id": component[0].id if component else False,
                            "basis": basis,
                        }
                    )
                    for kind, months, *component in lines
                ],
                **vals,
            }
        )

    @classmethod
    def _make_product(cls, **vals):
        return cls.env["product.product"].create(
            {"name": "Test Product", "type": "consu", **vals}
        )

    @classmethod
    def _make_ac(cls):
        """A product whose compressor is covered for ten years."""
        return cls._make_product(
            service_warranty_template_id=cls._make_template(
                ("labour", 12), ("parts", 12), ("parts", 120, cls.component)
            ).id
        )

    @classmethod
    def _make_asset(cls, product, **vals):
        return cls.env["service.asset"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": product.id,
                "install_date": "2026-01-01",
                **vals,
            }
        )

    @classmethod
    def _extend(cls, asset, product=None):
        return cls.env["service.warranty.extension"].create(
            {
                "asset_id": asset.id,
                "product_id": (product or cls.extension).id,
                "date": "2026-02-01",
            }
        )

    @staticmethod
    def _get_ends(asset):
        """Kind → months of the terms of an asset."""
        return {
            term.kind: (term.date_end.year - term.date_start.year) * 12
            + term.date_end.month
            - term.date_start.month
            + 1
            for term in asset.warranty_ids
        }
