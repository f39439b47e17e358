"""What devices send: each operation once, each answered for itself (L12)."""

import base64
import io
import uuid
from datetime import timedelta

from PIL import Image

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.models.dispatch.service_operation import (
    MAX_OPERATIONS,
    MAX_PHOTOS,
)
from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon
from odoo.addons.service_management.tests.race import RaceCase


def picture(image_format="JPEG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(stream, image_format)
    return stream.getvalue()


class OperationCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checklist = cls.env["service.checklist"].create(
            {
                "name": "Repair",
                "type_id": cls.type_repair.id,
                "item_ids": [
                    Command.create({"name": "Safe", "is_required": False}),
                    Command.create(
                        {"name": "Label", "kind": "photo", "is_required": False}
                    ),
                    Command.create(
                        {"name": "Sign", "kind": "signature", "is_required": False}
                    ),
                ],
            }
        )
        cls.safe, cls.label, cls.sign = (
            item._get_key() for item in cls.checklist.item_ids
        )
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(hours=1)
        cls.visit = cls._make_visit(start=start)
        cls.operations = cls.env["service.operation"].with_user(cls.technician_user)

    def _operation(self, kind, visit=None, **values):
        return {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "visit_id": (visit or self.visit).id,
            "date": fields.Datetime.now().isoformat() + "Z",
            "values": values,
        }

    def _set(self, base, **values):
        return self._operation("set", values=values, base=base)

    def _take(self, *operations, user=None, content=None):
        model = self.operations.with_user(user or self.technician_user)
        return model._take(list(operations), content)

    def _states(self, *operations, **kwargs):
        return [answer["state"] for answer in self._take(*operations, **kwargs)]


@tagged("post_install", "-at_install")
class TestOperation(OperationCommon):
    def test_a_whole_visit_in_one_batch(self):
        self._stock(self.part, 2)
        answers = self._take(
            self._operation("en_route"),
            self._operation("on_site", position={"latitude": 31.2, "longitude": 121.4}),
            self._operation(
                "answer", key=self.safe, value="yes", remark="", base={"value": None}
            ),
            self._operation("part_add", product_id=self.part.id, quantity=1),
            self._set({"outcome": False}, outcome="fixed"),
            self._set({"report": False}, report="New pump"),
            self._operation(
                "sign",
                signed_by="Mrs Wang",
                signature=base64.b64encode(picture("PNG")).decode(),
            ),
            self._operation("done"),
        )
        self.assertEqual({answer["state"] for answer in answers}, {"applied"}, answers)
        self.assertRecordValues(
            self.visit,
            [
                {
                    "state": "done",
                    "outcome": "fixed",
                    "report": "New pump",
                    "signed_by": "Mrs Wang",
                }
            ],
        )
        self.assertEqual(self.visit.move_ids.state, "done")
        self.assertEqual(self.visit.order_id.state, "done")
        self.assertTrue(self.visit.step_ids[1].has_position)
        event = self.visit.order_id.event_ids.filtered(lambda e: e.kind == "on_site")
        self.assertEqual(event.user_id, self.technician_user)

    def test_l12_a_retry_gets_the_same_answer_and_changes_nothing(self):
        operation = self._operation("part_add", product_id=self.part.id, quantity=1)
        self._stock(self.part, 5)
        first = self._take(operation)
        again = self._take(operation, operation)
        self.assertEqual([first[0], first[0]], again)
        self.assertEqual(len(self.visit.move_ids), 1)
        refused = self._operation("done")
        answers = self._take(refused)
        self.assertEqual(answers[0]["state"], "refused")
        self.visit.outcome = "fixed"
        self.assertEqual(self._take(refused), answers)

    def test_types_that_no_device_sends_are_refused_not_failed(self):
        bad = [
            None,
            [],
            {"id": ["x"]},
            {"id": 12345678901234567890},
            {**self._operation("en_route"), "visit_id": [self.visit.id]},
            {**self._operation("en_route"), "visit_id": 2**40},
            {**self._operation("en_route"), "visit_id": True},
            {**self._operation("en_route"), "kind": ["en_route"]},
            {**self._operation("en_route"), "values": "x"},
            self._operation("answer", key=["x"], value="yes"),
            self._operation("answer", key=self.safe, version={"a": 1}, value="yes"),
        ]
        states = self._states(*bad)
        self.assertEqual(len(states), len(bad))
        self.assertLessEqual(set(states), {"refused", "gone"})
        self.assertEqual(self.visit.state, "planned")

    def test_answers_to_the_version_that_the_device_shows(self):
        digest, *__ = self.visit.sudo()._get_contents()[self.visit.sudo()]
        answer = self._operation(
            "answer",
            key=self.safe,
            version=digest,
            value="yes",
            remark="",
            base={"value": None},
        )
        self.assertEqual(self._states(answer), ["applied"])

    def test_what_is_beyond_the_limit_is_not_looked_at(self):
        operations = [None] * MAX_OPERATIONS + [self._operation("en_route")]
        self.assertEqual(len(self._take(*operations)), MAX_OPERATIONS)
        self.assertEqual(self.visit.state, "planned")

    def test_a_visit_takes_a_limited_number_of_photos(self):
        self.env["service.operation"].create(
            [
                {
                    "user_id": self.technician_user.id,
                    "key": str(uuid.uuid4()),
                    "kind": "photo",
                    "visit_id": self.visit.id,
                    "state": "applied",
                }
                for __ in range(MAX_PHOTOS - 1)
            ]
        )
        photo = self._operation("photo", key=False)
        self.assertEqual(self._states(photo, content=picture()), ["applied"])
        answer = self._take(self._operation("photo", key=False), content=picture())
        self.assertEqual(answer[0]["state"], "refused")
        self.assertIn(str(MAX_PHOTOS), answer[0]["message"])

    def test_an_id_is_one_users_own(self):
        operation = self._operation("en_route")
        other = new_test_user(
            self.env, "test_other", "service_management.group_service_technician"
        )
        self.assertEqual(self._states(operation, user=other), ["gone"])
        self.assertEqual(self._states(operation), ["applied"])

    def test_l12_newer_text_is_not_overwritten(self):
        self.visit.report = "Written by the dispatcher"
        answer = self._take(
            self._set(
                {"report": False, "outcome": False}, report="Mine", outcome="fixed"
            )
        )[0]
        self.assertEqual(answer["state"], "conflict")
        self.assertEqual(
            answer["conflicts"],
            {"report": {"mine": "Mine", "theirs": "Written by the dispatcher"}},
        )
        self.assertRecordValues(
            self.visit, [{"report": "Written by the dispatcher", "outcome": "fixed"}]
        )
        # the person has seen both and takes the own
        chosen = self._set({"report": "Written by the dispatcher"}, report="Mine")
        self.assertEqual(self._states(chosen), ["applied"])
        self.assertEqual(self.visit.report, "Mine")

    def test_the_same_value_from_both_is_no_conflict(self):
        self.visit.outcome = "fixed"
        self.assertEqual(
            self._states(self._set({"outcome": False}, outcome="fixed")), ["applied"]
        )

    def test_l12_an_answer_of_a_colleague_is_not_overwritten(self):
        self.visit.answer_checklist(self.safe, "no")
        mine = self._operation(
            "answer", key=self.safe, value="yes", base={"value": None, "remark": ""}
        )
        answer = self._take(mine)[0]
        self.assertEqual(answer["state"], "conflict")
        self.assertEqual(
            answer["conflicts"][f"answer:{self.safe}"]["theirs"]["value"], "no"
        )
        self.assertEqual(self.visit.answer_ids.value_yes_no, "no")

    def test_operations_built_on_one_another_are_applied_in_their_order(self):
        self.assertEqual(
            self._states(
                self._set({"report": False}, report="a"),
                self._set({"report": "a"}, report="ab"),
                self._set({"report": "ab"}, report=""),
            ),
            ["applied"] * 3,
        )
        self.assertFalse(self.visit.report)

    def test_a_wrong_order_is_refused_by_the_rules_of_the_visit(self):
        self.assertEqual(
            self._states(self._operation("on_site"), self._operation("en_route")),
            ["applied", "refused"],
        )
        self.assertEqual(self.visit.state, "on_site")

    def test_l12_one_reassigned_order_does_not_fail_the_batch(self):
        other = self._make_visit(
            self._make_accepted_order(description="second"),
            self.visit.planned_start + timedelta(days=1),
        )
        other._set_crew(self._make_technician("Somebody Else"))
        answers = self._take(
            self._operation("en_route", other),
            self._operation("en_route"),
            self._operation("nonsense"),
            {"id": "x", "kind": "done"},
            "text",
            self._operation("on_site"),
        )
        self.assertEqual(
            [answer["state"] for answer in answers],
            ["gone", "applied", "refused", "refused", "refused", "applied"],
        )
        self.assertIn("not yours", answers[0]["message"])
        self.assertEqual(other.state, "planned")

    def test_l6_nobody_acts_on_visits_of_others_whatever_the_rights(self):
        for user in (self.dispatcher, self.point_manager, self.portal_point):
            operation = self._operation("en_route")
            self.assertEqual(self._states(operation, user=user), ["gone"])
        self.assertEqual(self.visit.state, "planned")

    def test_l6_a_technician_of_the_portal_acts_on_the_own_visit(self):
        self.technician.user_id = self.portal_point
        self.assertEqual(
            self._states(
                self._operation("en_route"),
                self._set({"report": False}, report="Seen"),
                user=self.portal_point,
            ),
            ["applied", "applied"],
        )
        self.assertEqual(self.visit.report, "Seen")

    def test_l32_only_what_is_on_the_list_can_be_set(self):
        codes = self.env["service.fault.code"]
        foreign = codes.create(
            {
                "kind": "section",
                "code": "XX-1",
                "name": "Foreign",
                "category_ids": self.env.ref("service_management.category_phone").ids,
            }
        )
        for name, value in (
            ("state", "done"),
            ("order_id", 1),
            ("planned_start", "2030-01-01"),
            ("outcome", "won"),
            ("section_id", foreign.id),
            ("next_visit_date", "soon"),
        ):
            with self.subTest(name):
                operation = self._set({name: False}, **{name: value})
                self.assertEqual(self._states(operation), ["refused"])
        self.assertEqual(self.visit.state, "planned")

    def test_parts_come_from_the_own_van_or_point(self):
        self.technician.vehicle = "Van 7"
        self.technician.sudo()._make_vehicle_locations()
        van = self.technician.vehicle_location_id
        self.env["stock.quant"]._update_available_quantity(self.part, van, 2)
        held = self.visit._get_held_parts()[self.visit]
        self.assertEqual(held[0]["location_id"], van.id)
        elsewhere = self.env["stock.location"].create({"name": "Elsewhere"})
        wrong = self._operation(
            "part_add",
            product_id=self.part.id,
            quantity=1,
            location_id=elsewhere.id,
        )
        right = self._operation(
            "part_add", product_id=self.part.id, quantity=1, location_id=van.id
        )
        self.assertEqual(self._states(wrong, right), ["refused", "applied"])
        self.assertEqual(self.visit.move_ids.location_id, van)

    def test_a_part_is_taken_back_by_its_operation(self):
        self._stock(self.part, 5)
        added = self._operation("part_add", product_id=self.part.id, quantity=1)
        removed = self._operation("part_remove", operation=added["id"])
        self.assertEqual(self._states(added, removed), ["applied", "applied"])
        self.assertEqual(self.visit.move_ids.state, "cancel")

    def test_the_next_visit_says_what_it_needs(self):
        self.assertEqual(
            self._states(
                self._operation("part_need", product_id=self.part.id, quantity=2),
                self._set({"outcome": False}, outcome="repairable"),
                self._set({"needs_next_visit": False}, needs_next_visit=True),
                self._set({"next_visit_date": False}, next_visit_date="2030-05-02"),
                self._operation("on_site"),
                self._operation("done"),
            ),
            ["applied"] * 6,
        )
        need = self.env["service.part.need"].search(
            [("order_id", "=", self.visit.order_id.id)]
        )
        self.assertRecordValues(need, [{"product_id": self.part.id, "quantity": 2.0}])
        self.assertEqual(self.visit.order_id.state, "accepted")
        self.assertEqual(str(self.visit.next_visit_date), "2030-05-02")

    def test_photos_are_answers_and_arrive_once(self):
        operation = self._operation("photo", key=self.label)
        self.assertEqual(self._states(operation), ["refused"])
        operation = self._operation("photo", key=self.label)
        for __ in range(2):
            self.assertEqual(self._states(operation, content=picture()), ["applied"])
        self.assertEqual(len(self.visit.answer_ids.photo_ids), 1)

    def test_a_checklist_signature_is_an_answer(self):
        self.assertEqual(
            self._states(
                self._operation(
                    "answer_signature", key=self.sign, signature="nonsense"
                ),
                self._operation(
                    "answer_signature",
                    key=self.sign,
                    signature=base64.b64encode(picture("PNG")).decode(),
                ),
            ),
            ["refused", "applied"],
        )

    def test_the_customers_code_confirms_and_cannot_be_guessed_for_long(self):
        self.visit.action_on_site()
        code = self.visit._get_confirmation_code()
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        self.assertEqual(
            self._states(self._operation("confirm", code=wrong)), ["refused"]
        )
        self.assertEqual(
            self._states(self._operation("confirm", code=code)), ["applied"]
        )
        self.assertTrue(self.visit.confirmed_at)
        self.visit.confirmed_at = False
        for __ in range(4):
            self._take(self._operation("confirm", code=wrong))
        answer = self._take(self._operation("confirm", code=code))[0]
        self.assertEqual(answer["state"], "refused")
        self.assertIn("too often", answer["message"])

    def test_what_fails_for_our_own_reason_is_sent_again(self):
        def fail(*args):
            raise ZeroDivisionError("a mistake of ours")

        first, second = self._operation("en_route"), self._operation("on_site")
        self.patch(type(self.operations), "_apply_en_route", fail)
        with mute_logger(
            "odoo.addons.service_management.models.dispatch.service_operation"
        ):
            answers = self._states(first, second)
        self.assertEqual(answers, ["error", "held"])
        self.assertFalse(
            self.env["service.operation"].search_count(
                [("key", "in", [first["id"], second["id"]])]
            )
        )
        self.env.registry.clear_all_caches()

    def test_who_reads_operations(self):
        self._take(self._operation("en_route"))
        operation = self.env["service.operation"].search([], limit=1)
        stranger = new_test_user(
            self.env, "test_stranger", "service_management.group_service_technician"
        )
        check_matrix(
            self,
            {"operation": operation},
            {
                self.technician_user: {"operation": "r"},
                self.dispatcher: {"operation": "r"},
                stranger: {},
                self.agent: {},
                self.portal_customer: {},
            },
        )
        with self.assertRaises(AccessError):
            self.operations.create({"key": "a" * 20, "kind": "done"})

    def test_a_batch_costs_what_its_operations_cost(self):
        """Ten answers cost at most ten times one: nothing grows with the batch."""

        def cost(count):
            operations = [
                self._set({"report": self.visit.report}, report=f"{count}")
                if index == 0
                else self._set({"report": f"{count}"}, report=f"{count}")
                for index in range(count)
            ]
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._take(*operations)
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertLessEqual(cost(20), 20 * cost(1))


@tagged("-standard", "-at_install", "post_install", "service_race")
class TestOperationRace(RaceCase):
    """Operations of several devices in real transactions at the same moment."""

    def _make_booked(self):
        """Ids of a visit and of the user whose it is."""
        with self._env() as env:
            user = self._keep(
                env["res.users"].create(
                    {"name": "Race Technician", "login": "race_technician"}
                )
            )
            point = self._make_points(env, 1)
            technician = self._keep(
                env["service.technician"].create(
                    {
                        "name": "Race Technician",
                        "point_id": point.id,
                        "user_id": user.id,
                        "resource_calendar_id": False,
                    }
                )
            )
            order = self._make_order(env)
            order._dispatch()
            order.offer_ids.action_accept()
            start = fields.Datetime.now() + timedelta(hours=2)
            visit = order._plan_visit(technician, start, start + timedelta(hours=1))
            return visit.id, user.id

    def test_l12_the_same_operation_at_the_same_moment(self):
        """It is applied once."""
        visit_id, user_id = self._make_booked()
        operation = {
            "id": str(uuid.uuid4()),
            "kind": "set",
            "visit_id": visit_id,
            "date": False,
            "values": {"values": {"report": "Once"}, "base": {"report": False}},
        }
        answers = []

        def send(env):
            answers.extend(
                env["service.operation"].with_user(user_id)._take([operation])
            )
            env.flush_all()

        results = self._compete([send] * 4)
        self.assertEqual(results, ["won"] * 4)
        with self._env() as env:
            self.assertEqual(
                env["service.operation"].search_count([("key", "=", operation["id"])]),
                1,
            )
            env["service.operation"].search([("user_id", "=", user_id)]).unlink()
        self.assertEqual({answer["state"] for answer in answers}, {"applied"})

    def test_the_last_photo_is_one(self):
        visit_id, user_id = self._make_booked()

        def make(number):
            return {
                "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
                "kind": "photo",
                "visit_id": visit_id,
                "date": False,
                "values": {},
            }

        with self._env() as env:
            operations = env["service.operation"]
            operations.create(
                [
                    {
                        "user_id": user_id,
                        "key": str(uuid.uuid4()),
                        "kind": "photo",
                        "visit_id": visit_id,
                        "state": "applied",
                    }
                    for __ in range(MAX_PHOTOS - 1)
                ]
            )

        def work(number):
            def send(env):
                env["service.operation"].with_user(user_id)._take(
                    [make(number)], picture()
                )
                env.flush_all()

            return send

        results = self._compete([work(number) for number in range(4)])
        self.assertEqual(results, ["won"] * 4)
        with self._env() as env:
            operations = env["service.operation"].search([("user_id", "=", user_id)])
            states = operations.mapped("state")
            operations.unlink()
        self.assertEqual(states.count("applied"), MAX_PHOTOS)
        self.assertEqual(states.count("refused"), 3)
