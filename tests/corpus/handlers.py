# exceptions that are raised and handled in one hot function, and what handlers see of them
import sys
import traceback


class Odd(Exception):
    pass


class Suppress:
    def __init__(self, *kinds):
        self.kinds = kinds

    def __enter__(self):
        return self

    def __exit__(self, kind, e, tb):
        return kind is not None and issubclass(kind, self.kinds)


def odd(i):
    if i % 3 == 1:
        raise Odd(i)
    return i


def kinds(n):
    seen = {}
    for i in range(n):
        try:
            match i % 7:
                case 0:
                    [][i]
                case 1:
                    {}[i]
                case 2:
                    i // 0
                case 3:
                    int('x' * (i % 3 + 1))
                case 4:
                    odd(i)
                case 5:
                    None.name
                case 6:
                    missing
        except IndexError:
            k = 'index'
        except (KeyError, ZeroDivisionError) as e:
            k = type(e).__name__ + str(e.args)[:2]
        except NameError as e:
            k = e.name
        except Exception as e:
            k = type(e).__name__
        else:
            k = 'none'
        seen[k] = seen.get(k, 0) + 1
    return sorted(seen.items())


def loops(n):
    total = 0
    for i in range(n):
        for j in range(4):
            try:
                total += odd(i + j)
            except Odd as e:
                if i % 2:
                    break
                total -= e.args[0]
                continue
            finally:
                total += 1
        else:
            total += 1000
    return total


def returns(i):
    try:
        return odd(i)
    except Odd:
        return 'odd'
    finally:
        if i % 5 == 0:
            i = 'changed'
        if i == 7:
            raise ValueError(i)


def nested(i):
    try:
        try:
            odd(i)
        except Odd as e:
            raise KeyError(i) from e
    except KeyError as e:
        return type(e.__cause__).__name__, e.__context__ is e.__cause__, sys.exc_info()[1] is e
    return sys.exc_info()


def again(i):
    try:
        try:
            odd(i)
        except Odd:
            if i % 2:
                raise
            return 'kept'
    except Odd as e:
        return len(traceback.extract_tb(e.__traceback__)), e.__traceback__.tb_lineno
    return 'fine'


def in_handler(i):
    try:
        odd(i)
    except Odd as e:
        try:
            return [][i]
        except IndexError as f:
            return type(f.__context__).__name__, f.__context__ is e, sys.exception() is f
    return sys.exception()


def unbound(i):
    try:
        odd(i)
    except Odd as e:
        pass
    try:
        return e
    except UnboundLocalError as f:
        return str(f)


def managed(i):
    with Suppress(Odd):
        odd(i)
        return 'through'
    return 'suppressed'


def grouped(i):
    try:
        raise ExceptionGroup('both', [Odd(i), KeyError(i)])
    except* KeyError as g:
        a = len(g.exceptions)
    except* Odd as g:
        a = 5
    return a


def frames(i):
    local = i * 2
    try:
        odd(i)
    except Odd as e:
        f = e.__traceback__.tb_frame
        g = e.__traceback__.tb_next.tb_frame
        return f.f_locals['local'], f.f_code.co_name, g.f_locals, f is sys._getframe()
    return local


def floats(n):
    x = 1.5
    bad = 0
    for i in range(n):
        try:
            x = x * 1.01 / (i % 4)
        except ZeroDivisionError:
            bad += 1
            x += 0.25
    return round(x, 6), bad


def deep(n):
    try:
        return deep(n + 1)
    except RecursionError:
        return n > 50


def cells(n):
    found = []
    for i in range(n):
        try:
            def get():
                return i
            odd(get())
        except Odd as e:
            found.append(lambda: (i, len(e.args)) if i < 0 else i)
    return found[0](), len(found)


def outer(n):
    c = 0
    for i in range(n):
        try:
            middle(i)
        except Odd as e:
            c += len(traceback.extract_tb(e.__traceback__))
    return c


def middle(i):
    try:
        odd(i)
    finally:
        i = None


N = 300
print(kinds(N))
print(loops(N))
for f in returns, nested, again, in_handler, unbound, managed, grouped, frames:
    results = []
    for i in range(N):
        try:
            results.append(f(i))
        except Exception as e:
            results.append((type(e).__name__, str(e), len(traceback.extract_tb(e.__traceback__))))
    print(f.__name__, results[:12], len(set(map(str, results))))
print(floats(N))
print(deep(0), deep(0))
print(cells(N))
print(outer(N))
print(sys.exc_info())
