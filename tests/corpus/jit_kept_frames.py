# Frames that somebody keeps show what their locals were at the end, also where a loop or the whole ran natively.
import sys

kept = []


def counted(n):
    kept.append(sys._getframe())
    s = 0
    for i in range(n):
        s += i
    t = s + 1
    return t


def while_loop(n):
    kept.append(sys._getframe())
    s = 0
    while s < n:
        s += 1
    return s


def leaf(n):
    return n if n < 2 else leaf_of(n - 2) + 1


def leaf_of(n):
    if n < 10:
        return n
    if n == 601:
        kept.append(sys._getframe(1))
    m = n * 2
    return leaf(n - 1) + m - m


def late(n, when):
    s = 0
    for i in range(n):
        if i == when:
            kept.append(sys._getframe())
        s += i
    s = -s
    return s


def by_error(n):
    s = 0
    try:
        for i in range(n):
            s += i
            if i == n - 1:
                raise ValueError(i)
    except ValueError as e:
        kept.append(e.__traceback__.tb_frame)
    s += 1
    for i in range(n):
        s -= 1
    return s


def shown():
    f = kept.pop()
    kept.clear()
    return f.f_code.co_name, f.f_lineno, sorted((k, v) for k, v in f.f_locals.items() if isinstance(v, int))


for n in (10, 18000, 5, 21000):
    for f in (counted, while_loop, by_error):
        print(f(n), shown())
    print(late(n, n - 3), shown(), late(n, 0), shown())
for _ in range(40):
    leaf(300)
print(leaf(900), len(kept), shown())
