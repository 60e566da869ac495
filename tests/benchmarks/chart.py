"""The chart: for each work the vendor's package, ours, and raw libraries, the vendor's being 1."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from tests.benchmarks.report import Line

_WIDTH, _LEFT, _RIGHT = 860, 300, 80
_TOP, _STEP, _BAR = 64, 30, 16
_TITLE = "Cost, relative to the vendor's package"
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-size: 15px; font-weight: 600; }
.vendor { fill: #afb8c1; opacity: .55; }
.ours { fill: #1f6feb; }
.raw { stroke: #cf222e; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #c9d1d9; } }
"""


def draw(lines: Iterable[Line]) -> str:
    """Draw the rows that the vendor's package takes part in.

    Args:
        lines: The table.

    Returns:
        An SVG document. Shorter bars are better.
    """
    shown = [line for line in lines if line.over_vendor is not None]
    height = _TOP + _STEP * len(shown) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{_TITLE}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="16" y="24">{_TITLE} (shorter is better)</text>',
        *_legend(),
    ]
    for number, line in enumerate(shown):
        parts.extend(_bars(line, _TOP + _STEP * number))
    return "\n".join([*parts, "</svg>", ""])


def _legend() -> list[str]:
    return [
        '<rect class="ours" x="16" y="36" width="14" height="12"/>',
        '<text x="36" y="46">this package</text>',
        '<rect class="vendor" x="130" y="36" width="14" height="12"/>',
        '<text x="150" y="46">cartesia 4.2.0</text>',
        '<line class="raw" x1="260" x2="260" y1="35" y2="49"/>',
        '<text x="268" y="46">raw libraries</text>',
    ]


def _bars(line: Line, top: int) -> list[str]:
    full = _WIDTH - _LEFT - _RIGHT
    assert line.over_vendor is not None
    ours = min(line.over_vendor, 1.15) * full
    middle = top + _BAR // 2
    parts = [
        f'<text x="{_LEFT - 10}" y="{middle + 4}" text-anchor="end">{escape(line.work)}</text>',
        f'<rect class="vendor" x="{_LEFT}" y="{top}" width="{full}" height="{_BAR}"/>',
        f'<rect class="ours" x="{_LEFT}" y="{top + 3}" width="{ours:.1f}" height="{_BAR - 6}"/>',
        f'<text x="{_WIDTH - _RIGHT + 10}" y="{middle + 4}">{_factor(line.over_vendor)}</text>',
    ]
    if line.raw is not None and line.vendor:
        raw = _LEFT + min(line.raw / line.vendor, 1.15) * full
        parts.append(
            f'<line class="raw" x1="{raw:.1f}" x2="{raw:.1f}" y1="{top - 1}" y2="{top + _BAR + 1}"/>'
        )
    return parts


def _factor(over_vendor: float) -> str:
    if over_vendor == 0:
        return "0"
    return f"{over_vendor:.2f}" if over_vendor > 0.1 else f"1/{1 / over_vendor:.0f}"
