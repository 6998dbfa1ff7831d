# Exceptions that handlers take without looking at them need not be made; those that somebody sees are.
import sys

N = 3000


class Plain(Exception):
    pass


class Derived(Plain):
    pass


class Other(Exception):
    pass


class Counted(Exception):
    made = 0

    def __init__(self, *args):
        Counted.made += 1
        super().__init__(*args)


def checked(n):
    if n % 3 == 0:
        raise ValueError(n)
    return n


def deeper(n):
    return checked(n) + 1


def deepest(n):
    return deeper(n) + 1


def kinds(n):
    if n % 5 == 0:
        raise Plain
    if n % 5 == 1:
        raise Derived("text", n)
    if n % 5 == 2:
        raise KeyError(n)
    if n % 5 == 3:
        raise LookupError
    return n


def caught(f, n):
    failed = total = 0
    for i in range(n):
        try:
            total += f(i)
        except ValueError:
            failed += 1
    return failed, total


def caught_here(n):
    failed = total = 0
    for i in range(n):
        try:
            total += deepest(i)
        except ValueError:
            failed += 1
    return failed, total


def several(n):
    seen = [0, 0, 0, 0]
    a = b = c = d = 0
    for i in range(n):
        try:
            d += kinds(i)
        except Derived:
            a += 1
        except (IndexError, KeyError):
            b += 2
        except (Plain, LookupError):
            c += 3
    seen[:] = a, b, c, d
    return seen


def steps(n):
    i = rounds = 0
    while True:
        i += 1
        try:
            if i > n:
                raise StopIteration
            if i % 2:
                raise Plain(i)
        except Plain:
            continue
        except StopIteration:
            break
        rounds += 1
    return i, rounds


def returns(n):
    try:
        if n % 2:
            raise IndexError(n, n)
        return "even"
    except IndexError:
        return n


def named(n):
    s = 0
    for i in range(n):
        try:
            if i % 2:
                raise Plain(i)
        except Plain as e:
            s += 1
    return s, "e" in locals()


def looks(n):
    s = 0
    for i in range(n):
        try:
            if i % 2:
                raise Plain(i)
        except Plain as e:
            s += e.args[0]
    return s


def overflows(n, start):
    s = start
    for i in range(n):
        try:
            if i % 4 == 0:
                raise Plain(i)
            s += 1
        except Plain:
            s += 1 << 50
    return s


def becomes_float(n):
    s = 0
    for i in range(n):
        step = 1 if i < n // 2 else 0.5
        try:
            if i % 2:
                raise Plain
        except Plain:
            s += step
    return s


def made(n):
    s = 0
    for i in range(n):
        try:
            raise Counted(i)
        except Counted:
            s += 1
    return s


def inside(n):
    s = 0
    for i in range(n):
        try:
            raise Plain(i)
        except Plain:
            s += sys.exc_info()[0] is Plain and sys.exception().args == (i,)
    return s


def context(n):
    s = 0
    for i in range(n):
        try:
            try:
                raise KeyError(i)
            except KeyError:
                raise Plain(i)
        except Plain as e:
            s += isinstance(e.__context__, KeyError) and e.__context__.args == (i,)
    return s


def finally_runs(n):
    s = t = 0
    for i in range(n):
        try:
            try:
                if i % 2:
                    raise Plain(i)
            finally:
                t += 1
        except Plain:
            s += 1
    return s, t


def other_class(n):
    try:
        for i in range(n):
            try:
                if i == n - 1:
                    raise Plain(i)
                if i % 2:
                    raise ValueError(i)
            except ValueError:
                pass
    except Plain as e:
        tb = e.__traceback__
        return e.args, tb.tb_frame.f_locals["i"], tb.tb_next


class Point:
    def __init__(self, x):
        if x % 3 == 1:
            raise ValueError(x)
        self.x = x


def instances(n):
    s = bad = 0
    for i in range(n):
        try:
            s += Point(i).x
        except ValueError:
            bad += 1
    return s, bad


def missing(table, keys):
    s = n = 0
    for k in keys:
        try:
            s += table[k]
        except KeyError:
            n += 1
    return s, n


class Table(dict):
    def __missing__(self, k):
        if k % 7 == 0:
            raise KeyError(k)
        return -1


class Key:
    hashed = 0

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        Key.hashed += 1
        return hash(self.n)

    def __eq__(self, o):
        return isinstance(o, Key) and o.n == self.n


def drained(items):
    it = iter(items)
    n = 0
    while True:
        try:
            n += next(it)
        except StopIteration:
            return n


