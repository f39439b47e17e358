"""Serial numbers of the parts that a technician's device notes, one by one."""

import uuid

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PartCommon


class SerialCommon(PartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._make_visit()
        cls.new = cls._lot("NEW-1")
        cls._put(cls.serial_part, cls.van, lot=cls.new)

    def _operation(self, kind, visit=None, **values):
        return {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "visit_id": (visit or self.visit).id,
            "date": f"{fields.Datetime.now().isoformat()}Z",
            "values": values,
        }

    def _part(self, serial, visit=None, **values):
        return self._operation(
            "part_add",
            visit,
            **{
                "product_id": self.serial_part.id,
                "location_id": self.van.id,
                "quantity": 1,
                "serial": serial,
                **values,
            },
        )

    def _fixed(self):
        return self._operation(
            "set", values={"outcome": "fixed"}, base={"outcome": False}
        )

    def _take(self, *operations):
        model = self.env["service.operation"].with_user(self.technician_user)
        return model._take(list(operations))

    def _refused(self, *operations):
        """The sentence of the last operation, which is refused and changes nothing."""
        answer = self._take(*operations)[-1]
        self.assertEqual(answer["state"], "refused", answer)
        return answer["message"]


@tagged("post_install", "-at_install")
class TestPartSerial(SerialCommon):
    def test_the_device_knows_the_serial_numbers_it_may_choose(self):
        kept = self._lot("KEPT-1")
        self._put(self.serial_part, self.van, lot=kept)
        self.env["stock.quant"]._update_reserved_quantity(
            self.serial_part, self.van, 1, lot_id=kept
        )
        self._put(self.part, self.van, 3)
        board, pump = sorted(
            self.visit._get_held_parts()[self.visit], key=lambda part: part["tracking"]
        )[::-1]
        self.assertEqual((board["tracking"], board["serials"]), ("serial", ["NEW-1"]))
        self.assertEqual(board["free"], 1)
        self.assertEqual((pump["tracking"], pump["serials"]), ("none", []))
        self.assertEqual(pump["free"], 3)

    def test_both_serial_numbers_follow_the_part(self):
        answers = self._take(
            self._part(" NEW-1\x1d", old_serial="OLD-1"),
            self._fixed(),
            self._operation("done"),
        )
        self.assertEqual([row["state"] for row in answers], ["applied"] * 3, answers)
        self.assertEqual(self._held(self.van, self.serial_part), 0)
        self.assertEqual(
            [
                (line["kind"], line["serial"], line["old_serial"])
                for line in self.visit.with_user(self.technician_user).part_lines
            ],
            [("use", "NEW-1", "OLD-1"), ("recover", "OLD-1", "")],
        )
        back = self.env["service.part.return"].search(
            [("visit_id", "=", self.visit.id)]
        )
        self.assertEqual(back.lot_id.name, "OLD-1")

    def test_a_wrong_serial_number_is_named(self):
        self.assertEqual(
            self._refused(self._part("NEW-7")),
            "Serial number of Test Board: NEW-7 is unknown.",
        )
        for nothing in ("", "  ", None, 7, ["NEW-1"]):
            with self.subTest(nothing):
                self.assertEqual(
                    self._refused(self._part(nothing)),
                    "Serial number of Test Board: it is missing.",
                )
        self.assertIn("longer than", self._refused(self._part("N" * 65)))
        self.assertIn("one piece", self._refused(self._part("NEW-1", quantity=2)))
        self.assertIn(
            "Serial number of the old Test Board",
            self._refused(self._part("NEW-1", old_serial="NEW-1")),
        )
        self.assertFalse(self.visit.move_ids)

    def test_a_serial_number_that_is_not_in_the_van(self):
        self._put(self.serial_part, self.point.location_id, lot=self._lot("POINT-1"))
        self.assertRegex(
            self._refused(self._part("POINT-1")),
            r"Serial number of Test Board: POINT-1 is not in .*Z 1",
        )
        at_point = self._part("POINT-1", location_id=self.point.location_id.id)
        self.assertEqual(self._take(at_point)[0]["state"], "applied")

    def test_a_piece_is_noted_once(self):
        other = self._make_visit()
        self.assertIn(
            "noted or kept", self._refused(self._part("NEW-1"), self._part("NEW-1"))
        )
        self.assertIn("noted or kept", self._refused(self._part("NEW-1", visit=other)))
        self.visit.action_remove_part(self.visit.move_ids.id)
        again = self._part("NEW-1", visit=other)
        self.assertEqual(self._take(again)[0]["state"], "applied")

    def test_l12_the_same_operation_twice_takes_one_part(self):
        operation = self._part("NEW-1", old_serial="OLD-1")
        first, second = self._take(operation)[0], self._take(operation)[0]
        self.assertEqual(first, second)
        self.assertEqual(len(self.visit.move_ids), 1)

    def test_what_is_kept_for_the_job_may_be_built_in(self):
        need = self.env["service.part.need"].create(
            {"order_id": self.visit.order_id.id, "product_id": self.serial_part.id}
        )
        self._put(self.serial_part, self.point.location_id, lot=self._lot("JOB-1"))
        need.action_reserve(self.point.location_id.id)
        place = {"location_id": self.point.location_id.id}
        stranger = self._make_visit()
        self.assertIn(
            "kept", self._refused(self._part("JOB-1", visit=stranger, **place))
        )
        self.assertEqual(
            self._take(self._part("JOB-1", **place))[0]["state"], "applied"
        )

    def test_a_visit_stays_open_when_one_of_its_parts_was_not_taken(self):
        wrong = self._part("NEW-7")
        done = self._operation("done", parts=[wrong["id"]])
        answers = self._take(wrong, self._fixed(), done)
        self.assertEqual(
            [row["state"] for row in answers], ["refused", "applied", "refused"]
        )
        self.assertIn("a part that you noted", answers[-1]["message"])
        self.assertNotEqual(self.visit.state, "done")
        right = self._part("NEW-1")
        answers = self._take(right, self._operation("done", parts=[right["id"]]))
        self.assertEqual([row["state"] for row in answers], ["applied"] * 2, answers)
        self.assertEqual(self.visit.state, "done")

    def test_numbers_that_are_none_are_refused_not_failed(self):
        self._put(self.part, self.van, 5)
        for name, value in (
            ("quantity", float("nan")),
            ("quantity", float("inf")),
            ("quantity", -1),
            ("quantity", 0),
            ("quantity", 1e30),
            ("quantity", "many"),
            ("quantity", True),
            ("product_id", float("inf")),
            ("product_id", 2**40),
            ("location_id", 2**40),
            ("location_id", float("nan")),
        ):
            with self.subTest(name=name, value=value):
                values = {"product_id": self.part.id, "serial": None, name: value}
                self._refused(self._part(**values))
                if name != "location_id":
                    need = {"product_id": self.part.id, "quantity": 1, name: value}
                    self._refused(self._operation("part_need", **need))
        removed = self._operation("part_remove", move_id=2**60)
        self.assertNotEqual(self._take(removed)[0]["state"], "error")
        self.assertFalse(self.visit.move_ids)

    def test_the_back_office_asks_for_the_same(self):
        form = self.env["service.visit.part"].with_user(self.technician_user)
        with self.assertRaisesRegex(UserError, "NEW-7 is unknown"):
            form.create(
                {
                    "visit_id": self.visit.id,
                    "product_id": self.serial_part.id,
                    "location_id": self.van.id,
                    "serial": "NEW-7",
                }
            ).action_confirm()


@tagged("post_install", "-at_install", "service_budget")
class TestPartOperationBudget(SerialCommon):
    def test_a_batch_of_parts_costs_what_its_parts_cost(self):
        """Nothing of an operation grows with the batch, the van or the visit."""

        def cost(count):
            visit = self._make_visit()
            lots = [
                self._lot(f"{visit.id}-{number}", self.serial_part)
                for number in range(count)
            ]
            for lot in lots:
                self._put(self.serial_part, self.van, lot=lot)
            operations = [self._part(lot.name, visit=visit) for lot in lots]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            answers = self._take(*operations)
            self.env.flush_all()
            self.assertEqual({row["state"] for row in answers}, {"applied"})
            return self.env.cr.sql_log_count - before

        cost(2)
        few, many = cost(5), cost(40)
        self.assertLessEqual(many / 40, few / 5)
        self.assertLessEqual(few / 5, 50)
