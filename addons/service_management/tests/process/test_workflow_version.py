from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon

# A way of one task; tests put elements and flows of their own into it.
PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:svc="urn:service-suite:bpmn" id="D" targetNamespace="urn:test">
  <bpmn:process id="P" name="Test" isExecutable="true">{body}</bpmn:process>
</bpmn:definitions>"""
START = '<bpmn:startEvent id="start"/>'
END = '<bpmn:endEvent id="end" svc:stage="closed"/>'


def user_task(element_id, name="", **attrs):
    words = "".join(f' svc:{key}="{value}"' for key, value in attrs.items())
    if "actor" not in attrs:
        words += ' svc:actor="owner"'
    return f'<bpmn:userTask id="{element_id}" name="{name or element_id}"{words}/>'


def flow(source, target, name="", condition="", **attrs):
    words = "".join(f" svc:{key}='{value}'" for key, value in attrs.items())
    inner = (
        f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>"
        if condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="f_{source}_{target}" name="{name}" '
        f'sourceRef="{source}" targetRef="{target}"{words}>{inner}'
        "</bpmn:sequenceFlow>"
    )


def process(*parts) -> str:
    return PROCESS.format(body="".join(parts))


def task_chain(*tasks) -> str:
    """A process of these user tasks one after the other."""
    ids = [part.split('"')[1] for part in tasks]
    places = ["start", *ids, "end"]
    ways = [flow(a, b) for a, b in zip(places, places[1:], strict=False)]
    return process(START, *tasks, END, *ways)


@tagged("post_install", "-at_install")
class TestWorkflowVersion(ServiceCommon):
    def _make_workflow(self, code="test", xml=None, publish=False):
        workflow = self.env["service.workflow"].create({"name": "Test", "code": code})
        if xml:
            workflow.draft_id.bpmn_xml = xml
        if publish:
            workflow.draft_id.action_publish()
        return workflow

    def assertProblem(self, code, xml, element_id=None):
        version = self._make_workflow(f"t_{code}_{element_id}", xml).draft_id
        problems = version._validate()
        found = [p for p in problems if p["code"] == code]
        self.assertTrue(found, problems)
        self.assertNotIn("%(", found[0]["message"])
        self.assertNotEqual(found[0]["message"], code)
        if element_id:
            self.assertEqual(found[0]["element_id"], element_id)
        with self.assertRaises(UserError):
            version.action_publish()

    def test_a_new_workflow_can_be_published_at_once(self):
        workflow = self._make_workflow(publish=True)
        self.assertEqual(workflow.version_id.state, "published")
        self.assertEqual(len(workflow.version_id.node_ids), 4)
        self.assertEqual(len(workflow.version_id.flow_ids), 3)

    def test_each_mistake_is_named_with_its_element(self):
        task = user_task("a")
        ways = flow("start", "a") + flow("a", "end")
        cases = [
            ("no_start", process(task, END, flow("a", "end")), None),
            ("several_starts", process(START, '<bpmn:startEvent id="s2"/>', task, END,
                                       ways, flow("s2", "a")), "s2"),
            ("no_end", process(START, task, flow("start", "a")), None),
            ("dead_end", process(START, task, END, flow("start", "a")), "a"),
            ("unreachable", process(START, task, END, ways, user_task("b"),
                                    flow("b", "end")), "b"),
            ("unsupported", process(START, task, END, ways,
                                    '<bpmn:scriptTask id="x"/>'), "x"),
            ("task_without_actor", task_chain(user_task("a", actor="")), "a"),
            ("unknown_step", task_chain(user_task("a", step="fly")), "a"),
            ("unknown_stage", task_chain(user_task("a", stage="moon")), "a"),
            ("unknown_role", task_chain(user_task("a", actor="role", role="x")), "a"),
            ("unknown_field", task_chain(user_task("a", required="moon")), "a"),
            ("unknown_team", task_chain(user_task("a", actor="team", team="x")), "a"),
            ("actor_without_name", task_chain(user_task("a", actor="role")), "a"),
            ("unknown_metric", task_chain(user_task("a", pauses="moon")), "a"),
            ("bad_number", task_chain(user_task("a", hours="soon")), "a"),
            ("bad_set", process(START, task, END, flow("start", "a"),
                                flow("a", "end", set='{"stage_id": 1}')), "f_a_end"),
            ("unknown_action", process(START, task, END, flow("start", "a"),
                                       flow("a", "end", action="x.y")), "f_a_end"),
            ("unknown_template", process(START, task, END, flow("start", "a"),
                                         flow("a", "end", template="x.y")), "f_a_end"),
            ("unknown_type", process(START, task, END, flow("start", "a"),
                                     flow("a", "end", child="moon")), "f_a_end"),
            ("unknown_state", process(START, task, END, flow("start", "a"),
                                      flow("a", "end", signal="moon")), "f_a_end"),
            ("bad_condition", process(START, task, END, flow("start", "a"),
                                      flow("a", "end", condition="__import__('os')")),
             "f_a_end"),
            ("stuck", process(
                START, task, '<bpmn:parallelGateway id="j"/>', user_task("b"), END,
                flow("start", "a"), flow("a", "j", "x"), flow("a", "b", "y"),
                flow("b", "j"), flow("j", "end")), "j"),
            ("no_default", process(
                START, task, END, '<bpmn:exclusiveGateway id="g"/>', flow("start", "a"),
                flow("a", "g"), flow("g", "end", condition="order.priority == '3'"),
                flow("g", "a", condition="order.priority == '0'")), "g"),
        ]  # fmt: skip
        for code, xml, element in cases:
            with self.subTest(code=code):
                self.assertProblem(code, xml, element)

    def test_entities_and_foreign_files_are_refused(self):
        bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + process(START)
        for xml in (bomb, "<x/>", "no xml", process(START).replace("BPMN", "B")):
            with self.subTest(xml=xml[:30]):
                version = self._make_workflow(f"x{len(xml)}", xml).draft_id
                self.assertTrue(version._validate())

    def test_conditions_that_reach_for_more_are_refused(self):
        version = self.env["service.workflow.version"]
        for text in (
            "order._record",
            "order.env",
            "order.partner_id.unlink()",
            "order.write",
            "(lambda: 1)()",
            "[x for x in (1,)]",
            "open('/etc/passwd')",
            "order.__class__",
            "'a'.format(order)",
            "env",
            "9 ** 9 ** 9",
            "'a' * 99999999",
            "order.access_token.moon",
            "order.event_ids.name",
            "[('moon', '=', 1)]",
            "[('partner_id', 'any', [('moon', '=', 1)])]",
            "[__import__('os')]",
        ):
            with self.subTest(text=text):
                self.assertTrue(version._check_condition(text))
        for text in (
            "order.priority == '3' and order.partner_id.name != ''",
            "len(order.child_ids) > 0 or order.state in ('new', 'done')",
            "[('type_id.code', '=', 'repair'), ('priority', '>', '1')]",
            "order.date_due is not None and order.date_due < now",
        ):
            with self.subTest(text=text):
                self.assertEqual(version._check_condition(text), "")

    def test_conditions_do_not_ask_for_what_is_kept_from_people(self):
        version = self.env["service.workflow.version"]
        for text in (
            "order.user_id.password == 'x'",
            "order.user_id.login == 'x'",
            "order.create_uid.email == 'x'",
            "order.inbox_id.fetchmail_server_id.password == 'x'",
            "[('user_id.password', '=', 'x')]",
            "[('user_id', 'any', [('password', 'like', 'x%')])]",
            "[('team_id.member_ids', 'any', [('login', '=', 'x')])]",
            "['!', ('inbox_id.fetchmail_server_id', 'any!', [('user', '=', 'x')])]",
            "[('message_attachment_count', '>', 0), ('activity_ids.create_uid.login',"
            " '=', 'x')]",
        ):
            for user in (self.env.user, self.manager):
                with self.subTest(text=text, user=user.login):
                    error = version.with_user(user)._check_condition(text)
                    self.assertTrue(error)
        for text in ("order.user_id.name == 'x'", "[('user_id.name', '=', 'x')]"):
            with self.subTest(text=text):
                self.assertEqual(version._check_condition(text), "")

    def test_a_published_version_does_not_change(self):
        version = self._make_workflow(publish=True).version_id
        for vals in ({"bpmn_xml": "<x/>"}, {"number": 9}):
            with self.assertRaises(UserError):
                version.write(vals)
        with self.assertRaises(UserError):
            version.unlink()
        for model in ("service.workflow.node", "service.workflow.flow"):
            row = self.env[model].search([("version_id", "=", version.id)], limit=1)
            with self.assertRaises(UserError):
                row.element_id = "other"
            with self.assertRaises(UserError):
                row.unlink()

    def test_the_database_keeps_a_published_version(self):
        version = self._make_workflow(publish=True).version_id
        version.flush_recordset()
        for table, column, record in (
            ("service_workflow_version", "bpmn_xml", version),
            ("service_workflow_node", "element_id", version.node_ids[0]),
            ("service_workflow_flow", "condition", version.flow_ids[0]),
        ):
            with (
                self.subTest(table=table),
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = 'x' WHERE id = %s",
                        SQL.identifier(table),
                        SQL.identifier(column),
                        record.id,
                    )
                )

    def test_the_database_keeps_rows_out_of_a_published_version(self):
        version = self._make_workflow(publish=True).version_id
        other = self._make_workflow("other", publish=True).version_id
        draft = version.workflow_id._create_draft()
        row = {"version_id": version.id, "element_id": "more", "kind": "user_task"}
        ends = {
            "source_id": version.node_ids[0].id,
            "target_id": version.node_ids[1].id,
        }
        loose = self.env["service.workflow.node"].create(row | {"version_id": draft.id})
        self.env.flush_all()
        for title, work in (
            ("node", lambda: version.node_ids.create(row)),
            ("flow", lambda: version.flow_ids.create(
                {"version_id": version.id, "element_id": "more", **ends})),
            ("moved in", lambda: loose.write({"version_id": version.id})),
            ("moved out", lambda: self.env.cr.execute(SQL(
                "UPDATE service_workflow_node SET version_id = %s WHERE id = %s",
                draft.id, other.node_ids[0].id))),
        ):  # fmt: skip
            with (
                self.subTest(title=title),
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.env.cr.savepoint(),
            ):
                work()
                self.env.flush_all()

    def test_managers_write_no_rows_but_their_words(self):
        workflow = self._make_workflow(publish=True)
        draft = workflow._create_draft()
        loose = self.env["service.workflow.node"].create(
            {"version_id": draft.id, "element_id": "more", "kind": "user_task"}
        )
        manager = self.manager
        with self.assertRaises(AccessError):
            draft.with_user(manager).write(
                {"node_ids": [Command.create({"element_id": "x", "kind": "end"})]}
            )
        for vals in (
            {"version_id": workflow.version_id.id},
            {"required": "message_ids"},
        ):
            with self.assertRaises(UserError):
                loose.with_user(manager).write(vals)
        loose.with_user(manager).name = "More"
        with self.assertRaises(UserError):
            workflow.with_user(manager).version_id = draft
        with self.assertRaises(UserError):
            workflow.with_user(manager).create(
                {"name": "X", "code": "x", "version_id": draft.id}
            )

    def test_words_of_a_published_version_can_be_translated(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        node = self._make_workflow(publish=True).version_id.node_ids[1]
        node.with_user(self.manager).update_field_translations(
            "name", {"zh_CN": "完善请求"}
        )
        self.assertEqual(node.with_context(lang="zh_CN").name, "完善请求")

    def test_the_drawing_of_a_published_version_speaks_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        xml = task_chain(user_task("a", "Check"), user_task("b", "Mend"))
        version = self._make_workflow(xml=xml, publish=True).version_id
        node = version.node_ids.filtered(lambda node: node.element_id == "a")
        node.update_field_translations("name", {"zh_CN": "检查"})
        kept = version.bpmn_xml
        self.assertEqual(version.drawing, kept)
        chinese = version.with_context(lang="zh_CN")
        self.assertIn('name="检查"', chinese.drawing)
        self.assertIn('name="Mend"', chinese.drawing, "not translated: as it was drawn")
        self.assertEqual(chinese.drawing.count("BPMNShape "), kept.count("BPMNShape "))
        self.assertEqual(chinese.bpmn_xml, kept)
        # Who draws the next version draws what is kept
        chinese.workflow_id.action_edit()
        self.assertEqual(chinese.workflow_id.draft_id.drawing, kept)

    def test_a_new_version_keeps_the_translations_of_words_that_stay(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        xml = task_chain(
            user_task("a", "Check", customerText="We check."), user_task("b", "Mend")
        )
        workflow = self._make_workflow(xml=xml, publish=True)
        for row, name, words in (
            ("a", "name", "检查"),
            ("a", "customer_text", "我们正在检查。"),
            ("b", "name", "修理"),
        ):
            node = workflow.version_id.node_ids.filtered(
                lambda node, row=row: node.element_id == row
            )
            node.update_field_translations(name, {"zh_CN": words})
        # Whoever publishes in Chinese loses nothing either
        workflow = workflow.with_context(lang="zh_CN")
        workflow.action_edit()
        workflow.draft_id.bpmn_xml = xml.replace("Mend", "Repair")
        workflow.draft_id.action_publish()
        nodes = {node.element_id: node for node in workflow.version_id.node_ids}
        self.assertEqual(nodes["a"].name, "检查")
        self.assertEqual(nodes["a"].customer_text, "我们正在检查。")
        self.assertEqual(nodes["b"].name, "Repair")
        self.assertEqual(nodes["a"].with_context(lang="en_US").name, "Check")

    def test_publishing_again_retires_the_version_before(self):
        workflow = self._make_workflow(publish=True)
        first = workflow.version_id
        workflow.action_edit()
        workflow.draft_id.action_publish()
        self.assertEqual(first.state, "retired")
        self.assertEqual(workflow.version_id.number, 2)
        self.assertFalse(workflow.draft_id)

    def test_the_ready_workflows_are_published_without_a_problem(self):
        shipped = self.env["service.workflow"].search([("shipped_sha", "!=", False)])
        self.assertGreaterEqual(len(shipped), 13)
        for workflow in shipped:
            with self.subTest(code=workflow.code):
                self.assertEqual(workflow.version_id.state, "published")
                self.assertEqual(workflow.version_id._validate(), [])
                self.assertIn("BPMNShape", workflow.version_id.bpmn_xml)

    def test_loading_again_changes_nothing_and_keeps_own_versions(self):
        Workflow = self.env["service.workflow"]
        count = self.env["service.workflow.version"].search_count([])
        Workflow._load_shipped()
        self.assertEqual(count, self.env["service.workflow.version"].search_count([]))
        desk = self.env.ref("service_management.workflow_desk")
        desk.action_edit()
        desk.draft_id.action_publish()
        own = desk.version_id
        desk.shipped_sha = "older"
        Workflow._load_shipped()
        self.assertEqual(desk.version_id, own)

    def test_managers_edit_and_others_read(self):
        workflow = self._make_workflow(publish=True)
        records = {
            "workflow": workflow,
            "version": workflow.version_id,
            "node": workflow.version_id.node_ids[0],
            "flow": workflow.version_id.flow_ids[0],
        }
        read = dict.fromkeys(records, "r")
        check_matrix(
            self,
            records,
            {
                self.agent: read,
                self.dispatcher: read,
                self.technician_user: read,
                self.point_manager: read,
                self.quality: read,
                self.manager: dict.fromkeys(records, "rwcd")
                | {"node": "rw", "flow": "rw"},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )
        draft = self._make_workflow("other").draft_id
        with self.assertRaises(AccessError):
            draft.with_user(self.agent).action_publish()
        with self.assertRaises(UserError):
            draft.with_user(self.manager).write({"state": "published"})
        draft.with_user(self.manager).action_publish()