def ended(it):
    n = 0
    while True:
        try:
            n += next(it)
        except StopIteration as e:
            return n, e.value


class Steps:
    def __init__(self, n):
        self.n, self.asked = n, 0

    def __iter__(self):
        return self

    def __next__(self):
        self.asked += 1
        if self.asked > self.n:
            raise StopIteration
        return self.asked


def generated(n):
    yield from range(n)
    return "end"


class Guard:
    entered = left = 0

    def __enter__(self):
        Guard.entered += 1
        return self

    def __exit__(self, kind, value, traceback):
        Guard.left += 1
        self.last = value and value.args
        return kind is ValueError


def guarded(n):
    s = 0
    for i in range(n):
        with Guard() as g:
            s += checked(i)
        if g.last:
            s -= g.last[0]
    return s


print(caught(checked, N), caught(deepest, N), caught_here(N))
print(several(N))
print(steps(N))
print([returns(i) for i in range(N)][-3:])
print(named(N), looks(N))
print(overflows(N, 0), overflows(N, 1 << 62))
print(becomes_float(N))
print(made(N), Counted.made)
print(inside(N), context(N))
print(finally_runs(N))
print(other_class(N))
print(instances(N))
numbers = dict.fromkeys(range(0, N, 2), 1)
print(missing(numbers, range(N)), missing(numbers, list(range(N)) + [1 << 70, 2.0, 3.5, True]))
print(missing({str(i): i for i in range(0, N, 3)}, [str(i) for i in range(N)]))
print(missing(Table(numbers), range(N)))
print(missing({Key(i): i for i in range(0, N, 2)}, [Key(i) for i in range(N)]), Key.hashed)
try:
    missing(numbers, [1, 2, []])
except TypeError as e:
    print(e)
print([drained(x) for x in ([1, 2, 3] * N, tuple(range(N)), range(N), generated(N), {1: 2, 3: 4})])
s = Steps(N)
print(drained(s), s.asked, ended(generated(N)), ended(iter([1, 2])))
it = iter([1, 2])
print(drained(it), list(it))
try:
    drained("abc")
except TypeError as e:
    print(e)
print(guarded(N), Guard.entered, Guard.left)

# A handler that looks something up itself, and does not find it either.
def twice_missing(d, e, keys):
    r = []
    for k in keys:
        try:
            v = d[k]
        except (IndexError, KeyError):
            v = e[k]
        r.append(v)
    return r


def twice_at_end(a, b, n):
    r = []
    for _ in range(n):
        try:
            v = next(a)
        except StopIteration:
            v = next(b)
        r.append(v)
    return r


def missing_in_finally(d, e, keys):
    n = 0
    for k in keys:
        try:
            try:
                n += d[k]
            except KeyError as error:
                n += e[k]
        finally:
            n += 1
    return n


spare = {i: -i for i in range(0, N, 2)}
for _ in range(4):
    print(sum(twice_missing({1: 5}, spare, [0, 1, 2, 4] * 50)))
    print(missing_in_finally({1: 5}, spare, [0, 1, 2, 4] * 50))
    for f in twice_missing, missing_in_finally:
        try:
            f({1: 5}, spare, [0, 2, 3])
        except KeyError as error:
            print(error.args, repr(error.__context__), error.__context__.__context__)
    print(len(twice_at_end(iter("ab"), iter(range(100)), 50)))
    try:
        twice_at_end(iter("ab"), iter("c"), 50)
    except StopIteration as error:
        print(error.args, repr(error.__context__))

# What an exception is may change.
made_by_class = []


def initialize(self, *args):
    made_by_class.append(args)


def plain_raised(n):
    s = 0
    for i in range(n):
        try:
            raise Derived(i)
        except Plain:
            s += 1
        except Other:
            s += 1000
    return s


print(plain_raised(N))
Derived.__init__ = initialize
print(plain_raised(3), made_by_class)
del Derived.__init__
print(plain_raised(N), len(made_by_class))
Derived.__bases__ = (Other,)
print(plain_raised(3))
Derived.__bases__ = (Plain,)
print(plain_raised(N))
Old, Plain = Plain, KeyError
try:
    print(plain_raised(3))
except Old as e:
    print("not taken", e.args)
Plain = Old

# Who traces sees each of them.
events = []


def tracer(frame, event, arg):
    if event == "exception":
        events.append((frame.f_code.co_name, arg[0].__name__, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


sys.settrace(tracer)
caught_here(4)
missing(numbers, [1])
drained([1])
sys.settrace(None)
print(events)
