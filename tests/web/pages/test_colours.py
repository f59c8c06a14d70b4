"""Whatever colour a brand has, what stands on it and in it can be read."""

from __future__ import annotations

import colorsys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from padan.web.pages.colours import DARK_PAPER, LIGHT_PAPER, contrast, palette, readable

READABLE = 4.5
CSS = Path(__file__).parents[3] / "src" / "padan" / "web" / "pages" / "static" / "pages.css"
colours = st.integers(0, 0xFFFFFF).map("#{:06X}".format)


@given(colours)
@example("#777777")
@example("#767676")
@example("#FFFF00")
@example("#0000FF")
@example("#808080")
def test_text_in_any_brand_colour_can_be_read_in_light_and_in_dark(brand: str) -> None:
    made = palette(brand)
    assert contrast(made.accent_on_light, LIGHT_PAPER) >= READABLE
    assert contrast(made.accent_on_light, "#ffffff") >= READABLE
    assert contrast(made.accent_on_dark, DARK_PAPER) >= READABLE
    assert contrast(made.on_brand, made.brand) >= READABLE


@given(colours)
def test_a_palette_is_colours_as_css_takes_them(brand: str) -> None:
    made = palette(brand)
    for colour in (made.brand, made.on_brand, made.accent_on_light, made.accent_on_dark):
        assert len(colour) == 7
        assert colour == colour.lower()
        bytes.fromhex(colour[1:])


@given(colours, st.sampled_from([LIGHT_PAPER, DARK_PAPER]))
def test_a_colour_that_can_be_read_stays_and_another_moves_no_further_than_it_must(
    brand: str, paper: str
) -> None:
    shown = readable(brand, paper)
    if contrast(brand, paper) >= 4.6:
        assert shown == brand.lower()
    else:
        assert contrast(shown, paper) < 5.3


@given(colours, st.sampled_from([LIGHT_PAPER, DARK_PAPER]))
def test_the_hue_of_a_brand_is_kept(brand: str, paper: str) -> None:
    def hue(colour: str) -> tuple[float, float]:
        channels = [value / 255 for value in bytes.fromhex(colour[1:])]
        found, _, saturation = colorsys.rgb_to_hls(*channels)
        return found, saturation * (max(channels) - min(channels))

    before, after = hue(brand), hue(readable(brand, paper))
    if min(before[1], after[1]) > 0.2:
        apart = abs(before[0] - after[0])
        assert min(apart, 1 - apart) < 0.03


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.478), ("#767676", "#FFFFFF", 4.542)],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.001)


def test_the_papers_are_those_of_the_style() -> None:
    style = CSS.read_text("utf-8").lower()
    assert LIGHT_PAPER in style
    assert DARK_PAPER in style
