"""The learned numbers that ship with the engine: a readable JSON file for each mode."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.models import Mode

Floats = NDArray[np.float64]
FILES = {mode: Path(__file__).with_name(f"parameters_{mode}.json") for mode in Mode}


@dataclass(frozen=True)
class Logistic:
    """A logistic model over standardised signals: mean and scale of each signal, weights, bias."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def probability(self, signals: Floats) -> float:
        """Between 0 and 1, for one row of signals in the order of `names`; nan says nothing either way."""
        return chance_from(self.log_odds(signals))

    def log_odds(self, signals: Floats) -> float:
        """The same as the logarithm of its odds."""
        standard = np.nan_to_num((signals - np.array(self.mean)) / np.array(self.scale))
        # Signals far outside what training saw must not run away with the answer.
        return float(np.clip(standard, -4, 4) @ np.array(self.weights)) + self.bias


def chance_from(log_odds: float) -> float:
    """The chance with these odds."""
    return float(1 / (1 + np.exp(-log_odds)))


@dataclass(frozen=True)
class Thresholds:
    """From which chance a question is answered, and from which partly."""

    answered: float
    partly: float


@dataclass(frozen=True)
class Parameters:
    """How sharply scores tell pages apart, the gate of the history, whether the last turn goes on with the subject at
    all, the answer model, and where its chances are cut unless the operator says otherwise."""

    sharpness: float
    history: Logistic
    continues: Logistic
    answer: Logistic
    thresholds: Thresholds


@cache
def shipped(mode: Mode = Mode.NONE) -> Parameters:
    """The parameters of a mode."""
    return from_json(json.loads(FILES[mode].read_text()))


def from_json(data: Mapping[str, Any]) -> Parameters:
    """Parameters from the parsed file."""
    history, continues, answer = (logistic(data[name]) for name in ("history", "continues", "answer"))
    return Parameters(data["sharpness"], history, continues, answer, Thresholds(**data["thresholds"]))


def logistic(data: Mapping[str, Any]) -> Logistic:
    """One logistic model from its part of the file."""
    columns = data["signals"]
    return Logistic(
        tuple(columns),
        tuple(column["mean"] for column in columns.values()),
        tuple(column["scale"] for column in columns.values()),
        tuple(column["weight"] for column in columns.values()),
        data["bias"],
    )
