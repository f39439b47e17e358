import base64
import io

from PIL import Image
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.access_matrix import check_matrix

from .common import PartCommon


def drawing(image_format="PNG", size=(400, 300), **options) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "lightgray").save(stream, image_format, **options)
    return base64.b64encode(stream.getvalue())


class DiagramCommon(PartCommon):
    """A picture of the test washer: the pump is 1, something not sold is 2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.diagram = cls._make_diagram(cls.part)
        cls.diagram.product_tmpl_ids = cls.product.product_tmpl_id
        cls.hotspot, cls.nameless = cls.diagram.hotspot_ids

    @classmethod
    def _make_diagram(cls, parts, **vals):
        markers = [
            {"number": number, "x": 10, "y": 20, "part_id": part.id}
            for number, part in enumerate(parts, start=1)
        ]
        markers.append({"number": len(markers) + 1, "name": "Frame"})
        return cls.env["service.part.diagram"].create(
            {
                "name": "Drain",
                "image": drawing(),
                "hotspot_ids": [Command.create(marker) for marker in markers],
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestPartDiagram(DiagramCommon):
    # The picture

    def test_a_picture_is_written_anew(self):
        content = base64.b64decode(drawing("JPEG")) + b"<script>alert(1)</script>"
        self.diagram.image = base64.b64encode(content)
        kept = base64.b64decode(self.diagram.image)
        self.assertTrue(kept.startswith(b"\xff\xd8\xff"))
        self.assertNotIn(b"script", kept)

    def test_a_picture_is_kept_in_a_size_for_looking_closely(self):
        self.diagram.image = drawing(size=(3000, 1500))
        image = Image.open(io.BytesIO(base64.b64decode(self.diagram.image)))
        self.assertEqual((image.format, image.size), ("PNG", (2400, 1200)))
        small = Image.open(io.BytesIO(base64.b64decode(self.diagram.image_256)))
        self.assertEqual(small.size, (256, 128))

    def test_what_is_no_picture_is_refused(self):
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
        for content in (base64.b64encode(svg), b"bm9uc2Vuc2U=", b"%%%"):
            with self.subTest(content), self.assertRaises(UserError):
                self.diagram.write({"image": content})
            with self.subTest(content), self.assertRaises(UserError):
                self.diagram.copy({"image": content})
        with self.assertRaisesRegex(UserError, "larger than 15 MB"):
            self.diagram.write({"image": b"A" * (15 * 2**20 * 4 // 3 + 1)})

    # Markers

    def test_markers_lie_on_the_picture_each_with_its_number(self):
        wrong = (
            {"x": 100.01},
            {"y": -0.01},
            {"number": 0},
            {"number": 2},
            {"quantity": 0},
            {"part_id": False},
        )
        for vals in wrong:
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.hotspot.write(vals)
                self.env.flush_all()
        self.hotspot.write({"x": 100, "y": 0})
        self.env.flush_all()

    def test_two_markers_change_their_numbers_in_one_step(self):
        self.diagram.hotspot_ids = [
            Command.update(self.hotspot.id, {"number": 2}),
            Command.update(self.nameless.id, {"number": 1}),
        ]
        self.env.flush_all()
        self.assertEqual((self.nameless + self.hotspot).mapped("number"), [1, 2])
        self.assertEqual(self.hotspot.display_name, "2 Test Pump")
        self.assertEqual(self.nameless.display_name, "1 Frame")

    def test_a_copy_has_its_own_markers(self):
        copy = self.diagram.copy()
        self.assertEqual(copy.hotspot_count, 2)
        self.assertFalse(copy.hotspot_ids & self.diagram.hotspot_ids)

    def test_spare_part_lists_are_completed_from_the_picture(self):
        template = self.product.product_tmpl_id
        template.service_bom_ids = [Command.create({"part_id": self.serial_part.id})]
        self.hotspot.quantity = 2
        self.assertEqual(self.diagram.missing_bom_count, 1)
        self.diagram.with_user(self.quality).action_complete_bom()
        self.assertEqual(self.diagram.missing_bom_count, 0)
        self.diagram.action_complete_bom()
        self.assertRecordValues(
            template.service_bom_ids,
            [
                {"part_id": self.serial_part.id, "position": False, "quantity": 1},
                {"part_id": self.part.id, "position": "1", "quantity": 2},
            ],
        )
        with self.assertRaises(AccessError):
            self.diagram.with_user(self.agent).action_complete_bom()

    # Whose picture

    def test_products_have_their_pictures_and_those_of_their_categories(self):
        above = self._make_diagram(
            self.part, sequence=1, category_ids=self.category.parent_id.ids
        )
        self._make_diagram(self.part, category_ids=self.part.categ_id.ids)
        self._make_diagram(
            self.part, active=False, product_tmpl_ids=self.product.product_tmpl_id.ids
        )
        template = self.product.product_tmpl_id
        found = template._find_part_diagrams()[template]
        self.assertEqual(found.ids, [self.diagram.id, above.id], "the own one first")
        other = self.env["product.product"].create(
            {"name": "Sibling", "categ_id": self.category.id, "type": "consu"}
        )
        self.assertEqual(other._find_part_diagrams()[other], above)
        self.assertTrue(other.has_part_diagram)
        self.assertFalse(self.serial_part.has_part_diagram)

    def test_pictures_of_other_companies_are_not_shown(self):
        company = self.env["res.company"].create({"name": "Else"})
        foreign = self._make_diagram(self.env["product.product"], company_id=company.id)
        foreign.category_ids = self.category
        both = self.env.companies + company
        asset = self.asset.with_context(allowed_company_ids=both.ids)
        self.assertEqual(asset._find_part_diagrams()[asset], self.diagram)
        self.assertFalse(foreign.with_user(self.agent).has_access("read"))
        markers = self.env["service.part.hotspot"].with_user(self.agent)
        self.assertFalse(markers.search([("diagram_id", "=", foreign.id)]))

    def test_assets_orders_and_visits_show_the_picture_to_who_works_on_them(self):
        self._stock(self.part, 3)
        visit = self._make_visit()
        order = visit.order_id
        cases = [
            (self.asset, self.agent, ""),
            (order, self.agent, "expect"),
            (order, self.technician_user, ""),
            (order, self.quality, ""),
            (visit, self.technician_user, "use"),
            (visit, self.point_manager, "use"),
            (visit, self.agent, ""),
            (self.product, self.technician_user, ""),
        ]
        for record, user, choice in cases:
            with self.subTest(record=record, user=user.login):
                record = record.with_user(user)
                self.assertTrue(record.has_part_diagram)
                data = record.get_part_diagrams()
                self.assertEqual(data["choice"], choice)
                self.assertEqual(data["can_edit"], user == self.quality)
                (picture,) = data["pictures"]
                self.assertEqual(
                    [part["name"] for part in picture["parts"]], ["Test Pump", "Frame"]
                )

    def test_nothing_is_shown_of_what_one_may_not_read(self):
        other = self._make_order(
            partner_id=self.env["res.partner"].create({"name": "Else"}).id,
            asset_id=False,
            product_id=self.product.id,
        )
        for user in (self.technician_user, self.portal_customer, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                other.with_user(user).get_part_diagrams()
        for user in (self.portal_customer, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.product.with_user(user).get_part_diagrams()

    def test_a_consumer_must_say_what_it_is_about(self):
        with self.assertRaises(NotImplementedError):
            self.env["service.part.diagram.mixin"]._get_diagram_subject()

    # Choosing

    def test_an_order_expects_what_is_chosen(self):
        self._stock(self.part, 3)
        order = self._make_accepted_order()
        desk = order.with_user(self.agent)
        self.assertEqual(desk.action_expect_part(self.part.id, 2), 2)
        self.assertEqual(desk.action_expect_part(self.part.id), 3)
        self.assertRecordValues(
            order.part_need_ids, [{"product_id": self.part.id, "quantity": 3}]
        )
        (part, frame) = desk.get_part_diagrams()["pictures"][0]["parts"]
        self.assertEqual((part["available"], part["chosen"]), (3, 3))
        self.assertIs(part["is_covered"], True, "two years of parts")
        self.assertNotIn("available", frame)
        for user in (self.technician_user, self.quality):
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.with_user(user).action_expect_part(self.part.id)

    def test_what_the_warranty_does_not_cover_is_said(self):
        self.asset.warranty_ids.unlink()
        order = self._make_order()
        part = order.get_part_diagrams()["pictures"][0]["parts"][0]
        self.assertIs(part["is_covered"], False)
        self.assertIsNone(part["available"], "nobody has the order yet")
        order.asset_id = False
        order.product_id = self.product
        part = order.get_part_diagrams()["pictures"][0]["parts"][0]
        self.assertIsNone(part["is_covered"])

    def test_a_finished_order_takes_no_more_parts(self):
        visit = self._make_visit()
        visit.action_done({"outcome": "fixed"})
        order = visit.order_id.with_user(self.agent)
        self.assertEqual(order.get_part_diagrams()["choice"], "")
        self.assertEqual(
            visit.with_user(self.technician_user).get_part_diagrams()["choice"], ""
        )
        with self.assertRaisesRegex(UserError, "finished"):
            order.action_expect_part(self.part.id)

    def test_a_technician_notes_what_is_chosen(self):
        self._stock(self.part, 3)
        self._put(self.part, self.van, 2)
        visit = self._make_visit().with_user(self.technician_user)
        action = visit.action_open_part(self.part.id, 2)
        window = self.env[action["res_model"]].with_user(self.technician_user)
        window.with_context(**action["context"]).create({}).action_confirm()
        part = visit.get_part_diagrams()["pictures"][0]["parts"][0]
        self.assertEqual((part["chosen"], part["available"]), (2, 5))

    # Rights

    def test_pictures_are_kept_by_quality(self):
        records = {"picture": self.diagram, "marker": self.hotspot}
        stock_manager = self._make_stock_manager()
        read, keep = dict.fromkeys(records, "r"), dict.fromkeys(records, "rwcd")
        check_matrix(
            self,
            records,
            {
                self.agent: read,
                self.dispatcher: read,
                self.technician_user: read,
                self.point_manager: read,
                self.quality: keep,
                self.manager: keep,
                stock_manager: keep,
                self.portal_customer: {},
                self.portal_point: {},
            },
        )

    def _make_stock_manager(self):
        return self.env["res.users"].create(
            {
                "name": "Stock",
                "login": "test_stock_manager",
                "group_ids": [
                    Command.set(self.env.ref("stock.group_stock_manager").ids)
                ],
            }
        )


@tagged("post_install", "-at_install", "service_management_budget")
class TestPartDiagramBudget(DiagramCommon):
    """A picture with many markers costs as many queries as one with few."""

    def _count(self, work):
        """Queries of the second time, when what rules and fields are is known."""
        for _time in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            work()
        return self.env.cr.sql_log_count - before

    def _make_parts(self, count):
        return self.env["product.product"].create(
            [
                {"name": f"Part {number}", "type": "consu", "is_storable": True}
                for number in range(count)
            ]
        )

    def test_showing_a_picture(self):
        self.diagram.unlink()
        self.nameless = self.hotspot = None
        visit = self._make_visit()
        counts = {}
        for size in (5, 50):
            diagram = self._make_diagram(self._make_parts(size))
            diagram.product_tmpl_ids = self.product.product_tmpl_id
            for record, user in (
                (visit.order_id, self.agent),
                (visit, self.technician_user),
            ):
                record = record.with_user(user)
                count = self._count(record.get_part_diagrams)
                counts.setdefault(record._name, []).append(count)
            diagram.unlink()
        for name, (few, many) in counts.items():
            self.assertEqual(few, many, name)
            self.assertLessEqual(many, 60, name)

    def test_whether_there_is_a_picture(self):
        assets = self.asset.create(
            [
                {"partner_id": self.customer.id, "product_id": product.id}
                for product in (self.product, self._make_parts(1)) * 40
            ]
        ).with_user(self.agent)
        few = self._count(lambda: assets[:4].mapped("has_part_diagram"))
        many = self._count(lambda: assets.mapped("has_part_diagram"))
        self.assertEqual(few, many)
        self.assertLessEqual(many, 10)
