# Loops that unpack two at once: enumerate, zip, dict items, and things that are none of these; floats mixed with ints.


def weighted(xs):
    t = 0
    for i, x in enumerate(xs):
        t += i * x
    return t


def dot(a, b):
    t = 0.0
    for x, y in zip(a, b):
        t += x * y
    return t


def inverted(d):
    out = {}
    for k, v in d.items():
        out[v] = k
    return out


def plain(pairs):
    t = 0
    for a, b in pairs:
        t += a - b
    return t


N = 6000
xs = list(range(N))
print(weighted(xs), weighted(tuple(xs)), weighted(range(N)), weighted({3: 1, 5: 2}))
print(dot(xs, [0.5] * N), dot([1, 2.5] * 3000, range(N)), dot((1, 2), [3]))
d = {i: str(i) for i in range(N)}
print(len(inverted(d)), inverted(d)["77"])
print(plain([(i, i + 1) for i in range(N)]), plain([[5, 3]] * N), plain(((1, 2),)), plain(iter([(3, 1)])))
print(plain({(4, 1): 0, (7, 2): 1}), plain((i, 1) for i in range(N)))


def tried(f, x):
    try:
        return f(x)
    except (TypeError, ValueError, RuntimeError) as e:
        return type(e).__name__, str(e), e.__traceback__.tb_next.tb_lineno - f.__code__.co_firstlineno


print(tried(plain, iter([(1, 2), (1, 2, 3)])))
print(tried(plain, {(1, 2): 0, 5: 1}))
print(tried(plain, iter(["ab"])))
print(tried(weighted, 5))


def growing(d):
    for k, v in d.items():
        d[k + 1000] = v
    return len(d)


print(tried(growing, {1: 2}))


def keep(it):
    out = []
    for p in it:
        out.append(p)
    for a, b in it:
        out.append(a)
    return out


print(keep(zip("abc", [1, 2, 3])), keep(enumerate("ab", 5)))


class Pairs:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration
        return self.n, 1


def both(n):
    t = 0
    for a, b in Pairs(n):
        for c, d in enumerate([a, b]):
            t += c * d
    return t


print(both(4000))


def blend(u, v):
    t = 0.0
    for i, x in enumerate(u):
        t = t + x * v - i
    return t


print(blend([1, 2.5, 3] * 2000, 0.5), blend([1] * N, 2), blend([2**70, 1.5], 1.0), blend([True, 2], 1.5))
try:
    blend([1.0, "x"], 1.0)
except TypeError as e:
    print(e)
big = 2**62
print(blend([big - 1, -big, big, 2**53 + 1] * 2, 1.0))
it = enumerate([1, 2, 3, 4])
print([(i, x, next(it)) for i, x in it])
