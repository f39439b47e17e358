"""A layout that people can read: nothing lies on anything."""

import unittest
from itertools import combinations, pairwise
from pathlib import Path

from odoo.addons.service_management.engine import bpmn
from odoo.addons.service_management.engine.bpmn_layout import DC, DI, add_diagram

from .process_maker import ProcessMaker

SHIPPED = Path(__file__).parents[2] / "data" / "process"


def read_drawing(text):
    """``(graph, {node id: (left, top, right, bottom)}, {flow id: points})``."""
    root = bpmn.parse_xml(text)
    graph, __ = bpmn.compile_bpmn(text)
    boxes, lines = {}, {}
    for shape in root.iter(f"{{{bpmn.BPMNDI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        x, y, width, height = (
            float(bounds.get(key)) for key in ("x", "y", "width", "height")
        )
        boxes[shape.get("bpmnElement")] = (x, y, x + width, y + height)
    for edge in root.iter(f"{{{bpmn.BPMNDI}}}BPMNEdge"):
        lines[edge.get("bpmnElement")] = [
            (float(point.get("x")), float(point.get("y")))
            for point in edge.iter(f"{{{DI}}}waypoint")
        ]
    return graph, boxes, lines


def is_over(box, other) -> bool:
    left, top, right, bottom = box
    return left < other[2] and other[0] < right and top < other[3] and other[1] < bottom


class TestLayout(unittest.TestCase):
    def _check(self, text):
        graph, boxes, lines = read_drawing(text)
        self.assertEqual(set(boxes), set(graph.nodes))
        self.assertEqual(set(lines), set(graph.flows))
        free = [n.id for n in graph.nodes.values() if not n.host]
        for one, other in combinations(free, 2):
            self.assertFalse(is_over(boxes[one], boxes[other]), (one, other))
        for flow_id, points in lines.items():
            flow = graph.flows[flow_id]
            own = {flow.source, flow.target, graph.nodes[flow.source].host}
            for (x, y), (to_x, to_y) in pairwise(points):
                self.assertTrue(x == to_x or y == to_y, f"{flow_id} is askew")
                line = (min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y))
                for node_id in set(free) - own:
                    self.assertFalse(is_over(line, boxes[node_id]), (flow_id, node_id))

    def test_no_line_of_a_random_process_crosses_a_box(self):
        for seed in range(300):
            with self.subTest(seed=seed):
                made = ProcessMaker(seed, joins_in_loops=True).make()
                self._check(add_diagram(made.xml))

    def test_no_line_of_a_shipped_workflow_crosses_a_box(self):
        paths = sorted(SHIPPED.glob("*.bpmn"))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(workflow=path.stem):
                self._check(path.read_bytes())

    def test_two_flows_between_the_same_tasks_are_told_apart(self):
        text = (
            f'<definitions xmlns="{bpmn.BPMN}" id="D"><process id="P">'
            '<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>'
            '<sequenceFlow id="1" sourceRef="s" targetRef="a"/>'
            '<sequenceFlow id="2" name="Yes" sourceRef="a" targetRef="b"/>'
            '<sequenceFlow id="3" name="No" sourceRef="a" targetRef="b"/>'
            '<sequenceFlow id="4" sourceRef="b" targetRef="e"/>'
            "</process></definitions>"
        )
        __, __, lines = read_drawing(add_diagram(text))
        self.assertNotEqual(lines["2"], lines["3"])

    def test_drawing_that_is_there_is_kept(self):
        text = add_diagram(ProcessMaker(1).make().xml)
        self.assertEqual(add_diagram(text), text)
