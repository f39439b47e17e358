from odoo.tests import tagged
from odoo.tools import mute_logger

from .live import LiveCase

CREATE = "/json/2/service.order/create_from_api"
STATUS = "/json/2/service.order/get_status"
ROUNDS = 5
RIVALS = 4


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestApiLive(LiveCase):
    """A client of the JSON-2 interface, through the real server."""

    def _request(self, key, **vals):
        return {
            "key": key,
            "customer_name": "Live Customer",
            "phone": "139 0000 4711",
            "type": "repair",
            "symptom": self._symptom(),
            "description": "It leaks.",
            **vals,
        }

    def _symptom(self):
        with self._env() as env:
            return env["service.fault.code"].search([("kind", "=", "symptom")])[0].code

    def test_a_client_files_replays_and_asks(self):
        body = {"requests": [self._request("a"), {"key": "bad", "stage_id": 3}]}
        first = self.post(CREATE, body)
        self.assertEqual(first.status_code, 200, first.text)
        created, refused = first.json()
        self.assertEqual((created["result"], created["state"]), ("created", "new"))
        self.assertEqual(refused["result"], "refused")
        self.assertIn("stage_id", refused["errors"][0]["message"])
        again, __ = self.post(CREATE, body).json()
        self.assertEqual((again["result"], again["id"]), ("existing", created["id"]))
        (status,) = self.post(STATUS, {"keys": ["a"]}).json()
        self.assertEqual(status["number"], created["number"])

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_http")
    def test_without_a_key_or_with_a_wrong_one_nobody_is_let_in(self):
        body = {"requests": [self._request("a")]}
        self.assertEqual(self.post(CREATE, body, key="wrong").status_code, 401)
        self.assertEqual(self.post(CREATE, body, key="").status_code, 401)
        self.assertEqual(self.post(CREATE, {"orders": []}).status_code, 422)

    @mute_logger("odoo.sql_db", "odoo.service.model", "odoo.http")
    def test_l22_the_same_key_in_parallel_calls_is_one_order(self):
        for number in range(ROUNDS):
            body = {
                "requests": [
                    self._request(f"race-{number}"),
                    self._request(f"race-{number}-b"),
                ]
            }
            answers = self.at_once([lambda body=body: self.post(CREATE, body)] * RIVALS)
            self.assertEqual([answer.status_code for answer in answers], [200] * RIVALS)
            results = [answer.json() for answer in answers]
            for position in (0, 1):
                ids = {result[position]["id"] for result in results}
                self.assertEqual(len(ids), 1, results)
                created = [result[position]["result"] for result in results]
                self.assertEqual(created.count("created"), 1, created)
        with self._env() as env:
            orders = env["service.order"].search([("create_uid", "=", self.user_id)])
            self.assertEqual(len(orders), 2 * ROUNDS)
