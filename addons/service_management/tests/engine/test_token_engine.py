"""The token rules, by example and as properties of random processes."""

import unittest
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine import bpmn, token_engine
from odoo.addons.service_management.engine.bpmn import BPMN, SVC
from odoo.addons.service_management.engine.token_engine import Failure, Finished

from .process_maker import ProcessMaker
from .test_token_oracle import Ours


def make_graph(*parts) -> bpmn.Graph:
    """A graph of ``id:tag`` nodes and ``a>b`` flows; ``a>b?text`` has a condition."""
    body = []
    for part in parts:
        if ":" not in part:
            way, __, condition = part.partition("?")
            source, target = way.split(">")
            inner = (
                f"<conditionExpression>{condition}</conditionExpression>"
                if condition
                else ""
            )
            body.append(
                f'<sequenceFlow id="{way}" sourceRef="{source}" '
                f'targetRef="{target}">{inner}</sequenceFlow>'
            )
        else:
            body.append(_make_element(part))
    xml = (
        f'<definitions xmlns="{BPMN}" xmlns:svc="{SVC}" id="D">'
        f'<process id="P">{"".join(body)}</process></definitions>'
    )
    graph, __ = bpmn.compile_bpmn(xml)
    return graph


def _make_element(part) -> str:
    element_id, tag, *more = part.split(":")
    if tag == "limit":
        return (
            f'<boundaryEvent id="{element_id}" attachedToRef="{more[0]}" '
            f'cancelActivity="{more[1]}"><timerEventDefinition>'
            "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
        )
    if tag == "terminate":
        return f'<endEvent id="{element_id}"><terminateEventDefinition/></endEvent>'
    if tag == "message":
        return (
            f'<intermediateCatchEvent id="{element_id}" svc:message="m">'
            "<messageEventDefinition/></intermediateCatchEvent>"
        )
    if tag == "callActivity":
        return f'<callActivity id="{element_id}" calledElement="{more[0]}"/>'
    default = f' default="{more[0]}"' if more else ""
    return f'<{tag} id="{element_id}" name="{element_id}"{default}/>'


class Player:
    """One instance, driven by node ids; conditions are looked up in ``says``."""

    def __init__(self, graph, says=None, fails=(), graphs=None):
        self.graphs = {"g": graph, **(graphs or {})}
        self.says = says or {}
        self.fails = set(fails)
        self.tokens, self.effects = [], []
        self.do(lambda run: run.start(1, "g"))

    def choose(self, graph, node, tokens):
        flows = [f for f in node.outgoing if self.says.get(graph.flows[f].condition)]
        if node.id in self.fails:
            return [Failure("broken") for __ in tokens]
        return [
            tuple(flows[: 1 if node.kind == bpmn.EXCLUSIVE else None]) for __ in tokens
        ]

    def perform(self, graph, element, tokens):
        failed = Failure("broken") if element.id in self.fails else None
        return [failed for __ in tokens]

    def do(self, work):
        run = token_engine.Run(
            self.graphs.__getitem__,
            self,
            self.tokens,
            lambda code: code if code in self.graphs else None,
        )
        work(run)
        self.effects = run.run()
        self.tokens = token_engine.apply_effects(self.tokens, self.effects)

    def at(self, node):
        return next(token for token in self.tokens if token.node == node)

    def leave(self, node, flow=None):
        self.do(lambda run: run.leave(self.at(node), flow))

    @property
    def places(self):
        return sorted(token.node for token in self.tokens)

    @property
    def finished(self):
        return any(isinstance(effect, Finished) for effect in self.effects)


FORK = (
    "s:startEvent", "f:parallelGateway", "a:userTask", "b:userTask",
    "j:parallelGateway", "c:userTask", "e:endEvent",
    "s>f", "f>a", "f>b", "a>j", "b>j", "j>c", "c>e",
)  # fmt: skip


