"""Sets of small ints and of other things: differences, subsets, the least, with holes in them."""


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n

    def __eq__(self, other):
        return self.n == other

    def __repr__(self):
        return f"Odd({self.n})"


def chain(n, by):
    left = set(range(n))
    sizes = []
    while left:
        step = frozenset(range(min(left), n, by)) | {min(left)}
        less = left - step
        assert less <= left and less < left | {n} and step - left == step - (step & left)
        assert sorted(less) == sorted(x for x in left if x not in step)
        assert (left & step) == {x for x in step if x in left}
        left = frozenset(less) if by & 1 else less
        sizes.append((len(left), sum(left), max(left, default=None)))
        by += 1
    return sizes


def holes():
    s = set(range(100))
    for i in range(0, 100, 3):
        s.discard(i)
    a = s - {1, 2, 4, 500}
    b = a - set(range(50))
    c = s - {1}
    c.add(1)
    c.add(3)
    return sorted(a)[:5], sorted(b)[:4], len(c), 0 in c, min(b), max(a), sorted(c - s)


def mixed():
    s = {1, 2, 3, Odd(4), "x", 2.5}
    t = {1, 4, True, "x"}
    return (
        sorted(map(str, s - t)),
        sorted(map(str, s & t)),
        t <= s,
        t < s | {True},
        {1, 2} <= s,
        {4} <= s,
        {5} <= s,
        s >= {2.5, 3.0},
        {-1, -2} == {-2, -1},
        {2**61 - 1, 0} - {0},
        {2**61 - 1} <= {0, 1},
        min({3, 2.5}),
        max({True, 0}),
        {1, 2} != {1.0, 2.0},
    )


def comparisons():
    sets = [set(), {1}, {1, 2}, frozenset({2, 1}), {1, 3}, {-1}, {1, 2, 3}, {"a"}]
    return [[(a <= b, a < b, a == b, a != b, a >= b, a > b) for b in sets].__str__().count("True") for a in sets]


def main():
    for k in range(12):
        r = chain(10 * k + 3, k % 4 + 2)
        if k % 4 == 3:
            print(r)
    for _ in range(100):
        r = holes(), mixed(), comparisons()
    print(*r, sep="\n")
    for bad in (lambda: {1} - [1], lambda: {1} <= [1], lambda: min(set()), lambda: {1} & 3):
        try:
            bad()
        except (TypeError, ValueError) as e:
            print(e)


main()
