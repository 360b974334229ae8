"""Counting what a ranked question decrypted to: STV, Schulze, majority judgment, Method of Equal Shares.

A ballot is a vector with one number from 0 to 255 for each option, in the order of the answers. Nobody proves that a
cast vector makes sense, so each method says what it does with one that does not. All arithmetic is exact; where a rule
leaves a tie, `lot` decides: all options in an order drawn by lot in public before the count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

Vector: TypeAlias = Sequence[int]


def check_lot(lot: Sequence[int], options: int) -> dict[int, int]:
    """Each option's place in the lot. Raises ValueError unless it names every option once."""
    if sorted(lot) != list(range(options)):
        raise ValueError(f"The lot must order the options 0 to {options - 1}, got {list(lot)}.")
    return {option: place for place, option in enumerate(lot)}


# Single transferable vote


@dataclass(frozen=True)
class Round:
    """One round of an STV count: votes of the options still in the running, and what was decided."""

    votes: Mapping[int, Fraction]
    elected: tuple[int, ...]
    excluded: int | None
    by_lot: bool


@dataclass(frozen=True)
class Transferable:
    """The outcome of an STV count. `spoilt` ballots rank nobody; `exhausted` is what no option holds at the end."""

    elected: tuple[int, ...]
    quota: int
    rounds: tuple[Round, ...]
    spoilt: int
    exhausted: Fraction


def preferences(vector: Vector) -> tuple[int, ...]:
    """The options in order of rank: 1 is best, 0 is not ranked, and the order ends where two options share a rank."""
    ranks = Counter(vector)
    order: list[int] = []
    for option in sorted(range(len(vector)), key=vector.__getitem__):
        if vector[option]:
            if ranks[vector[option]] > 1:
                break
            order.append(option)
    return tuple(order)


def stv(ballots: Iterable[Vector], options: int, seats: int, lot: Sequence[int]) -> Transferable:
    """Single transferable vote by the weighted inclusive Gregory method with a Droop quota, as in Scottish local
    elections (SSI 2007/42, Schedule 1, Part III) but with exact fractions instead of five decimal places.

    A tie for exclusion or for the order of surpluses is decided by the latest earlier round in which the options
    differed, else by lot: the option that comes first in it is preferred. Raises ValueError for seats below 1 or
    above the number of options, or a wrong lot.
    """
    if not 1 <= seats <= options:
        raise ValueError(f"Seats must be from 1 to {options}, got {seats}.")
    place = check_lot(lot, options)
    orders = Counter(preferences(ballot) for ballot in ballots)
    spoilt = orders.pop((), 0)
    quota = sum(orders.values()) // (seats + 1) + 1
    weights = {order: Fraction(count) for order, count in orders.items()}
    running, elected, waiting = set(range(options)), list[int](), list[int]()
    gone: set[int] = set()
    rounds: list[Round] = []
    while True:
        votes = _held(weights, options, gone)
        running_votes = {option: votes[option] for option in sorted(running)}
        reached = _preferred([option for option in running if votes[option] >= quota], votes, rounds, place)
        reached = reached[: seats - len(elected)]
        if len(running) <= seats - len(elected):
            reached = _preferred(list(running), votes, rounds, place)
        elected += reached
        waiting += reached
        running -= set(reached)
        excluded, by_lot = None, False
        if len(elected) < seats and not waiting:
            lowest = [option for option in running if votes[option] == min(votes[each] for each in running)]
            last = _preferred(lowest, votes, rounds, place)[-1]
            excluded, by_lot = last, _needs_lot(lowest, last, rounds)
            running.remove(last)
            gone.add(last)
        rounds.append(Round(running_votes, tuple(reached), excluded, by_lot))
        if len(elected) == seats:
            held = sum(_held(weights, options, gone), Fraction(0))
            return Transferable(tuple(elected), quota, tuple(rounds), spoilt, sum(orders.values()) - held)
        if waiting:
            leaving = _preferred(waiting, votes, rounds[:-1], place)[0]
            waiting.remove(leaving)
            surplus = votes[leaving] - quota
            if surplus > 0:
                _reduce(weights, leaving, gone, surplus / votes[leaving])
            gone.add(leaving)


def _holder(order: tuple[int, ...], gone: set[int]) -> int | None:
    return next((option for option in order if option not in gone), None)


def _held(weights: Mapping[tuple[int, ...], Fraction], options: int, gone: set[int]) -> list[Fraction]:
    votes = [Fraction(0)] * options
    for order, weight in weights.items():
        holder = _holder(order, gone)
        if holder is not None:
            votes[holder] += weight
    return votes


