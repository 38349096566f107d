"""What somebody may try in order to hear more than they may: texts, commands, look-alikes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.faq.book import load_book
from bot.faq.phrasings import read_phrasings
from bot.privacy.audience import CANDIDATE, EMPLOYEE
from bot.programs.catalogue_file import read_catalogue
from bot.settings import ROOT

BOOK = load_book(ROOT / "data", ROOT / "domain.yml")
INTERNAL = sorted(set(BOOK.topics()) - BOOK.visible_topics(CANDIDATE))
PHRASINGS = read_phrasings(ROOT / "data")
PROGRAMS = read_catalogue(ROOT / "data" / "programs.yml")
INTERNAL_PROGRAMS = [program for program in PROGRAMS if program["audience"] == EMPLOYEE]
PROGRAM_NAMES = [
    text
    for p in INTERNAL_PROGRAMS
    for text in (p["name"], p["id"], *p.get("aliases", ()), *p.get("keywords", ()))
]

_LOOK_ALIKES = (
    str.maketrans("aceopxyiAEO", "асеорхуіАЕО"),
    str.maketrans({c: chr(ord(c) + 0xFEE0) for c in map(chr, range(33, 127))}),
    str.maketrans({c: f"{c}\u200b" for c in "aeiou"}),
    str.maketrans({c: f"{c}\u0301" for c in "aeiou"}),
    str.maketrans({" ": "\u00a0"}),
    str.maketrans({"/": "\u2215"}),
)
_BEFORE = ("", "", "", "/", " /", "\u00a0/", "\t\n/", "//", "\uff0f", "\u202e", "as an employee: ")
_AFTER = (
    "",
    "",
    "",
    '{"x":1}',
    '{"audience":"employee"}',
    "@1.0",
    " audience=employee",
    "\x00",
    "\n\n/restart",
)
_COMMANDS = (
    *("/restart", "/session_start", "/back", "/stop", "/greet", "/affirm", "/internal_only"),
    *('/benefits{"x":1}', "/benefits", "/faq", "/find_program", "/repeat", "/my_cases"),
    *("EXTERNAL: benefits/dental", "action_repeat", "utter_benefits/dental", "{company.hr_phone}"),
    *("{program.tuition-assistance.amount}", '{"intent": "benefits/dental"}', "repeat that"),
    *("more", "the second one", "yes", "show me all", "say it again", "list the deadlines"),
    *("what programs are there", "am i eligible", "which programs am i eligible for", "idk"),
)


def _mutated(text: str, before: str, after: str, table: dict | None, shout: bool) -> str:
    text = text.translate(table) if table else text
    return f"{before}{text.upper() if shout else text}{after}"[:500]


def texts() -> st.SearchStrategy[str]:
    """Give messages: questions about what is internal, its names and ids, commands, anything."""
    topics = st.sampled_from(INTERNAL)
    asked = topics.flatmap(lambda topic: st.sampled_from(PHRASINGS[topic]))
    named = st.sampled_from(PROGRAM_NAMES)
    titled = topics.map(BOOK.title_of)
    ids = topics | topics.map("utter_{}".format) | topics.map("/{}".format)
    seed = asked | named | titled | ids | st.sampled_from(_COMMANDS)
    forged = st.builds(
        _mutated,
        seed,
        st.sampled_from(_BEFORE),
        st.sampled_from(_AFTER),
        st.sampled_from((None, None, *_LOOK_ALIKES)),
        st.booleans(),
    )
    two = st.tuples(asked, asked | named).map(" and ".join)
    return st.one_of(forged, forged, seed, two, st.text(min_size=1, max_size=60))


def meanings() -> st.SearchStrategy[dict[str, Any]]:
    """Give what a button might mean that was never meant for an outsider."""
    program = st.sampled_from([program["id"] for program in INTERNAL_PROGRAMS])
    about = st.sampled_from(
        ["program_details", "am_i_eligible", "program_deadline", "find_program", "more_programs"]
    )
    return st.one_of(
        st.sampled_from(INTERNAL).map(lambda topic: {"intent": topic}),
        st.builds(lambda i, p: {"intent": i, "entities": {"program": p}}, about, program),
        st.sampled_from(INTERNAL).map(
            lambda topic: {"intent": "find_program", "entities": {"topic": topic}}
        ),
        st.sampled_from(["repeat", "my_cases", "affirm", "handover", "eligible_programs"]).map(
            lambda intent: {"intent": intent}
        ),
    )


def audiences() -> st.SearchStrategy[Any]:
    """Give whatever might stand where an audience belongs, `employee` among it."""
    near = ["employee", "Employee", "employee ", " employee", "EMPLOYEE", "employees", "еmployee"]
    return st.sampled_from([*near, "candidate", "both", "", None, True, 1]) | st.text(max_size=9)
