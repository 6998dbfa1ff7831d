def loops(rows, limit):
    total = 0
    for i, row in enumerate(rows):
        if not row or i > limit:
            continue
        while row:
            row -= 1
            if row == 7:
                break
        else:
            total += i
    return total


def choose(a, b):
    x = a if a is not None else b
    return x and not (a < b <= 10) or [a, b]


def swap(a, b, c):
    a, b = b, a
    a, b, c = c, a, b
    [first, *rest] = a
    return first, rest
