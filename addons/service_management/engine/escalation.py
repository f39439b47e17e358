"""Who is asked next when nobody acts on a work item, and why the others are not.

The ladder of a work item goes up the tree of teams, one rung at a time:

    rung 0      another member of the item's own team (or a reminder, where the item
                is not a team's to pass on)
    rung i      the leader of the i-th team on the way up, counted from 1
    last rung   nobody is left: the managers are told

A member is eligible who is on duty, has every skill that is asked for and was not asked
before in this episode; the one with the fewest open work items comes first, then the
one whose key is lower. A leader is passed over who is off duty or was asked before.
Rungs are climbed strictly upwards, so a ladder of n teams ends after at most n + 2
steps, and nobody is asked twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

MEMBER = "member"
REMINDER = "reminder"
LEADER = "leader"
TOP = "top"


@dataclass(frozen=True)
class Person:
    """Somebody who might act.

    :param load: open work items that the person has already
    :param missing: names of required skills that the person lacks today
    """

    key: int
    name: str = ""
    load: int = 0
    is_on_duty: bool = True
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Team:
    key: int
    name: str = ""
    leader: Person | None = None
    members: tuple[Person, ...] = ()


@dataclass(frozen=True)
class Reason:
    """A code with its value: ``off_duty``, ``skill`` (name), ``asked``, ``load``
    (number), ``no_leader``."""

    code: str
    value: str | int | None = None


@dataclass(frozen=True)
class Judged:
    """A person, or a team without leader, and what spoke for or against."""

    name: str
    key: int | None
    is_eligible: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The next rung: who is asked there, and everybody who was considered."""

    rung: int
    kind: str
    person: Person | None = None
    team: int | None = None
    judged: tuple[Judged, ...] = ()

    def as_json(self) -> dict:
        return {
            "rung": self.rung,
            "kind": self.kind,
            "user_id": self.person.key if self.person else None,
            "team_id": self.team,
            "judged": [
                {
                    "name": judged.name,
                    "eligible": judged.is_eligible,
                    "reasons": [
                        {"code": reason.code, "value": reason.value}
                        for reason in judged.reasons
                    ],
                }
                for judged in self.judged
            ],
        }


def judge(person: Person, asked: Collection[int]) -> Judged:
    """What speaks against a person; if nothing does, how busy the person is."""
    reasons = []
    if person.key in asked:
        reasons.append(Reason("asked"))
    if not person.is_on_duty:
        reasons.append(Reason("off_duty"))
    reasons += [Reason("skill", name) for name in person.missing]
    is_eligible = not reasons
    if is_eligible:
        reasons = [Reason("load", person.load)]
    return Judged(person.name, person.key, is_eligible, tuple(reasons))


def rank(
    people: Sequence[Person], asked: Collection[int]
) -> list[tuple[Person, Judged]]:
    """Everybody with a judgement: the eligible first, the least busy foremost."""
    judged = [(person, judge(person, asked)) for person in people]
    return sorted(
        judged,
        key=lambda pair: (not pair[1].is_eligible, pair[0].load, pair[0].key),
    )


def decide(
    chain: Sequence[Team],
    *,
    last_rung: int = -1,
    asked: Collection[int] = (),
    is_passed_on: bool = True,
) -> Decision:
    """The next rung above ``last_rung`` on which somebody can be asked.

    :param chain: the item's own team first, then upwards to the root
    :param last_rung: the highest rung climbed in this episode; -1 for none
    :param asked: keys of those asked before in this episode, and of the actor
    :param is_passed_on: whether the item is a team's to pass from member to member;
        if not, the actor is reminded on rung 0

    >>> team = Team(7, "Desk", leader=Person(1), members=(Person(2, load=3), Person(3)))
    >>> decide([team]).person.key
    3
    >>> decide([team], last_rung=0, asked={3}).kind
    'leader'
    """
    judged: list[Judged] = []
    if last_rung < 0:
        if not is_passed_on:
            return Decision(0, REMINDER)
        ranking = rank(chain[0].members, asked) if chain else []
        judged += [judgement for __, judgement in ranking]
        if ranking and ranking[0][1].is_eligible:
            return Decision(0, MEMBER, ranking[0][0], chain[0].key, tuple(judged))
    for rung, team in enumerate(chain, start=1):
        if rung <= last_rung:
            continue
        if team.leader is None:
            judged.append(Judged(team.name, None, False, (Reason("no_leader"),)))
            continue
        # A leader answers for the work, whoever has the skill for it
        leader = Person(
            team.leader.key, team.leader.name, team.leader.load, team.leader.is_on_duty
        )
        judgement = judge(leader, asked)
        judged.append(judgement)
        if judgement.is_eligible:
            return Decision(rung, LEADER, leader, team.key, tuple(judged))
    return Decision(len(chain) + 1, TOP, judged=tuple(judged))
