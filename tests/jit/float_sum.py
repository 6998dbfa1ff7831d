# Floats stay unboxed in the loop.
def f(n):
    s = 0.0
    for i in range(n):
        s += i * 0.5
    return s


for _ in range(1000):
    f(3)
