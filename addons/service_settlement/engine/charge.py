"""What a customer is asked to pay for a job, kind by kind, and why.

The answer joins two promises: the warranty of the asset (with goodwill and recall
campaigns, which count as covered) and the contract. For each kind of cost the first
that holds decides:

    1. the warranty covers the kind: nothing is charged;
    2. the warranty cannot be decided yet: nothing may be charged before somebody
       has decided (``undecided``);
    3. the contract covers the job: labour and travel are free. Beyond its quota,
       labour costs the price of the overage and travel stays free. Parts are not
       in a contract's entitlements;
    4. otherwise the kind is sold at the price list.

>>> cover = Cover(kinds={"labour": "covered", "parts": "not_covered"})
>>> [(c.kind, c.code) for c in decide(cover, [Item("labour"), Item("parts")])]
[('labour', 'warranty'), ('parts', 'list_price')]
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

KINDS = ("labour", "travel", "parts")
# What a contract's entitlement pays for.
CONTRACT_KINDS = ("labour", "travel")
SOLD_CODES = ("overage", "list_price")
FREE_CODES = ("warranty", "contract", "in_overage")


@dataclass(frozen=True, slots=True)
class Cover:
    """What holds for the job.

    ``kinds``: kind → ``covered``, ``not_covered``, ``no_term`` or ``unknown``; a
    kind that is missing counts as ``no_term``. ``shares``: kind → per cent that the
    customer does not pay where the kind is not covered (goodwill in part).
    ``contract``: ``covered``, ``overage`` or anything else for none.
    ``overage_price``: of the whole job, in the company's currency.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    contract: str = "none"
    overage_price: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """Something done or used. ``key`` says which product, ``quantity`` how much.

    ``group``: the kind under which the warranty answers for it, if it is not its own
    kind: a component group with a term of its own.
    """

    kind: str
    key: int | None = None
    quantity: float = 1.0
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """One item with the answer. ``price`` is set where the price list is not asked;
    ``discount`` is the per cent of it that goodwill takes away."""

    kind: str
    key: int | None
    quantity: float
    code: str
    price: float | None = None
    discount: float = 0.0

    @property
    def is_due(self) -> bool:
        return self.code not in FREE_CODES and self.code != "undecided"


def decide(cover: Cover, items: Iterable[Item]) -> list[Charge]:
    """The charge of each item, in the order of ``items``."""
    charges = []
    for item in items:
        state = cover.kinds.get(item.group or item.kind, "no_term")
        quantity, price = item.quantity, None
        if state == "covered":
            code = "warranty"
        elif state == "unknown":
            code = "undecided"
        elif item.kind not in CONTRACT_KINDS:
            code = "list_price"
        elif cover.contract == "covered":
            code = "contract"
        elif cover.contract == "overage":
            if item.kind == "labour":
                code, quantity, price = "overage", 1.0, cover.overage_price
            else:
                code = "in_overage"
        else:
            code = "list_price"
        # Who covers a kind fully means what belongs to it, not what was left out of it
        in_part = code in SOLD_CODES and cover.kinds.get(item.kind) != "covered"
        discount = cover.shares.get(item.kind, 0.0) if in_part else 0.0
        charges.append(Charge(item.kind, item.key, quantity, code, price, discount))
    return charges
