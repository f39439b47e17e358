from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from odoo.addons.service_management.tests.common import ServiceCommon


class ContractCommon(ServiceCommon):
    """A contract of the customer that promises three visits a year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.type_repair.entitlement_kind = "on_site"
        # Out of warranty, so that a repair is taken from the contract
        cls.asset.warranty_ids.unlink()
        cls.asset.install_date = cls.today - timedelta(days=3000)
        cls.asset.warranty_ids.unlink()
        cls.contract = cls._make_contract({"kind": "on_site", "quantity": 3})
        cls.visits = cls.contract.entitlement_ids

    @classmethod
    def _make_contract(cls, *terms, state="active", days=(-10, 354), **vals):
        """An active contract with an entitlement for each of ``terms``."""
        return cls.env["service.contract"].create(
            {
                "name": "Care",
                "partner_id": cls.customer.id,
                "date_start": cls.today + timedelta(days=days[0]),
                "date_end": cls.today + timedelta(days=days[1]),
                "state": state,
                "entitlement_ids": [Command.create(line) for line in terms],
                **vals,
            }
        )

    def assertLedger(self, records, expected):
        """Compare (kind, quantity, change) of the entries of orders or entitlements."""
        if records._name == "service.order":
            entries = records.entitlement_entry_ids
        else:
            entries = records.entry_ids
        found = [
            (entry.kind, entry.quantity, entry.change) for entry in entries.sorted("id")
        ]
        self.assertEqual(found, expected)

    def assertBalanced(self, entitlements):
        """What the guard rows say is the sum of the ledger, in the database."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT period.id, period.available, COALESCE(sum(entry.change), 0)
            FROM service_entitlement_period period
            LEFT JOIN service_entitlement_entry entry ON entry.period_id = period.id
            WHERE period.entitlement_id = ANY(%s) AND NOT period.is_unlimited
            GROUP BY period.id
            """,
            [entitlements.ids],
        )
        for __, available, total in self.env.cr.fetchall():
            self.assertEqual(available, total)
            self.assertGreaterEqual(available, 0)
