"""Bounded caches: which entry goes first, after hits of every kind of key, with recursion, and keys that compare equal."""
from functools import lru_cache

calls = []


def cached(size, typed=False):
    @lru_cache(maxsize=size, typed=typed)
    def f(*args, **kw):
        calls.append(args + tuple(kw.items()))
        return len(calls)
    return f


def play(f, keys):
    calls.clear()
    for k in keys:
        f(*k) if isinstance(k, tuple) else f(k)
    print(calls, f.cache_info())


play(cached(3), [1, 2, 3, 1, 4, 2, 1, 3, 4, 1])
play(cached(3), ["a", "b", "c", "a", "d", "b", "a"])
play(cached(2), [(1, 2), (3, 4), (1, 2), (5, 6), (3, 4), (1, 2)])
play(cached(2), [(1, "x"), (2, "y"), (1, "x"), (3, "z"), (2, "y")])
play(cached(1), [1, 1, 2, 2, 1, 1])
play(cached(4), [1, 1.0, True, 2, 2.0, (1, 1), (True, 1.0), 3, 4, 5, 1])
play(cached(4, True), [1, 1.0, True, 1, 2, 1.0, 3, True])
play(cached(0), [1, 1])
play(cached(None), [1, 2, 1, (2, 3), (2, 3)])
play(cached(5), [float("nan"), 2**70, 2**70, -1, -2, -1, None, None])

# Many rounds: what was used last is always there, what was used longest ago is not.
f = cached(50)
calls.clear()
x, recent = 1, []
for _ in range(3000):
    x = x * 48271 % 2147483647
    k = (x % 90, x // 90 % 2)
    n = len(calls)
    f(*k)
    hit = len(calls) == n
    assert hit == (k in recent), k
    if hit:
        recent.remove(k)
    elif len(recent) == 50:
        recent.pop(0)
    recent.append(k)
print(f.cache_info())


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 3

    def __eq__(self, other):
        return self.n == other.n


g = cached(3)
calls.clear()
for n in (1, 2, 3, 1, 4, 2, 7, 4, 1, 10, 7):
    g(Key(n))
print([k[0].n for k in calls], g.cache_info())


@lru_cache(maxsize=8)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(60), fib.cache_info())
fib.cache_clear()
print(fib.cache_info(), fib(10), fib.cache_info())


@lru_cache(maxsize=2)
def bad(n):
    if n == 3:
        raise ValueError(n)
    return n


for n in (1, 2, 3, 1, 2, 4, 2):
    try:
        bad(n)
    except ValueError as e:
        print("raised", e)
print(bad.cache_info())
try:
    bad([])
except TypeError as e:
    print(e)

# Sets that begin as copies of others.
a = frozenset(range(5))
b = a | {7}
c = b | {8} | {"x"}
d = set(c)
d.discard(7)
e = d | {9}
d.add(10)
print(sorted(a), sorted(b), sorted(map(str, c)), sorted(map(str, d)), sorted(map(str, e)))
s = frozenset()
seen = []
for i in range(200):
    s = s | {i * 7 % 101}
    seen.append(len(s))
print(seen[:10], seen[-1], len(s), all(i in s for i in range(101)))
copy = dict.fromkeys(range(20), 1)
other = dict(copy)
other[20] = 2
del other[3]
third = other.copy()
third[3] = 4
print(len(copy), list(other)[:5], list(third)[-3:], copy == dict.fromkeys(range(20), 1))
