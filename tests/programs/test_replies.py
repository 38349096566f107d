from __future__ import annotations

import json
from datetime import date

import pytest
from ruamel.yaml import YAML

from bot.programs.facts import amount_text, facts, next_deadline_text
from bot.programs.replies import (
    button_for_topic,
    deadline_reply,
    deadlines_reply,
    details_reply,
    list_reply,
    more_deadlines_reply,
    reply_about_topic,
    reply_to_search,
    reply_with_details,
)
from bot.programs.search import program_by_id
from bot.settings import ROOT


def one(session, identifier):
    return program_by_id(session, identifier, "employee")


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("tuition-assistance", "$5,250 per calendar year"),
        ("mentoring-circle", "6 months"),
        ("backup-childcare", "10 visits per calendar year"),
        ("referral-bonus", "$2,000 per person hired"),
        ("nurse-residency", "Twelve months of paid residency as an RN"),
    ],
)
def test_amounts_in_words(sample, identifier, text):
    assert amount_text(one(sample, identifier)).startswith(text)


@pytest.mark.parametrize(
    ("gives", "text"),
    [
        ("{amount: 1, unit: months}", "1 month"),
        ("{amount: 12.5, unit: USD, period: day}", "$12.50 per day"),
        ("{amount: 1250000, unit: USD}", "$1,250,000"),
    ],
)
def test_unusual_amounts(database, import_text, one_program, gives, text):
    import_text(one_program.replace("{amount: 5250, unit: USD, period: calendar year}", gives))
    with database.read() as session:
        assert amount_text(one(session, "tuition")) == text


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("tuition-assistance", "December 15, 2026 (Spring term 2027)"),
        ("referral-bonus", "none, apply any time"),
        ("mentoring-circle", "not announced yet"),
    ],
)
def test_the_next_deadline_in_words(sample, today, identifier, text):
    assert next_deadline_text(one(sample, identifier), today) == text


def test_details_say_everything(database, import_text, one_program, today):
    import_text(one_program)
    with database.read() as session:
        reply = details_reply(one(session, "tuition"), today)

    assert reply.text == (
        "**Tuition assistance**\n\nPays for a degree.\n\n"
        "- **What you get:** $5,250 per calendar year.\n"
        "- **Who:** Full-time and part-time staff in nursing and the medical staff at Riverside "
        "working 0.5 FTE or more after 6 months here. Good standing.\n"
        "- **When:** Spring: apply by December 15, 2026; starts January 11, 2027.\n"
        "- **How to apply:** Apply in MyCedar.\n"
        "- **Questions:** education@cedarvalley.example\n\n"
        "[More about it](https://hr.cedarvalley.example/programs/tuition)"
    )
    assert (reply.audience, reply.programs) == ("employee", ("tuition",))


def test_what_is_not_known_is_left_out(database, import_text, one_program, today):
    lines = one_program.splitlines(keepends=True)
    start, end = one_program.index("  eligibility"), one_program.index("  how_to_apply")
    bare = one_program[:start] + one_program[end:]
    bare = "".join(line for line in bare.splitlines(True) if "contact" not in line)
    bare = "".join(line for line in bare.splitlines(True) if "link" not in line)
    assert len(lines) > len(bare.splitlines())
    import_text(bare)
    with database.read() as session:
        text = details_reply(one(session, "tuition"), today).text

    assert "Who" not in text
    assert "Questions" not in text
    assert "You can apply any time." in text
    assert "None" not in text


def test_a_deadline_tells_when_it_opens_or_that_it_passed(sample, today):
    leadership = deadline_reply(one(sample, "leadership-academy"), today)
    mentoring = deadline_reply(one(sample, "mentoring-circle"), today)

    assert leadership.text.startswith(
        "**Leadership Academy:** Spring 2027 group: apply from December 7, 2026 "
        "until January 22, 2027; starts March 2, 2027."
    )
    assert mentoring.text.endswith("closed on September 11, 2026. The next is not announced yet.")


def test_a_list_has_up_to_five_lines_with_a_button_each(sample):
    reply = reply_to_search(sample, "what programs are there", "employee")

    lines = [line for line in reply.text.splitlines() if line.startswith("- ")]
    assert len(lines) == len(reply.buttons) == len(reply.programs) == 5
    assert reply.text.endswith("\n\nThere are 7 more: say “more”.")
    assert len(reply.rest) == 7
    for button, identifier in zip(reply.buttons, reply.programs, strict=True):
        assert json.loads(button.payload) == {
            "intent": "program_details",
            "entities": {"program": identifier},
        }
        assert len(button.title) <= 75


def test_a_reply_is_internal_if_any_program_in_it_is(sample, today):
    public = [one(sample, "nurse-residency"), one(sample, "cedar-scholars")]
    mixed = [*public, one(sample, "leadership-academy")]

    assert list_reply(public).audience == "both"
    assert list_reply(mixed).audience == "employee"
    assert deadlines_reply(sample, "employee", today).audience == "employee"
    assert deadlines_reply(sample, "candidate", today).audience == "both"


def test_deadlines_go_on_with_their_days(sample, today):
    first = deadlines_reply(sample, "employee", today)
    assert len(first.programs) == 5
    assert first.text.endswith("There are 2 more: say “more”.")
    rest = more_deadlines_reply(sample, first.rest, "employee", first.rest_from, today)

    assert rest.programs == first.rest == ("wellness-reimbursement", "cedar-scholars")
    assert all(line.startswith("- **") and "2027:**" in line for line in rest.text.splitlines())
    assert rest.rest == ()


