# What may raise branches to the handler.
def f(d, keys):
    n = 0
    for k in keys:
        try:
            n += d[k]
        except KeyError:
            n -= 1
    return n


for _ in range(1000):
    f({1: 2}, [1, 2] * 3)
