"""Operations whose results nobody looks at still raise when generators go on with operands of another kind."""



def g():
    x = yield
    while True:
        x + 1
        x = yield
a = g(); next(a)
for i in range(3000): a.send(i)
try:
    a.send("a"); print("lost")
except TypeError as e:
    print(e)

def h(y):
    for i in range(10):
        yield i
        y + 1

def many(v):
    for i in range(3000):
        b = h(v); next(b); next(b)
many(1)
try:
    many("x"); print("lost")
except TypeError as e:
    print(e)

def fn0(i0):
    try:
        i0 += 1
    finally:
        i0 = 1
    yield i0
for a in (1, 2, 3, 4, 5, {}, 6, {}, {}, 7):
    try:
        print(list(fn0(a)))
    except TypeError as e:
        print(e)
    try:
        print(next(fn0(a)))
    except TypeError as e:
        print(e)
    try:
        for x in fn0(a): print(x)
    except TypeError as e:
        print(e)
    try:
        print(fn0(a).send(None))
    except TypeError as e:
        print(e)
