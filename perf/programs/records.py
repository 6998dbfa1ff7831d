"""Dataclasses, named tuples, enums and properties: records made, compared, sorted, replaced."""
from collections import namedtuple
from dataclasses import dataclass, field, replace
from enum import Enum


class Kind(Enum):
    BUY = 1
    SELL = 2


@dataclass
class Order:
    number: int
    price: float
    amount: int
    kind: Kind = Kind.BUY
    notes: list = field(default_factory=list)

    @property
    def worth(self):
        return self.price * self.amount if self.kind is Kind.BUY else -self.price * self.amount


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int
    patch: int = 0


Point = namedtuple("Point", "x y z")


def main():
    orders = []
    for i in range(160000):
        orders.append(Order(i, (i * 37 % 1000) / 4, i % 9, Kind.SELL if i % 3 == 0 else Kind.BUY))
    print(sum(o.worth for o in orders))
    orders.sort(key=lambda o: (o.kind.value, o.price, -o.number))
    print(orders[0], orders[-1].number)
    versions = [Version(i % 7, i % 11, i % 13) for i in range(40000)]
    print(max(versions), min(versions), len(set(versions)), sorted(versions)[20000])
    print(sum(replace(v, patch=v.major).patch for v in versions[:20000]))
    points = [Point(i, i + 1, i * 2) for i in range(200000)]
    print(sum(p.x * p.y - p.z for p in points), points[7]._replace(y=0))
    print(sum(a == b for a, b in zip(orders, orders[1:])))


if __name__ == "__main__":
    main()
