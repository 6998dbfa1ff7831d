"""min and max of lists, tuples, sets and others, of ints and of what else there is."""
def tell(f, *a, **k):
    try: return f(*a, **k)
    except (TypeError, ValueError) as e: return str(e)
for f in min, max:
    for v in ([3, 1, 2], (5,), {4, 9, -2}, frozenset([7, 1]), [], set(), [1, 2.5, 0], [True, 0, 2], [2**62, 1], ["a", "b"], [1, "a"], {1.5, 2}, range(5), [0, False], [False, 0], [1, True, 1]):
        print(f.__name__, tell(f, v), tell(f, v, default="d"), type(tell(f, v)).__name__, tell(f, v, key=lambda x: -x if isinstance(x, int) else 0))
class L(list):
    def __iter__(self): return iter([9, 8])
print(min(L([1, 2])), max(L([1, 2])))
s = set(range(100))
for i in range(0, 100, 3): s.discard(i)
print(min(s), max(s))
