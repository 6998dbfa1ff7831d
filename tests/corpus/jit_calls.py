# Calls with defaults and names, and methods of several classes at one place, in native code.


def two(a, b=10):
    return a * 100 + b


def three(a, b=1, c=2):
    return (a, b, c)


def only(a, /, b, *, c=3):
    return (a, b, c)


def rest(a, *more, **named):
    return a, more, sorted(named.items())


class Base:
    def __init__(self, x=1, y=2):
        self.x = x
        self.y = y

    def value(self, k=0):
        return self.x + k

    def same(self):
        return 1


class Sub(Base):
    def value(self, k=5, j=7):
        return self.y * k + j


class Far(Base):
    def value(self, k=2):
        if k > 50:
            raise ValueError(k)
        return [self.x, k]


class Slot:
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x

    @property
    def double(self):
        return self.x * 2

    def value(self, k=1):
        return -self.x * k

    def same(self):
        return 2


def attempt(f, *args, **named):
    try:
        return f(*args, **named)
    except Exception as e:
        return type(e).__name__, str(e)


def defaults(n):
    s = 0
    for i in range(n):
        s += two(i) + two(i, 3) + two(b=i, a=2) + two(i, b=4)
        s += three(i)[2] + three(i, c=i)[1] + three(c=1, a=2, b=i)[1]
        s += only(1, 2)[2] + only(1, b=i, c=5)[1]
        s += len(rest(1, 2, 3, k=i)[1])
    return s


def changed(n):
    out = []
    for i in range(n):
        out.append(attempt(two, 1) if i == n // 2 + 6 else two(1))
        if i == n // 2:
            two.__defaults__ = (i,)
        if i == n // 2 + 5:
            two.__defaults__ = None
        if i >= n // 2 + 6 or i == n - 1:
            two.__defaults__ = (10,)
    return out


def wrong(n):
    out = []
    for i in range(n):
        if i > n - 4:
            out.append(attempt(two))
            out.append(attempt(two, 1, 2, 3))
            out.append(attempt(lambda: two(1, c=2)))
            out.append(attempt(lambda: two(1, a=2)))
            out.append(attempt(lambda: only(a=1, b=2)))
            out.append(attempt(lambda: only(1, 2, 3)))
        else:
            attempt(lambda: two(1, b=2))
    return out


def objects(n):
    s = 0
    for i in range(n):
        b = Base(y=i)
        c = Base(i)
        s += b.x + b.y + c.x + c.y + Base().y + Base(x=3, y=4).y
    return s


def several(items, n):
    s = 0
    lists = 0
    for i in range(n):
        for o in items:
            v = o.value()
            if isinstance(v, list):
                lists += v[1]
            else:
                s += v
            v = o.value(i)
            if not isinstance(v, list):
                s += v
            s += o.same()
    return s, lists


def nested(items, n):
    s = 0
    for i in range(n):
        for o in items:
            s += three(o.value(i % 3), o.value())[1] if type(o) is Sub else 0
    return s


for k in range(4):
    print(defaults(60))
    print(changed(40)[15:] if k % 2 else changed(5))
    print(wrong(40)[-6:])
    print(objects(50))
    two_kinds = [Base(3), Sub(1, 2)]
    print(several(two_kinds, 40))
    print(several(two_kinds + [Slot(4)], 40), several([Slot(1)], 4))
    print(several(two_kinds + [Slot(4), Far(2)], 20), nested(two_kinds, 30))
    print(attempt(several, [Far(1), Base(2), Slot(3)], 80))
    Base.value = lambda self, k=9: k
    print(several(two_kinds, 20))
    Base.value = lambda self, k=0: self.x + k
