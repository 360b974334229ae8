"""Counting methods: published examples, and what their theory promises for any ballots."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.services.voting.engine.counting import (
    Satisfaction,
    equal_shares,
    equal_shares_add1,
    majority_judgment,
    preferences,
    schulze,
    stv,
)

OPTIONS = 4
rankings = st.permutations([1, 2, 3, 4])
vectors = st.lists(st.integers(0, 5), min_size=OPTIONS, max_size=OPTIONS)
LOT = [2, 0, 3, 1]


def ranked(order: str, options: str = "ABCDE") -> list[int]:
    """The vector of a ballot that ranks the letters in this order."""
    return [order.index(letter) + 1 if letter in order else 0 for letter in options]


# Single transferable vote


def test_preferences_end_at_a_shared_rank_and_leave_out_what_is_not_ranked() -> None:
    assert preferences([2, 1, 0, 3]) == (1, 0, 3)
    assert preferences([1, 2, 2, 4]) == (0,)
    assert preferences([7, 0, 200, 0]) == (0, 2)
    assert preferences([0, 0, 0, 0]) == ()
    assert preferences([1, 1, 2, 3]) == ()


def test_stv_transfers_surplus_and_excluded_votes() -> None:
    """The "party food" example: 20 guests choose 3 of 5 dishes, quota 6."""
    votes = ["A"] * 4 + ["BA"] * 2 + ["CD"] * 8 + ["CE"] * 4 + ["D"] + ["E"]
    outcome = stv([ranked(vote) for vote in votes], 5, 3, range(5))
    assert outcome.quota == 6
    assert outcome.elected == (2, 0, 3)
    first, second = outcome.rounds[0].votes, outcome.rounds[1].votes
    assert (first[2], second[3], second[4]) == (12, 1 + Fraction(8, 2), 1 + Fraction(4, 2))


def test_stv_needs_seats_and_a_lot() -> None:
    with pytest.raises(ValueError, match="Seats"):
        stv([], 3, 4, range(3))
    with pytest.raises(ValueError, match="lot"):
        stv([], 3, 1, [0, 1, 1])


@given(st.lists(vectors, max_size=25), st.integers(1, OPTIONS))
def test_stv_fills_all_seats_and_loses_no_vote(ballots: list[list[int]], seats: int) -> None:
    outcome = stv(ballots, OPTIONS, seats, LOT)
    assert len(set(outcome.elected)) == seats
    valid = len(ballots) - outcome.spoilt
    for each in outcome.rounds:
        assert sum(each.votes.values()) <= valid
    assert 0 <= outcome.exhausted <= valid


@given(st.lists(vectors, min_size=1, max_size=25), st.integers(1, OPTIONS), st.randoms())
def test_stv_does_not_depend_on_the_order_of_ballots(ballots: list[list[int]], seats: int, random) -> None:  # type: ignore[no-untyped-def]
    mixed = random.sample(ballots, len(ballots))
    assert stv(ballots, OPTIONS, seats, LOT) == stv(mixed, OPTIONS, seats, LOT)


@given(st.lists(rankings, max_size=12), st.lists(rankings, max_size=12), st.integers(1, 3))
def test_stv_gives_a_solid_coalition_its_seats(others: list[list[int]], filler: list[list[int]], seats: int) -> None:
    """Droop proportionality: k quotas of voters who put the same k options first elect all k."""
    total = len(others) + 12
    quota = total // (seats + 1) + 1
    for wanted in range(1, min(seats, 2) + 1):
        if wanted * quota > 12:
            continue
        coalition = [[1, 2, 3, 4] if i % 2 else [2, 1, 4, 3] for i in range(12)]
        if wanted == 1:
            coalition = [[1, 2, 3, 4]] * 12
        outcome = stv(coalition + others, OPTIONS, seats, LOT)
        assert set(range(wanted)) <= set(outcome.elected)


@given(st.lists(rankings, max_size=10))
def test_stv_for_one_seat_elects_a_majority(others: list[list[int]]) -> None:
    ballots = others + [[4, 1, 2, 3]] * (len(others) + 1)
    assert stv(ballots, OPTIONS, 1, LOT).elected == (1,)


# Schulze


def test_schulze_published_example() -> None:
    """Schulze's example of 45 voters: E, A, C, B, D."""
    votes = {"ACBED": 5, "ADECB": 5, "BEDAC": 8, "CABED": 3, "CAEBD": 7, "CBADE": 2, "DCEBA": 7, "EBADC": 8}
    outcome = schulze([ranked(vote) for vote, count in votes.items() for _ in range(count)], 5)
    assert outcome.ranking == ((4,), (0,), (2,), (1,), (3,))
    assert outcome.strength[4] == (25, 28, 28, 31, 0)


@given(st.lists(vectors, max_size=20))
def test_schulze_elects_a_condorcet_winner_alone(ballots: list[list[int]]) -> None:
    outcome = schulze(ballots, OPTIONS)
    assert sorted(option for tier in outcome.ranking for option in tier) == list(range(OPTIONS))
    for a in range(OPTIONS):
        if all(outcome.preferred[a][b] > outcome.preferred[b][a] for b in range(OPTIONS) if b != a):
            assert outcome.winners == (a,)


@given(st.lists(vectors, max_size=20), st.permutations(range(OPTIONS)))
def test_schulze_treats_options_alike(ballots: list[list[int]], names: list[int]) -> None:
    renamed = [[ballot[names.index(option)] for option in range(OPTIONS)] for ballot in ballots]
    tiers = [{names[option] for option in tier} for tier in schulze(ballots, OPTIONS).ranking]
    assert [set(tier) for tier in schulze(renamed, OPTIONS).ranking] == tiers


