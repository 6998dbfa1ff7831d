# Operators of Python classes in hot code: inlined methods, methods that decline, the right side's turn, results that
# go to locals, classes that change, exits in the middle of a method.


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        if isinstance(other, Vec):
            return Vec(self.x + other.x, self.y + other.y)
        return NotImplemented

    def __sub__(self, other):
        return Vec(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    def __mod__(self, k):
        if k == 3:
            return NotImplemented
        return self.x % k

    def __iadd__(self, other):
        self.x += other.x
        return self

    def __lshift__(self, n):
        return NotImplemented

    def show(self):
        return f"{self.x},{self.y}"


class Sub(Vec):
    def __radd__(self, other):
        return "radd"

    def __rsub__(self, other):
        return "rsub"


class Other:
    def __radd__(self, other):
        return ("other", other.x)

    def __rmod__(self, other):
        return 1000


def sums(n):
    a = Vec(0, 0)
    b = Vec(1, 2)
    for i in range(n):
        a = a + b
        a = a - b * 2 + b * 3
    return a.show()


def locals_and_stack(n):
    v = Vec(7, 8)
    t = 0
    for i in range(n):
        d = v % 5
        k = i & 3 or 2
        e = v % k if k != 3 else 1
        t += d + e + (v % 4) * 2
    return t


def in_place(n):
    v = Vec(0, 0)
    one = Vec(1, 1)
    for i in range(n):
        v += one
        v -= one
        v += one
    return v.show()


def right_side(n):
    v, o = Vec(3, 4), Other()
    t = 0
    for i in range(n):
        t += (v + o)[1] + v % o
    return t


def declines(n, k):
    v = Vec(5, 6)
    t = 0
    for i in range(n):
        try:
            t += v % (3 if i % k == 0 else 4)
        except TypeError as e:
            t += 100
            last = str(e)
    return t, last


def shifts(n):
    v = Vec(1, 1)
    texts = set()
    for i in range(n):
        try:
            v << i
        except TypeError as e:
            texts.add(str(e))
        try:
            v <<= i
        except TypeError as e:
            texts.add(str(e))
    return sorted(texts)


def subclass(n):
    v, s = Vec(1, 2), Sub(3, 4)
    out = []
    for i in range(n):
        w = v if i % 50 else s
        r = v + w
        q = v - w
        out.append((r if isinstance(r, str) else r.show()) + (q if isinstance(q, str) else q.show()))
    return sorted(set(out))


def floats(n):
    v = Vec(1.5, 2.5)
    t = Vec(0.0, 0.0)
    for i in range(n):
        t = t + v * 0.5
        if i == n - 5:
            v = Vec(1, "no")
            try:
                t + v
            except TypeError as e:
                print(e)
            v = Vec(2, 3)
    return t.show()


def changes(n):
    class C:
        def __add__(self, k):
            return k + 1

    c = C()
    t = 0
    for i in range(n):
        t = (c + t) % 1000003
        if i == n // 2:
            C.__add__ = lambda self, k: k + 2
        if i == n - 3:
            del C.__add__
            C.__add__ = lambda self, k: (k, "x")[0] - 1
    return t


class Deep:
    def __init__(self, v):
        self.v = v

    def __add__(self, o):
        # Leaves in the middle: what the interpreter returns goes where the operator's result goes.
        s = self.v
        if s > 1000:
            s = str(s)
        return Deep(s + o.v)

    def __and__(self, o):
        s = self.v
        if o.v > 1000:
            return NotImplemented
        return s & o.v


class Last:
    def __init__(self, v):
        self.v = v

    def __rand__(self, o):
        return -o.v


def leaves(n):
    d, one, seen = Deep(0), Deep(1), []
    for i in range(n):
        d = d + one
        if i % 900 == 899:
            d = Deep(0)
        r = d & (Last(i * 2) if i % 7 == 0 else one)
        seen.append(r)
    try:
        for i in range(2000):
            d = d + one
    except TypeError as e:
        print(e)
    return d.v, sum(seen)


def main():
    n = 3000
    print(sums(n))
    print(locals_and_stack(n))
    print(in_place(n))
    print(right_side(n))
    print(declines(n, 3), declines(n, 100))
    print(shifts(n))
    print(subclass(n))
    print(floats(n))
    print(changes(n))
    print(leaves(n))
    print(sums(n), locals_and_stack(n))


main()
