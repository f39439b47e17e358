from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon

# Told to dispatchers only, and told to nobody
ROLE_SECRET = "gate code 4711"
SALES_SECRET = "discount because of the lawsuit"


@tagged("post_install", "-at_install")
class TestHandover(ServiceCommon):
    """From sales to dispatch to the engineer: what is withheld is nowhere to be had."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "test_seller",
            groups="service_management.group_service_requester,"
            "sales_team.group_sale_salesman_all_leads,base.group_allow_export",
        )
        export = cls.env.ref("base.group_allow_export")
        for user in (
            cls.dispatcher,
            cls.technician_user,
            cls.agent,
            cls.quality,
            cls.point_manager,
        ):
            user.group_ids += export
        cls.sale = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.seller.id,
                "client_order_ref": ROLE_SECRET,
                "note": SALES_SECRET,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "price_unit": 87654})
                ],
            }
        )
        cls.sale.message_post(body=SALES_SECRET)
        cls.dispatchers = cls.env.ref("service_management.group_service_dispatcher")
        cls.template = cls.env["service.handover.template"].create(
            {
                "name": "After a sale",
                "type_id": cls.type_repair.id,
                "user_id": cls.dispatcher.id,
                "line_ids": [
                    Command.create({"path": "name", "name": "Sales Order"}),
                    Command.create({"path": "partner_id.phone"}),
                    Command.create(
                        {
                            "path": "client_order_ref",
                            "name": "Access",
                            "group_ids": [Command.set(cls.dispatchers.ids)],
                        }
                    ),
                    Command.create({"path": "amount_total", "mode": "withhold"}),
                    Command.create({"path": "note", "mode": "withhold"}),
                ],
            }
        )
        cls.order = cls.template.with_user(cls.seller)._make_order(
            cls.sale.with_user(cls.seller), {"description": "Deliver and connect."}
        )
        cls.order = cls.order.sudo()
        cls.order.asset_id = cls.asset
        cls.order.action_register()
        cls.order._dispatch()
        cls.order.offer_ids.action_accept()
        cls._make_visit(cls.order)

    def _values(self, user):
        return (
            self.env["service.order.handover.value"]
            .with_user(user)
            .search([("order_id", "=", self.order.id)])
        )

    def test_carried_over_as_text_and_in_order(self):
        rows = self.order.handover_value_ids
        self.assertEqual(
            [(row.name, row.value) for row in rows],
            [
                ("Sales Order", self.sale.name),
                ("Phone", "+86 138 0013 8000"),
                ("Access", ROLE_SECRET),
            ],
        )

    def test_control_goes_to_dispatch_and_the_seller_reads_on(self):
        self.assertEqual(self.order.user_id, self.dispatcher)
        order = self.order.with_user(self.seller)
        self.assertTrue(order.has_access("read"))
        self.assertFalse(order.has_access("write"))
        event = self.order.event_ids.filtered(lambda event: event.kind == "handed_over")
        self.assertEqual(event.user_id, self.seller)

    def test_rows_by_role(self):
        for user, names in (
            (self.dispatcher, ["Sales Order", "Phone", "Access"]),
            (self.manager, ["Sales Order", "Phone", "Access"]),
            (self.agent, ["Sales Order", "Phone"]),
            (self.quality, ["Sales Order", "Phone"]),
            (self.seller, ["Sales Order", "Phone"]),
            (self.technician_user, ["Sales Order", "Phone"]),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self._values(user).mapped("name"), names)

    def _ask_everywhere(self, user, secret):
        """Each way to get at a value, or to find out that it is there."""
        env = self.env(user=user)
        env.invalidate_all()
        orders, rows = env["service.order"], env["service.order.handover.value"]
        order = orders.browse(self.order.id)
        mine = [("id", "=", order.id)]
        ours = [("order_id", "=", order.id)]
        hidden = rows.browse(
            self.order.handover_value_ids.filtered(
                lambda row: secret in (row.value or "")
            ).ids
        )
        part = secret[:9]
        fields = list(orders.fields_get())
        yield "read", lambda: order.read(fields)
        yield (
            "web_read",
            lambda: order.web_read(
                {"handover_value_ids": {"fields": {"name": {}, "value": {}}}}
            ),
        )
        yield "row read", lambda: hidden.read(["value"]) if hidden else None
        yield "row search", lambda: rows.search_read([("value", "ilike", part)])
        yield "row count", lambda: rows.search_count([("value", "ilike", part)])
        yield "row name_search", lambda: rows.name_search(part)
        yield (
            "row group",
            lambda: rows.formatted_read_group(ours, ["value"], ["__count"]),
        )
        yield "row export", lambda: hidden.export_data(["value"]) if hidden else None
        yield (
            "export",
            lambda: order.export_data(["handover_value_ids/value"])["datas"],
        )
        yield (
            "filter",
            lambda: orders.search([*mine, ("handover_value_ids.value", "ilike", part)]),
        )
        yield (
            "filter by any",
            lambda: orders.search(
                [*mine, ("handover_value_ids", "any", [("value", "ilike", part)])]
            ),
        )
        yield (
            "filter by name",
            lambda: orders.search([*mine, ("handover_value_ids", "ilike", part)]),
        )
        for name in ("handover_model", "handover_res_id", "sale_order_id"):
            yield f"filter {name}", lambda name=name: orders.search([(name, "!=", 0)])
            yield f"sort {name}", lambda name=name: orders.search(mine, order=name)
            yield (
                f"group {name}",
                lambda name=name: orders.formatted_read_group(
                    mine, [name], ["__count"]
                ),
            )
        yield (
            "filter behind",
            lambda: orders.search([("sale_order_id.amount_total", ">", 80000)]),
        )
        yield "name_search", lambda: orders.name_search(part)
        yield (
            "chatter",
            lambda: env["mail.message"].search_read(
                [("body", "ilike", part)], ["body"]
            ),
        )
        yield (
            "events",
            lambda: env["service.order.event"].search_read(ours, ["name", "data"]),
        )
        yield (
            "sales order",
            lambda: env["sale.order"].search_read([("note", "ilike", part)], ["note"]),
        )
        yield (
            "tracking",
            lambda: env["mail.tracking.value"].search_read(
                [("new_value_char", "ilike", part)], ["new_value_char"]
            ),
        )

    def assertNowhere(self, user, secret):
        for way, ask in self._ask_everywhere(user, secret):
            with self.subTest(user=user.login, way=way):
                try:
                    answer = ask()
                except AccessError:
                    continue
                if way.split()[0] in ("filter", "row") and way != "row group":
                    self.assertFalse(answer, "the filter is an oracle")
                self.assertNotIn(secret, str(answer))
                self.assertNotIn("87654", str(answer))

    def test_withheld_field_is_nowhere(self):
        for user in (
            self.dispatcher,
            self.agent,
            self.quality,
            self.technician_user,
            self.point_manager,
        ):
            self.assertNowhere(user, SALES_SECRET)

    def test_value_for_dispatchers_is_nowhere_for_the_others(self):
        for user in (
            self.agent,
            self.quality,
            self.technician_user,
            self.point_manager,
            self.seller,
        ):
            if user == self.seller:
                # It is the seller's own document that it comes from
                self.assertNotIn("Access", self._values(user).mapped("name"))
                continue
            self.assertNowhere(user, ROLE_SECRET)

    def test_whoever_may_see_it_finds_it(self):
        """The ways do ask for the value: a dispatcher gets it by them."""
        found = {
            way
            for way, ask in self._ask_everywhere(self.dispatcher, ROLE_SECRET)
            if way in ("row search", "filter", "filter by any", "export", "web_read")
            and (ROLE_SECRET in str(answer := ask()) or "service.order(" in str(answer))
        }
        self.assertEqual(
            found, {"row search", "filter", "filter by any", "export", "web_read"}
        )

    def test_parent_order_hands_on_what_the_template_names_only(self):
        self.order.internal_note = SALES_SECRET
        template = self.env["service.handover.template"].create(
            {
                "name": "To another point",
                "model": "service.order",
                "type_id": self.type_repair.id,
                "line_ids": [
                    Command.create({"path": "description"}),
                    Command.create({"path": "internal_note", "mode": "withhold"}),
                ],
            }
        )
        child = template.with_user(self.dispatcher)._make_order(
            self.order.with_user(self.dispatcher), {"description": "Second visit"}
        )
        self.assertEqual(child.parent_id, self.order)
        self.assertEqual(child.handover_value_ids.value, "Deliver and connect.")
        self.assertNotIn(SALES_SECRET, str(child.sudo().read()))

    def test_nobody_hands_on_what_they_do_not_see(self):
        self.template.line_ids = [
            Command.create({"path": "partner_id.ref_company_ids.name"})
        ]
        self.sale.with_user(self.seller)
        with self.assertRaises(AccessError):
            self.template.with_user(self.agent)._make_order(
                self.sale.with_user(self.agent)
            )

    def test_wizard_makes_the_order(self):
        wizard = Form(
            self.env["service.handover.create"]
            .with_user(self.seller)
            .with_context(default_model="sale.order", default_res_id=self.sale.id)
        )
        wizard.template_id = self.template
        self.assertEqual(wizard.user_id, self.dispatcher)
        wizard.description = "Install it on Friday."
        action = wizard.save().action_create()
        order = self.env["service.order"].browse(action["res_id"])
        self.assertRecordValues(
            order,
            [
                {
                    "user_id": self.dispatcher.id,
                    "sale_order_id": self.sale.id,
                    "state": "draft",
                    "create_uid": self.seller.id,
                }
            ],
        )
        self.assertEqual(self.sale.with_user(self.seller).service_order_count, 2)

    def test_other_documents_have_it_in_their_action_menu(self):
        self.env["service.handover.template"].create(
            {
                "name": "To another team",
                "model": "service.order",
                "type_id": self.type_repair.id,
                "user_id": self.dispatcher.id,
                "line_ids": [Command.create({"path": "outcome_note"})],
            }
        )
        action = self.env.ref("service_management.action_handover_service_order")
        bindings = self.env["ir.actions.actions"].get_bindings("service.order")
        self.assertIn(action.id, [entry["id"] for entry in bindings["action"]])
        wizard = Form(
            self.env[action.res_model]
            .with_user(self.dispatcher)
            .with_context(active_model="service.order", active_id=self.order.id)
        )
        wizard.description = "Inspect it formally."
        result = wizard.save().action_create()
        order = self.env["service.order"].browse(result["res_id"])
        self.assertEqual(order.parent_id, self.order)
        self.assertEqual(order.asset_id, self.order.asset_id)

    def test_form_of_the_order_shows_the_rows(self):
        with Form(self.order.with_user(self.dispatcher)) as form:
            self.assertEqual(len(form.handover_value_ids), 3)
        form = Form(self.order.with_user(self.technician_user))
        self.assertEqual(len(form.handover_value_ids), 2)

    def test_wrong_lines_are_refused(self):
        for path in (
            "no_such_field",
            "partner_id.no_such_field",
            "partner_id.image_128",
        ):
            with self.subTest(path=path), self.assertRaises(ValidationError):
                self.env["service.handover.template.line"].create(
                    {"template_id": self.template.id, "path": path}
                )
        with self.assertRaises(UserError):
            self.template._make_order(self.order)

    def test_matrix(self):
        row = self.order.handover_value_ids[0]
        hidden = self.order.handover_value_ids[-1]
        records = {
            "template": self.template,
            "line": self.template.line_ids[0],
            "row": row,
            "hidden": hidden,
        }
        read = {"template": "r", "line": "r", "row": "r"}
        check_matrix(
            self,
            records,
            {
                self.seller: read,
                self.agent: read,
                self.quality: read,
                self.technician_user: read,
                self.dispatcher: read | {"hidden": "r"},
                self.manager: read
                | {"template": "rwcd", "line": "rwcd", "hidden": "r"},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )

    def test_sources_are_named_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.model"]._get("service.order").update_field_translations(
            "name", {"zh_CN": "服务单"}
        )
        template = self.env["service.handover.template"].with_context(lang="zh_CN")
        offered = template.fields_get(["model"])["model"]["selection"]
        self.assertEqual(dict(offered)["service.order"], "服务单")