# Majority judgment


def test_majority_judgment_published_example() -> None:
    """Tennessee's capital: three cities share the median "fair"; nobody finds Nashville poor."""
    memphis, nashville, chattanooga, knoxville = [1, 4, 4, 4], [3, 1, 3, 3], [4, 3, 1, 2], [4, 3, 2, 1]
    cities = [memphis, nashville, chattanooga, knoxville]
    voters = [42, 26, 15, 17]
    ballots = [[city[group] for city in cities] for group in range(4) for _ in range(voters[group])]
    outcome = majority_judgment(ballots, 4, 4)
    assert outcome.medians == (4, 3, 3, 3)
    assert outcome.ranking == ((1,), (3,), (2,), (0,))


def test_majority_judgment_compares_by_removing_medians() -> None:
    outcome = majority_judgment([[1, 1, 2], [2, 2, 2], [3, 2, 2]], 3, 3)
    assert outcome.medians == (2, 2, 2)
    assert outcome.ranking == ((1,), (2,), (0,))


@given(st.lists(vectors, min_size=1, max_size=15), st.integers(0, OPTIONS - 1))
def test_a_better_grade_never_harms(ballots: list[list[int]], option: int) -> None:
    valid = [ballot for ballot in ballots if all(1 <= grade <= 5 for grade in ballot)]
    before = majority_judgment(ballots, OPTIONS, 5)
    assert before.spoilt == len(ballots) - len(valid)
    better = [[max(1, grade - (index == option)) for index, grade in enumerate(ballot)] for ballot in valid]
    after = majority_judgment(better, OPTIONS, 5)

    def tier(ranking: tuple[tuple[int, ...], ...]) -> set[int]:
        below = next(index for index, each in enumerate(ranking) if option in each)
        return {other for each in ranking[: below + 1] for other in each}

    assert tier(after.ranking) <= tier(before.ranking)


@given(st.lists(st.lists(st.integers(1, 5), min_size=2, max_size=2), min_size=1, max_size=9))
def test_majority_judgment_is_removal_of_lower_medians(ballots: list[list[int]]) -> None:
    def removed(option: int) -> list[int]:
        grades = sorted(ballot[option] for ballot in ballots)
        return [grades.pop(len(grades) // 2) for _ in range(len(grades))]

    first, second = removed(0), removed(1)
    expected = ((0, 1),) if first == second else ((0,), (1,)) if first < second else ((1,), (0,))
    assert majority_judgment(ballots, 2, 5).ranking == expected


# Method of Equal Shares

costs = st.lists(st.integers(1, 60), min_size=OPTIONS, max_size=OPTIONS)
approvals = st.lists(st.lists(st.integers(0, 1), min_size=OPTIONS, max_size=OPTIONS), min_size=1, max_size=12)


def test_equal_shares_gives_a_minority_its_share() -> None:
    ballots = [[1, 1, 1, 0]] * 6 + [[0, 0, 0, 1]] * 4
    assert set(equal_shares(ballots, [20, 20, 20, 40], 100, Satisfaction.COUNT, range(4)).chosen) == {0, 1, 2, 3}
    assert 3 in equal_shares(ballots, [30, 30, 30, 40], 100, Satisfaction.COST, range(4)).chosen


@pytest.mark.parametrize("rule", [equal_shares, equal_shares_add1])
@pytest.mark.parametrize("satisfaction", list(Satisfaction))
@given(ballots=approvals, prices=costs, budget=st.integers(1, 150))
def test_equal_shares_pays_exactly_and_keeps_within_the_budget(rule, satisfaction, ballots, prices, budget) -> None:  # type: ignore[no-untyped-def]
    outcome = rule(ballots, prices, budget, satisfaction, LOT)
    assert sum(prices[option] for option in outcome.chosen) <= budget
    for purchase in outcome.purchases:
        assert purchase.paid == prices[purchase.option]
        assert any(ballot[purchase.option] for ballot in ballots)
    assert [purchase.price for purchase in outcome.purchases] == sorted(p.price for p in outcome.purchases)


@given(approvals, costs, st.integers(1, 150))
def test_equal_shares_funds_what_a_group_can_afford_alone(
    ballots: list[list[int]], prices: list[int], budget: int
) -> None:
    """Priceability: nobody is left with enough money together for another option that they support."""
    outcome = equal_shares(ballots, prices, budget, Satisfaction.COUNT, LOT)
    for option, price in enumerate(prices):
        supporters = sum(1 for ballot in ballots if ballot[option])
        alone = all(
            not other or index == option for ballot in ballots if ballot[option] for index, other in enumerate(ballot)
        )
        if alone and supporters * outcome.endowment >= price:
            assert option in outcome.chosen


def test_equal_shares_add1_spends_more() -> None:
    ballots = [[1, 0, 0, 0]] * 3 + [[0, 1, 0, 0]] * 2
    plain = equal_shares(ballots, [70, 30, 1, 1], 100, Satisfaction.COST, range(4))
    completed = equal_shares_add1(ballots, [70, 30, 1, 1], 100, Satisfaction.COST, range(4))
    assert (plain.chosen, set(completed.chosen)) == ((1,), {0, 1})


def test_equal_shares_without_ballots_or_sense() -> None:
    assert equal_shares([], [10], 5, Satisfaction.COST, [0]).chosen == ()
    with pytest.raises(ValueError, match="positive"):
        equal_shares([[1]], [0], 5, Satisfaction.COST, [0])
