import pytest

from bot.nlu import weights
from bot.nlu.weights import WeightsError, ensure_weights, packaged_weights


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return ensure_weights(tmp_path_factory.mktemp("weights"))


def test_building_again_gives_the_same_bytes(built):
    again = ensure_weights()
    assert again.model != built.model
    assert again.model.read_bytes() == built.model.read_bytes()
    assert again.tokenizer.read_bytes() == built.tokenizer.read_bytes()


def test_nothing_unfinished_is_left_behind(built):
    left = {file.name for file in built.model.parent.iterdir()}
    assert left == {built.model.name, built.tokenizer.name}


def test_what_is_there_is_not_built_again(built):
    before = built.model.stat().st_mtime_ns
    assert ensure_weights(built.model.parent) == built
    assert built.model.stat().st_mtime_ns == before


def test_file_names_carry_hash_and_version(built):
    assert weights.WEIGHTS_SHA256[:12] in built.model.name
    assert f"v{weights.BUILD_VERSION}" in built.model.name


def test_other_weights_are_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    with pytest.raises(WeightsError, match="is not the file"):
        ensure_weights(tmp_path / "built", source=tmp_path)
    assert not (tmp_path / "built").exists()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"model\.safetensors is missing"):
        ensure_weights(tmp_path / "built", source=tmp_path)


def test_the_packaged_file_is_the_one_that_is_meant():
    assert (packaged_weights() / "model.safetensors").is_file()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_here")
    with pytest.raises(WeightsError, match="no_such_package_here is not installed"):
        packaged_weights()
