from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from bot.db.models import Program, ProgramDate
from bot.errors import DataFileError
from bot.programs.catalogue import ImportResult, import_programs
from bot.settings import ROOT


def programs_in(database) -> dict[str, Program]:
    with database.read() as session:
        programs = {p.id: p for p in session.scalars(select(Program))}
        for program in programs.values():
            list(program.dates)
        return programs


def test_the_sample_catalogue_is_imported_whole(database):
    with database.write() as session:
        first = import_programs(session, ROOT / "data" / "programs.yml")
    with database.write() as session:
        again = import_programs(session, ROOT / "data" / "programs.yml")

    assert first.added >= 40
    assert first == ImportResult(added=first.added, changed=0, unchanged=0, removed=0)
    assert again == ImportResult(added=0, changed=0, unchanged=first.added, removed=0)


def test_every_field_arrives(database, import_text, one_program):
    import_text(one_program)

    program = programs_in(database)["tuition"]
    assert program.name == "Tuition assistance"
    assert program.aliases == ["money for school"]
    assert program.audience == "employee"
    assert (program.gives_amount, program.gives_unit) == (5250, "USD")
    assert program.gives_period == "calendar year"
    assert program.employment_types == ["full_time", "part_time"]
    assert (program.min_fte, program.min_tenure_months) == (0.5, 6)
    assert program.eligibility_notes == "Good standing."
    assert program.active is True
    [window] = program.dates
    assert (window.name, window.opens) == ("Spring", date(2026, 11, 1))
    assert (window.closes, window.starts) == (date(2026, 12, 15), date(2027, 1, 11))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Pays for a degree.", "Pays for any degree."),
        ("amount: 5250", "amount: 5251"),
        ("sites: [riverside]", "sites: []"),
        ("closes: 2026-12-15", "closes: 2026-12-16"),
        ("name: Spring,", "name: Early spring,"),
        ("  contact: education@cedarvalley.example\n", ""),
    ],
)
def test_a_change_anywhere_is_seen_once(import_text, one_program, old, new):
    import_text(one_program)
    changed = one_program.replace(old, new)

    assert import_text(changed) == ImportResult(added=0, changed=1, unchanged=0, removed=0)
    assert import_text(changed) == ImportResult(added=0, changed=0, unchanged=1, removed=0)


def test_windows_come_and_go(database, import_text, one_program):
    import_text(one_program)
    two = one_program.replace(
        "  how_to_apply:", "  - {name: Fall, closes: 2027-08-01}\n  how_to_apply:"
    )
    import_text(two)
    assert [w.name for w in programs_in(database)["tuition"].dates] == ["Spring", "Fall"]

    import_text(one_program)
    assert [w.name for w in programs_in(database)["tuition"].dates] == ["Spring"]


def test_a_program_that_left_the_file_is_kept_but_not_in_use(database, import_text, one_program):
    import_text(one_program)
    other = one_program.replace("id: tuition", "id: other").replace("Tuition", "Other")
    other = other.replace("[money for school]", "[]")

    assert import_text(other) == ImportResult(added=1, changed=0, unchanged=0, removed=1)
    assert programs_in(database)["tuition"].active is False

    assert import_text(one_program) == ImportResult(added=0, changed=1, unchanged=0, removed=1)
    assert programs_in(database)["tuition"].active is True


MISTAKES = [
    ("id: tuition", "id: Tuition Help", 1, "“id” is “Tuition Help”"),
    ("  name: Tuition assistance\n", "", 1, "“name” is missing"),
    ("  name: Tuition assistance", "  name: ", 2, "“name” must be text"),
    ("name: Tuition assistance", "name: 2027", 2, "“name” must be text"),
    ("aliases: [money for school]", "aliases: money", 3, "“aliases” must be a list"),
    ("topic: development/", "topic: Development ", 5, "a topic id like"),
    ("category: education", "category: schooling", 6, "it must be one of education"),
    ("audience: employee", "audience: nurses", 7, "must be one of employee, candidate, both"),
    ("amount: 5250", "amount: lots", 9, "“amount” must be a number"),
    ("amount: 5250, ", "", 9, "“gives” needs an amount with its unit, or a text"),
    ("unit: USD", "unit: dollars", 9, "one of USD"),
    ("[full_time, part_time]", "[full_time, sometimes]", 11, "“employment_types” can't be"),
    ("min_fte: 0.5", "min_fte: 50", 12, "“min_fte” can't be 50"),
    ("min_tenure_months: 6", "min_tenure_months: 0.5", 13, "must be a whole number"),
    ("closes: 2026-12-15", "closes: 2026-02-30", 18, "“closes” must be a date"),
    ("closes: 2026-12-15", "closes: soon", 18, "“closes” must be a date"),
    ("closes: 2026-12-15", "closes: 2026-10-15", 18, "closes before it opens"),
    ("closes: 2026-12-15, ", "", 18, "“closes” is missing"),
    ("  owner: Learning", "  ownr: Learning", 22, "nothing here is called “ownr”"),
    ("link: https://hr", "link: http://hr", 21, "begins with https://"),
    ("audience: employee", "audience: both", 21, "links to an internal page"),
]


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTAKES)
def test_each_mistake_is_named_with_its_line(catalogue_file, one_program, old, new, line, said):
    from bot.programs.catalogue_file import read_catalogue

    path = catalogue_file(one_program.replace(old, new))
    with pytest.raises(DataFileError) as failed:
        read_catalogue(path)

    found = [row for row in str(failed.value).splitlines() if said in row]
    assert found, str(failed.value)
    assert found[0].startswith(f"{path}, line {line}: ")


def test_all_mistakes_come_at_once_and_nothing_is_imported(database, import_text, one_program):
    good = one_program.replace("tuition", "first").replace("Tuition", "First")
    good = good.replace("[money for school]", "[]")
    wrong = one_program.replace("amount: 5250", "amount: lots").replace("owner:", "ownr:")
    with pytest.raises(DataFileError) as failed:
        import_text(good + wrong)

    assert "has 3 mistakes; nothing was imported" in str(failed.value)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Program)) == 0
        assert session.scalar(select(func.count()).select_from(ProgramDate)) == 0


def test_names_belong_to_one_program(catalogue_file, one_program):
    from bot.programs.catalogue_file import read_catalogue

    twin = one_program.replace("id: tuition", "id: twin").replace("Tuition", "Twin")
    with pytest.raises(DataFileError, match="line 25: “money for school” is a name of tuition"):
        read_catalogue(catalogue_file(one_program + twin))


def test_ids_are_used_once(catalogue_file, one_program):
    from bot.programs.catalogue_file import read_catalogue

    with pytest.raises(DataFileError, match="line 23: another program has the id “tuition”"):
        read_catalogue(catalogue_file(one_program + one_program))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("- id: [", "line 2"),
        ("programs: 3", "must be a list"),
        ("- just text", "must be a block"),
        ("[]", "is empty"),
        ("- id: a\n  id: b", "line 2: “id” stands twice"),
    ],
)
def test_a_file_that_is_no_catalogue_says_so(catalogue_file, text, said):
    from bot.programs.catalogue_file import read_catalogue

    with pytest.raises(DataFileError, match=said):
        read_catalogue(catalogue_file(text))


def test_a_missing_file_is_one_sentence(tmp_path):
    from bot.programs.catalogue_file import read_catalogue

    with pytest.raises(DataFileError, match="can't be read"):
        read_catalogue(tmp_path / "nowhere.yml")
