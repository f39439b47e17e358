"""Tests that speak to the real server, in real transactions.

What they make is committed, so it is removed by hand: everything that the user of
the test made, and what hangs on it.
"""

import json
import threading

import requests

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, HttpCase, get_db_name

PATIENCE = 120


class Transaction:
    """A superuser's environment whose work is committed at the end."""

    def __init__(self, registry):
        self.registry = registry

    def __enter__(self):
        self.cr = self.registry.cursor()
        return api.Environment(self.cr, SUPERUSER_ID, {})

    def __exit__(self, kind, *args):
        return self.cr.__exit__(kind, *args)


class LiveCase(BaseCase):
    """One user with an API key for each test; ``post`` is what a client does."""

    groups = "service_management.group_service_interface"

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.kept = []
        self.addCleanup(self._clean_up)
        with self._env() as env:
            groups = [env.ref(xmlid).id for xmlid in self.groups.split(",")]
            user = env["res.users"].create(
                {
                    "name": "Live Interface",
                    "login": f"live_{self._testMethodName}",
                    "group_ids": [(6, 0, groups)],
                }
            )
            self.user_id = user.id
            keys = env["res.users.apikeys"].with_user(user).sudo()
            self.key = keys._generate("rpc", "live test", None)

    def _env(self):
        return Transaction(self.registry)

    def _keep(self, records):
        self.kept.append((records._name, records.ids))
        return records

    def post(self, path, body, key=None):
        """The answer of the server to a JSON body, as ``requests`` gives it."""
        return requests.post(
            f"http://127.0.0.1:{HttpCase.http_port()}{path}",
            data=json.dumps(body),
            headers={
                "Authorization": f"bearer {self.key if key is None else key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": get_db_name(),
            },
            timeout=PATIENCE,
        )

    def at_once(self, works):
        """Run the works in threads that start together; their results in order."""
        barrier = threading.Barrier(len(works))
        results = [None] * len(works)

        def run(number, work):
            barrier.wait(timeout=PATIENCE)
            results[number] = work()

        threads = [
            threading.Thread(target=run, args=entry) for entry in enumerate(works)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def _clean_up(self):
        with self._env() as env:
            cr, mine = env.cr, [self.user_id]
            cr.execute("SELECT id FROM service_order WHERE create_uid = %s", mine)
            orders = [row[0] for row in cr.fetchall()]
            cr.execute(
                "DELETE FROM mail_message WHERE model = 'service.order' "
                "AND res_id = ANY(%s)",
                [orders],
            )
            self._clean_more(cr, orders)
            cr.execute("DELETE FROM service_order WHERE id = ANY(%s)", [orders])
            for model, ids in reversed(self.kept):
                env[model].browse(ids).exists().unlink()
            env["res.partner"].search(
                [("create_uid", "=", self.user_id), ("user_ids", "=", False)]
            ).unlink()
            user = env["res.users"].browse(self.user_id)
            partner = user.partner_id
            cr.execute("DELETE FROM res_users_apikeys WHERE user_id = %s", mine)
            cr.execute(
                "UPDATE mail_message SET create_uid = 1, write_uid = 1 "
                "WHERE create_uid = %s",
                [self.user_id],
            )
            user.unlink()
            partner.unlink()

    def _clean_more(self, cr, order_ids):
        """Hook: rows that would keep the orders from going."""
