"""A brand's colour made readable, whatever colour it is.

Contrast is that of WCAG 2.2 (success criteria 1.4.3 and 1.4.11): the ratio of relative luminances, 1 to 21.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

LIGHT_PAPER, DARK_PAPER = "#f3f5f8", "#1c242e"
"""The raised areas of the pages: what is readable on them is more so on the paper itself."""
FOR_TEXT = 4.6
"""The contrast that text must have is 4.5; a little more, since screens round."""

_STEPS = 100


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours (`#rrggbb`) of one brand: a button as the brand wants it, and what is readable as text."""

    brand: str
    on_brand: str
    accent_on_light: str
    accent_on_dark: str


def palette(brand: str) -> Palette:
    """The palette of a brand's colour, given as `#RRGGBB`."""
    return Palette(
        brand=brand.lower(),
        on_brand=max("#000000", "#ffffff", key=lambda ink: contrast(ink, brand)),
        accent_on_light=readable(brand, LIGHT_PAPER),
        accent_on_dark=readable(brand, DARK_PAPER),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, paper: str) -> str:
    """The colour nearest to `colour`, of the same hue, that can be read as text on `paper`."""
    if contrast(colour, paper) >= FOR_TEXT:
        return colour.lower()
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    end = 0.0 if _luminance(paper) > 0.5 else 1.0
    for step in range(1, _STEPS):
        nearer = lightness + (end - lightness) * step / _STEPS
        candidate = _hex(colorsys.hls_to_rgb(hue, nearer, saturation))
        if contrast(candidate, paper) >= FOR_TEXT:
            return candidate
    return "#000000" if end == 0.0 else "#ffffff"


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + bytes(round(channel * 255) for channel in channels).hex()
