"""Numbers that look random and are the same on every machine.

The mixer is splitmix64's finaliser (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
Generators, 2014), folded over its inputs. It is quick and even, and no protection of anything.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15

T = TypeVar("T")


def mix(*values: int) -> int:
    """Return 64 bits that depend on every value and on their order."""
    state = 0
    for value in values:
        state = (state + value + _GOLDEN) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


def uniform(*values: int) -> float:
    """Return a number from 0 up to, but not including, 1."""
    return (mix(*values) >> 11) * 2.0**-53


def pick(choices: Sequence[T], *values: int) -> T:
    """Return one of the choices, each as likely as any other."""
    return choices[mix(*values) * len(choices) >> 64]


def text_key(text: str) -> int:
    """Return a number that stands for a short ASCII word in ``mix``."""
    return mix(*text.encode("ascii"))
