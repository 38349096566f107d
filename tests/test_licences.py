from __future__ import annotations

import re

from .licences import FILE, WHY_FINE, licences, page


def test_the_list_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run “make licences”"


def test_every_package_says_its_licence() -> None:
    assert [one.package for one in licences() if one.licence == "not said"] == []


def test_what_is_copyleft_has_been_looked_at() -> None:
    assert {one.package for one in licences() if one.is_copyleft} == set(WHY_FINE)


def test_nothing_that_is_shipped_asks_for_our_own_source() -> None:
    strong = re.compile(r"(?<!L)GPL|Affero", re.IGNORECASE)
    shipped = [one for one in licences() if not one.is_for_tests]
    assert len(shipped) > 50
    assert [one for one in shipped if strong.search(one.licence)] == []
