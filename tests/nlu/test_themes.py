"""Questions of one topic land in one group: measured on how people really ask here."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bot.faq.phrasings import read_phrasings
from bot.nlu.themes import QuestionGroup, grouped, grouped_vectors
from bot.nlu.understanding import Understanding, load_encoder
from bot.settings import ROOT

PHRASINGS_A_TOPIC = 20
TOPICS = 30


@pytest.fixture(scope="module")
def asked() -> list[tuple[str, str]]:
    """Return questions with their topics: every fourth topic, as if nobody had an answer to it."""
    topics = sorted((name, texts) for name, texts in read_phrasings(ROOT / "data").items())
    chosen = [(name, texts) for name, texts in topics if "/" in name][::4][:TOPICS]
    return [(text, name) for name, texts in chosen for text in texts[:PHRASINGS_A_TOPIC]]


@pytest.fixture(scope="module")
def groups(asked: list[tuple[str, str]]) -> list[QuestionGroup]:
    encoder = load_encoder()
    return grouped_vectors(np.stack([encoder.encode_layers(text)[0] for text, _ in asked]))


def test_questions_of_one_topic_are_grouped(
    asked: list[tuple[str, str]], groups: list[QuestionGroup]
) -> None:
    large = [Counter(asked[n][1] for n in g.members) for g in groups if len(g.members) >= 5]
    grouped = sum(sum(topics.values()) for topics in large)
    same = sum(max(topics.values()) for topics in large)
    assert same / grouped > 0.8
    assert grouped / len(asked) > 0.4


def test_the_most_typical_question_comes_first_and_each_is_in_one_group(
    asked: list[tuple[str, str]], groups: list[QuestionGroup]
) -> None:
    members = [number for group in groups for number in group.members]
    assert len(members) == len(set(members)) <= len(asked)
    assert [len(g.members) for g in groups] == sorted(len(g.members) for g in groups)[::-1]


def test_the_middle_of_a_group_is_its_name() -> None:
    angles = np.radians([0, 10, 20, 30, 40, 180])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    (group,) = grouped_vectors(vectors)
    assert group.members[0] == 2
    assert set(group.members) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("questions", [[], ["why"]])
def test_one_question_is_no_group(questions: list[str]) -> None:
    assert grouped(Understanding(None, None, None, None), questions) == []
