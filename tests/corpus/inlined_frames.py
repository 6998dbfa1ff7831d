# Inlined code that calls others: its frames are looked at, kept, raised through, and are as deep as they say.
import sys
import weakref


def leaf(n):
    f = sys._getframe()
    if n == 3:
        names = []
        while f:
            known = sorted(k for k in f.f_locals if not k.startswith("__"))
            names.append((f.f_code.co_name, f.f_lineno, known[:3]))
            f = f.f_back
        return names[:4]
    return n


def middle(a, b):
    c = a + b
    d = leaf(c)
    return d


def outer(x):
    y = middle(x, 1)
    return y


def loop():
    r = []
    for i in range(3000):
        r.append(outer(i % 7))
    return r


print([x for x in loop() if isinstance(x, list)][-1])


def fail(n):
    if n > 5:
        raise ValueError(n)
    return n


def second(n):
    return fail(n) + 1


def first(n):
    return second(n) + 1


def run():
    s = 0
    for i in range(5000):
        s += first(i // 800)
    return s


try:
    run()
except ValueError as e:
    at = e.__traceback__
    while at:
        print(at.tb_frame.f_code.co_name, at.tb_lineno, at.tb_frame.f_locals.get("n"))
        at = at.tb_next


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


print([fib(n) for n in (5, 15, 20)])


def deeper(n):
    global deepest
    deepest = n
    return deeper(n + 1)


depths = set()
for _ in range(30):
    try:
        deeper(1)
    except RecursionError as e:
        depths.add((deepest, str(e)))
print(len(depths), sorted(depths)[0][1])


def count(n):
    return 0 if n == 0 else count(n - 1) + 1


sys.setrecursionlimit(400)
seen = set()
for n in list(range(1, 390, 7)) * 3:
    try:
        seen.add(count(n) == n)
    except RecursionError:
        seen.add(n)
print(sorted(seen, key=str)[-1], min((s for s in seen if s is not True), default=None) is None or "some")
sys.setrecursionlimit(1000)


class Thing:
    pass


kept = []


def keep(n):
    t = Thing()
    if n % 500 == 7:
        kept.append(weakref.ref(t))
        kept.append(sys._getframe(1))
    return n


def keeper(n):
    return keep(n)


def all_kept():
    for i in range(3000):
        keeper(i)


all_kept()
print([f.f_locals for f in kept[1::2]], sorted({f.f_back.f_code.co_name for f in kept[1::2]}))


def ping(n, log):
    if n:
        log.append(n)
        return pong(n - 1, log)
    return sys._getframe().f_back.f_code.co_name


def pong(n, log):
    if n:
        return ping(n - 1, log)
    return sys._getframe().f_back.f_code.co_name


log = []
print(sorted({(n % 2, ping(n % 50, log)) for n in range(3000) if n % 50}), len(log))


def fibs(n):
    "Changes what is called while it runs."
    global fib
    if n == 12:
        old = fib
        fib = lambda n: old(n) and 1
    return fib(n) + n


print([fibs(n) for n in (3, 8, 12, 13)])


def grab(n):
    if n % 400 == 5:
        shown.append(sys._getframe(1))
    return n


def changing(n):
    loc = n * 2
    v = grab(n)
    loc = v + 1
    late = loc * 1.5
    return late


def outermost(n):
    a = changing(n)
    b = [a]
    return b


shown = []
for i in range(3000):
    outermost(i)
print([(f.f_locals, f.f_lineno) for f in shown][::3])
print(sorted({(f.f_back.f_code.co_name, str(f.f_back.f_locals)) for f in shown if f.f_back.f_code.co_name != "<module>"})[::3])
