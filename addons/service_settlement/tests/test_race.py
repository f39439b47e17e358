import threading
from datetime import date
from unittest.mock import patch

from psycopg2 import errors

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

POINTS = 3
ORDERS = 4
MONTH = (date(2001, 2, 1), date(2001, 2, 28))

CLEANING = (
    "DELETE FROM service_claim_line WHERE claim_id IN %(claims)s",
    "DELETE FROM service_claim WHERE id IN %(claims)s",
    "UPDATE service_settlement SET move_id = NULL WHERE point_id IN %(points)s",
    "DELETE FROM account_move_line WHERE journal_id IN %(journals)s",
    "DELETE FROM account_move WHERE journal_id IN %(journals)s",
    "DELETE FROM service_settlement WHERE point_id IN %(points)s",
    "DELETE FROM service_tariff_line WHERE tariff_id IN %(tariffs)s",
    "DELETE FROM service_tariff WHERE id IN %(tariffs)s",
    "DELETE FROM service_order WHERE id IN %(orders)s",
    "DELETE FROM mail_message WHERE (model = 'service.order' AND res_id IN %(orders)s)"
    " OR (model = 'service.point' AND res_id IN %(points)s)",
    "DELETE FROM mail_followers WHERE (res_model = 'service.order' "
    "AND res_id IN %(orders)s) OR partner_id IN %(partners)s",
    "UPDATE service_point SET location_id = NULL WHERE id IN %(points)s",
    "DELETE FROM service_point WHERE id IN %(points)s",
    "DELETE FROM stock_location WHERE id IN %(locations)s",
    "UPDATE res_company SET service_settlement_journal_id = %(previous)s "
    "WHERE service_settlement_journal_id IN %(journals)s",
    "DELETE FROM account_journal WHERE id IN %(journals)s",
    "DELETE FROM account_account WHERE id IN %(accounts)s",
    "DELETE FROM res_partner WHERE id IN %(partners)s",
)


