"""Sorting by numbers that are told apart by few bits, and by those that need all of them; stability; texts."""
import random

random.seed(5)


def check(items, **how):
    """The order that comparisons of pairs give, by insertion."""
    key = how.get("key", lambda x: x)
    out = []
    for x in (reversed(items) if how.get("reverse") else items):
        i = len(out)
        while i > 0 and key(x) < key(out[i - 1]):
            i -= 1
        out.insert(i, x)
    if how.get("reverse"):
        out.reverse()
    got = sorted(items, **how)
    same = len(got) == len(out) and all(a is b or (type(a) is type(b) and a == b and repr(a) == repr(b))
                                        for a, b in zip(got, out))
    copy = list(items)
    copy.sort(**how)
    return same and repr(copy) == repr(got)


BIG = 2 ** 61
COLUMNS = {
    "small": [random.randrange(10) for _ in range(14)],
    "wide": [random.choice([-BIG, BIG, 0, 1, -1, BIG - 1, -BIG + 1, 2 * BIG - 1, -2 * BIG]) for _ in range(14)],
    "beyond": [random.choice([-4 * BIG, 4 * BIG, 0, 2 ** 70, -2 ** 70]) for _ in range(14)],
    "same": [7] * 14,
    "quarters": [random.randrange(40) / 4 for _ in range(14)],
    "fractions": [random.choice([0.1, 0.2, 1 / 3, -0.1, 1e-200, 1e200, -1e200]) for _ in range(14)],
    "zeros": [random.choice([0.0, -0.0, 1.0, -1.0]) for _ in range(14)],
    "infinite": [random.choice([float("inf"), float("-inf"), 0.0, 5e-324, -5e-324]) for _ in range(14)],
    "bools": [random.random() < 0.5 for _ in range(14)],
    "mixed": [random.choice([1, 1.0, True, 0, 0.5]) for _ in range(14)],
    "texts": [random.choice(["", "a", "b", "ab", "a\0", "a\0b", "abcdefgh", "abcdefghi", "abcdefg", "abcdefgz"])
              for _ in range(14)],
    "others": [random.choice(["", "a", "é", "éa", "\xff", "\xffz", "\xfe", "ä", "日本", "日", "\U0001f600", "abcdefghé"])
               for _ in range(14)],
}
for name, column in COLUMNS.items():
    print(name, check(column), check(column, reverse=True), check(list(enumerate(column)), key=lambda p: p[1]),
          check(list(enumerate(column)), key=lambda p: p[1], reverse=True))
names = list(COLUMNS)
for first in names:
    bad = []
    for second in names[::2]:
        rows = list(zip(COLUMNS[first], COLUMNS[second]))
        tagged = [(a, b, i) for i, (a, b) in enumerate(rows)]
        tests = [check(rows), check(rows, reverse=True), check(tagged, key=lambda t: (t[0], t[1])),
                 check(tagged, key=lambda t: (t[1], t[0]), reverse=True),
                 check(tagged, key=lambda t: (t[0] == COLUMNS[first][0], t[1], -t[2]))]
        if not all(tests):
            bad.append((second, tests))
    print(first, bad)
for n in (0, 1, 2, 3, 255, 256, 257):
    items = [(i * 7 % 5, i) for i in range(n)]
    print(n, sorted(items, key=lambda p: p[0]) == sorted(items, key=lambda p: (p[0], p[1])),
          [p[1] for p in sorted(items, key=lambda p: p[0], reverse=True)][:12])


class Watch:
    """The list looks empty while keys are asked for."""

    def __init__(self):
        self.seen = []

    def __call__(self, x):
        self.seen.append(len(data))
        return -x


data = [3, 1, 2]
watch = Watch()
data.sort(key=watch)
print(data, watch.seen)


def grow(x):
    data.append(x)
    return x


try:
    data.sort(key=grow)
except ValueError as error:
    print(error, data)


def fail(x):
    if x == 1:
        raise KeyError(x)
    return x


try:
    data.sort(key=fail)
except KeyError as error:
    print("KeyError", error, data)
data.append(9)
print(data)
