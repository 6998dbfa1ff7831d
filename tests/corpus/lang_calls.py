# Calls, closures, argument binding and its errors.
def f(a, b=2, /, c=3, *d, e, g=7, **h):
    return a, b, c, d, e, g, h


def attempt(call):
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__, e)


attempt(lambda: f(1, e=5))
attempt(lambda: f(1, 2, 3, 4, 5, e=6, x=1))
attempt(lambda: f())
attempt(lambda: f(1))
attempt(lambda: f(1, e=1, b=2))
attempt(lambda: f(*[1, 2], **{"e": 3, "z": 4}))
attempt(lambda: f(1, e=1, **{"e": 2}))


def g(a, b):
    return a - b


attempt(lambda: g(1))
attempt(lambda: g(1, 2, 3))
attempt(lambda: g(1, c=2))
attempt(lambda: g(b=1, a=5))
attempt(lambda: g(1, 2, b=3))
attempt(lambda: len())
attempt(lambda: len(1, 2))
attempt(lambda: [].append())
attempt(lambda: {}.get())
attempt(lambda: None())
attempt(lambda: int.__add__(1))


def counter():
    n = 0

    def up(k=1):
        nonlocal n
        n += k
        return n

    return up


c = counter()
print(c(), c(5), c())
print([h(3) for h in [lambda x, k=k: x * k for k in range(4)]])
print((lambda *a, **k: (a, k))(*range(3), *"ab", x=1, **{"y": 2}))


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


print(deep(900))
attempt(lambda: deep(100000))


def local_error():
    if False:
        x = 1
    return x


attempt(local_error)


def free_error():
    def inner():
        return y

    if False:
        y = 1
    return inner()


attempt(free_error)
print(f.__name__, f.__defaults__, f.__kwdefaults__, f.__code__.co_varnames)
