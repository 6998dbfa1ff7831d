"""Memoized recursion: lru_cache, a dict keyed by tuples, edit distance."""
from functools import lru_cache


@lru_cache(maxsize=None)
def partitions(n, largest):
    if n == 0:
        return 1
    return sum(partitions(n - k, min(k, n - k)) for k in range(1, min(n, largest) + 1))


def paths(rows, cols, blocked, seen):
    if rows == 0 or cols == 0:
        return 1
    key = rows, cols
    if key in seen:
        return seen[key]
    if key in blocked:
        n = 0
    else:
        n = (paths(rows - 1, cols, blocked, seen) + paths(rows, cols - 1, blocked, seen)) % 1000000007
    seen[key] = n
    return n


def distance(a, b):
    @lru_cache(maxsize=4096)
    def between(i, j):
        if i == 0 or j == 0:
            return i + j
        if a[i - 1] == b[j - 1]:
            return between(i - 1, j - 1)
        return 1 + min(between(i - 1, j), between(i, j - 1), between(i - 1, j - 1))

    return between(len(a), len(b))


def main():
    total = 0
    for _ in range(45):
        partitions.cache_clear()
        total += partitions(90, 90)
    print(total)
    blocked = {(i, i * 7 % 150) for i in range(150)}
    print(sum(paths(150, 150 - k, blocked, {}) for k in range(60)))
    words = ["intention", "execution", "conversation", "conservation", "interpreter", "representation"] * 6
    print(sum(distance(a, b) for a in words for b in words))


if __name__ == "__main__":
    main()
