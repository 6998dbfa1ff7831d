# Class methods called through objects and classes, from sites that have seen others, and after changes.
class A:
    @classmethod
    def make(cls, x=1):
        return cls.__name__, x

    @classmethod
    def other(cls):
        return cls.make(2)


class B(A):
    pass


class Odd(classmethod):
    def __get__(self, o, t=None):
        return lambda *a: ("odd", type(o).__name__, a)


def call(o):
    return o.make()


def call_kw(o):
    return o.make(x=3)


def both(objects):
    return [call(o) for o in objects], [call_kw(o) for o in objects]


for round in range(4):
    print(both([A(), A, B(), B, A(), B()]))
    print([o.other() for o in (A(), B(), A, B)])
a = A()
print(a.make is a.make, A.make is A.make, a.make == A().make, a.make.__self__ is A, a.make.__func__.__name__)
seen = []
for i in range(6):
    if i == 2:
        a.make = lambda: "instance"
    if i == 3:
        del a.make
    if i == 4:
        A.make = classmethod(lambda cls, x=9: (cls, x)[1])
    if i == 5:
        B.make = Odd(A.other)
    seen.append((call(a), call(A), call(B()), call(B)))
print(seen)


class Meta(type):
    @property
    def make(cls):
        return lambda: "from the metaclass"


class C(A, metaclass=Meta):
    pass


print([call(o) for o in (C(), C, C(), C, A(), C)])


class D:
    make = classmethod(len)


D.__class__
for i in range(3):
    try:
        print(call(D()))
    except TypeError as e:
        print(type(e).__name__)


def hot():
    total = 0
    objects = [A(), B(), C()]
    for i in range(3000):
        o = objects[i % 3]
        if i == 2000:
            A.make = classmethod(lambda cls, x=1: ("changed", 5))
            B.make = classmethod(lambda cls, x=1: ("changed", 7))
        total += len(repr(o.make()))
    return total


print(hot())
