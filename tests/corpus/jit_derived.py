# Lists' subclasses, and super() of objects of several classes, in hot code.

N = 2000


class Items(list):
    pass


class Loud(list):
    def __iter__(self):
        return iter([x * 10 for x in list.__iter__(self)])


class Sized(list):
    def __init__(self, *args):
        super().__init__(*args)
        self.made = True


class Built(list):
    def __new__(cls, *args):
        o = super().__new__(cls)
        list.append(o, 7)
        return o


class Slotted(list):
    __slots__ = ("name",)


def total(xs):
    s = 0
    for x in xs:
        s += x
    return s


def growing(xs):
    n = 0
    for x in xs:
        if len(xs) < 20:
            xs.append(x + 1)
        n += x
    return n


def doubled(xs):
    return [2 * x for x in xs]


def made(cls, n):
    s = 0
    for i in range(n):
        xs = cls()
        xs.append(i)
        s += len(xs) + xs[0]
    return s, type(xs).__name__, xs


def one_class(n):
    s = 0
    for i in range(n):
        xs = Items()
        xs.append(i)
        xs.extra = i
        s += len(xs) + xs.extra
    return s


def slotted(n):
    for i in range(n):
        xs = Slotted()
        xs.append(i)
        xs.name = i
    return xs, xs.name, hasattr(Slotted(), "name")


class Base:
    def __init__(self, x):
        super().__init__()
        self.x = x

    def who(self):
        return "Base", self.x

    def text(self):
        return "base"


class Left(Base):
    def __init__(self, x):
        super(Left, self).__init__(x)
        self.left = True

    def who(self):
        return ("Left",) + super().who()


class Right(Base):
    def __init__(self, x):
        super(Right, self).__init__(x + 1)

    def who(self):
        return ("Right",) + super().who()


class Both(Left, Right):
    def __init__(self, x):
        self.first = x
        super().__init__(x)

    def who(self):
        return ("Both",) + super().who()


class Deep(Both):
    def text(self):
        return "deep " + super().text()


class Odd(Base):
    def __getattribute__(self, name):
        return super().__getattribute__(name)


def objects(classes, n):
    seen = {}
    for i in range(n):
        o = classes[i % len(classes)](i)
        seen[o.who() if i % 3 else o.text()] = o.x
    return len(seen), o.who(), o.text(), o.x


print(total(Items(range(N))), total(Loud(range(N))), total(Sized(range(N))), total(list(range(N))))
print([total(c([1, 2, 3])) for c in [Items, Loud, Sized, list, tuple] * 300][-5:])
print(growing(Items([1])), growing([1]), growing(Sized([1])))
print(sum(map(len, [doubled(Items(range(5))) for _ in range(N)])), doubled(Loud([1, 2])))
for c in (Items, Loud, Sized, Built, Slotted, list):
    print(made(c, N))
print(one_class(N), slotted(N))
print(objects([Left], N))
print(objects([Left, Right], N))
print(objects([Left, Right, Both, Deep, Odd], N))
print(objects([Base, Both], N))


# What classes are may change.
def again(n):
    s = 0
    for i in range(n):
        xs = Items()
        xs.append(i)
        for x in xs:
            s += x
    return s


print(again(N))
Items.__iter__ = lambda self: iter([1000])
print(again(3))
del Items.__iter__
print(again(N))
Items.__init__ = lambda self: self.append(5)
print(again(3))
del Items.__init__
print(again(N))
Base.who = lambda self: "changed"
try:
    print(objects([Left, Right], 4))
except TypeError as e:
    print(e)
Base.who = lambda self: ("again",)
print(objects([Left, Right, Both], 30))
Both.__bases__ = (Right, Left)
print(objects([Left, Right, Both], 30))


class Other:
    pass


try:
    Base.__init__(Other(), 1)
except TypeError as e:
    print(e)
try:
    super(Left, Right(1)).who()
except TypeError as e:
    print(e)
