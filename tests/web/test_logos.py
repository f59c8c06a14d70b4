"""A logo is drawn anew: what comes out is pixels alone, whatever went in."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from padan.web.logos import LARGEST, LogoRefused, redraw

MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


def picture(
    format_: str = "PNG", size: tuple[int, int] = (32, 16), mode: str = "RGB", **options: Any
) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 1).save(written, format_, **options)
    return written.getvalue()


def seen(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def noisy(format_: str) -> bytes:
    image = Image.effect_noise((24, 24), 50).convert("RGB")
    written = io.BytesIO()
    image.save(written, format_)
    return written.getvalue()


SAMPLES = {name: noisy(name) for name in ("PNG", "JPEG", "WEBP", "GIF")}


@pytest.mark.parametrize("format_", SAMPLES)
def test_the_usual_formats_become_a_png(format_: str) -> None:
    drawn = seen(redraw(SAMPLES[format_]))
    assert (drawn.format, drawn.size) == ("PNG", (24, 24))


@pytest.mark.parametrize("mode", MODES)
def test_any_kind_of_png_is_taken(mode: str) -> None:
    assert seen(redraw(picture(mode=mode))).mode == "RGBA"


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_any_kind_of_jpeg_is_taken(mode: str) -> None:
    assert seen(redraw(picture("JPEG", mode=mode))).size == (32, 16)


@pytest.mark.parametrize(
    ("size", "drawn"),
    [((480, 160), (480, 160)), ((960, 320), (480, 160)), ((160, 1600), (16, 160)), ((2000, 1), (480, 1))],
)
def test_a_large_logo_is_made_smaller_and_a_small_one_stays(
    size: tuple[int, int], drawn: tuple[int, int]
) -> None:
    assert seen(redraw(picture(size=size))).size == drawn


def test_nothing_but_the_pixels_comes_out() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "CANARY-TEXT")
    text.add_itxt("XML:com.adobe.xmp", "CANARY-XMP")
    exif = Image.Exif()
    exif[0x010E] = "CANARY-EXIF"
    written = picture(pnginfo=text, exif=exif, icc_profile=b"CANARY-PROFILE" * 20) + b"CANARY-TAIL"
    drawn = redraw(written)
    assert b"CANARY" not in drawn
    assert seen(drawn).info == {}
    kinds = [kind for kind, _ in chunks(drawn)]
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def test_a_photograph_lies_as_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert seen(redraw(picture("JPEG", size=(40, 10), exif=exif))).size == (10, 40)


def test_of_a_moving_picture_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    drawn = seen(redraw(written.getvalue()))
    assert getattr(drawn, "n_frames", 1) == 1
    assert drawn.getpixel((0, 0)) in {(254, 0, 0, 255), (255, 0, 0, 255)}


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (SVG, "SVG"),
        (b"\n  <?xml version='1.0'?><!-- x --><SVG></SVG>", "SVG"),
        (b"", "can be read"),
        (b"\x89PNG\r\n\x1a\n", "can be read"),
        (b"GIF89a" + b"\0" * 40, "can be read"),
        (b"BM" + b"\0" * 60, "can be read"),
        (b"%PDF-1.7", "can be read"),
        (b"<html>", "can be read"),
        (picture("TIFF"), "can be read"),
        (b"x" * (LARGEST + 1), "256 KiB"),
        (picture(size=(4001, 1000)), "4 million"),
        (picture(size=(30_000, 30_000), mode="1"), "4 million|can be read"),
    ],
)
def test_what_is_no_logo_is_refused_with_what_to_send(data: bytes, reason: str) -> None:
    with pytest.raises(LogoRefused, match=reason):
        redraw(data)


def test_a_file_that_swells_is_refused_before_it_is_unpacked() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1_000_000)), (b"IEND", b""))
    )
    with pytest.raises(LogoRefused):
        redraw(bomb)


def drawn_or_refused(data: bytes) -> bool:
    try:
        assert seen(redraw(data)).format == "PNG"
    except LogoRefused:
        return False
    return True


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.integers(0, 4_000), st.binary(max_size=6)), min_size=1, max_size=4),
    st.integers(0, 4_000),
)
def test_a_damaged_file_is_drawn_or_refused_and_never_breaks(
    format_: str, damage: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(SAMPLES[format_])
    for place, written in damage:
        at = place % len(data)
        data[at : at + len(written)] = written
    drawn_or_refused(bytes(data))
    drawn_or_refused(bytes(data[: cut % len(data)]))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b""]), st.binary()
)
def test_any_bytes_are_drawn_or_refused(begin: bytes, rest: bytes) -> None:
    drawn_or_refused(begin + rest)


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=1, max_size=60))
def test_a_picture_with_damaged_notes_is_drawn_or_refused(exif: bytes) -> None:
    drawn_or_refused(picture("JPEG", exif=b"Exif\0\0" + exif))
