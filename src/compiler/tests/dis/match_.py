def describe(p):
    match p:
        case 0 | 1:
            return "small"
        case [x, *_, y] if x:
            return x, y
        case {"k": v, **rest}:
            return v, rest
        case Point(x=0, y=y) as q:
            return y, q
        case None:
            return None
        case _:
            return "other"
