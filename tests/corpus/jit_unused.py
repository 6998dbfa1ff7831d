# Results that nobody uses still have to be what they are: errors come, changed objects are seen.
class A:
    flag = False

    def get(self):
        return self.flag

    def close(self):
        self.flag = True


def adds(x, y):
    x + y
    return 1


def compares(x, y):
    x < y
    return 1


def indexes(xs, i):
    xs[i]
    return 1


def divides(a, b):
    a // b
    a % b
    return 1


def attempts(f, good, bad):
    for _ in range(3000):
        f(*good)
    try:
        return f(*bad)
    except Exception as e:
        return type(e).__name__, str(e)


for f, good, bad in [
    (adds, (1, 2), (1, "a")),
    (adds, (1.5, 2.5), (1.5, None)),
    (compares, (1, 2), (1, "a")),
    (indexes, ([1], 0), ([1], 5)),
    (divides, (7, 2), (7, 0)),
]:
    print(f.__name__, attempts(f, good, bad))

a = A()
for _ in range(3000):
    a.get()
a.close()
print(a.get(), A().get())
