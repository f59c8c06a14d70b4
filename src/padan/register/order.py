"""That what replaces a register comes in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import lt

from padan.app.ports.registers import Packed


def ascending(batches: Iterable[Sequence[Packed]]) -> Iterator[Sequence[Packed]]:
    """The same batches. Raises ValueError where a key is not above the one before it."""
    last = b""
    for batch in batches:
        if not batch:
            continue
        if batch[0][0] <= last or not _ascend([key for key, _ in batch]):
            raise ValueError("keys must ascend, and none may come twice")
        last = batch[-1][0]
        yield batch


def _ascend(keys: list[bytes]) -> bool:
    return all(map(lt, keys, keys[1:]))
