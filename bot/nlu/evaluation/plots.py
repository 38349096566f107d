"""Draws the calibration plot and the risk-coverage curve as PNG, with the figures beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.nlu.evaluation.calibration import (
    Bin,
    Point,
    calibration_error,
    reliability,
    risk_coverage,
)
from bot.nlu.evaluation.report import Report

CALIBRATION, RISK_COVERAGE, FIGURES = "calibration.png", "risk_coverage.png", "evaluation.json"
INCHES, DOTS_PER_INCH = (6.4, 4.8), 120


def write_plots(report: Report, folder: Path) -> list[Path]:
    """Write both plots and the report's JSON into a folder, which is made; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    calibration, curve = folder / CALIBRATION, folder / RISK_COVERAGE
    _draw_calibration(reliability(report.judgements), calibration)
    _draw_risk_coverage(risk_coverage(report.judgements), report.thresholds.answer, curve)
    figures = folder / FIGURES
    text = json.dumps(report.as_dict(), indent=1, ensure_ascii=False)
    figures.write_text(text + "\n", encoding="utf-8")
    return [calibration, curve, figures]


def _draw_calibration(bins: Sequence[Bin], file: Path) -> None:
    figure, axes = _figure(
        f"Calibration (expected error {100 * calibration_error(bins):.1f} points)",
        "how sure the model was, %",
        "how often it was right, %",
    )
    shares = [100 * one.right.value for one in bins]
    bounds = [[100 * bound for bound in one.right.interval] for one in bins]
    around = [
        [share - low for share, (low, _) in zip(shares, bounds, strict=True)],
        [high - share for share, (_, high) in zip(shares, bounds, strict=True)],
    ]
    axes.plot([0, 100], [0, 100], color="grey", linestyle=":", label="as sure as right")
    axes.errorbar(
        [100 * one.confidence for one in bins],
        shares,
        yerr=around,
        marker="o",
        capsize=3,
        label="measured, 95 % interval",
    )
    for one, share in zip(bins, shares, strict=True):
        axes.annotate(f" {one.right.of}", (100 * one.confidence, share), fontsize=8)
    axes.set_ylim(0, 103)
    _save(figure, axes, file)


def _draw_risk_coverage(points: Sequence[Point], threshold: float, file: Path) -> None:
    figure, axes = _figure("Risk and coverage", "in-scope questions that are answered, %", "%")
    coverage = [100 * point.coverage for point in points]
    lines = (
        ("wrong, of the answers", [point.risk for point in points]),
        ("wrong, of all in scope", [point.wrong for point in points]),
        ("answered, of all out of scope", [point.out_of_scope for point in points]),
    )
    for label, values in lines:
        axes.plot(coverage, [100 * value for value in values], label=label)
    now = min(points, key=lambda point: abs(point.threshold - threshold))
    axes.axvline(
        100 * now.coverage, color="grey", linestyle=":", label=f"threshold now: {threshold:.2f}"
    )
    axes.set_ylim(bottom=0)
    _save(figure, axes, file)


def _figure(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    # Without pyplot: no global state, and no window system is looked for.
    figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(title=title, xlabel=across, ylabel=up)
    axes.set_xlim(0, 100)
    axes.grid(alpha=0.3)
    return figure, axes


def _save(figure: Figure, axes: Axes, file: Path) -> None:
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(file)