class TestTokenRules(unittest.TestCase):
    def test_a_parallel_join_waits_for_each_branch(self):
        player = Player(make_graph(*FORK))
        self.assertEqual(player.places, ["a", "b"])
        player.leave("a")
        self.assertEqual(player.places, ["b", "j"])
        player.leave("b")
        self.assertEqual(player.places, ["c"])
        player.leave("c")
        self.assertTrue(player.finished)

    def test_a_parallel_join_in_a_loop_starts_anew_each_round(self):
        graph = make_graph(
            "s:startEvent", "m:exclusiveGateway", "f:parallelGateway", "a:userTask",
            "b:userTask", "j:parallelGateway", "d:exclusiveGateway:d>e", "e:endEvent",
            "s>m", "m>f", "f>a", "f>b", "a>j", "b>j", "j>d", "d>m?again", "d>e",
        )  # fmt: skip
        player = Player(graph, {"again": True})
        for __ in range(3):
            self.assertEqual(player.places, ["a", "b"])
            player.leave("b")
            self.assertEqual(player.places, ["a", "j"])
            player.leave("a")
        player.says["again"] = False
        player.leave("a")
        player.leave("b")
        self.assertTrue(player.finished)

    def test_an_inclusive_join_waits_for_what_was_taken_only(self):
        graph = make_graph(
            "s:startEvent", "f:inclusiveGateway:f>c", "a:userTask", "b:userTask",
            "c:userTask", "j:inclusiveGateway", "z:userTask", "e:endEvent",
            "s>f", "f>a?x", "f>b?y", "f>c", "a>j", "b>j", "c>j", "j>z", "z>e",
        )  # fmt: skip
        player = Player(graph, {"x": True, "y": True})
        self.assertEqual(player.places, ["a", "b"])
        player.leave("a")
        self.assertEqual(player.places, ["b", "j"])
        player.leave("b")
        self.assertEqual(player.places, ["z"])
        self.assertEqual(Player(graph).places, ["c"])

    def test_an_interrupting_limit_takes_the_place_of_its_task(self):
        for interrupting in ("true", "false"):
            graph = make_graph(
                "s:startEvent", "a:userTask", f"t:limit:a:{interrupting}", "b:userTask",
                "e:endEvent", "s>a", "a>e", "t>b", "b>e",
            )  # fmt: skip
            player = Player(graph)
            self.assertEqual(player.places, ["a", "t"])
            player.leave("t")
            expected = ["b"] if interrupting == "true" else ["a", "b"]
            self.assertEqual(player.places, expected)
            for place in expected:
                self.assertFalse(player.finished)
                player.leave(place)
            self.assertTrue(player.finished)

    def test_a_limit_goes_with_its_task(self):
        graph = make_graph(
            "s:startEvent", "a:userTask", "t:limit:a:true", "b:userTask", "e:endEvent",
            "s>a", "a>e", "t>b", "b>e",
        )  # fmt: skip
        player = Player(graph)
        player.leave("a")
        self.assertEqual(player.places, [])
        self.assertTrue(player.finished)

    def test_terminate_ends_every_other_branch(self):
        graph = make_graph(
            "s:startEvent", "f:parallelGateway", "a:userTask", "b:userTask",
            "x:terminate", "e:endEvent", "s>f", "f>a", "f>b", "a>x", "b>e",
        )  # fmt: skip
        player = Player(graph)
        player.leave("a")
        self.assertEqual(player.places, [])
        self.assertTrue(player.finished)

    def test_terminate_stops_what_moves_at_the_same_time(self):
        graph = make_graph(
            "s:startEvent", "f:parallelGateway", "x:terminate", "m:exclusiveGateway",
            "b:userTask", "e:endEvent", "s>f", "f>x", "f>m", "m>b", "b>e",
        )  # fmt: skip
        player = Player(graph)
        self.assertEqual(player.places, [])
        self.assertTrue(player.finished)

    def test_a_called_graph_ends_before_its_call(self):
        inner = make_graph(*FORK)
        graph = make_graph(
            "s:startEvent", "k:callActivity:inner", "z:userTask", "e:endEvent",
            "s>k", "k>z", "z>e",
        )  # fmt: skip
        player = Player(graph, graphs={"inner": inner})
        self.assertEqual(player.places, ["a", "b", "k"])
        for task in "abc":
            player.leave(task)
        self.assertEqual(player.places, ["z"])
        player.leave("z")
        self.assertTrue(player.finished)

    def test_a_limit_on_a_call_ends_all_that_it_called(self):
        graph = make_graph(
            "s:startEvent", "k:callActivity:inner", "t:limit:k:true", "z:userTask",
            "e:endEvent", "s>k", "k>e", "t>z", "z>e",
        )  # fmt: skip
        player = Player(graph, graphs={"inner": make_graph(*FORK)})
        player.leave("a")
        player.leave("t")
        self.assertEqual(player.places, ["z"])

    def test_calls_without_end_and_unknown_ones_fail_with_a_word(self):
        graph = make_graph(
            "s:startEvent", "k:callActivity:g", "e:endEvent", "s>k", "k>e"
        )
        player = Player(graph)
        self.assertIn("too_deep", [token.error for token in player.tokens])
        graph = make_graph(
            "s:startEvent", "k:callActivity:x", "e:endEvent", "s>k", "k>e"
        )
        self.assertEqual(Player(graph).tokens[0].error, "unknown_workflow")

    def test_a_loop_that_never_waits_is_stopped(self):
        graph = make_graph(
            "s:startEvent", "m:exclusiveGateway", "d:exclusiveGateway:d>m",
            "e:endEvent", "s>m", "m>d", "d>m", "d>e?never",
        )  # fmt: skip
        self.assertEqual(Player(graph).tokens[0].error, "endless_loop")

    def test_no_way_out_is_a_failure_and_can_be_tried_again(self):
        graph = make_graph(
            "s:startEvent", "d:exclusiveGateway", "a:userTask", "b:userTask",
            "e:endEvent", "s>d", "d>a?x", "d>b?y", "a>e", "b>e",
        )  # fmt: skip
        player = Player(graph)
        self.assertEqual(player.tokens[0].error, "no_way")
        player.says["y"] = True
        player.do(lambda run: run.retry(player.tokens[0]))
        self.assertEqual(player.places, ["b"])

    def test_a_flow_whose_action_fails_is_taken_again(self):
        graph = make_graph("s:startEvent", "a:userTask", "e:endEvent", "s>a", "a>e")
        player = Player(graph, fails=["a>e"])
        player.leave("a")
        [token] = player.tokens
        self.assertEqual(
            (token.node, token.pending, token.error), ("a", "a>e", "broken")
        )
        player.fails.clear()
        player.do(lambda run: run.retry(token))
        self.assertTrue(player.finished)

    def test_one_instance_that_fails_holds_up_no_other(self):
        graph = make_graph("s:startEvent", "w:serviceTask", "a:userTask", "e:endEvent",
                           "s>w", "w>a", "a>e")  # fmt: skip

        class Host:
            def perform(self, graph, element, tokens):
                return [
                    Failure("broken")
                    if token.instance == 2 and element.id == "w"
                    else None
                    for token in tokens
                ]

        run = token_engine.Run(lambda key: graph, Host())
        for instance in (1, 2, 3):
            run.start(instance, "g")
        tokens = token_engine.apply_effects([], run.run())
        self.assertEqual(
            sorted((token.instance, token.node) for token in tokens),
            [(1, "a"), (2, "w"), (3, "a")],
        )

    def test_a_jump_into_a_branch_counts_the_others_as_come(self):
        player = Player(make_graph(*FORK))
        player.leave("a")
        player.leave("b")
        player.do(lambda run: run.jump(1, "g", "a", player.at("c")))
        self.assertEqual(player.places, ["a", "j"])
        player.leave("a")
        self.assertEqual(player.places, ["c"])

    def test_a_jump_inside_a_branch_leaves_the_others_alone(self):
        graph = make_graph(
            "s:startEvent", "f:parallelGateway", "a:userTask", "a2:userTask",
            "b:userTask", "j:parallelGateway", "e:endEvent",
            "s>f", "f>a", "f>b", "a>a2", "a2>j", "b>j", "j>e",
        )  # fmt: skip
        player = Player(graph)
        player.do(lambda run: run.jump(1, "g", "a2", player.at("a")))
        self.assertEqual(player.places, ["a2", "b"])
        player.leave("a2")
        player.leave("b")
        self.assertTrue(player.finished)


