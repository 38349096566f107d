"""The report's charts as SVG, drawn by pygal, which is loaded when the first one is asked for.

Each stands beside a table that says the same, so a figure that is kept back is left out here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bot.listening.outcomes import OUTCOMES
from bot.listening.report import Report
from bot.listening.tables import OUTCOME_TITLES, outcome_counts
from bot.privacy.suppression import hidden_among

if TYPE_CHECKING:
    from pygal.graph.graph import Graph

WIDTH, HEIGHT = 720, 320
LONGEST_LABEL = 32
# Colours of the page in both schemes; an SVG shown as a picture sees the scheme by itself.
COLOURS = """
{{ id }} { background: transparent }
{{ id }} text { fill: #26302f !important }
{{ id }} .reactive { fill: #1d6a6d !important; stroke: #1d6a6d !important; transition: none }
@media (prefers-color-scheme: dark) {
  {{ id }} text { fill: #e6ecea !important }
  {{ id }} .reactive { fill: #6fc3c0 !important; stroke: #6fc3c0 !important }
  {{ id }} .guide { stroke: #5b6866 !important }
}
"""


def outcomes(report: Report) -> bytes:
    """Draw what became of the questions."""
    counts = outcome_counts(report)
    return _bars([(OUTCOME_TITLES[name], counts[name]) for name in OUTCOMES], horizontal=True)


def weeks(report: Report) -> bytes:
    """Draw how many questions each week had."""
    hidden = hidden_among({week: group.people for week, group in report.by_week})
    counts = [
        (f"{week:%-d %b}", None if week in hidden else group.count)
        for week, group in report.by_week
    ]
    return _bars(counts)


def queues(report: Report) -> bytes:
    """Draw how long people usually waited for the first reply, in hours."""
    waits = [
        (queue.title, queue.first_reply.usual.total_seconds() / 3600)
        for queue in report.queues
        if queue.first_reply.usual is not None
    ]
    return _bars(waits, horizontal=True, decimals=1)


CHARTS: dict[str, tuple[Callable[[Report], bytes], str]] = {
    "outcomes": (outcomes, "Questions by what became of them"),
    "weeks": (weeks, "Questions by week"),
    "queues": (queues, "Hours until the first reply, usually, by queue"),
}
"""By the name of the table that says the same: how it is drawn, and what it shows."""


def _bars(
    values: list[tuple[str, float | None]], *, horizontal: bool = False, decimals: int = 0
) -> bytes:
    import pygal
    from pygal.style import Style

    kind: type[Graph] = pygal.HorizontalBar if horizontal else pygal.Bar
    style = Style(
        background="transparent",
        plot_background="transparent",
        font_family="system-ui, sans-serif",
        label_font_size=14,
        major_label_font_size=14,
        value_font_size=14,
        no_data_font_size=18,
    )
    chart = kind(
        style=style,
        width=WIDTH,
        height=HEIGHT,
        show_legend=False,
        print_values=True,
        print_values_position="top",
        show_y_guides=not horizontal,
        show_x_guides=horizontal,
        truncate_label=LONGEST_LABEL,
        formatter=lambda value: f"{value:.{decimals}f}",
        range=(0, max([value for _, value in values if value] or [1])),
        js=[],
        css=["file://style.css", "file://graph.css", f"inline:{COLOURS}"],
        no_data_text="Nothing can be shown",
        pretty_print=False,
    )
    # A horizontal chart begins at the bottom.
    ordered = values[::-1] if horizontal else values
    chart.x_labels = [name for name, _ in ordered]
    chart.add("", [value for _, value in ordered])
    chart.add_xml_filter(_without_scripts)
    return chart.render()


def _without_scripts(root: Element) -> Element:
    """Take out what pygal adds for charts that react to the mouse; these are pictures."""
    for parent in root.iter():
        # The tag of a comment is no text.
        for child in [child for child in parent if str(child.tag).endswith("script")]:
            parent.remove(child)
    return root
