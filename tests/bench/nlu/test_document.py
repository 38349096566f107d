from __future__ import annotations

from pathlib import Path

from tests.bench.nlu.document import BEGIN, COLUMNS, END, mean_and_spread, write_section


def result(system: str, seed: int, accuracy: float, milliseconds: float, **others: str) -> dict:
    figures = {
        "accuracy": accuracy,
        "p50_ms": milliseconds,
        "training_seconds": 10 * milliseconds,
        "memory_megabytes": 100.0,
        "first_answer_seconds": 2.0,
        "load_average": 0.3,
    }
    return {
        "dataset": "made up",
        "system": system,
        "seed": seed,
        "date": "2026-11-23",
        "machine": "2 cores of a made-up processor",
        "versions": {"rasa": "3.6.21"},
        "figures": figures,
        **others,
    }


RESULTS = [result("ours", 0, 0.92, 2.0), result("ours", 1, 0.94, 3.0), result("stock", 0, 0.8, 8.0)]


def test_a_mean_stands_with_its_spread() -> None:
    accuracy, auroc = COLUMNS[:2]
    assert mean_and_spread([0.92, 0.94], accuracy) == "93.0 ± 1.4"
    assert mean_and_spread([0.9721], auroc) == "0.972"
    assert mean_and_spread([], accuracy) == "–"


def test_a_new_file_gets_the_section(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "benchmarks.md"
    write_section(RESULTS, file)
    text = file.read_text()
    assert text.startswith("# Benchmarks\n\n## Understanding\n")
    assert "| HR Assistant | 2 | 93.0 ± 1.4 | – | – | – | 2.5 ± 0.7 |" in text
    assert "| `rasa init` (DIET, 100 epochs) | 1 | 80.0 |" in text
    assert "a message 3.2, training 3.2, memory 1.0, start to first answer 1.0" in text
    assert "2026-11-23, on 2 cores of a made-up processor" in text
    assert "rasa 3.6.21" in text


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text(f"# Benchmarks\n\nBefore.\n\n{BEGIN}\nlast year\n{END}\n\nAfter.\n")
    write_section(RESULTS, file)
    write_section(RESULTS[:1], file)
    text = file.read_text()
    assert text.startswith(f"# Benchmarks\n\nBefore.\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "last year" not in text
    assert "rasa init" not in text
    assert text.count(BEGIN) == 1


def test_parts_of_other_days_are_said_to_be_so(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    write_section([*RESULTS, result("counts", 0, 0.8, 6.0, date="2026-11-25")], file)
    assert "2026-11-23 to 2026-11-25" in file.read_text()


def test_nothing_measured_is_said_so(tmp_path: Path) -> None:
    write_section([], tmp_path / "benchmarks.md")
    assert "Not measured yet" in (tmp_path / "benchmarks.md").read_text()
