"""The register: an own body of data that can answer 'is this the person of this NIK?'."""

from padan.register.as_loaded import AsLoaded
from padan.register.forms import Form, OpenForm, Plain, Sealed
from padan.register.keys import KEY_FILE, RegisterKeyError, make_key, sealed_form
from padan.register.lmdb_register import LmdbRegister
from padan.register.memory import MemoryRegister

__all__ = [
    "KEY_FILE",
    "AsLoaded",
    "Form",
    "LmdbRegister",
    "MemoryRegister",
    "OpenForm",
    "Plain",
    "RegisterKeyError",
    "Sealed",
    "make_key",
    "sealed_form",
]
