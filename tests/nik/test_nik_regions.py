"""Regions are named and graded by the editions since 2015, and no code is refused."""

import subprocess
import sys
import time
from collections import Counter
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padan.nik import RegionGrade, districts, parse, provinces, regencies_and_cities, region
from padan.nik.regions import _district_gaps, _regency_gaps

six_digits = st.from_regex(r"[0-9]{6}", fullmatch=True)


def test_the_table_has_every_code_of_the_six_editions() -> None:
    assert (len(provinces()), len(regencies_and_cities()), len(districts())) == (38, 540, 7_879)


def test_the_current_codes_are_those_of_the_2025_edition() -> None:
    grades = [
        Counter(area.grade for area in table.values()) for table in (regencies_and_cities(), districts())
    ]
    assert grades[0] == {RegionGrade.CURRENT: 514, RegionGrade.RETIRED: 26}
    assert grades[1] == {RegionGrade.CURRENT: 7_285, RegionGrade.RETIRED: 594}


def test_each_edition_has_as_many_districts_as_its_decree() -> None:
    editions = Counter(year for area in districts().values() for year in area.editions)
    assert editions == {"2021": 7_266, "2022": 7_277, "2025": 7_285}


def test_every_area_lies_in_one_of_the_level_above_and_has_a_name() -> None:
    for upper, lower in ((provinces(), regencies_and_cities()), (regencies_and_cities(), districts())):
        for code, area in lower.items():
            assert code[:-2] in upper
            assert area.code == code
            assert area.name == " ".join(area.name.split()) != ""


def test_every_regency_and_city_is_called_one_and_numbered_as_one() -> None:
    for code, area in regencies_and_cities().items():
        assert area.name.startswith("Kota " if int(code[2:]) > 70 else "Kabupaten ")


def test_no_name_is_all_capitals_but_for_roman_numerals_and_letters_of_today() -> None:
    retired = [area.name for area in districts().values() if area.grade is RegionGrade.RETIRED]
    assert not [name for name in retired if name.isupper()]
    assert "Wari/Taiyeve II" in retired
    assert "Mage'abume" in retired


@pytest.mark.parametrize(
    ("code", "grade", "names"),
    [
        ("317101", "current", ("Daerah Khusus Ibukota Jakarta", "Kota Administrasi Jakarta Pusat", "Gambir")),
        ("950101", "current", ("Papua Pegunungan", "Kabupaten Jayawijaya", "Wamena")),
        ("910201", "retired", ("Papua", "Kabupaten Jayawijaya", "Wamena")),
        ("927102", "retired", ("Papua Barat", "Kota Sorong", "Sorong Timur")),
        ("640401", "plausible", ("Kalimantan Timur", None, None)),
        ("647301", "plausible", ("Kalimantan Timur", None, None)),
        ("731901", "plausible", ("Sulawesi Selatan", None, None)),
        ("160103", "plausible", ("Sumatera Selatan", "Kabupaten Ogan Komering Ulu", None)),
        ("540101", "legacy", ("Timor Timur", None, None)),
        ("320199", "unknown", ("Jawa Barat", "Kabupaten Bogor", None)),
        ("329901", "unknown", ("Jawa Barat", None, None)),
        ("640400", "unknown", ("Kalimantan Timur", None, None)),
        ("010101", "unknown", (None, None, None)),
        ("000000", "unknown", (None, None, None)),
    ],
)
def test_a_code_is_graded_and_named_as_far_as_it_is_known(
    code: str, grade: str, names: tuple[str | None, ...]
) -> None:
    found = region(code)
    assert found.grade == RegionGrade(grade)
    assert (found.province, found.regency_or_city, found.district) == names
    assert (found.province_code, found.regency_or_city_code, found.district_code) == (
        code[:2],
        code[:4],
        code,
    )


def test_the_gaps_in_the_numbering_are_those_counted_by_hand() -> None:
    assert len(_district_gaps()) == 694
    assert _regency_gaps() == {f"64{number}" for number in ("04", "05", "06", "10", "73")} | {
        f"73{number}" for number in (19, 20, 21, 23, 25)
    }


def test_a_number_has_the_region_of_its_first_six_digits() -> None:
    assert region(parse("9102011708950001")) == region("910201")


@given(six_digits)
def test_no_six_digits_are_refused_and_no_region_makes_a_number_invalid(code: str) -> None:
    assert region(code) == region(parse(f"{code}1708950001"))


@given(six_digits)
def test_a_district_is_named_exactly_where_some_list_has_its_code(code: str) -> None:
    found = region(code)
    assert (found.district is not None) == (found.grade in {RegionGrade.CURRENT, RegionGrade.RETIRED})


@pytest.mark.parametrize(
    "text", ["", "32010", "3201011", "32.01.01", "３２０１０１", "³²⁰¹⁰¹", "٣٢٠١٠١", "32010\n"]
)
def test_anything_but_six_ascii_digits_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="six digits") as mistake:
        region(text)
    assert text == "" or text not in str(mistake.value)


def test_a_region_does_not_show_the_digits_of_the_number() -> None:
    assert repr(region("910201")) == "Region(grade=<RegionGrade.RETIRED: 'retired'>)"


def test_the_table_cannot_be_changed_by_its_readers() -> None:
    with pytest.raises(TypeError):
        districts()["320101"] = districts()["320102"]  # type: ignore[index]


def test_the_file_is_in_order_and_states_its_licences() -> None:
    data = files("padan.nik").joinpath("data")
    lines = data.joinpath("regions.tsv").read_text("utf-8").splitlines()
    assert lines == sorted(lines)
    licences = data.joinpath("LICENSES.md").read_text("utf-8")
    assert "Open Database License" in licences
    assert "MIT License" in licences


def test_the_table_is_loaded_at_the_first_question_and_quickly() -> None:
    program = (
        "import sys, time, padan.nik as nik\n"
        "from padan.nik.areas import _table\n"
        "assert _table.cache_info().currsize == 0\n"
        "start = time.process_time(); nik.region('910201'); print(time.process_time() - start)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(times) < 0.1  # 0.02 on a quiet machine; the margin is for a busy one


def test_asking_again_costs_microseconds() -> None:
    region("910201")
    start = time.process_time()
    for _ in range(1_000):
        region("910201")
    assert time.process_time() - start < 0.1
