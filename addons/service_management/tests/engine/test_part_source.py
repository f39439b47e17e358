import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.part_source import (
    Share,
    Source,
    allocate,
    rank,
)

SOURCES = st.lists(
    st.builds(
        Source,
        key=st.integers(1, 50),
        tier=st.integers(0, 2),
        minutes=st.integers(0, 600).map(float),
        free=st.integers(-3, 20).map(float),
    ),
    max_size=8,
    unique_by=lambda source: source.key,
)


@given(quantity=st.integers(1, 40), sources=SOURCES, urgent=st.booleans())
def test_shares_add_up_and_take_no_more_than_there_is(quantity, sources, urgent):
    shares, missing = allocate(quantity, sources, urgent)
    free = {source.key: source.free for source in sources}
    assert sum(share.quantity for share in shares) + missing == quantity
    assert all(0 < share.quantity <= free[share.key] for share in shares)
    assert missing == max(quantity - sum(max(f, 0) for f in free.values()), 0)


@given(quantity=st.integers(1, 20), sources=SOURCES, urgent=st.booleans())
def test_one_parcel_where_one_place_holds_all(quantity, sources, urgent):
    shares, _missing = allocate(quantity, sources, urgent)
    if any(source.free >= quantity for source in sources):
        assert len(shares) == 1


@given(quantity=st.integers(1, 20), sources=SOURCES)
def test_when_it_is_urgent_the_nearest_that_holds_all_is_first(quantity, sources):
    holders = [source for source in sources if source.free >= quantity]
    if holders:
        first = rank(sources, quantity, urgent=True)[0]
        assert first.minutes == min(source.minutes for source in holders)


@given(quantity=st.integers(1, 20), sources=SOURCES, seed=st.randoms())
def test_the_order_asked_in_does_not_matter(quantity, sources, seed):
    mixed = list(sources)
    seed.shuffle(mixed)
    assert allocate(quantity, sources) == allocate(quantity, mixed)


@pytest.mark.parametrize(
    ("urgent", "key"),
    [(False, 1), (True, 2)],
)
def test_a_near_point_gives_only_when_it_is_urgent(urgent, key):
    sources = [Source(1, 0, 300, 5), Source(2, 2, 20, 5)]
    assert allocate(3, sources, urgent) == ([Share(key, 3)], 0)