def test_the_deadlines_of_a_month_go_on_from_that_month(sample, today):
    january = deadlines_reply(sample, "employee", today, "what closes in january")

    assert january.rest_from == date(2027, 1, 1)
    assert january.rest == ()
    again = more_deadlines_reply(
        sample, ["tuition-assistance"], "employee", january.rest_from, today
    )
    assert "2026" not in again.text


def test_nothing_found_and_nearest(sample):
    assert reply_to_search(sample, "juggling", "employee").response == "utter_no_program"
    nearest = reply_to_search(sample, "pay for my vacation in spain with fireworks", "employee")
    assert nearest.response == "utter_nearest_programs"
    assert 1 <= len(nearest.programs) <= 3


def test_details_of_a_named_program_or_a_search(sample, today):
    named = reply_with_details(sample, "tell me about cedar scholars", "employee", today)
    searched = reply_with_details(sample, "tell me about becoming a manager", "employee", today)

    assert named.response == "utter_program_details"
    assert searched.programs[0] == "leadership-academy"


def test_every_response_of_a_reply_stands_in_the_domain():
    import re

    source = (ROOT / "bot" / "programs" / "replies.py").read_text(encoding="utf-8")
    domain = YAML(typ="safe").load(ROOT / "domain.yml")

    named = set(re.findall(r'"(utter_\w+)"', source))
    assert named
    assert named <= set(domain["responses"])


def test_facts_cover_every_program(sample, today):
    found = facts(sample, today)

    assert found["program.tuition-assistance.name"] == "Tuition assistance"
    assert found["program.tuition-assistance.amount"] == "$5,250 per calendar year"
    assert (
        found["program.tuition-assistance.next_deadline"] == "December 15, 2026 (Spring term 2027)"
    )
    assert found["program.nurse-residency.link"].startswith("https://careers.")
    assert len(found) == 4 * 12


def test_facts_grow_old_by_the_day(sample):
    late = facts(sample, date(2026, 12, 16))

    assert late["program.tuition-assistance.next_deadline"] == "April 30, 2027 (Summer term 2027)"


def test_an_amount_narrows_the_list_the_most_first(sample):
    over = reply_to_search(sample, "programs over 3500 dollars", "employee")
    school = reply_to_search(sample, "school programs over 3500 dollars", "employee")

    assert over.programs == ("relocation-assistance", "tuition-assistance", "cedar-scholars")
    assert set(school.programs) <= set(over.programs)
    assert "relocation-assistance" not in school.programs


def test_an_amount_that_no_program_gives_leads_to_the_nearest(sample):
    reply = reply_to_search(sample, "programs over 100000 dollars", "employee")

    assert reply.response == "utter_nearest_programs"
    assert reply.programs[0] == "relocation-assistance"


def test_outsiders_get_public_amounts_only(sample):
    reply = reply_to_search(sample, "which program pays the most", "candidate")

    assert reply.programs == ("relocation-assistance", "cedar-scholars")


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("what closes in december", ("nurse-residency", "tuition-assistance", "loan-repayment")),
        ("what closes before december 2026", ()),
        (
            "which are open now",
            ("nurse-residency", "tuition-assistance", "loan-repayment", "wellness-reimbursement"),
        ),
    ],
)
def test_a_time_narrows_the_deadlines(sample, today, text, programs):
    reply = deadlines_reply(sample, "employee", today, text)

    if programs:
        assert (reply.response, reply.programs) == ("utter_deadlines", programs)
    else:
        assert reply.response == "utter_no_deadlines_then"
        assert reply.programs[0] == "nurse-residency"


def test_deadlines_of_those_that_are_meant(sample, today):
    listed = ["leadership-academy", "referral-bonus", "tuition-assistance"]
    reply = deadlines_reply(sample, "employee", today, only=listed)

    assert reply.programs == ("tuition-assistance", "leadership-academy")


def test_a_topic_with_a_program_has_a_button(sample):
    button = button_for_topic(sample, "development/tuition_assistance", "employee")

    assert button.title == "Program details"
    assert json.loads(button.payload)["entities"] == {"program": "tuition-assistance"}
    assert button_for_topic(sample, "development/tuition_assistance", "candidate") is None
    assert button_for_topic(sample, "benefits/dental", "employee") is None


def test_a_topic_with_several_programs_lists_them(database, import_text, one_program):
    other = one_program.replace("id: tuition", "id: other").replace("Tuition", "Other")
    import_text(one_program + other.replace("school", "birds"))
    with database.read() as session:
        button = button_for_topic(session, "development/tuition_assistance", "employee")
        reply = reply_about_topic(session, "development/tuition_assistance", "employee")

    assert json.loads(button.payload) == {
        "intent": "find_program",
        "entities": {"topic": "development/tuition_assistance"},
    }
    assert reply.programs == ("other", "tuition")


def test_facts_of_some_programs_only(sample, today):
    found = facts(sample, today, ["tuition-assistance"])

    assert set(found) == {
        f"program.tuition-assistance.{key}" for key in ("name", "amount", "next_deadline", "link")
    }
