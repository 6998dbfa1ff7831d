"""Divisions by powers of two, which are multiplications, and by what is not."""
def f(x):
    return x / 2, x / 4.0, x / -8, x / 0.5, x / 3, x / 2.0**-1000, x / 2.0**1000, x / 1
def run(vs):
    r = []
    for _ in range(50):
        for v in vs: r.append(f(v))
    return r
vs = [1.0, -0.0, 0.0, 5e-324, 1.5e-323, 2.2250738585072014e-308, 1.7976931348623157e308, float("inf"), -3.7]
for x in run(vs)[-9:]: print(x)
for x in run([1, 3, -7, 2**53 + 1, 0])[-5:]: print(x)
def g(x, n):
    for i in range(n): r = x / 0.0
try: g(1.0, 100)
except ZeroDivisionError as e: print(e)
