"""Sites that meet several shapes: which ones an object may have is remembered until something may have changed it."""


class Base:
    kind = 1

    def __init__(self, n):
        self.n = n
        self.on = False
        self.link = None

    def turn(self):
        self.on = not self.on
        return self.on

    def value(self):
        return self.n

    def total(self, other):
        self.link = other
        self.n += 1
        if self.on:
            other.n += self.n
        return self.n + other.n + self.value() + self.kind


class A(Base):
    pass


class B(Base):
    kind = 2

    def value(self):
        return -self.n


class C(Base):
    def __init__(self, n):
        self.first = 0
        super().__init__(n)


class D(Base):
    @property
    def on(self):
        return self.__dict__.get("_on", False)

    @on.setter
    def on(self, is_on):
        self._on = is_on


class E(Base):
    __slots__ = ("extra",)


def walk(items):
    s = 0
    for x in items:
        x.turn()
        s += x.n
        x.n = s % 50
        if x.on:
            s += x.kind
        x.on = x.on
        s += x.value()
    return s


def pairs(items):
    return sum(a.total(b) for a, b in zip(items, items[1:]))


def add_in_between(x, y):
    before = x.n
    y.late = before
    x.n = before + 1
    y.n += x.n
    return x.n + y.n + y.late


def changed_in_between(x, change):
    n = x.n
    change(x)
    return n, x.n, x.value(), x.kind


def become_b(x):
    x.__class__ = B


def add_names(x):
    x.more = 1
    x.n += 1


def nothing(x):
    pass


def main():
    classes = [A, B, C, D, E]
    for k in range(1, 5):
        items = [c(i) for i, c in enumerate(classes[:k] * 3)]
        for _ in range(60):
            r = walk(items), pairs(items)
        print(k, r)
    items = [c(i) for i, c in enumerate(classes[:3] * 3)]
    r = [add_in_between(x, y) for x in items for y in [A(1), B(2), C(3), x]]
    print(r)
    for change in (nothing, become_b, add_names):
        r = [changed_in_between(c(i), change) for i, c in enumerate([A, B, A, B] * 30)]
        print(r[-4:])
    items = [A(1), B(2), C(3)] * 4
    for _ in range(40):
        walk(items)
    A.kind = 7
    Base.value = lambda self: 100
    print(walk(items), pairs(items))
    del B.kind
    print(walk(items), pairs(items))
    B.n = property(lambda self: 5, lambda self, v: None)
    print(walk(items), pairs(items))
    del B.n
    try:
        print(walk(items + [None]))
    except AttributeError as e:
        print(e)
    x = A(1)
    del x.n
    try:
        walk([B(2), C(3), x])
    except AttributeError as e:
        print(e)


main()
