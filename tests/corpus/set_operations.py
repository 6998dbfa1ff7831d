# Operations of whole sets: what they keep, in which of two equal forms, and changes while they run.
class K:
    def __init__(s, v): s.v = v
    def __hash__(s): return s.v % 3
    def __eq__(s, o): return isinstance(o, K) and s.v == o.v
    def __repr__(s): return f"K{s.v}"
def show(s): return type(s).__name__, sorted(s, key=repr)
vals = [1, 2, 3, True, 2.0, "a", (1, 2), 2**70, None, K(1), K(4), K(7), 0, -1, -2]
for f in (set, frozenset):
    for g in (set, frozenset):
        for n in range(0, 15, 2):
            for m in range(0, 15, 3):
                a, b = f(vals[:n]), g(vals[m:])
                print(show(a - b), show(a & b), show(a ^ b), show(a | b), a <= b, a < b, a >= b, a > b, a == b, a.isdisjoint(b))
class Bad:
    def __init__(s, h): s.h = h
    def __hash__(s): return 5
    def __eq__(s, o):
        target.add(len(target) + 100)
        return False
target = {5, 6}
try:
    x = {Bad(1), Bad(2), 5} <= target
    print(x)
except RuntimeError as e: print(e)
s = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
try:
    for x in s:
        s.add(x + 100)
except RuntimeError as e: print(e)
try:
    for x in s: s.discard(x)
except RuntimeError as e: print(e)
it = iter({3: 1, 4: 2})
print(next(it), it.__length_hint__(), next(it), next(it, None), next(it, None))
def loop(n):
    t = 0
    big = frozenset(range(50))
    for i in range(n):
        small = frozenset((i % 60, (i * 7) % 60, (i * 11) % 60))
        if small <= big: t += len(big - small)
        t += sum(x for x in small & big) + min(big - small)
        for x in small: t += x
    return t
print(loop(5000))
