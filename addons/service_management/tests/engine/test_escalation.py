import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.escalation import (
    LEADER,
    MEMBER,
    REMINDER,
    TOP,
    Person,
    Reason,
    Team,
    decide,
    rank,
)

people = st.builds(
    Person,
    key=st.integers(1, 12),
    name=st.just("x"),
    load=st.integers(0, 5),
    is_on_duty=st.booleans(),
    missing=st.sampled_from([(), ("Laundry",)]),
)
teams = st.builds(
    Team,
    key=st.integers(1, 99),
    name=st.just("t"),
    leader=st.none() | people,
    members=st.lists(people, max_size=6, unique_by=lambda person: person.key).map(
        tuple
    ),
)
chains = st.lists(teams, max_size=5)


def climb(chain, is_passed_on=True, actor=None):
    """Every decision of an episode in which nobody ever acts."""
    asked = {actor} if actor else set()
    rung, decisions = -1, []
    while not decisions or decisions[-1].kind != TOP:
        decision = decide(chain, last_rung=rung, asked=asked, is_passed_on=is_passed_on)
        decisions.append(decision)
        rung = decision.rung
        if decision.person:
            asked.add(decision.person.key)
    return decisions


@given(chains, st.booleans())
def test_ladder_climbs_strictly_and_ends(chain, is_passed_on):
    decisions = climb(chain, is_passed_on)
    rungs = [decision.rung for decision in decisions]
    assert rungs == sorted(set(rungs))
    assert len(decisions) <= len(chain) + 2
    assert decisions[-1].rung == len(chain) + 1


@given(chains, st.none() | st.integers(1, 12))
def test_nobody_is_asked_twice_nor_the_actor_at_all(chain, actor):
    asked = [d.person.key for d in climb(chain, actor=actor) if d.person]
    assert len(asked) == len(set(asked))
    assert actor not in asked


@given(chains)
def test_only_who_is_on_duty_and_able_is_asked(chain):
    for decision in climb(chain):
        if decision.kind == MEMBER:
            member = decision.person
            assert member.is_on_duty
            assert not member.missing
            assert not any(
                other.load < member.load
                for other in chain[0].members
                if other.is_on_duty and not other.missing
            )
        elif decision.kind == LEADER:
            assert decision.person.is_on_duty
            assert decision.team in {team.key for team in chain}


@given(chains, st.randoms(use_true_random=False))
def test_order_of_members_does_not_matter(chain, generator: random.Random):
    shuffled = []
    for team in chain:
        members = list(team.members)
        generator.shuffle(members)
        shuffled.append(Team(team.key, team.name, team.leader, tuple(members)))
    assert climb(chain) == climb(shuffled)


@given(st.lists(people, max_size=8, unique_by=lambda person: person.key))
def test_everybody_is_judged_with_a_reason(members):
    ranking = rank(members, {1, 2})
    assert len(ranking) == len(members)
    for person, judged in ranking:
        assert judged.reasons
        assert judged.is_eligible == (
            person.is_on_duty and not person.missing and person.key not in {1, 2}
        )
    eligible = [judged.is_eligible for __, judged in ranking]
    assert eligible == sorted(eligible, reverse=True)


def test_ladder_by_example():
    ann, bob, cat = Person(1, "Ann", load=4), Person(2, "Bob", load=1), Person(3, "Cat")
    desk = Team(10, "Desk", leader=ann, members=(bob, cat))
    region = Team(20, "Region", leader=Person(4, "Dan"))
    kinds = [(d.kind, d.person and d.person.name) for d in climb([desk, region])]
    assert kinds == [(MEMBER, "Cat"), (LEADER, "Ann"), (LEADER, "Dan"), (TOP, None)]


def test_leader_off_duty_is_passed_over_with_the_reason():
    desk = Team(10, "Desk", leader=Person(1, "Ann", is_on_duty=False))
    region = Team(20, "Region")
    hq = Team(30, "HQ", leader=Person(9, "Zoe"))
    decision = decide([desk, region, hq], last_rung=0)
    assert (decision.rung, decision.person.name) == (3, "Zoe")
    assert [judged.reasons for judged in decision.judged] == [
        (Reason("off_duty"),),
        (Reason("no_leader"),),
        (Reason("load", 0),),
    ]


def test_item_that_is_not_a_teams_begins_with_a_reminder():
    desk = Team(10, "Desk", leader=Person(1), members=(Person(2),))
    kinds = [decision.kind for decision in climb([desk], is_passed_on=False)]
    assert kinds == [REMINDER, LEADER, TOP]


@pytest.mark.parametrize("chain", [[], [Team(1)]])
def test_nobody_at_all_ends_with_the_managers(chain):
    assert [decision.kind for decision in climb(chain)] == [TOP]