def _reduce(weights: dict[tuple[int, ...], Fraction], holder: int, gone: set[int], share: Fraction) -> None:
    for order in weights:
        if _holder(order, gone) == holder:
            weights[order] *= share


def _preferred(
    tied: Sequence[int], votes: Sequence[Fraction], rounds: Sequence[Round], place: Mapping[int, int]
) -> list[int]:
    """The options by votes now, then in earlier rounds from the latest, then by lot; best first."""

    def key(option: int) -> tuple[list[Fraction], int]:
        history = [votes[option], *(earlier.votes.get(option, Fraction(0)) for earlier in reversed(rounds))]
        return [-count for count in history], place[option]

    return sorted(tied, key=key)


def _needs_lot(tied: Sequence[int], chosen: int, rounds: Sequence[Round]) -> bool:
    def history(option: int) -> list[Fraction]:
        return [earlier.votes[option] for earlier in rounds]

    return any(other != chosen and history(other) == history(chosen) for other in tied)


# Schulze


@dataclass(frozen=True)
class Condorcet:
    """The outcome of a Schulze count.

    `ranking` holds tiers of options, best first; options in one tier are tied. `preferred[a][b]` counts the ballots
    that put a above b, `strength[a][b]` is the strength of the strongest path from a to b.
    """

    ranking: tuple[tuple[int, ...], ...]
    preferred: tuple[tuple[int, ...], ...]
    strength: tuple[tuple[int, ...], ...]

    @property
    def winners(self) -> tuple[int, ...]:
        """The first tier."""
        return self.ranking[0]


def schulze(ballots: Iterable[Vector], options: int) -> Condorcet:
    """Schulze's method with winning votes (Schulze 2011). 1 is best; equal numbers are ties; 0 is below all others."""
    preferred = [[0] * options for _ in range(options)]
    for vector, count in Counter(tuple(ballot) for ballot in ballots).items():
        for a in range(options):
            for b in range(options):
                if vector[a] and (not vector[b] or vector[a] < vector[b]):
                    preferred[a][b] += count
    strength = [
        [preferred[a][b] if preferred[a][b] > preferred[b][a] else 0 for b in range(options)] for a in range(options)
    ]
    for middle in range(options):
        for a in range(options):
            for b in range(options):
                if len({a, b, middle}) == 3:
                    strength[a][b] = max(strength[a][b], min(strength[a][middle], strength[middle][b]))
    ranking: list[tuple[int, ...]] = []
    left = list(range(options))
    while left:
        tier = tuple(a for a in left if all(strength[a][b] >= strength[b][a] for b in left))
        ranking.append(tier)
        left = [option for option in left if option not in tier]
    return Condorcet(tuple(ranking), tuple(map(tuple, preferred)), tuple(map(tuple, strength)))


# Majority judgment


@dataclass(frozen=True)
class Judgment:
    """The outcome of a majority judgment: tiers of options, best first, the median grade of each option (1 is best),
    and how many ballots gave something other than a grade.
    """

    ranking: tuple[tuple[int, ...], ...]
    medians: tuple[int, ...]
    spoilt: int


def majority_judgment(ballots: Iterable[Vector], options: int, grades: int) -> Judgment:
    """Balinski and Laraki's majority judgment: by median grade, ties by removing medians one by one.

    Grades run from 1, the best, to `grades`. A ballot with any number outside them is spoilt and not counted. Without
    a valid ballot all options are tied at the worst grade. Raises ValueError for fewer than one grade.
    """
    if grades < 1:
        raise ValueError(f"There must be at least one grade, got {grades}.")
    given = [Counter[int]() for _ in range(options)]
    valid = spoilt = 0
    for vector, count in Counter(tuple(ballot) for ballot in ballots).items():
        if all(1 <= grade <= grades for grade in vector):
            valid += count
            for option, grade in enumerate(vector):
                given[option][grade] += count
        else:
            spoilt += count
    values = {option: _majority_value(given[option]) for option in range(options)}
    medians = tuple(values[option][0] if valid else grades for option in range(options))
    tiers: dict[tuple[int, ...], list[int]] = {}
    for option in range(options):
        tiers.setdefault(values[option], []).append(option)
    return Judgment(tuple(tuple(tiers[value]) for value in sorted(tiers)), medians, spoilt)


def _majority_value(given: Counter[int]) -> tuple[int, ...]:
    """The grades in the order in which medians are removed; of two middle grades the worse goes first."""
    grades = sorted(given.elements())
    worse = len(grades) // 2  # the middle grade, or the worse of two
    better = worse - 1
    value = []
    for turn in range(len(grades)):
        if turn == 0 or (len(grades) - turn) % 2 == 0:
            value.append(grades[worse])
            worse += 1
        else:
            value.append(grades[better])
            better -= 1
    return tuple(value)


