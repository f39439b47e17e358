import importlib.util
from pathlib import Path

from odoo.tests import HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from .live import LiveCase

CLIENT = Path(__file__).parents[4] / "docs" / "examples" / "cti_client.py"
RIVALS = 6


def _load_client():
    spec = importlib.util.spec_from_file_location("cti_client", CLIENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestCallLive(LiveCase):
    """The example client of the documentation against the real server."""

    def setUp(self):
        super().setUp()
        if not CLIENT.exists():
            self.skipTest("docs/ is not here")
        self.cti = _load_client()
        url = f"http://127.0.0.1:{HttpCase.http_port()}"
        self.client = self.cti.CtiClient(url, self.key, get_db_name(), "live")

    def _clean_up(self):
        with self._env() as env:
            env.cr.execute("DELETE FROM service_call WHERE provider = 'live'")
        return super()._clean_up()

    def test_the_example_client_plays_whole_calls(self):
        answer = self.cti.play(self.client, "400 820 8820", "", talk=0.1)
        self.assertEqual((answer["state"], answer["result"]), ("ended", "stored"))
        answer = self.cti.play(self.client, "400 820 8820", "", talk=None)
        self.assertEqual(answer["state"], "missed")
        with self._env() as env:
            calls = env["service.call"].search([("provider", "=", "live")])
            self.assertEqual(len(calls), 2)
            self.assertEqual(calls.filtered("callback_state").callback_state, "open")

    def test_refusals_are_sentences_for_whoever_connects(self):
        with (
            self.assertRaisesRegex(ValueError, "422.*event: 'sneezed'"),
            mute_logger("odoo.http"),
        ):
            self.client.report("x", "sneezed")
        stranger = self.cti.CtiClient(
            f"http://127.0.0.1:{HttpCase.http_port()}", "wrong", get_db_name()
        )
        with self.assertRaisesRegex(ValueError, "401"), mute_logger("odoo.http"):
            stranger.report("x", "ringing")

    @mute_logger("odoo.sql_db", "odoo.service.model", "odoo.http")
    def test_l22_the_same_event_at_once_is_one_call(self):
        works = [
            lambda: self.client.report("race", "missed", **{"from": "400820"})
        ] * RIVALS
        answers = self.at_once(works)
        self.assertEqual(len({answer["id"] for answer in answers}), 1)
        results = sorted(answer["result"] for answer in answers)
        self.assertEqual(results, ["repeated"] * (RIVALS - 1) + ["stored"])
