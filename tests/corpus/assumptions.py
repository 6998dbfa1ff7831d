# what native code assumes changes while it runs, and between runs
import builtins

N = 2000
LIMIT = 10

class Base:
    scale = 2
    def step(self, x):
        return x * self.scale
    def __add__(self, other):
        return 'plus'
    def __len__(self):
        return 3

class Derived(Base):
    pass

def helper(x):
    return x + LIMIT

def later(x, by=1):
    return x + by

def run(o, n, at, change):
    total = 0
    for i in range(n):
        if i == at:
            change()
        total += o.step(i) + helper(i) + later(i) + len([1, 2])
        total += isinstance(o, Base) + (o + 1 == 'plus')
    return total

def nothing():
    pass

def limit():
    global LIMIT
    LIMIT = 1000

def scale():
    Base.scale = 5

def method():
    Derived.step = lambda self, x: -x

def code():
    helper.__code__ = (lambda x: x - 1).__code__

def defaults():
    later.__defaults__ = (100,)

def shadow():
    globals()['len'] = lambda x: 77

def unshadow():
    del globals()['len']

def builtin():
    builtins.len = lambda x: 55

def operator():
    Base.__add__ = lambda self, other: 'minus'

class Other:
    def step(self, x):
        return 1
    def __add__(self, other):
        return 'plus'

def bases():
    Derived.__bases__ = (Other,)

real = len
for name, change in [('nothing', nothing), ('limit', limit), ('scale', scale), ('method', method),
                     ('code', code), ('defaults', defaults), ('shadow', shadow), ('unshadow', unshadow),
                     ('builtin', builtin), ('operator', operator), ('bases', bases)]:
    o = Derived()
    print(name, run(o, N, N // 2, change), run(o, N, -1, nothing))
builtins.len = real

# A counter in a namespace and in a class, in hot loops.
COUNT = 0
class Counter:
    made = 0
    def __init__(self):
        global COUNT
        COUNT += 1
        Counter.made += 1

def many(n):
    for _ in range(n):
        Counter()
    return COUNT, Counter.made
print(many(N), many(N))

# New names all the time.
def names(n):
    space = {}
    exec('def f(x):\n    return abs(x) + len("ab")', space)
    f = space['f']
    total = 0
    for i in range(n):
        if i % 100 == 0:
            space[f'name{i}'] = i
        total += f(-i)
    space['abs'] = lambda x: 0
    for i in range(n):
        total += f(-i)
    return total
print(names(N))

# A changed answer is seen by frames further out.
def inner(i):
    global LIMIT
    if i % 1000 == 999:
        LIMIT += 1
    return i

def outer(n):
    t = 0
    for i in range(n):
        t += LIMIT
        inner(i)
        t += LIMIT
    return t
print(outer(N), outer(N), LIMIT)

# Code that comes and goes.
def temporary(k):
    space = {'K': k}
    exec('def f(n):\n    t = 0\n    for i in range(n):\n        t += g(i)\n    return t\ndef g(i):\n    return i * K', space)
    r = space["f"](500)
    space['K'] = k + 1
    return r + space["f"](500)
print(sum(temporary(k) for k in range(30)))
