# super() and static methods in hot code: cooperative chains, classes that change, other shapes, explicit arguments.


class Base:
    def __init__(self, x):
        self.x = x

    def f(self, y):
        return ("Base", y)

    @staticmethod
    def s(y):
        return y + 1

    def extra(self):
        return 1


class Left(Base):
    def __init__(self, x):
        super().__init__(x)
        self.left = True

    def f(self, y):
        return ("Left",) + super().f(y)


class Right(Base):
    def f(self, y):
        return ("Right",) + super(Right, self).f(y)


class Both(Left, Right):
    def __init__(self, x):
        super().__init__(x * 2)
        self.both = True

    def f(self, y):
        return ("Both",) + super().f(y)

    def use(self, y):
        return self.s(y) + super().extra()


class Counting(Base):
    made = 0

    def __init__(self, x):
        super().__init__(x)
        Counting.made += 1


class Slotted(Base):
    __slots__ = ("y",)

    def __init__(self, x, y):
        super().__init__(x)
        self.y = y


def chains(n):
    objects = [Left(1), Both(2), Right(3)]
    out = set()
    for i in range(n):
        out.add(objects[i % 3].f(i % 2))
    return sorted(out)


def makes(n):
    t = 0
    for i in range(n):
        t += Both(i).x + Left(i).left + Slotted(i, 2).y
        Counting(i)
    return t, Counting.made


def statics(n):
    b, t = Both(1), 0
    for i in range(n):
        t += b.use(i) + b.s(i) + Both.s(i)
        if i == n // 2:
            Base.s = staticmethod(lambda y: y + 100)
        if i == n - 9:
            b.s = lambda y: -y
    return t


def changing(n):
    class A:
        def g(self):
            return 1

    class B(A):
        def g(self):
            return super().g() + 10

    class C(A):
        pass

    b, seen = B(), []
    for i in range(n):
        r = b.g()
        if not seen or seen[-1] != r:
            seen.append(r)
        if i == n // 4:
            A.g = lambda self: 2
        if i == n // 2:
            C.g = lambda self: 3
            B.__bases__ = (C,)
        if i == 3 * n // 4:
            b.__class__ = type("D", (B,), {"g": lambda self: super(type(self), self).g() + 100})
    del A.g, C.g
    try:
        b.g()
    except AttributeError as e:
        seen.append(str(e))
    return seen


def wrong(n):
    f = Left.f
    out = set()
    for i in range(n):
        try:
            f(Right(1) if i % 7 == 0 else Left(1), 1)
        except TypeError as e:
            out.add(str(e))
    return sorted(out)


def rebound(n):
    # Another class in the cell of the same code.
    def make(base):
        class K(base):
            def h(self):
                return super().h() + 1
        return K

    class One:
        def h(self):
            return 1

    class Two:
        def h(self):
            return 20

    kinds = [make(One)(), make(Two)()]
    t = 0
    for i in range(n):
        t += kinds[i * 3 // n % 2].h()
    return t


def main():
    n = 4000
    print(chains(n))
    print(makes(n))
    print(statics(n))
    print(changing(n))
    print(wrong(n))
    print(rebound(n))


main()
