"""TensorFlow stays out of a process that has no use for it, and comes where it is needed."""

import ast
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.errors import HRBotError
from bot.settings import ROOT
from bot.tensorflow_standin import (
    COMPONENTS_WITH_TENSORFLOW,
    StandInFinder,
    TensorFlowKeptOutError,
    is_tensorflow,
    needs_tensorflow,
)
from tests.nlu.conftest import OTHERS, TOPICS, phrasings

RASA = Path(importlib.util.find_spec("rasa").submodule_search_locations[0])
OURS = ROOT / "config.yml"

# What Rasa 3.6.21 imports of neural network libraries. Where the next test fails after an
# upgrade: see that is_tensorflow() covers what is imported at a start, then change this list.
IMPORTED_BY_RASA = {
    "keras",
    "keras.utils",
    "keras.utils.control_flow_util",
    "tensorflow",
    "tensorflow.keras",
    "tensorflow.keras.backend",
    "tensorflow.keras.callbacks",
    "tensorflow.keras.utils",
    "tensorflow.python.eager.wrap_function",
    "tensorflow.python.types.core",
    "tensorflow.types.experimental",
    "tensorflow_hub.module_v2",
    "tensorflow_text",
    "transformers",
}
# Imported by LanguageModelFeaturizer only when it is used.
NEVER_AT_START = {"transformers"}

TRAIN_AND_ASK = """
import asyncio, importlib, json, sys
from pathlib import Path
from bot.tensorflow_standin import TensorFlowKeptOutError, keep_out_unless_needed

project = Path(sys.argv[1])
kept_out = keep_out_unless_needed(project / "config.yml")
import rasa
import rasa.core.run
from rasa.core.agent import Agent

result = rasa.train(
    domain=str(project / "domain.yml"),
    config=str(project / "config.yml"),
    training_files=[str(project / "data")],
    output=str(project),
    fixed_model_name="model",
)
parsed = asyncio.run(Agent.load(result.model).parse_message("what's the dress code"))
for name in sys.argv[2:]:
    importlib.import_module(name)

from rasa.utils.tensorflow.models import RasaModel
try:
    RasaModel(name="x")
    error = ""
except TensorFlowKeptOutError as kept:
    error = str(kept)
family = ("tensorflow", "tensorflow_", "keras", "jax")
print(json.dumps({
    "kept_out": kept_out,
    "real": [n for n, m in sys.modules.items() if n.startswith(family) and hasattr(m, "__file__")],
    "topic": parsed["response_selector"]["policies"]["response"]["intent_response_key"],
    "error": error,
}))
"""


def in_fresh_interpreter(script: str, *arguments: object, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()[-1]


def imports_of_neural_networks(source: str) -> set[str]:
    named = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            named.add(node.module)
    return {name for name in named if re.match(r"tensor|tf_|keras|jax|torch|transformers", name)}


@pytest.fixture(scope="module")
def rasa_sources() -> dict[Path, tuple[str, set[str]]]:
    texts = {path: path.read_text(encoding="utf-8") for path in RASA.rglob("*.py")}
    return {path: (text, imports_of_neural_networks(text)) for path, text in texts.items()}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "config.yml").write_bytes(OURS.read_bytes())
    texts = {name: phrasings(block) for name, block in {**TOPICS, **OTHERS}.items()}
    nlu = [{"intent": name, "examples": "- " + "\n- ".join(t)} for name, t in texts.items()]
    answers = {f"utter_{name}": [{"text": name}] for name in TOPICS}
    rule = {"rule": "dress", "steps": [{"intent": "policies"}, {"action": "utter_policies"}]}
    data = {"version": "3.1", "nlu": nlu, "responses": answers, "rules": [rule]}
    domain = {"version": "3.1", "intents": sorted({name.split("/")[0] for name in texts})}
    (folder / "data").mkdir()
    for name, content in {"data/all.yml": data, "domain.yml": domain}.items():
        YAML().dump(content, folder / name)
    return folder


@pytest.fixture(scope="module")
def trained(project, rasa_sources) -> dict:
    """What a fresh process says that trained our pipeline, loaded it and asked a question."""
    at_start = sorted(IMPORTED_BY_RASA - NEVER_AT_START)
    cache = str(project / "cache")
    said = in_fresh_interpreter(TRAIN_AND_ASK, project, *at_start, RASA_CACHE_DIRECTORY=cache)
    return json.loads(said)


def test_our_pipeline_trains_loads_and_understands_without_tensorflow(trained):
    assert trained["kept_out"]
    assert trained["real"] == []
    assert trained["topic"] == "policies/dress_code"


def test_who_calls_the_stand_in_is_told_so(trained):
    assert "RasaModel needs TensorFlow, which was kept out" in trained["error"]


