import pytest

from bot.errors import DataFileError
from bot.nlu.evaluation.questions import Question, Scope, load_questions


@pytest.mark.parametrize(
    ("question", "category"),
    [
        (Question("a", "benefits/dental"), "benefits"),
        (Question("a", "oos_near"), "oos"),
        (Question("a", "crisis_danger"), "crisis"),
        (Question("a", "benefits/dental", context=("b",)), "follow-up"),
        (Question("a", "find_program"), "program"),
        (Question("a", "greet"), "dialogue"),
    ],
)
def test_categories(question, category):
    assert question.category == category


@pytest.mark.parametrize(
    ("topic", "scope", "expected"),
    [
        ("benefits/dental", Scope.IN, "benefits/dental"),
        ("pay/w2", Scope.OUT, None),
        ("oos_far", Scope.OUT, None),
        ("crisis_danger", Scope.CRISIS, "crisis_danger"),
    ],
)
def test_scopes(topic, scope, expected):
    question, known = Question("a", topic), {"benefits/dental"}
    assert question.scope(known) is scope
    assert question.expected(known) == expected


def test_look_alikes_stand_beside_the_crises():
    assert Question("a", "oos_far", file="sensitive").is_look_alike
    assert not Question("a", "crisis_danger", file="sensitive").is_look_alike
    assert not Question("a", "oos_far", file="out_of_scope").is_look_alike


def test_questions_are_read_from_a_file_and_from_a_folder(tmp_path):
    file = tmp_path / "pay.csv"
    file.write_text(
        "text,topic_id,audience,context\n"
        '"when, please?",pay/payday,,hi|i have a question\n'
        "how do i apply,careers/how_to_apply,candidate,\n"
    )
    expected = [
        Question("when, please?", "pay/payday", "employee", ("hi", "i have a question")),
        Question("how do i apply", "careers/how_to_apply", "candidate"),
    ]
    assert load_questions([file]) == expected
    assert load_questions([tmp_path]) == expected
    assert load_questions([file])[0].file == "pay"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,audience\nhi,employee\n", r"pay\.csv, line 1: the column topic_id is missing"),
        ("text,topic_id,audience\nhi,pay/payday,boss\n", r"pay\.csv, line 2: audience is “boss”"),
        ("text,topic_id,audience\nhi,pay/w2,employee\n,pay/w2,employee\n", "line 3: text and"),
        ("text,topic_id,audience\nhi, there,pay/payday,employee\n", "line 2: too many columns"),
        ("text,topic_id,audience\nhi,pay/payday\nhi,,\n", "line 3: text and topic_id"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path, content, message):
    file = tmp_path / "pay.csv"
    file.write_text(content)
    with pytest.raises(DataFileError, match=message):
        load_questions([file])


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(DataFileError, match=r"gone\.csv can't be read"):
        load_questions([tmp_path / "gone.csv"])
    (tmp_path / "latin.csv").write_bytes("text,topic_id,audience\ncaf\xe9,x/y,\n".encode("latin-1"))
    with pytest.raises(DataFileError, match=r"latin\.csv is not UTF-8"):
        load_questions([tmp_path / "latin.csv"])


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(DataFileError, match="no CSV files"):
        load_questions([tmp_path])
