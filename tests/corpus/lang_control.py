# Exceptions, with, generators, match, comprehensions, unpacking.
class Ctx:
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        print("enter")
        return self

    def __exit__(self, t, v, tb):
        print("exit", t and t.__name__, v)
        return self.swallow


with Ctx(True):
    raise ValueError("x")
try:
    with Ctx(False) as c, Ctx(False):
        raise KeyError("k")
except KeyError as e:
    print("caught", e)


def order():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                return "ret"
            print("body", i)
        finally:
            print("finally", i)


print(order())
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise RuntimeError("second") from e
except RuntimeError as e:
    print(repr(e), repr(e.__cause__), e.__suppress_context__)
try:
    try:
        [][1]
    except IndexError:
        {}["a"]
except KeyError as e:
    print(repr(e.__context__))


def gen():
    try:
        got = yield 1
        print("got", got)
        yield 2
    except ValueError as e:
        print("thrown", e)
        yield 3
    finally:
        print("closed")


g = gen()
print(next(g), g.send("s"), g.throw(ValueError("v")))
g.close()


def outer():
    r = yield from inner()
    print("inner returned", r)


def inner():
    yield "a"
    return "b"


print(list(outer()))
print(sum(x for x in range(5)), {k: v for k, v in zip("ab", (1, 2))}, {i % 3 for i in range(9)})
print([(x, y) for x in range(3) for y in range(x) if x + y > 1])
a, *b, c = range(6)
(d, e), f = (1, 2), 3
print(a, b, c, d, e, f)


def kind(v):
    match v:
        case 0 | 1:
            return "small"
        case int(n) if n > 100:
            return f"big {n}"
        case [x, y]:
            return f"pair {x} {y}"
        case [x, *rest]:
            return f"list {x} {rest}"
        case {"k": val, **rest}:
            return f"map {val} {rest}"
        case str() as s:
            return f"str {s}"
        case None:
            return "none"
        case _:
            return "other"


for v in (0, 500, [1, 2], [1, 2, 3], {"k": 1, "z": 2}, "s", None, 7.5):
    print(kind(v))
try:
    raise ExceptionGroup("eg", [ValueError(1), ExceptionGroup("in", [TypeError(2), ValueError(3)])])
except* ValueError as eg:
    print("values", eg.exceptions)
except* TypeError as eg:
    print("types", eg.exceptions)
i = 0
while True:
    i += 1
    if i == 3:
        continue
    if i > 5:
        break
else:
    print("never")
for i in range(2):
    pass
else:
    print("else", i)
if (n := 10) > 5:
    print(n)
print(1 < 2 < 3, 1 < 3 < 2, not 1, 1 and 2, 0 or "z", 5 if 0 else 6)
assert True
try:
    assert 1 == 2, "message"
except AssertionError as e:
    print("assertion", e)


async def task(n):
    return n * 2


async def main():
    total = 0
    for i in range(3):
        total += await task(i)
    async for x in agen():
        total += x
    return total + sum([y async for y in agen()])


async def agen():
    yield 10
    yield 20


co = main()
try:
    co.send(None)
except StopIteration as s:
    print("async", s.value)
x = [1, 2, 3]
x[1:2] = "ab"
del x[0]
print(x, x[::-1])
print(f"{x!r:>20}|{3.14159:.3f}|{1000000:,}|{'z':^5}|{255:#x}")
print(*map(lambda p: p * 2, [1, 2]), sep="-", end="!\n")
