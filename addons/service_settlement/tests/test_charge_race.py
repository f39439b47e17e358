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


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestRefundRace(RaceCase):
    """Accountants who give back the same invoice at the same moment: once.

    Today the copying of an invoice happens to write its lines, too, which stops the
    second one by luck and late. So the test counts the credit notes that were begun:
    the turn comes before them. Ids are drawn outside of transactions, so those that
    were rolled back count.
    """

    order_id = move_id = 0
    auto_post = True

    def setUp(self):
        super().setUp()
        with self._env() as env:
            company = env.company
            self.auto_post = company.service_charge_auto_post
            # Drafts, which no reconciliation keeps apart
            company.service_charge_auto_post = False
            receivable, income = self._keep(
                env["account.account"].create(
                    [
                        {
                            "name": "Race Receivable",
                            "code": "RACE3",
                            "account_type": "asset_receivable",
                            "reconcile": True,
                        },
                        {
                            "name": "Race Income",
                            "code": "RACE4",
                            "account_type": "income",
                        },
                    ]
                )
            )
            self._keep(
                env["account.journal"].create(
                    {"name": "Race Sales", "code": "RACES", "type": "sale"}
                )
            )
            labour = self._keep(
                env["product.product"].create(
                    {
                        "name": "Race Work",
                        "type": "service",
                        "list_price": 50.0,
                        "taxes_id": False,
                        "property_account_income_id": income.id,
                    }
                )
            )
            env["service.type"].browse(self.type_id).charge_product_id = labour
            partner = env["res.partner"].browse(self.partner_id)
            partner.property_account_receivable_id = receivable
            order = self._make_order(env)
            self.order_id = order.id
            env["service.charge.quote"].create({"order_id": order.id}).action_save()
            sale = order.charge_sale_ids
            sale.action_confirm()
            move = sale._create_invoices()
            move.action_post()
            self.move_id = move.id

    def _clean_up(self):
        with self._env() as env:
            env.company.service_charge_auto_post = self.auto_post
            env.flush_all()
            env["service.charge.refund"].search(
                [("order_id", "=", self.order_id)]
            ).unlink()
            env["service.charge.quote"].search(
                [("order_id", "=", self.order_id)]
            ).unlink()
            moves = self._get_refunds(env) | env["account.move"].browse(self.move_id)
            env.cr.execute(
                "DELETE FROM sale_order_line_invoice_rel "
                "WHERE invoice_line_id = ANY(%s)",
                [moves.line_ids.ids],
            )
            for table, column in (
                ("account_move_line", "move_id"),
                ("account_move", "id"),
            ):
                env.cr.execute(
                    f"DELETE FROM {table} WHERE {column} = ANY(%s)", [moves.ids]
                )
            env.invalidate_all(flush=False)
            sales = env["sale.order"].search(
                [("service_charge_order_id", "=", self.order_id)]
            )
            sales._action_cancel()
            sales.unlink()
            env["service.type"].browse(self.type_id).charge_product_id = False
            partner = env["res.partner"].browse(self.partner_id)
            partner.property_account_receivable_id = False
        return super()._clean_up()

    def _get_refunds(self, env):
        return env["account.move"].search([("reversed_entry_id", "=", self.move_id)])

    def _refund(self, env):
        env["service.charge.refund"].create(
            {
                "order_id": self.order_id,
                "invoice_id": self.move_id,
                "amount": 50.0,
                "reason": "Race",
            }
        ).action_refund()

    def _count_refunds(self):
        with self._env() as env:
            return len(self._get_refunds(env))

    def _get_last_move_id(self):
        with self._env() as env:
            env.cr.execute("SELECT last_value FROM account_move_id_seq")
            return env.cr.fetchone()[0]

    def test_an_invoice_is_given_back_once(self):
        last_id = self._get_last_move_id()
        results = self._compete([self._refund] * RIVALS)
        self.assertEqual(self._get_last_move_id() - last_id, 1, "begun credit notes")
        self.assertEqual(sorted(results), ["refused"] * (RIVALS - 1) + ["won"])
        self.assertEqual(self._count_refunds(), 1)
