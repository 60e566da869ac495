"""That the benchmarks run, and what they make of figures; never what the figures are."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks import chart, report
from tests.benchmarks.measure import ROOT, Samples
from tests.benchmarks.table import CONTESTS, IMPORT_CLIENT, Budget, Row

SAMPLES = Samples(
    [
        {"ours": {"seconds": 2e-6}, "vendor": {"seconds": 8e-6}, "raw": {"seconds": 1e-6}},
        {"ours": {"seconds": 4e-6}, "vendor": {"seconds": 8e-6}, "raw": {"seconds": 4e-6}},
        {"ours": {"seconds": 3e-6}, "vendor": {"seconds": 9e-6}, "raw": {"seconds": 1.5e-6}},
    ]
)


def line(*budgets: Budget) -> report.Line:
    return report.judge(Row("a <work>", "seconds", "us", budgets), SAMPLES)


@pytest.mark.timeout(300)
def test_the_short_form_runs() -> None:
    arguments = [sys.executable, "-m", "tests.benchmarks", "--short"]
    done = subprocess.run(  # noqa: S603  # ourselves
        arguments, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for contest in CONTESTS:
        for row in contest.rows:
            assert f"\n{row.work} " in done.stdout


@pytest.mark.parametrize(
    ("package", "before", "are_found"),
    [
        ("cartesia", "", False),
        ("cartesia.v2026_08_14", "", False),
        ("cartesia", "import cartesia_rest.v2026_08_14.models.voice", True),
        ("cartesia.v2026_08_14", "import cartesia._client", True),
    ],
)
def test_modules_of_another_date_are_counted(*, package: str, before: str, are_found: bool) -> None:
    code = before + IMPORT_CLIENT.replace("PACKAGE", package)
    done = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (json.loads(done.stdout)["others"] > 0) is are_found


def test_medians_are_taken_round_by_round() -> None:
    found = line()
    assert (found.ours, found.vendor, found.raw) == pytest.approx((3, 8, 1.5))
    assert found.over_vendor == pytest.approx(1 / 3)
    assert found.over_raw == pytest.approx(2)
    assert not found.missed


@pytest.mark.parametrize(
    ("budget", "words", "said"),
    [
        (Budget(3), "<= 3 us", "met"),
        (Budget(2.7), "<= 2.7 us", "nearly"),
        (Budget(2.5), "<= 2.5 us", "MISSED"),
        (Budget(2, "raw"), "<= 2 x raw", "met"),
        (Budget(1.5, "raw", beyond=True), "<= raw + 1.5 us", "met"),
        (Budget(0.9, "raw", beyond=True), "<= raw + 0.9 us", "nearly"),
        (Budget(0.5, "raw", beyond=True), "<= raw + 0.5 us", "MISSED"),
        (Budget(1 / 4, "vendor", faster=4), ">= 4 x vendor", "MISSED"),
    ],
)
def test_budgets(budget: Budget, words: str, said: str) -> None:
    found = line(budget)
    assert found.missed is (said == "MISSED")
    assert f"{words}: {said}" in report.text(found)


def test_who_does_not_take_part_has_no_figures() -> None:
    alone = Samples([{"ours": {"seconds": 1e-6}}])
    found = report.judge(Row("work", "seconds", "us", (Budget(0.1, "vendor"),)), alone)
    assert (found.vendor, found.over_vendor, found.verdicts) == (None, None, [])


def test_what_goes_into_the_documentation() -> None:
    lines = [line(Budget(3)), line()]
    assert report.markdown(lines).splitlines()[2:] == [
        "| a <work> | 3 | 8 | 1.5 | us | 0.33 | 2.00 | <= 3 us: met |",
        "| a <work> | 3 | 8 | 1.5 | us | 0.33 | 2.00 | reported |",
    ]
    rows = json.loads(report.as_json(lines))["rows"]
    assert rows[0]["verdicts"][0]["met"] is True
    drawn = ET.fromstring(chart.draw(lines))  # noqa: S314  # our own
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("a <work>") == 2


@pytest.mark.parametrize(("over_vendor", "factor"), [(0.333, "0.33"), (0.02, "1/50"), (0.0, "0")])
def test_the_chart_says_how_many_times_less(over_vendor: float, factor: str) -> None:
    """Nothing at all, too: what a socket takes while it is silent may be less than can be told."""
    drawn = chart.draw([replace(line(), over_vendor=over_vendor)])
    assert f">{factor}</text>" in drawn
