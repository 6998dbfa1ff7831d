"""Calls that leave arguments to defaults, from native code and from the runtime."""
def f(a, b=2, c=3): return a, b, c
def g(a, /, b=5): return a, b
def h(*a, b=1): return a, b
def k(a=1, *, c=2): return a, c
def m(a, b=[]): b.append(a); return len(b)
def gen(a, n=3):
    for i in range(n): yield a + i
table = [f, g, h, k, m, lambda x, k=1: x * k, gen, f]
def run(n):
    out = []
    for i in range(n):
        t = table[i & 7]
        r = t(i)
        out.append(list(r) if i & 7 == 6 else r)
        if i & 7 in (0, 7): out.append(t(i, 9))
    return out[-12:]
print(run(900))
def errors(n):
    r = None
    for i in range(n):
        for fn, args in (f, ()), (g, (1, 2, 3)), (f, (1, 2, 3, 4)):
            try: fn(*args)
            except TypeError as e: r = str(e)
            try: table[0]()
            except TypeError as e: r2 = str(e)
    return r, r2
print(errors(100))
f.__defaults__ = (7,)
print([table[0](1, 2) for _ in range(60)][-1])
try: table[0](1)
except TypeError as e: print(e)
f.__defaults__ = None
try: table[0](1, 2)
except TypeError as e: print(e)
print(sorted(range(9), key=lambda x, k=3: x % k), [max([3, 1, 2], key=lambda x, s=-1: s * x) for _ in range(80)][-1])
print(list(map(lambda x, y=4: x + y, range(200)))[-1])
