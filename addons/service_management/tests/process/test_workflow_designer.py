import json
from base64 import b64decode

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon

BPMN_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:svc="urn:service-suite:bpmn" id="D" targetNamespace="http://example.com">"""
# As another tool writes it: no drawing, other prefixes, an element that we refuse.
FOREIGN = f"""{BPMN_HEAD}
  <process id="P" isExecutable="true">
    <startEvent id="begin"/>
    <scriptTask id="script" name="Compute"/>
    <userTask id="look" name="Look" svc:actor="owner"/>
    <endEvent id="stop"/>
    <sequenceFlow id="a" sourceRef="begin" targetRef="look"/>
    <sequenceFlow id="b" sourceRef="look" targetRef="stop"/>
  </process>
</definitions>"""


@tagged("post_install", "-at_install")
class TestWorkflowDesigner(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workflow = cls.env["service.workflow"].create(
            {"name": "Test", "code": "test_designer"}
        )
        cls.draft = cls.workflow.draft_id
        cls.Version = cls.env["service.workflow.version"]

    def test_drawing_is_checked_before_it_is_saved(self):
        saved = self.draft.bpmn_xml
        drawing = self.draft.with_user(self.manager)
        self.assertEqual(drawing.check_drawing(saved), [])
        problems = drawing.check_drawing(saved.replace("svc:actor", "svc:nobody"))
        self.assertIn("task_without_actor", {problem["code"] for problem in problems})
        self.assertTrue(all(problem["element_id"] for problem in problems))
        self.assertTrue(all(problem["message"] for problem in problems))
        self.assertEqual(self.draft.bpmn_xml, saved)

    def test_call_of_itself_is_seen_before_saving(self):
        text = FOREIGN.replace(
            '<scriptTask id="script" name="Compute"/>',
            '<callActivity id="again" name="Again" calledElement="test_designer"/>'
            '<sequenceFlow id="c" sourceRef="again" targetRef="stop"/>',
        )
        codes = {problem["code"] for problem in self.draft.check_drawing(text)}
        self.assertIn("calls_itself", codes)

    def test_imported_file_without_drawing_is_laid_out(self):
        text = self.Version.with_user(self.manager).prepare_drawing(FOREIGN)
        self.assertEqual(text.count("BPMNShape "), 3)
        self.assertEqual(text.count("BPMNEdge "), 2)
        again = self.Version.prepare_drawing(text)
        self.assertEqual(again, text, "a drawing that is there is kept")

    def test_imported_file_keeps_foreign_elements_and_names_them(self):
        text = self.Version.prepare_drawing("\ufeff" + FOREIGN)
        problems = self.draft.check_drawing(text)
        foreign = [p for p in problems if p["code"] == "unsupported"]
        self.assertEqual([p["element_id"] for p in foreign], ["script"])
        self.assertIn("scriptTask", foreign[0]["message"])

    def test_file_that_is_no_process_is_refused_with_a_sentence(self):
        entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        for text in (
            "not xml",
            "<html/>",
            f"{BPMN_HEAD}</definitions>",
            FOREIGN.replace("<definitions", f"{entity}<definitions", 1),
        ):
            with self.subTest(text=text[:40]), self.assertRaises(UserError) as caught:
                self.Version.prepare_drawing(text)
            self.assertGreater(len(caught.exception.args[0]), 15)

    def test_export_gives_back_what_was_drawn(self):
        self.draft.action_publish()
        self.assertEqual(b64decode(self.draft.bpmn_file).decode(), self.draft.bpmn_xml)
        copy = self.env["service.workflow"].create({"name": "Copy", "code": "copy_d"})
        copy.draft_id.bpmn_xml = self.Version.prepare_drawing(self.draft.bpmn_xml)
        copy.draft_id.action_publish()
        self.assertEqual(copy.version_id.sha256, self.draft.sha256)

    def test_options_are_what_the_checks_accept(self):
        options = self.Version.with_user(self.manager).get_designer_options()
        json.dumps(options)
        self.assertEqual(options["steps"][0][0], "task")
        self.assertIn(["dispatcher", "Dispatcher"], options["roles"])
        fields_ = {field["name"]: field for field in options["fields"]}
        self.assertTrue(fields_["priority"]["can_set"])
        self.assertTrue(fields_["description"]["can_require"])
        for name in ("id", "create_uid", "state", "write_date"):
            self.assertFalse(fields_.get(name, {}).get("can_require"), name)
        for field in options["fields"]:
            if field["can_require"]:
                self.assertTrue(self.Version._is_fillable(field["name"]), field["name"])

    def test_options_name_actions_only_to_who_may_draw(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Test Action",
                "model_id": self.env["ir.model"]._get_id("service.order"),
                "state": "code",
                "code": "pass",
            }
        )
        options = self.Version.with_user(self.manager).get_designer_options()
        self.assertNotIn(str(action.id), {row["ref"] for row in options["actions"]})
        action.service_workflow_allowed = True
        options = self.Version.with_user(self.manager).get_designer_options()
        named = {entry["ref"]: entry["name"] for entry in options["actions"]}
        self.assertEqual(named[str(action.id)], "Test Action")
        options = self.Version.with_user(self.agent).get_designer_options()
        self.assertEqual(options["actions"], [])
        with self.assertRaises(AccessError):
            self.Version.with_user(self.portal_customer).get_designer_options()
        with self.assertRaises(AccessError):
            self.draft.with_user(self.portal_customer).check_drawing(FOREIGN)
        with self.assertRaises(AccessError):
            self.Version.with_user(self.portal_customer).prepare_drawing(FOREIGN)


@tagged("post_install", "-at_install")
class TestWorkflowDrawn(HttpCase, ServiceCommon):
    """A new kind of service from the menus alone: its type, its workflow, an order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.password = "test_manager"
        cls.manager.lang = "en_US"

    def test_manager_draws_publishes_and_runs_a_workflow(self):
        self.start_tour(
            "/odoo", "service_workflow_draw", login="test_manager", timeout=180
        )
        workflow = self.env["service.workflow"].search([("code", "=", "calibration")])
        version = workflow.version_id
        self.assertEqual(version.state, "published")
        self.assertEqual(workflow.type_ids.code, "calibration")
        nodes = version.node_ids
        self.assertEqual(
            sorted(nodes.mapped("kind")),
            ["end", "end", "exclusive", "start", *["user_task"] * 4],
        )
        look = nodes.filtered(lambda node: node.name == "Look at the Device")
        self.assertRecordValues(
            look,
            [
                {
                    "actor": "role",
                    "role": "manager",
                    "hours": 4.0,
                    "required": "priority",
                }
            ],
        )
        order = self.env["service.order"].search([("type_id.code", "=", "calibration")])
        self.assertRecordValues(
            order,
            [{"workflow_version_id": version.id, "state": "closed", "priority": "3"}],
        )
        done = order.workitem_ids.filtered(lambda item: item.state == "done")
        self.assertEqual(
            done.sorted("id").node_id.mapped("name"),
            ["Complete the Request", "Look at the Device", "Calibrate Now"],
        )
        self.assertFalse(order.workflow_error)


