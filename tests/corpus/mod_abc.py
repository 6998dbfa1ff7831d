"""_abc: abstract methods, registration, caches, hooks, cycles; protocols that check at run time."""
import abc
import collections.abc
import gc
import typing


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

    @property
    @abc.abstractmethod
    def name(self): ...


class Half(Shape):
    def area(self):
        return 1


class Full(Half):
    name = "full"


print(sorted(Shape.__abstractmethods__), sorted(Half.__abstractmethods__), Full.__abstractmethods__)
for c in (Shape, Half, Full):
    try:
        print(c().area())
    except TypeError as e:
        print(e)


class Other:
    pass


class Below(Other):
    pass


print(isinstance(Other(), Shape), issubclass(Below, Shape))
before = abc.get_cache_token()
print(Shape.register(Other) is Other, abc.get_cache_token() != before)
print(isinstance(Other(), Shape), issubclass(Below, Shape), isinstance(3, Shape), isinstance(3, Shape))
Half.register(int)
print(isinstance(3, Shape), issubclass(bool, Shape), isinstance("", Shape))
for bad in (lambda: Shape.register(3), lambda: issubclass(3, Shape), lambda: Below.__class__ and Full.register(Shape)):
    try:
        print(bad())
    except (TypeError, RuntimeError) as e:
        print(type(e).__name__, e)


class Hooked(metaclass=abc.ABCMeta):
    @classmethod
    def __subclasshook__(cls, c):
        if cls is Hooked:
            return any("quack" in b.__dict__ for b in c.__mro__) or NotImplemented
        return NotImplemented


class Duck:
    def quack(self): ...


print(isinstance(Duck(), Hooked), issubclass(int, Hooked))


class Wrong(metaclass=abc.ABCMeta):
    @classmethod
    def __subclasshook__(cls, c):
        return 5


try:
    issubclass(int, Wrong)
except AssertionError as e:
    print("AssertionError")


class Liar:
    @property
    def __class__(self):
        return Full


print(isinstance(Liar(), Shape), isinstance(Liar(), Hooked))
# Classes that come and go: what is remembered of them must not be believed of others.
for i in range(300):
    made = type(f"T{i}", (list if i % 2 else object,), {"__len__": lambda self: 0} if i % 3 == 0 else {})
    sized = issubclass(made, collections.abc.Sized)
    assert sized == (i % 2 == 1 or i % 3 == 0), i
    if i % 100 == 0:
        del made
        gc.collect()
print([issubclass(c, a) for c in (list, dict, str, range, int)
       for a in (collections.abc.Sequence, collections.abc.Mapping, collections.abc.Hashable)])


@typing.runtime_checkable
class HasX(typing.Protocol):
    x: int

    def f(self): ...


class A:
    x = 1

    def f(self): ...


print(isinstance(A(), HasX), isinstance(3, HasX))
match [1, 2], {"a": 1}:
    case [x, y], {"a": z}:
        print(x, y, z)
Full.area = abc.abstractmethod(lambda self: 0)
abc.update_abstractmethods(Full)
print(sorted(Full.__abstractmethods__))