def test_the_trained_model_needs_no_tensorflow(trained, project):
    assert not needs_tensorflow(project / "model.tar.gz")


def test_rasas_imports_are_those_we_know(rasa_sources):
    assert set().union(*(named for _, named in rasa_sources.values())) == IMPORTED_BY_RASA


def test_every_import_of_rasa_has_a_stand_in():
    assert {name for name in IMPORTED_BY_RASA if not is_tensorflow(name)} == NEVER_AT_START


def test_the_table_of_components_is_rasas(rasa_sources):
    registered = re.compile(
        r"^@DefaultV1Recipe\.register\(.*?^class (\w+)", re.MULTILINE | re.DOTALL
    )
    found = [registered.findall(text) for text, named in rasa_sources.values() if named]
    assert {name for names in found for name in names} == COMPONENTS_WITH_TENSORFLOW


@pytest.mark.parametrize(
    ("pipeline", "policies", "needed"),
    [
        ("[{name: WhitespaceTokenizer}]", "[{name: RulePolicy}]", False),
        ("[{name: bot.nlu.components.FaqSelector}]", "[]", False),
        ("[{name: WhitespaceTokenizer}, {name: DIETClassifier}]", "[{name: RulePolicy}]", True),
        ("[{name: rasa.nlu.classifiers.diet_classifier.DIETClassifier}]", "[]", True),
        ("[{name: WhitespaceTokenizer}]", "[{name: TEDPolicy, epochs: 1}]", True),
        ("[{name: somebody.elses.Component}]", "[{name: RulePolicy}]", True),
        ("[{name: WhitespaceTokenizer}]", "null", True),
        ("[]", "[]", True),
        ("[{epochs: 1}]", "[]", True),
        ("[", "[]", True),
    ],
)
def test_a_config_that_may_need_tensorflow_gets_it(tmp_path, pipeline, policies, needed):
    config = tmp_path / "config.yml"
    config.write_text(f"recipe: default.v1\npipeline: {pipeline}\npolicies: {policies}\n")
    assert needs_tensorflow(config) is needed


def test_a_config_of_another_recipe_may_need_tensorflow(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text(OURS.read_text().replace("default.v1", "graph.v1"))
    assert needs_tensorflow(config)


def test_a_file_that_cannot_be_read_may_need_tensorflow(tmp_path):
    (tmp_path / "broken.tar.gz").write_bytes(b"no archive")
    assert needs_tensorflow(tmp_path / "broken.tar.gz")
    assert needs_tensorflow(tmp_path / "absent.yml")


def test_a_model_with_a_component_that_needs_tensorflow_gets_it(tmp_path):
    uses = "rasa.nlu.classifiers.diet_classifier.DIETClassifier"
    told = json.dumps({"predict_schema": {"nodes": {"run_it": {"uses": uses}}}}).encode()
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(told)
        archive.addfile(member, io.BytesIO(told))
    assert needs_tensorflow(tmp_path / "model.tar.gz")


FIND = """
import importlib.util, sys
from pathlib import Path
from bot.tensorflow_standin import keep_out_unless_needed
print(keep_out_unless_needed(Path(sys.argv[1])), importlib.util.find_spec("keras").origin)
"""


def test_diet_gets_the_real_tensorflow(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("pipeline: [{name: DIETClassifier}]\npolicies: [{name: RulePolicy}]\n")
    kept_out, origin = in_fresh_interpreter(FIND, config).split()
    assert kept_out == "False"
    assert origin.endswith("keras/__init__.py")


def test_a_tensorflow_that_is_imported_already_stays():
    script = "import sys; sys.modules['tensorflow'] = type(sys)('tensorflow')\n" + FIND
    kept_out, origin = in_fresh_interpreter(script, OURS).split()
    assert kept_out == "False"
    assert origin.endswith("keras/__init__.py")


class TestStandIn:
    @pytest.fixture
    def tensorflow(self):
        return StandInFinder().create_module(ModuleSpec("tensorflow", None))

    def test_a_name_can_be_inherited_from_and_compared_with(self, tensorflow):
        class Layer(tensorflow.keras.layers.Layer):
            pass

        assert issubclass(Layer, tensorflow.keras.layers.Layer)
        assert not isinstance("text", tensorflow.Tensor)
        assert not hasattr(Layer, "build")

    def test_calling_is_an_error_for_people_and_for_optional_imports(self, tensorflow):
        with pytest.raises(TensorFlowKeptOutError, match=r"tensorflow\.math\.add needs") as caught:
            tensorflow.math.add(1, 2)
        assert isinstance(caught.value, HRBotError)
        assert isinstance(caught.value, ImportError)

    def test_it_has_no_special_names(self, tensorflow):
        assert not hasattr(tensorflow, "__version__")
        assert not hasattr(tensorflow.Tensor, "__array_interface__")
