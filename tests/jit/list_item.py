# Subscripts of a list: shape, bounds, negative indices.
def f(xs, i):
    xs[i] = xs[i - 1]
    return xs


for _ in range(1000):
    f([1, 2, 3], 1)
