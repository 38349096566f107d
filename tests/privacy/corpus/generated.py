"""A thousand messages from templates: the same seed makes the same ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from ruamel.yaml import YAML
from stdnum import luhn
from stdnum.us import rtn

from tests.privacy.corpus import HERE, Message, labelled

SEED = 1847
COUNT = 1000
Make = Callable[[random.Random], str]

_MADE_UP = YAML(typ="safe").load((HERE / "made_up.yml").read_text())
FIRST, LAST, MONTHS = _MADE_UP["first"], _MADE_UP["last"], _MADE_UP["months"]
STREETS, STREET_KINDS, PLACES = _MADE_UP["streets"], _MADE_UP["street_kinds"], _MADE_UP["places"]
TEMPLATES: dict[str, list[str]] = _MADE_UP["templates"]
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

_WEIGHTS = {"name": 4}
_BEFORE = ("", "", "", "hi, ", "hello ", "question: ", "so ", "Hi HR, ")
_AFTER = ("", "", "", " thanks", "?", "!!", ", pls help", ". Can you help?", " (night shift here)")


def generated() -> list[Message]:
    """Return the messages."""
    rng = random.Random(SEED)
    kinds = [kind for kind in TEMPLATES for _ in range(_WEIGHTS.get(kind, 1))]
    made = []
    for number in range(COUNT):
        kind = kinds[number % len(kinds)]
        marked = _filled(kind, rng.choice(TEMPLATES[kind]), rng)
        made.append(labelled(rng.choice(_BEFORE) + marked + rng.choice(_AFTER)))
    return [_perhaps_lower(message, rng) for message in made]


def _filled(kind: str, template: str, rng: random.Random) -> str:
    parts = template.replace("}", "{").split("{")
    return "".join(
        f"{{{kind}:{VALUES[part](rng)}}}" if at % 2 else part for at, part in enumerate(parts)
    )


def _perhaps_lower(message: Message, rng: random.Random) -> Message:
    return Message(message.text.lower(), message.labels) if rng.random() < 0.35 else message


def _digits(rng: random.Random, count: int) -> str:
    return str(rng.randint(1, 9)) + "".join(rng.choices("0123456789", k=count - 1))


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(LETTERS, k=count))


def _ssn(rng: random.Random) -> str:
    area, group = rng.choice(("900", "912", "666", "000", "987")), f"{rng.randint(10, 99)}"
    gap = rng.choice(("-", "-", " ", ".", ""))
    return gap.join((area, group, _digits(rng, 4)))


def _phone(rng: random.Random) -> str:
    area, last = rng.choice(("515", "641", "319", "712", "800")), f"01{rng.randint(10, 99)}"
    shapes = (
        "{0}-555-{1}",
        "({0}) 555-{1}",
        "{0}.555.{1}",
        "{0} 555 {1}",
        "{0}555{1}",
        "1-{0}-555-{1}",
    )
    return rng.choice((*shapes, "+1 {0} 555 {1}")).format(area, last)


def _email(rng: random.Random) -> str:
    first, last = rng.choice(FIRST).lower(), rng.choice(LAST).lower().replace("'", "")
    user = rng.choice((f"{first}.{last}", f"{first}{rng.randint(1, 99)}", f"{first[0]}{last}_rn"))
    return f"{user}@{rng.choice(('mail', 'inbox', 'post'))}.example"


def _spoken(rng: random.Random) -> str:
    return f"{rng.choice(FIRST).lower()} at {rng.choice(('mail', 'inbox'))} dot example"


def _date(rng: random.Random) -> str:
    day = date(1950, 1, 1) + timedelta(days=rng.randint(0, 27_000))
    month = MONTHS[day.month - 1]
    return rng.choice(
        (
            f"{day:%m/%d/%Y}",
            f"{day.month}/{day.day}/{day:%y}",
            f"{day:%m-%d-%Y}",
            f"{day:%Y-%m-%d}",
            f"{month} {day.day}, {day.year}",
            f"{month[:3]} {day.day} {day.year}",
            f"{day.day} {month} {day.year}",
        )
    )


def _address(rng: random.Random) -> str:
    street = f"{rng.randint(1, 9899)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}"
    flat = rng.choice(("", "", f" Apt {rng.randint(1, 40)}", f" #{rng.randint(1, 400)}"))
    place = rng.choice(("", f", {rng.choice(PLACES)} {_digits(rng, 5)}", f", {rng.choice(PLACES)}"))
    return street + flat + place


def _account(rng: random.Random) -> str:
    number = _digits(rng, rng.randint(8, 12))
    return f"{number[:4]} {number[4:]}" if rng.random() < 0.3 else number


def _card(rng: random.Random) -> str:
    number = rng.choice(("4", "51", "55", "6011")) + "0000"
    number += _digits(rng, 15 - len(number))
    number += luhn.calc_check_digit(number)
    gap = rng.choice(("", " ", "-"))
    return gap.join(number[at : at + 4] for at in range(0, 16, 4))


def _rtn(rng: random.Random) -> str:
    number = f"{rng.randint(1, 12):02}" + _digits(rng, 6)
    return number + rtn.calc_check_digit(number)


def _mixed(rng: random.Random) -> str:
    number = _digits(rng, rng.randint(6, 9))
    return rng.choice((f"{_letters(rng, 2)}{number}", f"{_letters(rng, 1)}-{number}", number))


def _vin(rng: random.Random) -> str:
    return (
        f"1{_letters(rng, 2)}{_digits(rng, 2)}{_letters(rng, 2)}{_digits(rng, 4)}{_digits(rng, 6)}"
    )


def _plate(rng: random.Random) -> str:
    return f"{_letters(rng, 3)}{rng.choice((' ', '-', ''))}{_digits(rng, rng.choice((3, 4)))}"


def _imei(rng: random.Random) -> str:
    number = _digits(rng, 14)
    return number + luhn.calc_check_digit(number)


def _url(rng: random.Random) -> str:
    user = rng.choice(FIRST).lower()
    return rng.choice(
        (
            f"https://{user}.example/about-me",
            f"linkedin.com/in/{user}-{rng.randint(10, 99)}",
            f"www.{user}-nurse.example",
            f"http://facebook.com/{user}.{rng.randint(10, 99)}",
        )
    )


def _ip(rng: random.Random) -> str:
    return rng.choice(("192.0.2.", "198.51.100.", "203.0.113.")) + str(rng.randint(1, 254))


def _zip_plus(rng: random.Random) -> str:
    return _digits(rng, 5) + rng.choice(("", f"-{_digits(rng, 4)}"))


VALUES: dict[str, Make] = {
    "ssn": _ssn,
    "ssn4": lambda rng: _digits(rng, 4),
    "phone": _phone,
    "email": _email,
    "spoken": _spoken,
    "date": _date,
    "address": _address,
    "zip": lambda rng: _digits(rng, 5),
    "zip_plus": _zip_plus,
    "number": lambda rng: _digits(rng, rng.randint(5, 9)),
    "record": _mixed,
    "plan": lambda rng: _letters(rng, 3) + _digits(rng, 9),
    "account": _account,
    "rtn": _rtn,
    "card": _card,
    "license": _mixed,
    "plate": _plate,
    "vin": _vin,
    "serial": lambda rng: f"{_letters(rng, 2)}-{_digits(rng, 4)}{_letters(rng, 2)}",
    "imei": _imei,
    "mac": lambda rng: ":".join(f"{rng.randint(16, 255):02X}" for _ in range(6)),
    "url": _url,
    "ip": _ip,
    "first": lambda rng: rng.choice(FIRST),
    "last": lambda rng: rng.choice(LAST),
    "full": lambda rng: f"{rng.choice(FIRST)} {rng.choice(LAST)}",
}