# Method of Equal Shares


class Satisfaction(StrEnum):
    """What a supported option is worth to a voter: its cost, or one."""

    COST = "cost"
    COUNT = "count"


@dataclass(frozen=True)
class Purchase:
    """An option that was funded: its price for each unit of satisfaction, and what its supporters paid together."""

    option: int
    price: Fraction
    paid: Fraction


@dataclass(frozen=True)
class Shares:
    """The outcome of the Method of Equal Shares, options in the order of funding; `endowment` is each voter's share."""

    chosen: tuple[int, ...]
    purchases: tuple[Purchase, ...]
    endowment: Fraction


def equal_shares(
    ballots: Iterable[Vector], costs: Sequence[int], budget: int, satisfaction: Satisfaction, lot: Sequence[int]
) -> Shares:
    """The Method of Equal Shares (Peters, Pierczynski, Skowron 2021) without completion.

    Any number but 0 supports an option. Every voter gets an equal share of the budget; round by round the option that
    its supporters can buy at the least price for each unit of satisfaction is funded. Equal prices go to the option
    with more supporters, then by lot. Costs and budget in whole currency units. Raises ValueError if one is not
    positive or the lot is wrong.
    """
    groups = _supporters(ballots, costs, budget)
    voters = sum(groups.values())
    return _buy(groups, costs, Fraction(budget, voters or 1), satisfaction, check_lot(lot, len(costs)))


def equal_shares_add1(
    ballots: Iterable[Vector], costs: Sequence[int], budget: int, satisfaction: Satisfaction, lot: Sequence[int]
) -> Shares:
    """The Method of Equal Shares completed by "add1": every voter's share grows by one currency unit at a time until no
    option that is left fits into the rest of the budget, or the next outcome would exceed it.

    Raises ValueError as `equal_shares` does.
    """
    groups = _supporters(ballots, costs, budget)
    place = check_lot(lot, len(costs))
    supported = {option for group in groups for option in group}
    endowment = Fraction(budget, sum(groups.values()) or 1)
    outcome = _buy(groups, costs, endowment, satisfaction, place)
    while any(_cost(outcome, costs) + costs[option] <= budget for option in supported - set(outcome.chosen)):
        endowment += 1
        more = _buy(groups, costs, endowment, satisfaction, place)
        if _cost(more, costs) > budget:
            break
        outcome = more
    return outcome


def _cost(outcome: Shares, costs: Sequence[int]) -> int:
    return sum(costs[option] for option in outcome.chosen)


def _supporters(ballots: Iterable[Vector], costs: Sequence[int], budget: int) -> dict[frozenset[int], int]:
    """Voters who support the same options are treated alike: how many support which."""
    if budget < 1 or any(cost < 1 for cost in costs):
        raise ValueError(f"Budget and costs must be positive, got {budget} and {list(costs)}.")
    return Counter(frozenset(option for option, points in enumerate(ballot) if points) for ballot in ballots)


def _buy(
    groups: Mapping[frozenset[int], int],
    costs: Sequence[int],
    endowment: Fraction,
    satisfaction: Satisfaction,
    place: Mapping[int, int],
) -> Shares:
    money = dict.fromkeys(groups, endowment)
    left = set(range(len(costs)))
    purchases: list[Purchase] = []
    while True:
        offers = []
        for option in left:
            buyers = [group for group in groups if option in group]
            charge = _charge(costs[option], [(money[group], groups[group]) for group in buyers])
            if charge is not None:
                worth = costs[option] if satisfaction is Satisfaction.COST else 1
                count = sum(groups[group] for group in buyers)
                offers.append((charge / worth, -count, place[option], option, charge))
        if not offers:
            return Shares(tuple(purchase.option for purchase in purchases), tuple(purchases), endowment)
        price, _, _, option, charge = min(offers)
        paid = Fraction(0)
        for group in groups:
            if option in group:
                payment = min(money[group], charge)
                money[group] -= payment
                paid += payment * groups[group]
        purchases.append(Purchase(option, price, paid))
        left.remove(option)


def _charge(cost: int, purses: Sequence[tuple[Fraction, int]]) -> Fraction | None:
    """The most that a supporter must pay so that all together pay the cost; None if they cannot."""
    if sum((money * count for money, count in purses), Fraction(0)) < cost:
        return None
    missing, payers = Fraction(cost), sum(count for _, count in purses)
    for money, count in sorted(purses):
        if money * payers >= missing:
            return missing / payers
        missing -= money * count
        payers -= count
    return None
