def f(a, b):
    return (a, a + b)


for _ in range(1000):
    f(1, 2)
