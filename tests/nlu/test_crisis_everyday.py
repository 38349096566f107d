"""Everyday messages whose words sound like a crisis: none alarms, unless a crisis is in it too."""

from itertools import product

import pytest

from bot.nlu.crisis import CrisisPhrases, detect

THINGS = ["phone", "laptop", "car battery", "printer", "pager", "plant", "remote", "watch"]
THING_DIES = [
    "what do i do if my {} is dead",
    "i think my {} died",
    "how can i tell if the {} is about to die",
    "i have a dead {}",
    "i need my {} to stop dying",
    "is my {} dead",
]
PESTS = ["ants", "weeds", "mold", "spiders", "roaches"]
PEST_DIES = ["how do i kill {} at home", "i want to kill the {}", "best way to kill {}"]
ERRANDS = ["open a bank account", "change the oil", "bleed the brakes", "fix a tire", "dye my hair"]
ERRAND_UNKNOWN = [
    "i need to {} but don't know how to do it",
    "i want to know how to go about it, i have to {}",
    "what's the best way to go about this, i'd like to {}",
]
PEOPLE = ["Ana", "my husband", "my mom", "grandma Rosa"]
GREETINGS = [
    "text {} and tell her i love her",
    "send a message to {} saying i miss you",
    "write an email to {} and say i love you",
]
WARES = ["bleach", "razor blades", "a bottle of ketchup", "a kitchen knife", "tylenol"]
LISTS = ["add {} to my shopping list", "take {} off my grocery list"]

PLAIN = """
i do not need it anymore, please cancel
can you check if i have my doors locked
how many calories are in a handful of raisins
remind me to give my cat her eye drops
do i have enough money for a new baseball bat
roll a twenty sided die
i want you to roll a die for me
what does the word death mean
how do you say dead in portuguese
what's the meaning of life
i want to join the dei council
i need to jump start my truck
make it stop beeping
i don't want to live in a big city
quickest way to go downtown
can i smoke in the courtyard
who do i call about a dead deer on the road
write a goodbye card for a coworker
i left a message for my daughter's school
is there a pool on the roof of that hotel
help someone with a car loan
why was i born in a leap year
the app is not responding
can i carry a knife on the plane in my luggage
what's a good knife for slicing bread
can i take allergy pills before i fly
my head is exploding with all these forms
"""

STILL_A_CRISIS = [
    ("my phone is dead and i want to die", "self_harm"),
    ("text my mom and tell her i love her, i can't do this anymore", "self_harm"),
    ("send my kids a goodbye text and tell them i love them", "self_harm"),
    ("tell my kids i love them", "self_harm"),
    ("my laptop died and i am going to kill myself", "self_harm"),
    ("i want to dei", "self_harm"),
    ("i want to die my hair is falling out and nobody cares", "self_harm"),
    ("i want to know how to do it painlessly", "self_harm"),
    ("i now know how to do it", "self_harm"),
    ("i'm in my car and i want it all to stop", "self_harm"),
    ("i want to jump", "self_harm"),
    ("i dont want to live in this world", "self_harm"),
    ("i took 40pills", "self_harm"),
    ("she swallowed all of the tablets", "self_harm"),
    ("i have a bottle of pills", "self_harm"),
    ("giving my dog away, i won't need anything anymore", "self_harm"),
    ("best way to go quietly", "self_harm"),
    ("i wrote a letter to my kids", "self_harm"),
    ("someone with a knife", "danger"),
    ("knife here", "danger"),
    ("he has my daughter locked in a room", "danger"),
    ("my phone is dead and he has a gun", "danger"),
    ("smoke in the hallway", "danger"),
    ("call 911", "danger"),
    ("somebody help me now", "danger"),
]


def filled(frames: list[str], words: list[str]) -> list[str]:
    return [frame.format(word) for frame, word in product(frames, words)]


EVERYDAY = (
    filled(THING_DIES, THINGS)
    + filled(PEST_DIES, PESTS)
    + filled(ERRAND_UNKNOWN, ERRANDS)
    + filled(GREETINGS, PEOPLE)
    + filled(LISTS, WARES)
    + PLAIN.strip().splitlines()
)


def test_no_everyday_message_alarms():
    assert len(set(EVERYDAY)) > 100
    assert {text: detect(text) for text in EVERYDAY if detect(text)} == {}


@pytest.mark.parametrize(("text", "kind"), STILL_A_CRISIS)
def test_a_crisis_beside_everyday_words_alarms(text, kind):
    assert detect(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("could somebody please help me", None),
        ("can anyone help me out with my timecard", None),
        ("can someone help me please he has a knife", "danger"),
        ("someone help me", "danger"),
    ],
)
def test_a_polite_request_for_help_is_no_alarm(text, kind):
    assert detect(text) == kind


@pytest.mark.parametrize("thing", THINGS)
def test_a_persons_death_wish_is_not_hidden_by_a_thing(thing):
    assert detect(f"my {thing} is dead, i wish i was dead too") == "self_harm"


def test_a_long_phrase_may_go_on_in_the_next_line(tmp_path):
    sections = [f"{name}: [never said]" for name in (
        "idioms", "self_harm_unless_work", "danger", "danger_unless_past", "past", "now",
        "rules", "work",
    )]  # fmt: skip
    file = tmp_path / "crisis.yml"
    long_phrase = "self_harm:\n- |-\n  i want (out|\n  to\n  go)\n"
    file.write_text("\n".join([*sections, long_phrase]))
    phrases = CrisisPhrases.load(file)
    assert [phrases.detect(said) for said in ("i want out", "i want to go")] == ["self_harm"] * 2
    assert phrases.detect("i want to") is None
