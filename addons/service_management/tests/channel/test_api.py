from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_management.tests.common import ServiceCommon

POISON = "Poison is not served."


class ApiCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.interface = new_test_user(
            cls.env,
            login="test_interface",
            groups="service_management.group_service_interface",
        )
        cls.Order = cls.env["service.order"].with_user(cls.interface)
        cls.customer.ref = "C-77"

    def _request(self, key, **vals):
        return {
            "key": key,
            "customer_ref": "C-77",
            "type": "repair",
            "description": "It does not spin.",
            **vals,
        }

    def _file(self, *requests):
        return self.Order.create_from_api(list(requests))

    def _order(self, answer):
        return self.env["service.order"].browse(answer["id"])

    def _errors(self, answer):
        return [(error["field"], error["code"]) for error in answer["errors"]]


@tagged("post_install", "-at_install")
class TestApi(ApiCommon):
    def test_requests_become_registered_orders_of_the_desk(self):
        symptom = self.env["service.fault.code"].search(
            [("kind", "=", "symptom"), ("category_ids", "=", False)], limit=1
        )
        (answer,) = self._file(
            self._request(
                "a",
                serial="TW-0001",
                symptom=symptom.code.lower(),
                priority="urgent",
                requested_on="2026-03-01T08:00:00+08:00",
                phone="010 5555 1234",
            )
        )
        self.assertEqual((answer["result"], answer["errors"]), ("created", []))
        order = self._order(answer)
        self.assertRecordValues(
            order,
            [
                {
                    "name": answer["number"],
                    "state": "new",
                    "channel": "api",
                    "partner_id": self.customer.id,
                    "asset_id": self.asset.id,
                    "symptom_id": symptom.id,
                    "priority": "3",
                    "phone": "010 5555 1234",
                    "user_id": False,
                    "create_uid": self.interface.id,
                }
            ],
        )
        self.assertTrue(order.team_id)
        self.assertEqual(str(order.date_request), "2026-03-01 00:00:00")
        self.assertEqual(order.workitem_ids.mapped("state").count("open"), 1)

    def test_l28_a_replayed_call_makes_nothing_and_answers_the_same(self):
        first = self._file(self._request("a"), self._request("b"))
        again = self._file(self._request("b"), self._request("a"))
        self.assertEqual([answer["result"] for answer in again], ["existing"] * 2)
        self.assertEqual(
            [answer["id"] for answer in again], [first[1]["id"], first[0]["id"]]
        )

    def test_the_same_key_twice_in_one_call_is_one_order(self):
        answers = self._file(self._request("a"), self._request("a"))
        self.assertEqual(
            [answer["result"] for answer in answers], ["created", "existing"]
        )
        self.assertEqual(answers[0]["id"], answers[1]["id"])

    def test_keys_of_two_interfaces_do_not_meet(self):
        other = new_test_user(
            self.env, "test_other", groups="service_management.group_service_interface"
        )
        (mine,) = self._file(self._request("a"))
        (theirs,) = self.Order.with_user(other).create_from_api([self._request("a")])
        self.assertNotEqual(mine["id"], theirs["id"])
        self.assertEqual(
            self.Order.with_user(other).get_status(["a"])[0]["id"], theirs["id"]
        )

    def test_one_bad_request_of_1000_blocks_no_other(self):
        requests = [self._request(f"k{number}") for number in range(1000)]
        requests[500]["type"] = "no such type"
        answers = self._file(*requests)
        refused = [answer for answer in answers if answer["result"] == "refused"]
        self.assertEqual([answer["key"] for answer in refused], ["k500"])
        self.assertEqual(self._errors(refused[0]), [("type", "unknown")])
        self.assertIn("no such type", refused[0]["errors"][0]["message"])
        self.assertEqual(sum(answer["result"] == "created" for answer in answers), 999)

    def test_a_request_that_only_the_order_refuses_blocks_no_other(self):
        """What no check beforehand knows of: a rule of the order itself."""
        check = type(self.env["service.order"])._check_registrable

        def refuse_some(orders):
            if any("poison" in (order.description or "") for order in orders):
                raise UserError(POISON)
            return check(orders)

        self.patch(type(self.env["service.order"]), "_check_registrable", refuse_some)
        requests = [self._request(f"k{number}") for number in range(20)]
        requests[7]["description"] = "poison"
        answers = self._file(*requests)
        self.assertEqual(
            [answer["key"] for answer in answers if answer["result"] == "refused"],
            ["k7"],
        )
        self.assertEqual(answers[7]["errors"][0]["message"], POISON)
        self.assertEqual(len({answer["id"] for answer in answers if answer["id"]}), 19)

    def test_l32_what_is_not_allowed_is_refused_by_name(self):
        for name, value in (
            ("stage_id", 1),
            ("internal_note", "x"),
            ("user_id", 2),
            ("channel", "phone"),
            ("source_key", "x"),
            ("partner_id", 1),
        ):
            (answer,) = self._file(self._request("a", **{name: value}))
            self.assertEqual(self._errors(answer), [(name, "unknown_field")])
        self.assertFalse(self.Order.get_status(["a"])[0]["found"])

    def test_errors_name_the_field_in_the_language_of_the_caller(self):
        (answer,) = self._file({"key": "a"})
        self.assertEqual(
            self._errors(answer),
            [
                ("type", "missing"),
                ("description", "missing"),
                ("customer_name", "no_customer"),
            ],
        )
        self.assertEqual(answer["errors"][0]["message"], "type: is missing")

    def test_a_type_that_needs_a_fault_code_says_so(self):
        self.type_repair.fault_required = True
        (answer,) = self._file(self._request("a"))
        self.assertEqual(self._errors(answer), [("symptom", "needed_for_type")])

    # Who asks

    def _who(self, **vals):
        request = {"key": "w", "type": "repair", "description": "x", **vals}
        (answer,) = self._file(request)
        if answer["result"] == "refused":
            return self._errors(answer)
        return self._order(answer).partner_id

    def test_customers_are_known_by_each_thing_they_may_say(self):
        for vals in (
            {"customer_id": self.customer.id},
            {"customer_ref": "C-77"},
            {"serial": "TW-0001"},
            {"phone": "13800138000"},
            {"phone": "+86-138-0013-8000", "customer_name": "Somebody"},
            {"email": "Customer@Example.com"},
        ):
            self.env.company.country_id = self.env.ref("base.cn")
            with self.subTest(vals):
                request = {"key": str(vals), "type": "repair", "description": "x"}
                (answer,) = self._file({**request, **vals})
                self.assertEqual(answer["errors"], [])
                self.assertEqual(self._order(answer).partner_id, self.customer)

    def test_a_new_customer_is_made_once_for_two_requests(self):
        new = {"customer_name": "Han Mei", "phone": "139 1111 2222", "city": "Wuhan"}
        answers = self._file(
            {"key": "1", "type": "repair", "description": "x", **new},
            {"key": "2", "type": "repair", "description": "y", **new},
        )
        (partner,) = {self._order(answer).partner_id for answer in answers}
        self.assertEqual(
            (partner.name, partner.city, partner.phone),
            ("Han Mei", "Wuhan", "139 1111 2222"),
        )

    def test_nobody_is_guessed(self):
        self.assertEqual(self._who(phone="13999999999"), [("phone", "nobody")])
        self.assertEqual(self._who(customer_ref="none"), [("customer_ref", "unknown")])
        self.assertEqual(self._who(customer_id=2**30), [("customer_id", "unknown")])
        twin = self.env["res.partner"].create(
            {"name": "Twin", "phone": self.customer.phone}
        )
        phone = self.customer.phone
        self.assertEqual(self._who(phone=phone), [("phone", "several")])
        self.assertEqual(self._who(phone=phone, customer_name="twin"), twin)

    def test_the_serial_of_another_customer_is_refused(self):
        stranger = self.env["res.partner"].create({"name": "S", "ref": "C-78"})
        self.assertEqual(
            self._who(customer_ref=stranger.ref, serial="TW-0001"),
            [("serial", "of_another")],
        )

    def test_records_of_another_company_are_not_known(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["res.partner"].create(
            {"name": "Theirs", "ref": "C-79", "company_id": company.id}
        )
        self.assertEqual(self._who(customer_ref="C-79"), [("customer_ref", "unknown")])

    # Who may

    def test_only_interfaces_and_the_desk_may_file(self):
        for user in (
            self.technician_user,
            self.point_manager,
            self.quality,
            self.portal_customer,
        ):
            orders = self.env["service.order"].with_user(user)
            with self.assertRaises(AccessError):
                orders.create_from_api([self._request("a")])
            with self.assertRaises(AccessError):
                orders.get_status(["a"])
        (answer,) = (
            self.env["service.order"]
            .with_user(self.agent)
            .create_from_api([self._request("a")])
        )
        self.assertEqual(answer["result"], "created")

    def test_an_interface_reads_nothing_but_its_answers(self):
        (answer,) = self._file(self._request("a"))
        for model in (
            "service.order",
            "service.order.event",
            "service.contract",
            "service.workitem",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.interface).search([])
        # As an employee it could read what is noted as its own: nothing
        self.assertFalse(self.env["service.asset"].with_user(self.interface).search([]))
        with self.assertRaises(AccessError):
            self._order(answer).with_user(self.interface).read(["description"])

    def test_status_of_ones_own_requests(self):
        (answer,) = self._file(self._request("a"))
        known, unknown = self.Order.get_status(["a", "b"])
        self.assertEqual(unknown, {"key": "b", "found": False})
        self.assertEqual(
            (known["number"], known["state"], known["date_closed"]),
            (answer["number"], "new", None),
        )

    def test_too_many_or_nothing_of_the_kind_is_said_plainly(self):
        with self.assertRaisesRegex(UserError, "1000"):
            self.Order.create_from_api([{}] * 1001)
        with self.assertRaisesRegex(UserError, "list"):
            self.Order.create_from_api({"key": "a"})
        self.assertEqual(self.Order.create_from_api([]), [])


@tagged("post_install", "-at_install", "service_management_budget")
class TestApiBudget(ApiCommon):
    def _count(self, number, start):
        requests = [
            self._request(f"b{start + index}", phone=f"1390000{start + index:04}")
            | {"customer_name": f"New {start + index}", "customer_ref": None}
            for index in range(number)
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._file(*requests)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_are_flat_in_the_number_of_requests(self):
        self._count(2, 9000)
        # Up to a hundred rows go into a table by one statement
        self.assertEqual(self._count(6, 0), self._count(25, 1000))
