from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartAccess(PartCommon):
    """Who sees and keeps what of parts, role by role."""

    def test_lists_and_kits_are_kept_by_quality(self):
        accessory = self.env["product.product"].create({"name": "Screws"})
        kit = self.env["service.part.kit"].create(
            {"product_id": self.part.id, "part_id": accessory.id}
        )
        line = self.env["service.part.bom"].create(
            {
                "product_tmpl_id": self.product.product_tmpl_id.id,
                "part_id": self.part.id,
            }
        )
        all_read = dict.fromkeys(("kit", "line"), "r")
        check_matrix(
            self,
            {"kit": kit, "line": line},
            {
                self.agent: all_read,
                self.dispatcher: all_read,
                self.technician_user: all_read,
                self.point_manager: all_read,
                self.quality: dict.fromkeys(("kit", "line"), "rwcd"),
                self.manager: dict.fromkeys(("kit", "line"), "rwcd"),
                self.portal_customer: {},
                self.portal_point: {},
            },
        )

    def test_places_are_those_of_the_own_point(self):
        other = self._make_point("Else")
        places = self.env["service.part.place"]
        seen = places.with_user(self.point_manager).search([])
        self.assertEqual(
            seen.location_id.ids and set(seen.location_id.ids),
            {self.point.location_id.id, self.van.id},
        )
        kinds = dict(
            places.search([("point_id", "in", (self.point + other).ids)]).mapped(
                lambda place: (place.location_id, place.kind)
            )
        )
        self.assertEqual(kinds[self.van], "vehicle")
        self.assertEqual(kinds[other.location_id], "point")
        self.assertFalse(places.with_user(self.portal_point).has_access("read"))

    def test_a_technician_sees_nothing_of_a_colleagues(self):
        """Not even of one at the same service point."""
        colleague = self._make_technician("Colleague", vehicle="Z 2")
        self._stock(self.part, 2)
        for technician, is_own in ((self.technician, True), (colleague, False)):
            order = self._make_accepted_order(description=technician.name)
            start = fields.Datetime.now() + timedelta(days=3)
            visit = order._plan_visit(
                technician, start, start + timedelta(hours=1), "all same"
            )
            need, request, back = (
                self.env[f"service.part.{name}"].create(vals)
                for name, vals in (
                    ("need", {"order_id": order.id, "product_id": self.part.id}),
                    (
                        "request",
                        {"point_id": self.point.id, "technician_id": technician.id},
                    ),
                    (
                        "return",
                        {
                            "visit_id": visit.id,
                            "order_id": order.id,
                            "product_id": self.part.id,
                            "quantity": 1,
                            "company_id": self.company.id,
                            "date_due": self._today(9),
                        },
                    ),
                )
            )
            place = self.env["service.part.place"].search(
                [("technician_id", "=", technician.id)]
            )
            for record in (need, request, back, place):
                with self.subTest(record._name, own=is_own):
                    self.assertTrue(record)
                    own = record.with_user(self.technician_user)
                    self.assertEqual(own.has_access("read"), is_own)
                    found = own.search([("id", "in", record.ids)])
                    self.assertEqual(bool(found), is_own)

    def test_central_place_is_the_warehouse_that_was_chosen(self):
        place = self.env["service.part.place"].browse(self.central.id)
        self.assertEqual(place.kind, "central")
        other = self.env["stock.warehouse"].create({"name": "Parts", "code": "PRT"})
        self.company.service_part_warehouse_id = other
        self.env.flush_all()
        self.assertFalse(place.search([("id", "=", self.central.id)]))
        self.assertEqual(self.company._get_part_location("central"), other.lot_stock_id)

    def test_steps_are_no_edits(self):
        """What says what happened to stock is not written."""
        self.assertIn("state", self.env["service.part.flow"]._flow_fields)
        self._stock(self.part, 1)
        row = self._use()
        for vals in ({"state": "settled"}, {"value": 0}, {"result": "good"}):
            with self.assertRaises(AccessError):
                row.with_user(self.dispatcher).write(vals)
        row.with_user(self.dispatcher).date_due = self._today(90)
        self.assertIn(row, self.env["service.part.return"].search([]))

    def test_lines_follow_their_record(self):
        other = self._make_point("Else")
        request = self.env["service.part.request"].create(
            {
                "point_id": other.id,
                "line_ids": [Command.create({"product_id": self.part.id})],
            }
        )
        check_matrix(
            self,
            {"service.part.request.line": request.line_ids},
            {
                self.agent: {"service.part.request.line": "rwcd"},
                self.quality: {"service.part.request.line": "r"},
                self.point_manager: {},
                self.technician_user: {},
                self.portal_point: {},
            },
        )
        # service.part.find.line and service.part.find are windows of the one user
        self.assertFalse(
            self.env["service.part.find.line"]
            .with_user(self.quality)
            .has_access("read")
        )

    def test_the_windows_of_the_office_work_on_many(self):
        self._stock(self.part, 5)
        rows = self._use() + self._use() + self._use()
        context = {"active_model": rows._name, "active_ids": rows[:2].ids}
        send = self.env["service.part.return.send"].with_user(self.point_manager)
        form = Form(send.with_context(**context))
        form.parcel = "SF 1"
        form.save().action_confirm()
        rows[:2].with_user(self.dispatcher).action_receive()
        inspect = self.env["service.part.return.inspect"].with_user(self.dispatcher)
        form = Form(inspect.with_context(**context))
        form.result = "good"
        self.assertEqual(form.disposition, "stock")
        form.save().action_confirm()
        waive = self.env["service.part.return.waive"].with_user(self.dispatcher)
        form = Form(waive.with_context(active_ids=rows[2:].ids))
        form.reason = "not worth the way"
        form.save().action_confirm()
        self.assertEqual(rows.mapped("state"), ["settled", "settled", "waived"])

    def test_an_old_part_is_sent_by_who_has_it(self):
        """Reading is not enough: the desk and others see all of them."""
        self._stock(self.part, 1)
        row = self._use()
        for user in (self.agent, self.quality):
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.with_user(user).action_send()
        self.assertEqual(row.state, "due")
        row.with_user(self.technician_user).action_send()
        self.assertEqual(row.state, "sent")

    def test_a_count_is_not_changed_behind_its_approval(self):
        self._put(self.part, self.van, 5)
        counts = self.env["service.part.count"].with_user(self.technician_user)
        count = counts.create({"location_id": self.van.id})
        line = count.line_ids
        for vals in ({"expected": 9}, {"difference": 0}, {"owner_id": 1}):
            with self.subTest(vals), self.assertRaises(UserError):
                line.write(vals)
        with self.assertRaises(UserError):
            count.location_id = self.point.location_id
        found = self.env["service.part.count.line"].with_user(self.technician_user)
        other = self.serial_part
        extra = found.with_context(default_expected=3).create(
            {
                "count_id": count.id,
                "product_id": other.id,
                "expected": 4,
                "counted": 1,
            }
        )
        self.assertEqual((extra.expected, extra.difference), (0, 1))
        extra.unlink()
        line.counted = 4
        count.action_submit()
        for change in (
            lambda: line.write({"counted": 5}),
            lambda: line.write({"lot_id": False}),
            line.unlink,
            lambda: found.create(
                {"count_id": count.id, "product_id": other.id, "counted": 1}
            ),
        ):
            with self.assertRaises(UserError):
                change()
        self.assertEqual(line.difference, -1)

    def test_a_request_does_not_change_its_way_once_it_is_approved(self):
        """Who sends unused parts back ships them: it must not become such a one."""
        self._put(self.part, self.central, 5)
        request = (
            self.env["service.part.request"]
            .with_user(self.point_manager)
            .create(
                {
                    "point_id": self.point.id,
                    "line_ids": [Command.create({"product_id": self.part.id})],
                }
            )
        )
        request.technician_id = self.technician
        request.action_request()
        request.with_user(self.dispatcher).action_approve()
        for vals in (
            {"kind": "return"},
            {"technician_id": False},
            {"company_id": False},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                request.write(vals)
        with self.assertRaises(AccessError):
            request.action_ship()

    def test_a_request_names_no_order_of_others(self):
        """It would be written into the history of that order."""
        foreign = self._make_order()
        foreign.sudo().point_id = self._make_point("Else")
        request = (
            self.env["service.part.request"]
            .with_user(self.point_manager)
            .create(
                {
                    "point_id": self.point.id,
                    "order_id": foreign.id,
                    "line_ids": [Command.create({"product_id": self.part.id})],
                }
            )
        )
        with self.assertRaises(AccessError):
            request.action_request()

    def test_only_what_stands_in_for_a_part_takes_its_place(self):
        self._stock(self.part, 2)
        need = self.env["service.part.need"].create(
            {
                "order_id": self._make_accepted_order().id,
                "product_id": self.part.id,
                "quantity": 1,
            }
        )
        lines = self.env["service.part.find.line"].with_user(self.point_manager)
        find = (
            self.env["service.part.find"]
            .with_user(self.point_manager)
            .create({"need_id": need.id})
        )
        line = lines.create(
            {
                "find_id": find.id,
                "product_id": self.serial_part.id,
                "location_id": self.point.location_id.id,
            }
        )
        self._put(self.serial_part, self.point.location_id, 1, lot=self._lot("S 1"))
        with self.assertRaisesRegex(UserError, "does not stand in"):
            line.action_reserve()
        self.assertEqual(need.product_id, self.part)
