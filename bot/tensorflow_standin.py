"""Keeps TensorFlow out of a process whose pipeline doesn't use it; changes nothing else of Rasa.

Rasa imports TensorFlow whatever the pipeline is, for type hints and base classes. Here an import
finder serves stand-in modules instead: names can be imported, put into annotations and inherited
from; calling one is an error that says so.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import HRBotError

COMPONENTS_WITH_TENSORFLOW = frozenset(
    {
        "ConveRTFeaturizer",
        "DIETClassifier",
        "LanguageModelFeaturizer",
        "ResponseSelector",
        "TEDPolicy",
        "UnexpecTEDIntentPolicy",
    }
)
PACKAGES_WITHOUT_TENSORFLOW = frozenset({"actions", "bot", "rasa"})
DEFAULT_RECIPE = "default.v1"


class TensorFlowKeptOutError(HRBotError, ImportError):
    """Something called TensorFlow where only its stand-in is.

    It is an ImportError too, so that a library which can do without TensorFlow does.
    """


def keep_out_unless_needed(source: Path) -> bool:
    """Serve stand-ins for TensorFlow in this process unless a component needs the real one.

    Call it before Rasa is imported; where TensorFlow is imported already, it does nothing. When
    in doubt (a component of others, a file that can't be read) the real one stays.

    Args:
        source: what will run here: a config.yml or a trained model.

    Returns:
        Whether TensorFlow is kept out.
    """
    if not any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
        if "tensorflow" in sys.modules or needs_tensorflow(source):
            return False
        sys.meta_path.insert(0, StandInFinder())
    return True


def needs_tensorflow(source: Path) -> bool:
    """Tell whether a config.yml or a trained model has a component that needs TensorFlow."""
    is_config = source.suffix in (".yml", ".yaml")
    try:
        names = list(_names_in_config(source) if is_config else _names_in_model(source))
    except (OSError, tarfile.TarError, YAMLError, ValueError, LookupError, TypeError):
        return True
    return not names or any(map(_needs_tensorflow, names))


def _names_in_config(config: Path) -> Iterable[str]:
    told = YAML(typ="safe", pure=True).load(config.read_text(encoding="utf-8"))
    if told.get("recipe", DEFAULT_RECIPE) != DEFAULT_RECIPE:
        raise ValueError("only the default recipe lists its components this way")
    # Where one of the two is absent, Rasa fills in its own choice, which uses TensorFlow.
    return [str(component["name"]) for key in ("pipeline", "policies") for component in told[key]]


def _names_in_model(model: Path) -> Iterable[str]:
    with tarfile.open(model, "r:gz") as archive:
        metadata = archive.extractfile("metadata.json")
        nodes = json.load(metadata)["predict_schema"]["nodes"] if metadata else {}
    return [str(node["uses"]) for node in nodes.values()]


def _needs_tensorflow(component: str) -> bool:
    package, _, rest = component.partition(".")
    if rest and package not in PACKAGES_WITHOUT_TENSORFLOW:
        return True
    return component.rpartition(".")[2] in COMPONENTS_WITH_TENSORFLOW


def is_tensorflow(module: str) -> bool:
    """Tell whether a module belongs to TensorFlow and the packages that come with it."""
    package = module.partition(".")[0]
    return package in ("tensorflow", "keras") or package.startswith("tensorflow_")


class StandInFinder(MetaPathFinder, Loader):
    """Finds every module of the TensorFlow family, real or not, and loads its stand-in."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Return where the module comes from, or None for modules of others."""
        return ModuleSpec(fullname, self, is_package=True) if is_tensorflow(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the empty stand-in."""
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: a stand-in makes its names when it is asked for them."""


class _StandInModule(ModuleType):
    def __getattr__(self, name: str) -> _StandInType:
        return _stand_in_for(self.__name__, name)


class _StandInType(type):
    """Makes classes that can be named and inherited from, but not called."""

    def __getattr__(cls, name: str) -> _StandInType:
        # Rasa's own classes inherit from stand-ins; a name that they lack, they lack.
        if cls.__bases__ != (object,):
            raise AttributeError(f"{cls.__qualname__} has no attribute {name}")
        return _stand_in_for(f"{cls.__module__}.{cls.__qualname__}", name)

    def __call__(cls, *_: Any, **__: Any) -> NoReturn:
        raise TensorFlowKeptOutError(
            f"{cls.__module__}.{cls.__qualname__} needs TensorFlow, which was kept out of this "
            "process because no component of the pipeline was known to use it. Restart to use "
            "the pipeline of a changed config.yml; a component of our own that needs TensorFlow "
            "has to be named in bot/tensorflow_standin.py."
        )


@cache
def _stand_in_for(parent: str, name: str) -> _StandInType:
    # Python and libraries look for special names to learn what a thing is; it is none of these.
    if name.startswith("__"):
        raise AttributeError(f"the stand-in of {parent} has no {name}")
    return _StandInType(name, (), {"__module__": parent})
