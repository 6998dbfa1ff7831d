"""lru_cache: what keys are the same, what order entries go in, and functions that clear their own cache."""
from functools import lru_cache

calls = []


@lru_cache(maxsize=None)
def plain(*args, **kw):
    calls.append((args, kw))
    return len(calls)


print(plain(1, 2), plain(1, 2), plain(1.0, 2), plain(True, 2), plain(1, 2.0), plain(2, 1), plain.cache_info())
print(plain("a", "b"), plain("a", "b"), plain("".join(["", "a"]), "b"), plain("b", "a"), plain("a", 1), plain(1, "a"))
print(plain(), plain(), plain(5), plain(5), plain((5,)), plain("x"), plain((1, 2)), plain((1, 2), ), plain(((1, 2),)))
print(plain(1, b=2), plain(1, b=2), plain(1, b=2.0), plain(a=1, b=2), plain(b=2, a=1))
print(plain(-1, -2), plain(-2, -1), plain(-1, -1), plain(-2, -2), plain(-1, -2), plain(-2, -2))
print(plain(2 ** 70, 1), plain(2 ** 70, 1), plain(None, 1), plain(None, 1), plain(1, None, "a"), plain(1, None, "a"))
print(plain.cache_info())
try:
    plain(1, [])
except TypeError as error:
    print(error)
print(plain.cache_info())


@lru_cache(maxsize=3)
def bounded(a, b):
    calls.append((a, b))
    return a * 10 + b


del calls[:]
for a, b in [(1, 1), (2, 2), (3, 3), (1, 1), (4, 4), (2, 2), (1, 1), (4, 4), (3, 3), (1, 1), (1.0, 1), (2, 2)]:
    bounded(a, b)
print(calls, bounded.cache_info())


@lru_cache(maxsize=2, typed=True)
def typed(a, b):
    calls.append((a, b))
    return a


del calls[:]
print(typed(1, 2), typed(1.0, 2), typed(1, 2), typed(True, 2), typed(1, 2), calls, typed.cache_info())


class Odd:
    """Equal to everything with its hash, and says so."""

    def __init__(self, h):
        self.h = h

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        calls.append(("eq", self.h))
        return True


@lru_cache(maxsize=None)
def third(a, b):
    return object()


del calls[:]
x = third(1, Odd(hash(2)))
print(third(1, 2) is x, third(1, Odd(2)) is x, third(1, 3) is x, calls)


class Clears(int):
    def __hash__(self):
        third.cache_clear()
        return int.__hash__(self)


y = third(5, 6)
print(third(5, 6) is y, third(5, Clears(6)) is y, third.cache_info())


@lru_cache(maxsize=4)
def nested(n, step):
    if n == 7:
        nested.cache_clear()
    return 1 if n <= 0 else nested(n - step, step) + nested(n - 2 * step, step)


print(nested(20, 1), nested(20, 2), nested.cache_info())


class Host:
    @lru_cache(maxsize=None)
    def method(self, a, b):
        return (a, b)


h = Host()
print(h.method(1, 2) is h.method(1, 2), h.method(1, 2) is Host().method(1, 2), Host.method.cache_info())
