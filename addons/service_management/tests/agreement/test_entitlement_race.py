from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.service_management.engine import entitlement as engine
from odoo.addons.service_management.tests.race import RaceCase

ROUNDS = 50
RIVALS = 8
QUOTA = 3


NONE_LEFT = "none left"


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestEntitlementRace(BaseCase):
    """LESSONS L25: three are left, eight requests come at the same moment.

    Real transactions; everything made here is removed again.
    """

    _env = RaceCase._env
    _compete = RaceCase._compete

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._env() as env:
            self.partner_id = env["res.partner"].create({"name": "Race Customer"}).id
            self.type_id = (
                env["service.type"]
                .create(
                    {
                        "name": "Race",
                        "code": "race_entitlement",
                        "entitlement_kind": "on_site",
                    }
                )
                .id
            )

    def _clean_up(self):
        """Remove what was committed, past the rules that protect real records."""
        with self._env() as env:
            orders = env["service.order"].search([("type_id", "=", self.type_id)])
            contracts = env["service.contract"].search(
                [("partner_id", "=", self.partner_id)]
            )
            env.cr.execute("ALTER TABLE service_entitlement_entry DISABLE TRIGGER USER")
            for query, ids in (
                (
                    "DELETE FROM service_entitlement_entry WHERE contract_id = ANY(%s)",
                    contracts.ids,
                ),
                ("DELETE FROM service_workitem WHERE order_id = ANY(%s)", orders.ids),
                (
                    "DELETE FROM service_order_event WHERE order_id = ANY(%s)",
                    orders.ids,
                ),
                (
                    "DELETE FROM mail_message WHERE model = 'service.order' "
                    "AND res_id = ANY(%s)",
                    orders.ids,
                ),
                ("DELETE FROM service_order WHERE id = ANY(%s)", orders.ids),
                (
                    "DELETE FROM mail_message WHERE model = 'service.contract' "
                    "AND res_id = ANY(%s)",
                    contracts.ids,
                ),
                ("DELETE FROM service_contract WHERE id = ANY(%s)", contracts.ids),
            ):
                env.cr.execute(query, [ids])
            env.cr.execute("ALTER TABLE service_entitlement_entry ENABLE TRIGGER USER")
            env.invalidate_all()
            env["service.type"].browse(self.type_id).unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def _make_quota(self):
        """A contract with three visits left, and eight requests that want one."""
        with self._env() as env:
            contract = env["service.contract"].create(
                {
                    "name": "Race",
                    "partner_id": self.partner_id,
                    "date_start": fields.Date.today() - timedelta(days=1),
                    "date_end": fields.Date.today() + timedelta(days=30),
                    "state": "active",
                    "entitlement_ids": [
                        Command.create({"kind": "on_site", "quantity": QUOTA})
                    ],
                }
            )
            orders = env["service.order"].create(
                [
                    {
                        "partner_id": self.partner_id,
                        "type_id": self.type_id,
                        "contract_id": contract.id,
                        "description": "race",
                    }
                ]
                * RIVALS
            )
            return contract.entitlement_ids.period_ids.id, orders.ids

    def _read(self, period_id, order_ids):
        """(available, sum of the ledger, coverage states) as they were committed."""
        with self._env() as env:
            period = env["service.entitlement.period"].browse(period_id)
            orders = env["service.order"].browse(order_ids)
            return (
                period.available,
                sum(period.entry_ids.mapped("change")),
                sorted(orders.mapped("coverage_state")),
            )

    def _register_together(self, order_ids):
        return self._compete(
            [
                lambda env, id_=id_: env["service.order"].browse(id_).action_register()
                for id_ in order_ids
            ]
        )

    def test_three_left_and_eight_parallel_requests_promise_exactly_three(self):
        for __ in range(ROUNDS):
            period_id, order_ids = self._make_quota()
            results = self._register_together(order_ids)
            self.assertEqual(results, ["won"] * RIVALS, "each request is registered")
            available, total, states = self._read(period_id, order_ids)
            self.assertEqual((available, total), (0, 0))
            self.assertEqual(
                states, ["covered"] * QUOTA + ["refused"] * (RIVALS - QUOTA)
            )

    def _take_together(self, period_id):
        """Eight take one unit of the ledger itself, if they see one left."""

        def take(env):
            period = env["service.entitlement.period"].browse(period_id)
            rows = engine.reserve(period.available, 1, False)
            if not rows:
                raise UserError(NONE_LEFT)
            env["service.entitlement.entry"]._add([(period, row, {}) for row in rows])

        return self._compete([take] * RIVALS)

    def test_the_ledger_itself_gives_out_no_more_than_there_is(self):
        for __ in range(10):
            period_id, __ids = self._make_quota()
            results = self._take_together(period_id)
            self.assertEqual(
                sorted(results), ["refused"] * (RIVALS - QUOTA) + ["won"] * QUOTA
            )
            self.assertEqual(self._read(period_id, [])[:2], (0, 0))

    def test_without_the_guard_the_race_is_lost(self):
        """Proves that the tests above would notice a missing guard."""
        trigger = "service_entitlement_entry_book"
        period_id, __ = self._make_quota()
        with self._env() as env:
            env.cr.execute(
                f"ALTER TABLE service_entitlement_entry DISABLE TRIGGER {trigger}"
            )
        try:
            results = self._take_together(period_id)
        finally:
            with self._env() as env:
                env.cr.execute(
                    f"ALTER TABLE service_entitlement_entry ENABLE TRIGGER {trigger}"
                )
        self.assertGreater(results.count("won"), QUOTA, results)
        self.assertLess(self._read(period_id, [])[1], 0, "the sum fell below zero")

    def test_using_and_giving_back_at_the_same_moment_keep_the_sum(self):
        for __ in range(10):
            period_id, order_ids = self._make_quota()
            with self._env() as env:
                env["service.order"].browse(order_ids).action_register()
            works = [
                lambda env, id_=order_ids[0]: (
                    env["service.order"].browse(id_)._mark_done()
                ),
                *(
                    lambda env, id_=id_: (
                        env["service.order"].browse(id_).action_cancel("no")
                    )
                    for id_ in order_ids[1:QUOTA]
                ),
            ]
            self.assertEqual(self._compete(works), ["won"] * QUOTA)
            available, total, __states = self._read(period_id, order_ids)
            self.assertEqual((available, total), (2, 2))
