def g(x):
    return [x]


def f(x):
    return g(x)


for _ in range(1000):
    f(1)
