# A local that is something else again behind a loop that stored what it was in between.


def deleted(n):
    s = "ab"
    x = "u"
    for i in range(0, 3, 2):
        t = f"{s[:3]}{n}"
    del x
    return (n, x)


def back(a, n):
    x = a
    s = repr(n)
    x = 5
    for i in range(0, 3, 2):
        t = f"{s[:3]}{n}"
    x = a
    n = n + 1.5
    return x, n


for k in range(30):
    try:
        print(deleted(1))
    except UnboundLocalError as e:
        print(e)
    print(back("q", 3), back("r", 2.5))
    try:
        back("s", "t")
    except TypeError as e:
        print(e, e.__traceback__.tb_next.tb_frame.f_locals)


# That a local is set is asked even where its value is of no use.
def deleting():
    x = "u"
    n = 4
    while n:
        yield n
        del x


def looking(n, d):
    x = 1
    for i in range(n):
        if i == d:
            del x
        for k in range(3):
            pass
        x
    return i


for k in range(9):
    try:
        print([p for p in zip(range(20), deleting())])
    except UnboundLocalError as e:
        print(e)
    try:
        print(looking(5, 7 if k < 5 else 3))
    except UnboundLocalError as e:
        print(e)
