"""The NIK, Indonesia's population number: read it, explain it, grade its region.

Nothing here asks a registry or keeps state, and only the standard library is used. A number that
``parse`` accepts is well formed; whether it was issued, and to whom, only the registry knows.

Sources: PP 37/2007 article 37 for the number; ``data/LICENSES.md`` for the region codes.
"""

from padan.nik.areas import Area, RegionGrade, districts, provinces, regencies_and_cities
from padan.nik.birth import BirthDate, birth_date
from padan.nik.cleaning import clean
from padan.nik.explanation import Explanation, explain
from padan.nik.number import Nik, Sex, parse
from padan.nik.reasons import NikInvalid, Reason
from padan.nik.regions import Region, region

__all__ = [
    "Area",
    "BirthDate",
    "Explanation",
    "Nik",
    "NikInvalid",
    "Reason",
    "Region",
    "RegionGrade",
    "Sex",
    "birth_date",
    "clean",
    "districts",
    "explain",
    "parse",
    "provinces",
    "regencies_and_cities",
    "region",
]
