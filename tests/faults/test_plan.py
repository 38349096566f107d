from __future__ import annotations

from dataclasses import replace

import pytest

from .plan import KINDS, Ask, Say, Scale, Trouble, plan, summary

SCALE = Scale(messages=200, cases=30, troubles=40, gateways=2, assistants=2)


def test_a_plan_is_a_function_of_its_seed() -> None:
    assert plan(7, SCALE) == plan(7, SCALE)
    assert plan(7, SCALE) != plan(8, SCALE)


def test_as_much_happens_as_was_asked_for() -> None:
    counts = summary(plan(1, SCALE))
    assert (counts.pop("say"), counts.pop("ask")) == (170, 30)
    assert sum(counts.values()) == 40


def test_every_kind_of_trouble_happens_where_there_is_room() -> None:
    kinds = {kind.name.partition("_")[0] for kind in KINDS}
    seen = {s.kind.partition("_")[0] for s in plan(3, SCALE) if isinstance(s, Trouble)}
    assert seen == kinds


@pytest.mark.parametrize("has_disk", [True, False])
def test_only_what_is_possible_happens(has_disk: bool) -> None:
    scale = replace(SCALE, has_disk=has_disk, longest=5.0)
    steps = [s for seed in range(5) for s in plan(seed, scale) if isinstance(s, Trouble)]
    assert max(step.seconds for step in steps) <= 5.0
    assert any(step.kind == "disk_full" for step in steps) == has_disk


def test_every_process_may_be_hit() -> None:
    steps = [s for seed in range(9) for s in plan(seed, SCALE) if isinstance(s, Trouble)]
    killed = {step.on for step in steps if step.kind == "kill"}
    assert killed == {"gateway", "gateway-2", "assistant", "assistant-2", "actions"}


def test_no_question_to_hr_is_asked_twice() -> None:
    steps = plan(1, replace(SCALE, messages=2000, cases=300))
    asked = [step.question for step in steps if isinstance(step, Ask)]
    assert len(set(asked)) == 300
    assert len({step.answer for step in steps if isinstance(step, Ask)}) == 300
    assert {step.person for step in steps if isinstance(step, Say)} == set(range(24))
