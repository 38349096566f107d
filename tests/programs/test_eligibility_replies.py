from __future__ import annotations

import json
import re
from datetime import date

import pytest
from ruamel.yaml import YAML

from bot.programs.eligibility import Bounds, JobFacts
from bot.programs.eligibility_replies import (
    eligibility_reply,
    eligible_reply,
    fact_to_ask,
    posting_reply,
    question_reply,
)
from bot.programs.search import program_by_id
from bot.settings import ROOT

NEW_NURSE = JobFacts(
    employment_types=frozenset({"full_time"}),
    fte=Bounds.exactly(0.9),
    hire_date=date(2026, 8, 3),
    job_families=frozenset({"nursing"}),
    sites=frozenset({"medical_center"}),
)
PER_DIEM = JobFacts(employment_types=frozenset({"per_diem"}), tenure=Bounds(12))


def one(session, identifier):
    return program_by_id(session, identifier, "employee")


def verdict(session, identifier, job, today, reader="employee"):
    return eligibility_reply(one(session, identifier), job, reader, today)


def test_not_yet_says_from_when_and_the_first_window_after_that(sample, today):
    reply = verdict(sample, "tuition-assistance", NEW_NURSE, today)

    assert reply.response == "utter_not_yet_eligible"
    assert "6 months here; you reach that on February 3, 2027." in reply.text
    assert "Summer term 2027: apply from March 15, 2027 until April 30, 2027" in reply.text
    assert "Spring term" not in reply.text
    assert "Good standing" in reply.text
    assert reply.audience == "employee"


def test_no_says_why_and_what_else_there_is(sample, today):
    reply = verdict(sample, "leadership-academy", PER_DIEM, today)

    assert reply.response == "utter_not_eligible"
    assert reply.text == "- It is for full-time and part-time staff, and you are per-diem staff."
    assert [b.title for b in reply.buttons] == ["Program details", "What can I get?"]


def test_yes_says_what_counts_and_when(sample, today):
    reply = verdict(sample, "wellness-reimbursement", NEW_NURSE, today)

    assert reply.response == "utter_eligible"
    assert "- You are full-time staff.\n- You work 36 hours a week (0.9 FTE)." in reply.text
    assert "**When:** Claims for 2026: apply by January 29, 2027." in reply.text


def test_where_only_notes_say_for_whom_it_is_nobody_hears_a_plain_yes(sample, today):
    reply = verdict(sample, "nurse-residency", NEW_NURSE, today)

    assert reply.response == "utter_perhaps_eligible"
    assert reply.text.startswith("**What counts:** Graduate of an accredited nursing program")
    assert reply.audience == "employee"


def test_what_is_not_known_is_said_as_a_condition(sample, today):
    reply = verdict(sample, "loan-repayment", JobFacts(tenure=Bounds(12)), today)

    assert reply.response == "utter_perhaps_eligible"
    assert "- It is for jobs in nursing, nursing support and allied health." in reply.text


@pytest.mark.parametrize("reader", ["employee", "candidate"])
def test_outsiders_hear_the_posting_and_so_do_programs_for_them(sample, today, reader):
    reply = verdict(sample, "student-nurse-internship", NEW_NURSE, today, reader)

    assert reply.response == "utter_eligibility_posting"
    assert "Enrolled in an accredited RN program" in reply.text
    assert reply.audience == "both"


def test_where_others_read_along_nothing_is_said_of_the_person(sample, today):
    reply = posting_reply(one(sample, "tuition-assistance"), today)

    assert "Full-time and part-time staff" in reply.text
    assert "you" not in reply.text.split("**When")[0].replace("you need a grade", "")


def test_the_fact_that_is_asked_matters(sample, today):
    loans, tuition = one(sample, "loan-repayment"), one(sample, "tuition-assistance")

    assert fact_to_ask([loans], JobFacts(), today) == "employment_type"
    full_time = JobFacts(employment_types=frozenset({"full_time"}))
    assert fact_to_ask([loans], full_time, today) == "tenure"
    assert fact_to_ask([loans, tuition], NEW_NURSE, today) is None
    assert fact_to_ask([loans], PER_DIEM, today) is None
    assert fact_to_ask([], JobFacts(), today) is None


def test_a_question_has_choices_that_lead_on(sample, today):
    program = one(sample, "loan-repayment")
    reply = question_reply("fte", program, [program])

    assert [b.title for b in reply.buttons] == [
        "Less than 30 hours a week",
        "30 hours a week or more",
    ]
    assert json.loads(reply.buttons[0].payload) == {
        "intent": "am_i_eligible",
        "entities": {"program": "loan-repayment", "fact": "fte", "value": ":0.75"},
    }
    assert reply.date is None
    many = question_reply("tenure", None, [program])
    assert json.loads(many.buttons[0].payload)["intent"] == "eligible_programs"


def test_how_long_somebody_is_here_can_be_picked_as_a_day(sample):
    program = one(sample, "loan-repayment")

    assert json.loads(question_reply("tenure", program, [program]).date.payload) == {
        "intent": "am_i_eligible",
        "entities": {"program": "loan-repayment", "fact": "hire_date"},
        "date": "value",
    }


def test_what_can_be_had_begins_with_what_closes_first(sample, today):
    reply = eligible_reply(sample, NEW_NURSE, "employee", today)

    assert reply.response == "utter_eligible_programs"
    assert reply.programs[:3] == ("wellness-reimbursement", "backup-childcare", "referral-bonus")
    everything = {*reply.programs, *reply.rest}
    assert not everything & {"tuition-assistance", "loan-repayment", "student-nurse-internship"}
    assert "mentoring-circle" not in everything


def test_a_list_gets_a_verdict_each(sample, today):
    listed = ["tuition-assistance", "referral-bonus", "leadership-academy"]
    reply = eligible_reply(sample, PER_DIEM, "employee", today, listed)

    lines = reply.text.splitlines()
    assert lines[0].startswith("- **Tuition assistance**: no; it is for full-time and part-time")
    conditions = "yes, if its other conditions fit; apply any time."
    assert lines[1] == f"- **Employee referral bonus**: {conditions}"
    assert lines[2].startswith("- **Leadership Academy**: no;")
    assert reply.programs == tuple(listed)


def test_where_only_notes_tell_a_list_says_so(sample, today):
    listed = eligible_reply(sample, NEW_NURSE, "employee", today, ["nurse-residency"])
    assert listed.text == (
        "- **Nurse Residency Program**: perhaps; it has conditions that I can't check, "
        "apply by December 4, 2026."
    )
    too_early = ["tuition-assistance", "loan-repayment", "leadership-academy", "mentoring-circle"]
    only = ["nurse-residency", "wellness-reimbursement", *too_early]
    several = eligible_reply(sample, NEW_NURSE, "employee", today, only)
    assert "Residency Program**: it has conditions that I can't check; apply by" in several.text


def test_outsiders_get_the_public_programs(sample, today):
    reply = eligible_reply(sample, NEW_NURSE, "candidate", today)

    assert reply.audience == "both"
    assert set(reply.programs) == {
        "cedar-scholars",
        "nurse-residency",
        "relocation-assistance",
        "student-nurse-internship",
    }


def test_every_response_of_a_reply_stands_in_the_domain():
    source = (ROOT / "bot" / "programs" / "eligibility_replies.py").read_text(encoding="utf-8")
    domain = YAML(typ="safe").load(ROOT / "domain.yml")

    named = set(re.findall(r'"(utter_\w+)"', source))
    assert named
    assert named <= set(domain["responses"])
