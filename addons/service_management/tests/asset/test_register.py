from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon

# What differs between two assets however they are made
OWN_FIELDS = {"id", "display_name", "create_date", "write_date", "serial", "name"}


@tagged("post_install", "-at_install")
class TestRegister(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tracked = cls.env["product.product"].create(
            {
                "name": "Test Tracked Washer",
                "categ_id": cls.category.id,
                "is_storable": True,
                "tracking": "serial",
                "service_is_asset": True,
                "service_warranty_labour": 12,
            }
        )
        cls.stock = cls.env.ref("stock.stock_location_stock")
        cls.at_customers = cls.env.ref("stock.stock_location_customers")
        cls.other = cls.env["res.partner"].create({"name": "Test Other Customer"})

    def _enter(self, **vals):
        return self.env["service.asset"]._register_many(
            [{"partner_id": self.customer.id, "product_id": self.product.id, **vals}]
        )

    def _deliver(self, lot, partner, source=None, target=None):
        source, target = source or self.stock, target or self.at_customers
        if source == self.stock:
            self.env["stock.quant"]._update_available_quantity(
                lot.product_id, source, 1, lot_id=lot
            )
        move = self.env["stock.move"].create(
            {
                "product_id": lot.product_id.id,
                "product_uom_qty": 1,
                "location_id": source.id,
                "location_dest_id": target.id,
                "partner_id": partner.id,
            }
        )
        move._action_confirm()
        move.move_line_ids.unlink()
        move.move_line_ids = [
            Command.create(
                {
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "quantity": 1,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                }
            )
        ]
        move.picked = True
        move._action_done()
        return self.env["service.asset"].search([("lot_id", "=", lot.id)])

    def _make_lot(self, name):
        return self.env["stock.lot"].create(
            {"name": name, "product_id": self.tracked.id}
        )

    def test_the_bulk_entry_stores_what_create_stores(self):
        self.category.service_asset_properties_definition = [
            {"name": "power", "string": "Power", "type": "integer", "default": 2200}
        ]
        contact = self.env["res.partner"].create(
            {"name": "Test Contact", "parent_id": self.customer.id}
        )
        department = self.env["hr.department"].create({"name": "Test IT"})
        employee = self.env["hr.employee"].create(
            {
                "name": "Test Clerk",
                "user_id": self.agent.id,
                "department_id": department.id,
            }
        )
        lots = self._make_lot("BULK-1") + self._make_lot("BULK-2")
        for number, extra in enumerate(
            [
                {},
                {"install_date": date(2026, 1, 31), "place": "Floor 1"},
                {"partner_id": contact.id, "purchase_date": date(2025, 2, 28)},
                {"site_id": contact.id, "manufacture_date": date(2024, 5, 1)},
                {"employee_id": employee.id, "is_internal": True},
                {"installed_by_point_id": self.point.id, "delivery_date": date.today()},
            ]
        ):
            vals = {"partner_id": self.customer.id, "product_id": self.product.id}
            vals |= extra
            if number == 1:
                vals |= {"product_id": self.tracked.id}
            serial = ("S-1", "S-2")
            one = {"serial": serial[0] + str(number)}
            two = {"serial": serial[1] + str(number)}
            if number == 1:
                one, two = {"lot_id": lots[0].id}, {"lot_id": lots[1].id}
            bulk = self.env["service.asset"]._register_many([{**vals, **one}])
            slow = self.env["service.asset"].create([{**vals, **two}])
            with self.subTest(extra=extra):
                self._assert_same(bulk, slow)

    def _assert_same(self, bulk, slow):
        self.env.flush_all()
        self.env.invalidate_all()
        names = [
            name
            for name, field in bulk._fields.items()
            if field.store and field.column_type and name not in OWN_FIELDS | {"lot_id"}
        ]
        left, right = bulk.read(names)[0], slow.read(names)[0]
        left.pop("id"), right.pop("id")
        self.assertEqual(left, right)
        self.assertEqual(bulk.name, slow.name.replace(slow.serial, bulk.serial))
        for field, names in (
            ("warranty_ids", ["kind", "date_start", "date_end", "reason"]),
            ("owner_ids", ["partner_id", "date_from", "user_id"]),
        ):
            rows = [
                [{name: row[name] for name in names} for row in asset[field]]
                for asset in (bulk, slow)
            ]
            self.assertEqual(*rows)

    def test_rows_of_one_batch_may_say_different_things(self):
        said = [
            {"serial": "MIX-1", "place": "Floor 1"},
            {"code": "TAG-2", "note": 'Two\r\nlines, one "quoted"\rand a tail'},
            {"serial": "MIX-3", "purchase_date": date(2025, 2, 28), "code": "TAG-3"},
        ]
        assets = self.env["service.asset"]._register_many(
            [
                {"partner_id": self.customer.id, "product_id": self.product.id, **vals}
                for vals in said
            ]
        )
        blank = dict.fromkeys(("serial", "place", "code", "note", "purchase_date"))
        self.assertRecordValues(assets, [blank | vals for vals in said])
        self.assertEqual(assets[1].name, self.product.name)

    def test_a_product_is_registered_once_per_serial_number(self):
        first = self._enter(serial="ONCE")
        again = self.env["service.asset"]._register_many(
            [
                {
                    "partner_id": self.other.id,
                    "product_id": self.product.id,
                    "serial": serial,
                }
                for serial in ("TWICE", "ONCE", "TWICE")
            ]
        )
        self.assertEqual(again[1], first)
        self.assertEqual(again[0], again[2])
        self.assertEqual(first.partner_id, self.customer)

    def test_without_serial_each_row_is_an_asset_of_its_own(self):
        rows = [{"partner_id": self.customer.id, "product_id": self.product.id}] * 3
        self.assertEqual(
            len(set(self.env["service.asset"]._register_many(rows).ids)), 3
        )

    def test_registering_many_costs_as_many_queries_as_a_few(self):
        used = []
        for name, count in (("W", 3), ("A", 10), ("B", 90)):
            rows = [
                {
                    "partner_id": self.customer.id,
                    "product_id": self.product.id,
                    "serial": f"{name}-{number}",
                    "install_date": date(2026, 1, 1),
                }
                for number in range(count)
            ]
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["service.asset"]._register_many(rows)
            self.env.flush_all()
            used.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(used[2], used[1] + 2)

    def test_a_delivered_serial_number_is_registered_to_who_got_it(self):
        lot = self._make_lot("DELIVERED-1")
        address = self.env["res.partner"].create(
            {"name": "Flat", "type": "delivery", "parent_id": self.customer.id}
        )
        asset = self._deliver(lot, address)
        self.assertRecordValues(
            asset,
            [
                {
                    "partner_id": self.customer.id,
                    "site_id": address.id,
                    "serial": "DELIVERED-1",
                    "source": "delivery",
                    "delivery_date": date.today(),
                    "state": "active",
                }
            ],
        )
        self.assertEqual(asset.owner_ids.partner_id, self.customer)

    def test_a_returned_one_is_marked_and_sold_again_comes_to_the_next(self):
        lot = self._make_lot("RETURNED-1")
        asset = self._deliver(lot, self.customer)
        self._deliver(lot, self.customer, self.at_customers, self.stock)
        self.assertEqual(asset.state, "returned")
        again = self._deliver(lot, self.other)
        self.assertEqual(again, asset)
        self.assertEqual((asset.state, asset.partner_id), ("active", self.other))
        self.assertEqual(asset.owner_ids.partner_id, self.customer | self.other)

    def test_products_that_are_no_assets_are_delivered_without_one(self):
        self.tracked.service_is_asset = False
        self.assertFalse(self._deliver(self._make_lot("NOT-1"), self.customer))

    def test_a_sold_product_without_tracking_is_registered_per_unit(self):
        tap = self.env["product.product"].create(
            {"name": "Test Tap", "type": "consu", "service_is_asset": True}
        )
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": tap.id, "product_uom_qty": 3}),
                    Command.create({"product_id": self.tracked.id}),
                ],
            }
        )
        sale.action_confirm()
        assets = self.env["service.asset"].search([("product_id", "=", tap.id)])
        self.assertEqual(len(assets), 3)
        self.assertEqual(assets.mapped("source"), ["sale"] * 3)
        self.assertTrue(all(assets.mapped("purchase_date")))
        self.assertFalse(
            self.env["service.asset"].search([("product_id", "=", self.tracked.id)])
        )
        sale.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(set(assets.mapped("state")), {"returned"})
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(
            self.env["service.asset"].search([("product_id", "=", tap.id)]), assets
        )
        self.assertEqual(set(assets.mapped("state")), {"active"})

    def test_a_dozen_that_was_sold_is_twelve_assets(self):
        tap = self.env["product.product"].create(
            {"name": "Test Tap", "type": "consu", "service_is_asset": True}
        )
        dozen = self.env.ref("uom.product_uom_dozen")
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": tap.id,
                            "product_uom_qty": 1,
                            "product_uom_id": dozen.id,
                        }
                    )
                ],
            }
        )
        sale.action_confirm()
        self.assertEqual(len(sale.order_line.service_asset_sold_ids), 12)
