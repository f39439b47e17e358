import contextlib

from odoo.tests import tagged

from odoo.addons.service_management.tests.race import RaceCase

ASSETS = 12
ROUNDS = 3
RIVALS = 4


class Killed(Exception):
    """The worker ends before it commits."""


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestCampaignRace(RaceCase):
    """Workers at the same moment, and one that is killed: each asset has one order."""

    def setUp(self):
        super().setUp()
        with self._env() as env:
            product = self._keep(
                env["product.product"].create({"name": "Race", "type": "consu"})
            )
            self._keep(
                env["service.asset"].create(
                    [
                        {
                            "partner_id": self.partner_id,
                            "product_id": product.id,
                            "serial": f"RACE{number}",
                        }
                        for number in range(ASSETS)
                    ]
                )
            )
            self.product_id = product.id

    def _make_campaign(self, number):
        with self._env() as env:
            return (
                env["service.campaign"]
                .create(
                    {
                        "name": "Race",
                        "code": f"RACE-{number}",
                        "product_ids": [self.product_id],
                        "type_id": self.type_id,
                        "description": "Race.",
                    }
                )
                .id
            )

    def _clean_up(self):
        with self._env() as env:
            env.cr.execute(
                "DELETE FROM service_campaign_asset WHERE campaign_id IN "
                "(SELECT id FROM service_campaign WHERE code LIKE 'RACE-%%')"
            )
            env.cr.execute(
                "UPDATE service_order SET campaign_id = NULL WHERE campaign_id IN "
                "(SELECT id FROM service_campaign WHERE code LIKE 'RACE-%%')"
            )
            env.cr.execute("DELETE FROM service_campaign WHERE code LIKE 'RACE-%%'")
        return super()._clean_up()

    def _work(self, env, campaign_id):
        campaign = env["service.campaign"].browse(campaign_id)
        campaign.action_start()
        lines = env["service.campaign.asset"]
        return lines._queue_work_batch(ASSETS, careful=False)

    def test_twins_and_a_killed_worker_make_one_order_each(self):
        for number in range(ROUNDS):
            campaign_id = self._make_campaign(number)
            with contextlib.suppress(Killed), self._env() as env:
                self._work(env, campaign_id)
                raise Killed
            with self._env() as env:
                campaign = env["service.campaign"].browse(campaign_id)
                self.assertFalse(campaign.line_ids)
            self._compete(
                [
                    lambda env, key=campaign_id: self._work(env, key)
                    for __ in range(RIVALS)
                ]
            )
            with self._env() as env:
                self._work(env, campaign_id)
            with self._env() as env:
                orders = env["service.order"].search(
                    [("campaign_id", "=", campaign_id)]
                )
                lines = env["service.campaign"].browse(campaign_id).line_ids
                self.assertEqual(len(lines), ASSETS)
                self.assertEqual(len(orders), ASSETS)
                self.assertEqual(len(orders.asset_id), ASSETS)
                self.assertEqual(lines.order_id, orders)
