"""Texts repeated: short and long ones, of one character and of several, of every width."""


def times(s, n):
    return s * n


class Mine(str):
    pass


for s in ["", "a", "ab", "-=-", "é", "aé", "\0", "日", "a日", "\U0001f600x", "abcdefgh", "abcdefghijklmnopq", Mine("xy")]:
    for n in [-3, 0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 100]:
        t = times(s, n)
        assert type(t) is str and len(t) == len(s) * max(n, 0) and t == "".join([str(s)] * n) == n * s, (s, n)
        assert t.isascii() == (s.isascii() or n < 1) and hash(t) == hash("".join(list(t))), (s, n)
        assert {t: 1}["".join(c for c in t)] == 1
    print(ascii(times(s, 3)), ascii(times(s, 2) + "|" + times("x", 5)))
try:
    times("abc", 2 ** 62)
except (OverflowError, MemoryError) as error:
    print(type(error).__name__, error)