@tagged("-standard", "post_install", "-at_install", "service_settlement_race")
class TestRace(BaseCase):
    """Two runs of one month at the same time, with real commits: nothing doubles."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.created = {}
        self.addCleanup(self._clean)
        with self._env() as env:
            self._make_world(env)

    def _env(self):
        return _Environment(self.registry)

    def _make_world(self, env):
        """A tariff in a month of its own, points, and finished orders."""
        company = env.company
        partners = env["res.partner"].create(
            [{"name": f"Race {number}", "is_company": True} for number in range(POINTS)]
        )
        account = env["account.account"].create(
            {
                "name": "Race payable",
                "code": "RACE1",
                "account_type": "liability_payable",
                "reconcile": True,
            }
        )
        expense = env["account.account"].create(
            {"name": "Race fees", "code": "RACE2", "account_type": "expense"}
        )
        journal = env["account.journal"].create(
            {
                "name": "Race",
                "code": "RACE",
                "type": "purchase",
                "default_account_id": expense.id,
            }
        )
        partners.property_account_payable_id = account
        points = env["service.point"].create(
            [
                {"name": partner.name, "partner_id": partner.id, "ownership": "partner"}
                for partner in partners
            ]
        )
        tariff = env["service.tariff"].create(
            {
                "name": "Race",
                "date_start": "2001-01-01",
                "date_end": "2001-12-31",
                "line_ids": [(0, 0, {"amount": 80.0})],
            }
        )
        tariff.action_activate()
        orders = env["service.order"].create(
            [
                {
                    "partner_id": partners[0].id,
                    "type_id": env.ref("service_management.type_repair").id,
                    "description": "race",
                    "user_id": env.uid,
                }
                for __ in range(POINTS * ORDERS)
            ]
        )
        done = env["service.stage"]._get_by_state("done")
        for index, point in enumerate(points):
            orders[index * ORDERS : (index + 1) * ORDERS].sudo().write(
                {
                    "point_id": point.id,
                    "stage_id": done.id,
                    "date_done": "2001-02-10 08:00:00",
                }
            )
        self.previous_journal = company.service_settlement_journal_id.id
        company.service_settlement_journal_id = journal
        claims = orders._create_claims()
        self.created = {
            "service_claim": claims.ids,
            "service_order": orders.ids,
            "service_tariff": tariff.ids,
            "service_point": points.ids,
            "stock_location": points.location_id.ids,
            "account_journal": journal.ids,
            "account_account": (account | expense).ids,
            "res_partner": partners.ids,
        }

    def _run_in_parallel(self, rivals, guarded):
        """Each rival opens its snapshot, waits for the others, runs and commits."""
        barrier = threading.Barrier(rivals)
        outcomes = []

        def run():
            for attempt in range(5):
                try:
                    with self._env() as env:
                        # one read opens the snapshot
                        env["service.claim"].search_count([])
                        if attempt == 0:
                            barrier.wait(timeout=30)
                        points = env["service.point"].browse(
                            self.created["service_point"]
                        )
                        __, failures = env["service.settlement"]._run(
                            env.company, *MONTH, points=points
                        )
                        outcomes.append([failure.message for failure in failures])
                    return
                except UserError as error:
                    outcomes.append(str(error))
                    return
                except (errors.SerializationFailure, errors.UniqueViolation):
                    # what the server does with a request, too
                    continue

        patches = []
        if not guarded:
            model = self.registry["service.settlement"]
            patches = [patch.object(model, "_lock_run", lambda *args: None)]
        for item in patches:
            item.start()
        threads = [threading.Thread(target=run) for __ in range(rivals)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=120)
        finally:
            for item in patches:
                item.stop()
        self.assertFalse(any(thread.is_alive() for thread in threads))
        return outcomes

    def _assert_settled_once(self):
        with self._env() as env:
            settlements = env["service.settlement"].search(
                [("point_id", "in", self.created["service_point"])]
            )
            self.assertEqual(len(settlements), POINTS)
            self.assertEqual(set(settlements.mapped("state")), {"billed"})
            self.assertEqual(set(settlements.mapped("claim_count")), {ORDERS})
            self.assertEqual(set(settlements.mapped("amount_total")), {80.0 * ORDERS})
            moves = env["account.move"].search(
                [("service_settlement_id", "in", settlements.ids)]
            )
            self.assertEqual(len(moves), POINTS)
            self.assertEqual(set(moves.mapped("amount_untaxed")), {80.0 * ORDERS})

    @mute_logger("odoo.sql_db")
    def test_two_runs_settle_each_claim_once(self):
        self._run_in_parallel(4, guarded=True)
        self._assert_settled_once()

    @mute_logger("odoo.sql_db")
    def test_the_database_alone_settles_each_claim_once(self):
        self._run_in_parallel(4, guarded=False)
        self._assert_settled_once()

    def _clean(self):
        """By hand, past the guards: nothing of this test may stay."""
        if not self.created:
            return
        names = {
            "claims": "service_claim",
            "orders": "service_order",
            "tariffs": "service_tariff",
            "points": "service_point",
            "locations": "stock_location",
            "journals": "account_journal",
            "accounts": "account_account",
            "partners": "res_partner",
        }
        values = {name: tuple(self.created[table]) for name, table in names.items()}
        values["previous"] = self.previous_journal or None
        with self.registry.cursor() as cr:
            for query in CLEANING:
                cr.execute(query, values)
        self.registry.clear_all_caches()


class _Environment:
    """A cursor of its own that commits when the block ends well."""

    def __init__(self, registry):
        self.registry = registry

    def __enter__(self):
        self.cursor = self.registry.cursor()
        self.env = api.Environment(self.cursor, SUPERUSER_ID, {})
        return self.env

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.env.flush_all()
                self.cursor.commit()
            else:
                self.cursor.rollback()
        finally:
            self.cursor.close()
