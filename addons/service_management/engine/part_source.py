"""Where a part is best sent from.

A request is served from few places, the near ones first, and never from what a place
needs itself. Pure arithmetic: no database, no clock.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A place that holds a part."""

    key: int
    # 0 central warehouse, 1 branch, 2 another service point
    tier: int
    # Minutes on the road to where the part is needed
    minutes: float
    # What may be taken: not reserved, and above what the place keeps for itself
    free: float


@dataclass(frozen=True)
class Share:
    key: int
    quantity: float


def rank(sources, quantity, urgent=False):
    """Sources by preference for so much of one part.

    1. Places that hold all of it before places that hold a share: one parcel.
    2. Warehouses before other service points, who would lack it themselves; when it
       is urgent the near one counts, whoever it is.
    3. The nearest; the key decides between equals, so that the order is always the
       same.
    """
    return sorted(
        (source for source in sources if source.free > 0),
        key=lambda source: (
            source.free < quantity,
            0 if urgent else source.tier,
            source.minutes,
            source.tier,
            source.key,
        ),
    )


def allocate(quantity, sources, urgent=False):
    """(shares, missing): what each place sends, and what nobody has.

    Shares are above zero, none is more than its place may give, and together with
    what is missing they are what was asked for.
    """
    shares = []
    left = quantity
    for source in rank(sources, quantity, urgent):
        if left <= 0:
            break
        taken = min(left, source.free)
        shares.append(Share(source.key, taken))
        left -= taken
    return shares, max(left, 0.0)
