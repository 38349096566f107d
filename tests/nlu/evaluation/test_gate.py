"""A new model is compared question by question; chance is no reason to refuse it."""

from __future__ import annotations

from bot.nlu.evaluation.gate import Compared, Comparison, compare, golden_questions
from bot.nlu.evaluation.judging import Outcome
from bot.nlu.evaluation.questions import Question
from tests.nlu.evaluation.conftest import DENTAL, PAYDAY, Lookup, answer, clarify

RIGHT, WRONG, OFFERED = Outcome.RIGHT, Outcome.WRONG, Outcome.CLARIFY_WITH


def made(*groups: tuple[int, Outcome, Outcome], topic: str = "pay/payday") -> list[Compared]:
    return [
        Compared(Question(f"question {n}", topic), before, now)
        for count, before, now in groups
        for n in range(count)
    ]


def test_each_question_is_asked_of_both() -> None:
    questions = [Question("payday", "pay/payday"), Question("dental", "benefits/dental")]
    before = Lookup({"payday": answer(PAYDAY), "dental": clarify(DENTAL)})
    now = Lookup({"payday": answer(DENTAL), "dental": answer(DENTAL)})
    comparison = compare(questions, before, now)
    assert [(one.before, one.now) for one in comparison.compared] == [
        (RIGHT, WRONG),
        (OFFERED, RIGHT),
    ]
    assert (len(comparison.worse), len(comparison.better)) == (1, 1)
    assert not comparison.is_worse


def test_more_worse_than_chance_is_worse() -> None:
    assert Comparison(tuple(made((200, RIGHT, RIGHT), (9, RIGHT, WRONG)))).is_worse
    assert not Comparison(tuple(made((200, RIGHT, RIGHT), (2, RIGHT, WRONG)))).is_worse
    balanced = made((200, RIGHT, RIGHT), (9, RIGHT, OFFERED), (7, OFFERED, RIGHT))
    assert not Comparison(tuple(balanced)).is_worse


def test_a_topic_that_is_hardly_found_any_more_is_worse() -> None:
    lost = made((3, RIGHT, OFFERED), (1, RIGHT, RIGHT), topic="pay/w2")
    gained = made((30, OFFERED, RIGHT))
    comparison = Comparison(tuple(lost + gained))
    assert comparison.lost_topics == ["pay/w2"]
    assert comparison.is_worse


def test_the_table_counts_by_category() -> None:
    some = made((2, RIGHT, RIGHT), (1, RIGHT, WRONG)) + made(
        (1, WRONG, OFFERED), topic="leave/fmla"
    )
    table = Comparison(tuple(some)).table()
    rows = list(zip(*(list(column.cells) for column in table.columns), strict=True))
    assert rows == [
        ("leave", "1", "0", "0", "1", "0"),
        ("pay", "3", "3", "2", "0", "1"),
        ("all", "4", "3", "2", "1", "1"),
    ]


def test_golden_is_what_both_know_and_means_the_same() -> None:
    learnt = [(f"pay {n}", "pay/payday") for n in range(9)]
    learnt += [("moved", "pay/w2"), ("gone", "pay/w2"), ("hello", "greet")]
    meant_now = {f"pay {n}": "pay/payday" for n in range(9)}
    meant_now |= {"moved": "pay/expenses", "hello": "greet", "new": "pay/w2"}
    chosen = golden_questions(learnt, meant_now, at_most=4)
    assert {one.topic_id for one in chosen} == {"pay/payday"}
    assert len(chosen) == 4
    assert golden_questions(reversed(learnt), meant_now, at_most=4) == chosen
