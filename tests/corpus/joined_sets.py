"""s | {…} of sets and frozensets of all sizes and histories, and what it leaves alone."""


def grown(s, x):
    return s | {x}


for kind in set, frozenset:
    s = kind()
    for i in range(200):
        t = grown(s, i * 3 % 101)
        assert type(t) is kind and len(t) == len(s | kind([i * 3 % 101])) and i * 3 % 101 in t, i
        assert t == s.union([i * 3 % 101]) and s <= t and (s < t) == (i * 3 % 101 not in s)
        s = t
    print(kind.__name__, len(s), sorted(s)[:5], sum(s))
    for keys in (["a", "b", "a"], [(1, 2), (1, 2), (2, 1)], [1.5, True, 1, 2 ** 80, 2 ** 80], [None, (), frozenset()]):
        s = kind(keys)
        for k in keys + [0, -1, "z", (3,), 1.0, "".join(["a"]), (1.0, 2), 2 ** 80]:
            t = grown(s, k)
            assert (t == s) == (k in s) and k in t and len(t) == len(s) + (k not in s), (keys, k)
            if k in s:
                assert [x for x in t if x == k][0] is [x for x in s if x == k][0]
    print(len(grown(kind("abc"), "a")), len(grown(kind("abc"), "d")))

s = set(range(30))
for i in range(25):
    s.discard(i)
    t = grown(s, 7)
    assert t == s.union([7]) and (7 in t) and len(t) == len(s) + (7 not in s)
    t.add(-1)
    t.discard(29)
    assert -1 not in s and 29 in s
print(sorted(s), sorted(grown(s, 100)))
try:
    grown({1}, [])
except TypeError as error:
    print(error)


class Mine(frozenset):
    def __or__(self, other):
        return "mine"


print(grown(Mine([1]), 2), type(frozenset([1]) | Mine([2])).__name__)
f = frozenset([1, 2])
g = grown(f, 2)
print(g == f, g is f, hash(g) == hash(f), grown(f, 61) - f, grown(f, 62) - f, sorted(grown(f, 3) & {3, 2}))
for r in range(0), range(5), range(10, 0, -3), range(0, 100000, 7), range(-5, 5):
    a, b = set(r), {99}
    b.update(r)
    print(len(a), len(b), a == set(list(r)), b == set(list(r)) | {99}, sum(a))
try:
    set(range(2 ** 70)).add(1) if False else print(len(set(range(2 ** 70, 2 ** 70 + 3))))
except OverflowError as error:
    print(error)
