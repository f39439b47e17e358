import unittest

from odoo.addons.service_management.engine import bpmn
from odoo.addons.service_management.engine.soundness import find_stuck

from .process_maker import ProcessMaker
from .test_token_engine import FORK, make_graph


class TestSoundness(unittest.TestCase):
    def test_a_join_behind_a_choice_waits_for_nothing(self):
        graph = make_graph(
            "s:startEvent", "x:exclusiveGateway:x>a", "a:userTask", "b:userTask",
            "j:parallelGateway", "e:endEvent",
            "s>x", "x>a", "x>b?c", "a>j", "b>j", "j>e",
        )  # fmt: skip
        self.assertEqual(find_stuck(graph), {"j"})

    def test_two_buttons_into_one_join_are_a_choice_as_well(self):
        graph = make_graph(
            "s:startEvent", "a:userTask", "b:userTask", "j:parallelGateway",
            "e:endEvent", "s>a", "a>j", "a>b", "b>j", "j>e",
        )  # fmt: skip
        self.assertEqual(find_stuck(graph), {"j"})

    def test_what_forks_and_joins_is_sound(self):
        self.assertEqual(find_stuck(make_graph(*FORK)), set())

    def test_a_limit_may_leave_a_join_alone(self):
        graph = make_graph(
            "s:startEvent", "f:parallelGateway", "a:userTask", "t:limit:a:true",
            "b:userTask", "j:parallelGateway", "e:endEvent", "x:endEvent",
            "s>f", "f>a", "f>b", "a>j", "b>j", "j>e", "t>x",
        )  # fmt: skip
        self.assertEqual(find_stuck(graph), {"j"})

    def test_block_structured_processes_are_sound(self):
        for seed in range(150):
            made = ProcessMaker(seed, joins_in_loops=True).make()
            graph, __ = bpmn.compile_bpmn(made.xml)
            self.assertEqual(find_stuck(graph, 300), set(), seed)
