"""How alike two texts are, 0 to 100.

The registry's own algorithm is not public; this one is an assumption. It is the Indel ratio: twice
the length of the longest common subsequence over the sum of both lengths.
"""


def similarity(one: str, other: str) -> int:
    """Return 100 for texts alike but for case and spacing, 0 for texts without a common letter."""
    left, right = " ".join(one.upper().split()), " ".join(other.upper().split())
    if left == right:
        return 100
    if not left or not right:
        return 0
    # 100 is kept for equality: a score that is rounded up to it would hide a difference.
    return min(99, round(200 * _common_subsequence(left, right) / (len(left) + len(right))))


def _common_subsequence(left: str, right: str) -> int:
    """Return the length of the longest common subsequence, bit-parallel (Hyyrö, 2004)."""
    places: dict[str, int] = {}
    for place, letter in enumerate(left):
        places[letter] = places.get(letter, 0) | 1 << place
    mask = (1 << len(left)) - 1
    row = mask
    for letter in right:
        matched = row & places.get(letter, 0)
        row = ((row + matched) | (row - matched)) & mask
    return len(left) - row.bit_count()
