# Functions that make functions, called where native code inlines them; star calls, raise, with, unpacking, imports.


def identity():
    return lambda x: x


def adder(k):
    return lambda x: x + k


def run(n):
    t = 0
    for i in range(n):
        f = identity()
        g = adder(i)
        t += g(1)
    return f(5), t


print(run(9000))


def three(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, sorted(more.items())


def spread(args, keywords):
    return three(*args, **keywords), three(*args), three(0, *args, c=4, **keywords), max(*args)


def tries(cases):
    for a, k in cases:
        try:
            print(spread(a, k))
        except TypeError as e:
            print(e)


for _ in range(4000):
    spread((1, 2), {"x": 1})
tries([((1, 2, 3), {"c": 9}), ([5, 6], {"b": 1}), (iter([1, 2]), {}), (7, {}), ((1, 2), {"c": 1, 2: 3}), ({4: 0, 5: 0}, {})])


def parts(v):
    a, *b, c = v
    return a, b, c


def merged(d, e):
    return {**d, "k": 1, **e}, [*d, *e], (*d,), {*d, *e}


for _ in range(4000):
    parts([1, 2, 3])
    merged({"a": 1}, {"b": 2})
print(parts("abcd"), parts((1, 2)), merged({"a": 1, "k": 5}, {"b": 2}))
for bad in ([1], 5):
    try:
        parts(bad)
    except (TypeError, ValueError) as e:
        print(e)
try:
    merged([1], {})
except TypeError as e:
    print(e)


class Guard:
    def __init__(self, log, eat):
        self.log = log
        self.eat = eat

    def __enter__(self):
        self.log.append("in")
        return len(self.log)

    def __exit__(self, kind, value, tb):
        self.log.append(kind.__name__ if kind else "out")
        return self.eat


def guarded(log, n, eat):
    t = 0
    for i in range(n):
        with Guard(log, eat) as k:
            t += k
            if i % 1000 == 999:
                raise KeyError(i)
            if i % 7 == 0:
                continue
    return t


log = []
print(guarded(log, 5000, True), len(log), log.count("KeyError"))
try:
    guarded(log, 5000, False)
except KeyError as e:
    print(repr(e), e.__traceback__.tb_next.tb_lineno - guarded.__code__.co_firstlineno)
try:
    with 5:
        pass
except TypeError as e:
    print(e)


def checked(x):
    if x < 0:
        raise ValueError(x)
    if x > 100:
        raise OverflowError(x) from None
    if x == 50:
        raise KeyError(x) from ValueError("inner")
    assert x != 60, "sixty"
    return x


def outcome(x):
    try:
        return checked(x)
    except Exception as e:
        return type(e).__name__, e.args, type(e.__cause__).__name__, e.__traceback__.tb_next.tb_lineno - checked.__code__.co_firstlineno


for _ in range(4000):
    outcome(1)
    outcome(-1)
print(outcome(5), outcome(-5), outcome(500), outcome(50), outcome(60))


def wrong():
    raise 5


for _ in range(4000):
    try:
        wrong()
    except TypeError as e:
        text = str(e)
print(text)


def imports(n):
    for _ in range(n):
        import math
        from math import floor, ceil as up
    return math.pi, floor(1.5), up(1.5)


print(imports(6000))


class Bag:
    pass


def drop(n):
    b = Bag()
    for i in range(n):
        b.x = i
        del b.x
    return hasattr(b, "x")


print(drop(6000))


def positive(n):
    t = 0
    for i in range(n):
        t += +i
    return t


print(positive(6000))


def every(n):
    t = 0
    for i in range(n):
        t += all(x < 3 for x in (0, 1, 2)) + any(x > i for x in (1, 2))
    return t


print(every(3000))
