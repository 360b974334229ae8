"""The optional embedding models at run time: texts to unit vectors, on the processor, with onnxruntime and tokenizers.

`commonweal assistant models` puts them into a folder (`models_conversion`). Both have 384 dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]
FORMAT = 2
"""Of what the conversion makes. Vectors and parameters hold for one format only, so earlier files are left."""
FILE = f"model-{FORMAT}.onnx"
DIMENSIONS, TOKEN_DIMENSIONS = 384, 64
PREFIXES = {"minilm": ("", ""), "e5": ("query: ", "passage: ")}
"""What each model's training put before questions and before passages."""
PROJECTIONS = {name: Path(__file__).with_name(f"tokens_projection_{name}.npy") for name in PREFIXES}
"""384 to 64 dimensions: those that keep most of what the tokens of pages say; `train.py` makes them."""
_MOST_TOKENS = 256
_BATCH = 16


class Mode(StrEnum):
    """Which models help; each mode has learned numbers of its own."""

    NONE = "none"
    MINILM = "minilm"
    BOTH = "both"


@dataclass(frozen=True)
class Tokens:
    """The tokens of one text, without those that only mark its ends."""

    spans: NDArray[np.int64]
    """Characters where each begins and ends, shape (tokens, 2)."""
    vectors: Bytes
    """Unit vectors times 127, shape (tokens, 64)."""


@dataclass(frozen=True)
class Model:
    """One embedding model. `query` and `passage` are what its training put before either kind of text."""

    name: str
    session: InferenceSession
    tokenizer: Tokenizer
    query: str = ""
    passage: str = ""

    def question(self, text: str) -> tuple[Floats, Tokens]:
        """The unit vector of a question and its tokens."""
        vector, spans, states = self.states(self.query, text)
        return vector, self._tokens(spans, states)

    def passages(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of passages, shape (texts, 384)."""
        return self._vectors([self.passage + text for text in texts])

    def tokens(self, text: str) -> Tokens:
        """The tokens of a passage, each with what it means there."""
        return self._tokens(*self.states(self.passage, text)[1:])

    def states(self, before: str, text: str) -> tuple[Floats, NDArray[np.int64], Floats]:
        """The unit vector of a text, where each of its tokens stands, and their 384 numbers."""
        encoding = self.tokenizer.encode(before + text)
        ids = np.array([encoding.ids], np.int64)
        vectors, states = self.session.run(["vector", "tokens"], {"ids": ids, "mask": np.ones_like(ids)})
        spans = np.maximum(np.array(encoding.offsets, np.int64) - len(before), 0)
        within = spans[:, 1] > spans[:, 0]
        return vectors[0], spans[within], states[0][within]

    def _tokens(self, spans: NDArray[np.int64], states: Floats) -> Tokens:
        vectors = states @ projection(self.name)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
        return Tokens(spans, np.round(127 * vectors).astype(np.int8))

    def _vectors(self, texts: Sequence[str]) -> Floats:
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        by_length = sorted(range(len(texts)), key=lambda at: len(encoded[at]))
        for start in range(0, len(texts), _BATCH):
            batch = by_length[start : start + _BATCH]
            longest = max(len(encoded[at]) for at in batch)
            ids = np.zeros((len(batch), longest), np.int64)
            for row, at in enumerate(batch):
                ids[row, : len(encoded[at])] = encoded[at]
            lengths = np.array([len(encoded[at]) for at in batch])
            mask = (np.arange(longest) < lengths[:, None]).astype(np.int64)
            vectors[batch] = self.session.run(["vector"], {"ids": ids, "mask": mask})[0]
        return vectors


@dataclass(frozen=True)
class Models:
    """The models of a mode, in the order in which their vectors are kept."""

    mode: Mode
    models: tuple[Model, ...]

    def reading(self, language: str) -> Models:
        """Those that read a language; only E5 reads others than English. Without any, the mode is `none`."""
        if language.partition("-")[0] == "en":
            return self
        models = tuple(model for model in self.models if model.name != "minilm")
        return Models(self.mode if models else Mode.NONE, models)


NAMES = {Mode.NONE: (), Mode.MINILM: ("minilm",), Mode.BOTH: ("minilm", "e5")}


@cache
def projection(name: str) -> Floats:
    """From a model's 384 dimensions to the 64 in which its tokens are kept."""
    numbers: Floats = np.load(PROJECTIONS[name]).astype(np.float32)
    return numbers


@lru_cache(maxsize=4)
def load(folder: Path, mode: Mode, threads: int = 1) -> Models:
    """The models of a mode from a folder. Raises FileNotFoundError, or ImportError without `commonweal[models]`."""
    return Models(mode, tuple(_load(folder / name, threads) for name in NAMES[mode]))


def mode_of(folder: Path) -> Mode:
    """The best mode that a folder has the files for."""
    there = {name for name in PREFIXES if (folder / name / FILE).is_file()}
    return Mode.BOTH if len(there) == 2 else Mode.MINILM if "minilm" in there else Mode.NONE


def _load(folder: Path, threads: int) -> Model:
    import onnxruntime
    from tokenizers import Tokenizer

    for file in (FILE, "tokenizer.json"):
        if not (folder / file).is_file():
            raise FileNotFoundError(folder / file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # An arena that keeps the largest batch ever seen would cost more memory than the models.
    options.enable_cpu_mem_arena = False
    session = onnxruntime.InferenceSession(str(folder / FILE), options, ["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_MOST_TOKENS)
    query, passage = PREFIXES[folder.name]
    return Model(folder.name, session, tokenizer, query, passage)
