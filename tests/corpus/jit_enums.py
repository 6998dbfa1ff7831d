"""Comparisons with constants whose classes have no equality of their own; any and all under other names."""
import builtins
from enum import Enum, IntEnum


class Kind(Enum):
    BIG = 1
    SMALL = 2


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Odd(Enum):
    A = 1
    B = 2

    def __eq__(self, other):
        return self is other or other == "odd"

    __hash__ = Enum.__hash__


class Plain:
    pass


ONE = Plain()
ANY, ALL = any, all


def which(k):
    return k == Kind.BIG, k != Kind.BIG, Kind.SMALL == k, k == Level.LOW, k == Odd.A, k != Odd.B, k == ONE, ONE != k


class Sly:
    def __eq__(self, other):
        return True


def holds(items):
    return any(x for x in items), all(x for x in items), tuple(x for x in items)


def other(items):
    return "mine", list(items)


def main():
    for n in range(300):
        which(Kind.BIG if n & 1 else Kind.SMALL)
        holds([n, 1])
    for k in (*Kind, *Level, *Odd, 1, 2, "odd", None, 1.0, ONE, Plain, Sly()):
        print(k if not isinstance(k, (Plain, Sly)) else type(k), which(k))
    print(holds([0, 2]))
    builtins.any, builtins.all = other, other
    print(holds([0, 2]))
    builtins.any, builtins.all = ANY, ALL
    Plain.__eq__ = lambda self, other: other == 1
    print(which(1), which(ONE))


main()
