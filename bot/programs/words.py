"""Turns what people type into stems that can be compared: no accents, no plurals, no filler.

It knows spelling, not programs; the search index is in `bot.programs.search`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_VOWEL = re.compile(r"[aeiouy]")

# Words that say nothing about which program is meant.
_FILLER = frozenset(
    _WORD.findall(
        """
a able about actually all allowed already also am an and another any anyone anything application
applications apply applying are as at available be been bit by can check close closes closing
could date dates day days deadline deadlines describe detail details did do does due elegible
eligable eligble eligibile eligible elligible else employee employees employer enough even ever
everything exactly exist exists few find first for from get give gives go going good got had hand
has have having hello help helps here hi hospital how i id if im in info information into is it
its ive join just know last let like list looking made make many may maybe me more much my need
needs next no not now of off offer offered offers ok okay on one ones only open opens or other our
out own page people please program programme programmes programs qualfy qualify read really
recommend right search second see show sign so some somebody someone something soon sort staff
start still stuff take takes taking tell than that the their them then there theres these they
thing things third this those to too type under until up us use want wanted was way we were what
whats when where whether which who whom whose why will with without work worker workers works
would yet you your
"""
    )
)

# Words for people at work that a catalogue seldom has, with the job family they belong to.
_JOB_FAMILIES = {
    "nursing": "lpn lvn practitioner midwife",
    "nursing_support": "cna aide pca orderly tech",
    "allied_health": "therapist technologist sonographer phlebotomist dietitian pharmacist",
    "physicians": "physician doctor surgeon hospitalist",
    "administration": "clerk secretary receptionist registrar biller coder scheduler",
    "support_services": "housekeeper janitor dietary transporter maintenance security evs",
}

# The same in several words, after "for", "in" or "as": "programs for pharmacy techs". Alone, such a
# word may be a purpose: "become a surgical tech".
_FAMILY_PHRASES = {
    "nursing_support": r"nursing (?:support|assistants?|aides?)|patient care tech\w*",
    "allied_health": r"allied health|(?:respiratory|physical|occupational|speech) therap\w+|"
    r"(?:lab|pharmacy|rad|radiology|imaging|x-?ray|surgical|scrub|ekg|pharm) tech\w*",
    "physicians": r"medical staff|attending physicians?",
    "administration": r"(?:admin\w*|office|front desk|clerical) (?:staff|workers?|people|jobs?)",
    "support_services": r"support services|environmental services|food services?|"
    r"(?:kitchen|cafeteria|cleaning|laundry|facilities|transport) (?:staff|workers?|people|crew)",
}

# Words for a category of the catalogue, besides what its programs say themselves.
CATEGORY_WORDS = {
    "education": "education school learning",
    "certification": "certification",
    "career": "career development growth",
    "wellbeing": "wellness wellbeing health",
    "family": "family parent",
    "pay": "money financial",
    "start": "starting",
}


def stems(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in the order they stand."""
    return [stem(word) for word in _words(text) if word not in _FILLER]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a word's stem: programs and program, moving and move, nurses and nursing agree."""
    word = _singular(word)
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def job_family(word: str) -> str | None:
    """Return the job family that a stem such as "cna" names, if any."""
    return _FAMILY_BY_STEM.get(word)


def people_named(text: str) -> tuple[set[str], str]:
    """Return the job families that a text names as those it is for, and the text without them."""
    families = set()
    for family, pattern in _PHRASE_PATTERNS.items():
        text, count = pattern.subn(" ", text)
        if count:
            families.add(family)
    return families, text


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 2 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _WORD.findall(re.sub(r"['’]", "", plain))


_PHRASE_PATTERNS = {
    family: re.compile(rf"\b(?:for|in|as)\s+(?:an?\s+|the\s+|our\s+)?(?:{phrases})\b", re.I)
    for family, phrases in _FAMILY_PHRASES.items()
}
_FAMILY_BY_STEM = {
    stem(word): family for family, words in _JOB_FAMILIES.items() for word in words.split()
}
