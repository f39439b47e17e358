"""What tests with real transactions at the same moment share."""

import threading
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import mute_logger

# For fifty rivals
CONNECTIONS = 200


class RaceCase(BaseCase):
    """Real transactions at the same moment; everything made here is removed again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.created = []

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._env() as env:
            self.area_id = self._keep(
                env["service.area"].create(
                    {
                        "name": "Race City",
                        "code": "RACE",
                        "level": "city",
                        "country_id": env.ref("base.cn").id,
                    }
                )
            ).id
            partner = self._keep(env["res.partner"].create({"name": "Race Customer"}))
            partner.service_area_id = self.area_id
            self.partner_id = partner.id
            self.type_id = self._keep(
                env["service.type"].create({"name": "Race", "code": "race_test"})
            ).id

    def _env(self):
        return _Transaction(self.registry)

    def _keep(self, records):
        self.created.append((records._name, records.ids))
        return records

    def _clean_up(self):
        """Remove in reverse, past the rules that protect real records."""
        with self._env() as env:
            orders = env["service.order"].search([("type_id", "=", self.type_id)])
            env.cr.execute(
                "DELETE FROM mail_message WHERE model = 'service.order' "
                "AND res_id = ANY(%s)",
                [orders.ids],
            )
            _delete(env.cr, "service_order", orders.ids)
            env.invalidate_all()
            for model, ids in reversed(self.created):
                env[model].browse(ids).exists().unlink()
            self.created.clear()

    def _make_points(self, env, count):
        partners = self._keep(
            env["res.partner"].create([{"name": f"Race {n}"} for n in range(count)])
        )
        points = self._keep(
            env["service.point"].create(
                [
                    {
                        "name": partner.name,
                        "code": partner.name,
                        "partner_id": partner.id,
                    }
                    for partner in partners
                ]
            )
        )
        self._keep(
            env["service.coverage"].create(
                [{"point_id": point.id, "area_id": self.area_id} for point in points]
            )
        )
        return points

    def _make_order(self, env):
        order = env["service.order"].create(
            {
                "partner_id": self.partner_id,
                "type_id": self.type_id,
                "description": "race",
            }
        )
        order.action_register()
        return order

    def _compete(self, works):
        """Run the works in threads that start together; how each one ended."""
        barrier = threading.Barrier(len(works))
        results = [None] * len(works)

        def run(number, work):
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    cr.execute("SELECT count(*) FROM service_order")  # opens a snapshot
                    barrier.wait(timeout=30)
                    retrying(lambda: work(env), env)
                results[number] = "won"
            except UserError:
                results[number] = "refused"
            except psycopg2.Error as error:
                results[number] = repr(error)

        threads = [
            threading.Thread(target=run, args=entry) for entry in enumerate(works)
        ]
        # A loser runs again at once instead of after a second or two. After a commit
        # each rival tells the bus over a connection or two more: one server has fewer
        # threads than that needs
        with (
            patch.object(sql_db._Pool, "_maxconn", CONNECTIONS),
            mute_logger("odoo.sql_db", "odoo.service.model"),
            patch("odoo.service.model.random.uniform", lambda low, high: 0.01 * high),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return results


class _Transaction:
    """An environment whose transaction commits at the end, or rolls back."""

    def __init__(self, registry):
        self.cursor = registry.cursor()

    def __enter__(self):
        self.cursor.__enter__()
        return api.Environment(self.cursor, SUPERUSER_ID, {"tracking_disable": True})

    def __exit__(self, *exc_info):
        self.cursor.__exit__(*exc_info)


def _delete(cr, table, ids):
    """Delete rows, and before them what other addons have hung on them."""
    if not ids:
        return
    cr.execute(
        """
        SELECT con.conrelid::regclass::text, att.attname,
               EXISTS (SELECT FROM pg_attribute
                       WHERE attrelid = con.conrelid AND attname = 'id')
          FROM pg_constraint con
          JOIN pg_attribute att
            ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
         WHERE con.contype = 'f' AND con.confrelid = %s::regclass
           AND con.confdeltype <> 'n'
        """,
        [table],
    )
    for child, column, has_id in cr.fetchall():
        if child == table:
            continue
        if has_id:
            cr.execute(f'SELECT id FROM {child} WHERE "{column}" = ANY(%s)', [ids])
            _delete(cr, child, [row[0] for row in cr.fetchall()])
        else:
            cr.execute(f'DELETE FROM {child} WHERE "{column}" = ANY(%s)', [ids])
    cr.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [ids])
