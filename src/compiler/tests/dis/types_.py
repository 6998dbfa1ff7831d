type Pair[T] = tuple[T, T]


def first[T: int, *Ts, **P](a: T, *args: *Ts) -> T:
    return a


class Box[T](Base):
    item: T
    if True:
        maybe: int = 1


x: list[int] = []
