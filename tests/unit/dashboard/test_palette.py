"""The colours of verdicts, for every pair of eyes and both themes."""

import itertools
import math
import re
from pathlib import Path

import pytest

import dashboard
from dashboard.palette import BACKGROUNDS, HEAT, LOOKS, HeatLook

Colour = tuple[float, float, float]

#: Linear-RGB matrices of Machado, Oliveira, Fernandes (2009), severity 1.0.
SIGHT = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}


def linear(colour: str) -> Colour:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(colour: Colour) -> Colour:
    """CIE 1976 L*a*b*, D65."""
    red, green, blue = colour
    x, y, z = (
        c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116
        for c in (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour: str, sight: str) -> Colour:
    source = linear(colour)
    red, green, blue = (
        min(max(sum(weight * c for weight, c in zip(row, source, strict=True)), 0), 1) for row in SIGHT[sight]
    )
    return red, green, blue


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_colour_stands_out_from_both_themes(background: str) -> None:
    assert min(contrast(look.colour, background) for look in LOOKS.values()) >= 3


@pytest.mark.parametrize("sight", SIGHT)
def test_every_two_colours_are_told_apart(sight: str) -> None:
    pairs = itertools.combinations(LOOKS.values(), 2)
    assert min(math.dist(lab(seen(a.colour, sight)), lab(seen(b.colour, sight))) for a, b in pairs) >= 20


def test_no_verdict_is_told_by_its_colour_alone() -> None:
    assert len({look.mark for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.pattern for look in LOOKS.values()}) == len(LOOKS)


def test_the_style_sheet_has_the_same_colours_and_marks() -> None:
    css = (Path(dashboard.__file__).parent / "assets" / "00_page.css").read_text()
    named = dict(re.findall(r"--lvd-(valid|invalid|unplanned|duplicate|rejected): (#[0-9a-f]{6});", css))
    assert named == {look.word: look.colour for look in LOOKS.values()}
    marks = dict(re.findall(r'\.lvd-status-(\w+)::before \{ content: "(.)"', css))
    assert marks == {look.word: look.mark for look in LOOKS.values() if look.word in marks}
    assert set(marks) == {"valid", "invalid", "unplanned"}


@pytest.mark.parametrize("theme", HEAT)
def test_the_levels_of_a_heatmap_can_be_read_and_rise_for_every_eye(theme: str) -> None:
    looks = HEAT[theme]
    assert min(contrast(look.colour, look.text) for look in looks) >= 4.5
    for sight in SIGHT:
        lightness = [lab(seen(look.colour, sight))[0] for look in looks]
        assert lightness == sorted(lightness, reverse=theme == "light")
        assert min(abs(a - b) for a, b in itertools.pairwise(lightness)) >= 5


def test_the_style_sheet_has_the_levels_of_the_heatmap() -> None:
    css = (Path(dashboard.__file__).parent / "assets" / "issues.css").read_text()
    light, dark = (
        tuple(
            HeatLook(*pair)
            for pair in re.findall(r"--lvd-heat-\d: (#\w{6}); --lvd-heat-\d-text: (#\w{6});", block)
        )
        for block in css.split("[data-mantine-color-scheme", 1)
    )
    assert {"light": light, "dark": dark} == HEAT
