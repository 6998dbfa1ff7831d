# Conversions between numbers in native code.
def convert(x):
    return int(x), float(x), bool(x)


def floats(n, scale):
    s = 0
    for i in range(n):
        x = i * scale
        s += int(x) + int(-x) * 2 + int(i)
        if bool(x):
            s += 1
        s += int(float(i)) + int(float(x))
    return s


def big(n, f):
    s = 0
    for i in range(n):
        s = int(f) + i
        f = f * 16.0
    return s


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e)


for k in range(4):
    print(floats(60, 0.75), floats(60, 1e9), floats(60, 3.3e16), floats(30, 2))
    print(big(20, 1.5), big(10, -2.0**55), big(6, 2.0**61 - 1024), big(3, -(2.0**62)))
    print([convert(x) for x in (0.0, -0.0, 1.9, -1.9, 2.0**61, -(2.0**61), 2.0**62, -(2.0**62), 2.0**63, 5, True)])
    print(attempt(floats, 40, float("inf")), attempt(floats, 40, float("nan")), attempt(convert, "x"), convert("12"))
