"""What a database made by an earlier version gets when it is upgraded.

``tests/test_lifecycle.py`` upgrades one that was made to look old.
"""

from pathlib import Path

from odoo.fields import Domain
from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged

SCRIPTS = Path(__file__).parents[2] / "migrations" / "19.0.1.0.2"


@tagged("post_install", "-at_install")
class TestUpgrade(TransactionCase):
    def _run(self, name):
        self.env.flush_all()
        script = SCRIPTS / f"{name}.py"
        load_script(str(script), name).migrate(self.env.cr, "19.0.1.0.1")
        self.env.invalidate_all()

    def _get_indexes(self) -> dict:
        self.env.cr.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s",
            ["service_asset"],
        )
        return dict(self.env.cr.fetchall())

    def test_indexes_of_another_kind_make_room(self):
        """Odoo makes none where there is one of that name."""
        before = self._get_indexes()
        self._run("pre-asset_indexes")
        self.assertEqual(self._get_indexes(), before)
        self.env.cr.execute(
            """
            DROP INDEX service_asset__code_index;
            CREATE INDEX service_asset__code_index ON service_asset (code);
            CREATE INDEX service_asset__product_id_index ON service_asset (product_id)
            """
        )
        self._run("pre-asset_indexes")
        after = self._get_indexes()
        self.assertEqual(before.keys() - after.keys(), {"service_asset__code_index"})
        self.assertFalse(after.keys() - before.keys())

    def test_types_without_any_effect_get_those_of_a_new_database(self):
        types = (
            self.env["service.type"].with_context(active_test=False).search(Domain.TRUE)
        )
        types.asset_effect = False
        self._run("post-asset_effect")
        for name, effect in (
            ("delivery", "delivered"),
            ("installation", "installed"),
            ("return", "returned"),
            ("repair", False),
        ):
            kind = self.env.ref(f"service_management.type_{name}")
            self.assertEqual(kind.asset_effect, effect)

    def test_an_effect_that_somebody_emptied_stays_empty(self):
        installation = self.env.ref("service_management.type_installation")
        installation.asset_effect = False
        self._run("post-asset_effect")
        self.assertFalse(installation.asset_effect)
