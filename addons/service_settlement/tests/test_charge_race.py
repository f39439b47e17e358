from odoo.tests import tagged

from odoo.addons.service_management.tests.race import RaceCase

RIVALS = 4


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestChargeRace(RaceCase):
    """Agents who quote to the same customer at the same moment: one offer is open."""

    def setUp(self):
        super().setUp()
        with self._env() as env:
            labour = self._keep(
                env["product.product"].create(
                    {"name": "Race Work", "type": "service", "list_price": 50.0}
                )
            )
            kind = env["service.type"].browse(self.type_id)
            kind.charge_product_id = labour
            self.order_id = self._make_order(env).id

    def _clean_up(self):
        with self._env() as env:
            sales = env["sale.order"].search(
                [("service_charge_order_id", "=", self.order_id)]
            )
            sales.filtered(lambda sale: sale.state != "cancel")._action_cancel()
            sales.unlink()
            env["service.type"].browse(self.type_id).charge_product_id = False
            env["service.charge.quote"].search(
                [("order_id", "=", self.order_id)]
            ).unlink()
        return super()._clean_up()

    def _quote(self, env):
        quote = env["service.charge.quote"].create({"order_id": self.order_id})
        quote.action_save()

    def test_one_quotation_stays_open(self):
        for __ in range(2):  # the first offers, and those that replace one
            results = self._compete([self._quote] * RIVALS)
            self.assertEqual(results, ["won"] * RIVALS)
            with self._env() as env:
                states = (
                    env["sale.order"]
                    .search([("service_charge_order_id", "=", self.order_id)])
                    .mapped("state")
                )
            self.assertEqual(states.count("cancel"), len(states) - 1)
