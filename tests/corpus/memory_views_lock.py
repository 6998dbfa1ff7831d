# A view that a variable holds keeps its memory from changing size.
import array
import io


def attempt(what, f):
    try:
        r = f()
        print(what, "ok", r if isinstance(r, int) else "")
    except (BufferError, ValueError) as e:
        print(what, type(e).__name__, e)


def kinds_of_change(b):
    def item():
        del b[0]

    def part():
        b[1:3] = b"xyz"

    def same():
        b[1:3] = b"xy"

    def more():
        nonlocal b
        b += b"abc"

    def times():
        nonlocal b
        b *= 2

    return [
        ("append", lambda: b.append(1)), ("extend", lambda: b.extend(b"ab")), ("pop", lambda: b.pop()),
        ("insert", lambda: b.insert(0, 1)), ("remove", lambda: b.remove(b[0])), ("clear", lambda: b.clear()),
        ("del", item), ("slice", part), ("same size", same), ("+=", more), ("*=", times),
    ]


def bytearrays():
    for held in (True, False):
        for i in range(11):
            b = bytearray(b"0123456789")
            if held:
                m = memoryview(b)
            attempt((held, i), kinds_of_change(b)[i][1])
            print(b)
            m = None


def ways():
    b = bytearray(b"abc")
    m = memoryview(b)[1:]
    attempt("part", lambda: b.append(1))
    m.release()
    attempt("released", lambda: b.append(2))
    with memoryview(b) as m:
        attempt("with", lambda: b.append(3))
        n = m.toreadonly().cast("B")
    attempt("another", lambda: b.append(4))
    del n
    attempt("deleted", lambda: b.append(5))
    m = memoryview(b)
    m = memoryview(b"")
    attempt("replaced", lambda: b.append(6))
    memoryview(b)[1:].tobytes()
    b.append(7)

    def inner(m):
        b.append(8)

    attempt("argument", lambda: inner(memoryview(b)))
    attempt("afterwards", lambda: b.append(9))
    m = memoryview(b)
    cell = lambda: m
    attempt("cell", lambda: b.append(10))
    m = None
    attempt("empty cell", lambda: b.append(11))
    print(b)


def arrays():
    a = array.array("i", [1, 2, 3])
    m = memoryview(a)
    for f in (lambda: a.append(1), lambda: a.pop(), lambda: a.extend(a), lambda: a.frombytes(b"1234"), lambda: a.remove(2),
              lambda: a.insert(0, 5), lambda: a.__imul__(2), lambda: a.__setitem__(0, 7), lambda: a.byteswap()):
        attempt("array", f)
    del m
    attempt("array", lambda: a.append(4))
    print(a)


def streams():
    s = io.BytesIO(b"0123456789")
    v = s.getbuffer()
    for f in (lambda: s.write(b"x" * 20), lambda: s.write(b"x"), s.truncate, s.close, lambda: s.__init__(b"y"),
              lambda: s.seek(3), s.read):
        attempt("stream", f)
    v[1] = 65
    w = s.getbuffer()
    v.release()
    attempt("stream", lambda: s.write(b"x"))
    w.release()
    attempt("stream", lambda: s.write(b"x"))
    print(s.getvalue())
    attempt("stream", s.close)


def hot():
    b = bytearray()
    n = 0
    for i in range(300):
        b.append(i & 255)
        with memoryview(b) as m:
            n += m[i]
        v = memoryview(b)
        try:
            b.append(0)
        except BufferError:
            n += 1
        v = None
        memoryview(b)[: i // 2].tobytes()
        b += b""
    return n, len(b)


bytearrays()
ways()
arrays()
streams()
print(hot())
top = bytearray(b"xyz")
view = memoryview(top)
attempt("module", lambda: top.append(1))
try:
    top.append(1)
except BufferError as e:
    print(e)
del view
top.append(2)
print(top)
