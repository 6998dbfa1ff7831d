# What a StopIteration that the end of a generator makes has as its context.
def g():
    return 5
    yield
def g0():
    return
    yield
class It:
    def __iter__(self): return self
    def __next__(self): raise StopIteration(3)
async def co():
    return 7
async def con():
    return
def show(f):
    try:
        try:
            1/0
        except ZeroDivisionError:
            f()
    except BaseException as e:
        print(type(e).__name__, e.args, repr(e.__context__), e.__suppress_context__)
show(lambda: next(g()))
show(lambda: next(g0()))
show(lambda: g().send(None))
show(lambda: g0().send(None))
show(lambda: g().__next__())
show(lambda: next(It()))
show(lambda: co().send(None))
show(lambda: con().send(None))
show(lambda: next(iter([])))
def d():
    x = yield 1
    return (1, 2)
def t():
    h = d(); next(h); h.send(1)
show(t)
def t():
    h = d(); next(h); h.throw(ValueError)
show(t)
def d2():
    try:
        yield 1
    except ValueError:
        return 9
def t():
    h = d2(); next(h); h.throw(ValueError)
show(t)
def dd():
    return (yield from g())
show(lambda: next(dd()))
