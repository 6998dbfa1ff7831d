"""Tuples of tuples as keys and in comparisons, white space and sets of characters at the edges of ASCII, cycles."""
import gc
import re
from collections import namedtuple


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 3

    def __eq__(self, other):
        return isinstance(other, Key) and self.n == other.n


P = namedtuple("P", "x y z")
d = {}
for i in range(20):
    inner = (i % 7, str(i % 5), Key(i % 4))
    d[inner, P(1, inner, i % 2)] = i
print(len(d), sorted(d.values()))
print(d[(6, "4", Key(3)), P(1, (6, "4", Key(3)), 1)] if ((6, "4", Key(3)), P(1, (6, "4", Key(3)), 1)) in d else None)

Key.__hash__ = lambda self: 5
t = ((1, 2, Key(3)),)
print(t in {((1, 2, Key(3)),): 1})
Key.__hash__ = None
try:
    hash(((1, 2, Key(3)),))
except TypeError as e:
    print(e)

nan = float("nan")
print((nan,) == (nan,), (nan,) == (float("nan"),), (1, 2) < (1, 2.5), (1, 2) < (1, 2, 0), (1, "a") != (1, "b"))
print((1, True) == (1.0, 1), (2**70, 1) > (2**70, 0), sorted([(2, "b"), (2, "a"), (1, "z"), (1,), ()]))
for x, y in [((1, "a"), (1, 2)), (((),), (None,))]:
    try:
        print(x < y)
    except TypeError as e:
        print(e)

print([c for c in range(300) if not chr(c).strip()], [c for c in range(300) if len(f"a{chr(c)}b".split()) == 2])
print("xyaxy".strip("xy"), "éxé".strip("é"), "xax".strip("éx"), " a\x1cb ".split(None, 1), "ab".strip("ab") == "")

text = "".join(map(chr, range(300))) + "\u2028\u0663"
for p in [r"\w", r"\s", r"[^\w\s]", r"[\u0100-\u0110x]"]:
    for flags in 0, re.ASCII:
        found = re.findall(p, text, flags)
        print(p, len(found), len(re.findall(p + "+", text, flags)), sum(map(ord, found)))
print(len(re.findall(rb"[\w-]+", bytes(range(256)))), len(re.findall(rb"[^\w]", bytes(range(256)), re.LOCALE)))

print(type(gc.collect()), gc.collect() >= 0)