class TestTokenProperties(unittest.TestCase):
    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, 10**9), st.randoms(use_true_random=False))
    def test_every_run_ends_and_no_token_is_lost(self, seed, chance):
        made = ProcessMaker(seed, joins_in_loops=True).make()
        graph, problems = bpmn.compile_bpmn(made.xml)
        self.assertEqual(problems, [])
        ours = Ours(graph, made.rounds)
        for __ in range(400):
            ready = ours.ready()
            # Until the end somebody has something to do: joins alone never wait
            self.assertEqual(bool(ready), not ours.finished)
            if ours.finished:
                self.assertEqual(ours.tokens, [])
                return
            ours.complete(chance.choice(ready))
        self.fail("no end")

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, 10**9), st.randoms(use_true_random=False))
    def test_the_order_of_parallel_work_does_not_matter(self, seed, chance):
        """Whatever is done first, the same tasks are done the same number of times."""
        made = ProcessMaker(seed, joins_in_loops=True).make()
        graph, __ = bpmn.compile_bpmn(made.xml)
        counts: list[Counter] = []
        for pick in (min, max, chance.choice):
            ours = Ours(graph, made.rounds)
            while not ours.finished:
                ours.complete(pick(ours.ready()))
            counts.append(ours.done)
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(counts[0], counts[2])
