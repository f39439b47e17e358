"""What a token passed, told from where it rested."""

import unittest

from odoo.addons.service_management.engine.token_path import find_passed

from .test_token_engine import make_graph


class TestFindPassed(unittest.TestCase):
    def test_gateways_between_two_tasks_are_passed(self):
        graph = make_graph(
            "s:startEvent",
            "a:userTask",
            "g:exclusiveGateway",
            "b:userTask",
            "c:userTask",
            "e:endEvent",
            "s>a",
            "a>g",
            "g>b",
            "g>c",
            "b>e",
            "c>e",
        )
        passed = find_passed(graph, {"a", "b"}, {"s>a", "g>b"})
        self.assertEqual(passed, {"s", "s>a", "a>g", "g", "g>b"})

    def test_way_that_was_not_taken_is_left_out(self):
        graph = make_graph(
            "s:startEvent",
            "a:userTask",
            "b:userTask",
            "m:exclusiveGateway",
            "c:userTask",
            "e:endEvent",
            "s>a",
            "a>m",
            "b>m",
            "m>c",
            "c>e",
            "a>b",
        )
        passed = find_passed(graph, {"a", "c"}, {"s>a", "m>c"})
        self.assertIn("a>m", passed)
        self.assertFalse(passed & {"b>m", "a>b", "b"})

    def test_loop_of_gateways_comes_to_an_end(self):
        graph = make_graph(
            "s:startEvent",
            "g:exclusiveGateway",
            "h:exclusiveGateway",
            "a:userTask",
            "e:endEvent",
            "s>g",
            "g>h",
            "h>g",
            "h>a",
            "a>e",
        )
        passed = find_passed(graph, {"a"}, {"h>a"})
        self.assertLessEqual({"s", "s>g", "g", "g>h", "h", "h>a"}, passed)

    def test_only_end_is_shown_when_all_is_over(self):
        graph = make_graph("s:startEvent", "a:userTask", "e:endEvent", "s>a", "a>e")
        self.assertNotIn("e", find_passed(graph, {"a"}, {"s>a"}))
        self.assertIn("e", find_passed(graph, {"a"}, {"s>a"}, has_ended=True))

    def test_end_is_not_guessed_among_several(self):
        graph = make_graph(
            "s:startEvent",
            "a:userTask",
            "e:endEvent",
            "f:endEvent",
            "s>a",
            "a>e",
            "a>f",
        )
        passed = find_passed(graph, {"a"}, {"s>a"}, has_ended=True)
        self.assertFalse(passed & {"e", "f", "a>e", "a>f"})

    def test_unknown_elements_are_ignored(self):
        graph = make_graph("s:startEvent", "a:userTask", "e:endEvent", "s>a", "a>e")
        self.assertEqual(find_passed(graph, {"x"}, {"x>y"}), set())
