"""SECURITY.md names tests that are there, and every hole that the audit leaves out."""

from __future__ import annotations

import ast
import re

import pytest

from bot.settings import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not test or test in functions


def test_every_arrow_has_threats() -> None:
    arrows = re.findall(r"^### (.+)$", TEXT, re.MULTILINE)
    assert len(arrows) == 8
    assert len(NAMED) > 30


def test_every_hole_that_the_audit_leaves_out_is_explained() -> None:
    lines = (ROOT / ".ci" / "known-holes.txt").read_text(encoding="utf-8").splitlines()
    ids = [line for line in lines if line and not line.startswith("#")]
    assert [one for one in ids if one not in TEXT] == []
    assert all(re.fullmatch(r"(CVE|GHSA|PYSEC)-[\w-]+", one) for one in ids)
