# A guess of what a word is stands where paths meet, though only the word goes on.


def flat(x):
    return x if x is None or isinstance(x, (int, float, str)) else type(x).__name__


def generated(x=9):
    y = 9
    if isinstance(y, (list, tuple)):
        return 3
    yield flat(((1, 2) and x))
    yield 1


def chosen(x, y):
    r = []
    for i in range(3):
        z = (1, 2) if y else x
        r.append("none" if z is None else "some")
    return r


for i in range(6):
    for x in (None, None, 2.5, None, 2.5, 2.5, None, 7):
        print([v for _, v in zip(range(5), generated(x))], chosen(x, i % 2), end=" ")
    print()
