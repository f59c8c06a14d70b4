from __future__ import annotations

import random
from pathlib import Path

import lmdb
import pytest

from padan.app.ports.registers import RegisterDamaged
from padan.register.map_file import lengthen, refuse_cut

SEED = 21
"""Of forty, the one whose changes end with a last page that LMDB frees and does not write."""


def test_a_map_whose_last_page_was_freed_at_once_is_whole(tmp_path: Path) -> None:
    path, draw, left_out = tmp_path / "map", random.Random(SEED), 0
    keys = [number.to_bytes(8, "big") for number in range(300)]
    with lmdb.open(str(path), subdir=False, map_size=1 << 30, lock=False) as environment:
        for _ in range(60):
            some = draw.sample(keys, draw.choice([1, 5, 100]))
            with environment.begin(write=True) as transaction, transaction.cursor() as cursor:
                if draw.random() < 0.5:
                    for key in some:
                        transaction.delete(key)
                else:
                    cursor.putmulti(sorted((key, b"x" * draw.choice([1, 190])) for key in some))
            try:
                refuse_cut(path, environment)
            except RegisterDamaged:
                left_out += 1
            lengthen(path, environment)
            refuse_cut(path, environment)
    if not left_out:
        pytest.skip("this LMDB writes such pages")