@tagged("post_install", "-at_install")
class TestWorkflowProgress(ServiceCommon):
    def test_progress_shows_where_an_order_is_and_what_it_passed(self):
        order = self._make_order(type_id=self.type_consulting.id)
        progress = order.with_user(self.agent).get_workflow_progress()
        self.assertEqual(len(progress["open"]), 1)
        place = progress["open"][0]
        self.assertTrue(place["actor"])
        self.assertFalse(place["late"])
        elements = {
            *order.workflow_version_id.node_ids.mapped("element_id"),
            *order.workflow_version_id.flow_ids.mapped("element_id"),
        }
        self.assertIn("start", progress["passed"])
        self.assertEqual(progress["names"][place["element_id"]], place["name"])
        self.assertLessEqual(set(progress["passed"]), elements)
        self.assertFalse(
            {place["element_id"]} & {row["element_id"] for row in progress["visited"]}
        )

    def test_progress_is_for_employees_even_if_a_customer_reads_the_order(self):
        order = self._make_order()
        self.assertTrue(order.with_user(self.portal_customer).has_access("read"))
        with self.assertRaises(AccessError):
            order.with_user(self.portal_customer).get_workflow_progress()

    def test_progress_costs_the_same_whatever_the_history(self):
        order = self._make_order(type_id=self.type_consulting.id)
        order.workflow_version_id._get_graph()
        outcome = order._fields["outcome"].get_values(self.env)[0]
        counts = []
        for _round in range(2):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order.get_workflow_progress()
            counts.append(self.env.cr.sql_log_count - before)
            for _step in range(3):
                order.action_start_work()
                order.outcome = outcome
                order.action_done()
                order.action_reopen()
        self.assertLessEqual(counts[1], counts[0] + 1)
        self.assertLess(counts[0], 25)
