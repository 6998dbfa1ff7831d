# Streams in memory: what they give, what they refuse, how they are pickled and subclassed.
import copy
import io
import pickle


def show(what, f, *a, **k):
    try:
        print(what, repr(f(*a, **k)))
    except Exception as e:
        print(what, type(e).__name__, e)


# bytes
b = io.BytesIO(b"one\ntwo\r\nthree")
for n in 0, 2, -1, None, 5:
    show(f"read {n}", b.read, n)
    b.seek(1)
show("readline", b.readline)
show("readline 2", b.readline, 2)
show("readlines", b.readlines)
show("seek", b.seek, 0)
show("list", list, b)
show("readlines 4", io.BytesIO(b"ab\ncd\nef\n").readlines, 4)
into = bytearray(6)
b.seek(2)
show("readinto", b.readinto, into)
print(into)
show("readinto view", b.readinto, memoryview(into)[1:3])
print(into)
show("readinto bytes", b.readinto, b"xx")
show("write", b.write, b"END")
show("write str", b.write, "x")
show("write array", b.write, bytearray(b"!!"))
show("getvalue", b.getvalue)
show("seek beyond", b.seek, 25)
show("write there", b.write, b"far")
show("getvalue", b.getvalue)
show("truncate", b.truncate, 4)
show("tell", b.tell)
show("truncate -", b.truncate, -1)
show("seek -", b.seek, -1)
show("seek cur", b.seek, -2, 1)
show("seek end", b.seek, -2, 2)
show("seek what", b.seek, 0, 9)
show("seek float", b.seek, 0.5)
show("read float", b.read, 1.5)
view = b.getbuffer()
view[1:3] = b"##"
show("after view", b.getvalue)
view.release()
show("writelines", b.writelines, [b"a", bytearray(b"b")])
show("writelines bad", b.writelines, [b"c", "d"])
show("value", b.getvalue)
show("caps", lambda: (b.readable(), b.writable(), b.seekable(), b.isatty(), b.closed))
show("fileno", b.fileno)
show("detach", b.detach)
show("state", b.__getstate__)
b.note = [1]
c = pickle.loads(pickle.dumps(b))
print(c.getvalue(), c.tell(), c.note)
c = copy.copy(b)
print(c.getvalue(), c.tell(), c.note)
show("setstate", b.__setstate__, (b"xyz", -1, None))
show("setstate", b.__setstate__, 3)
with b as same:
    print(same is b)
show("closed", b.read)
show("closed", b.write, b"")
show("closed", b.getvalue)
show("closed", b.__enter__)
show("close again", b.close)
show("bad", io.BytesIO, "text")
show("kw", io.BytesIO(initial_bytes=b"k").read)


class Sub(io.BytesIO):
    def read(self, n=-1):
        return b"<" + super().read(n) + b">"

    def close(self):
        print("closing")
        super().close()


s = Sub(b"abc")
print(s.read(2), s.read1(), type(s).__mro__[1:4])
s.close()

# text
s = io.StringIO("one\r\ntwo\nthree\rfour")
show("read", s.read, 4)
show("readline", s.readline)
show("readline", s.readline, 3)
show("rest", list, s)
for nl in None, "", "\n", "\r", "\r\n":
    s = io.StringIO("a\r\nb\nc\rd", newline=nl)
    show(f"{nl!r} lines", s.readlines)
    show("value", s.getvalue)
    show("newlines", lambda: s.newlines)
    s = io.StringIO(newline=nl)
    show("write", s.write, "x\r\ny\nz\r")
    show("value", s.getvalue)
    print(s.__getstate__())
show("newline", io.StringIO, "", "x")
show("newline", io.StringIO, "", 3)
show("initial", io.StringIO, b"x")
s = io.StringIO()
show("write", s.write, "abc")
show("write", s.write, b"abc")
show("seek", s.seek, 6)
show("write", s.write, "\u20ac\U0001f600é")
show("value", s.getvalue)
show("over", lambda: (s.seek(1), s.write("Zz"), s.getvalue()))
show("seek", s.seek, 1, 1)
show("seek", s.seek, -1)
show("seek", s.seek, 0, 5)
show("end", s.seek, 0, 2)
show("truncate", s.truncate, 2)
show("truncate", s.truncate, -2)
show("tell", s.tell)
show("read", s.read)
show("caps", lambda: (s.encoding, s.errors, s.line_buffering, s.newlines, s.closed))
show("detach", s.detach)
s.note = 1
c = pickle.loads(pickle.dumps(s))
print(repr(c.getvalue()), c.tell(), c.note)
show("setstate", s.__setstate__, ("é\r\n", "", 1, {"a": 2}))
print(repr(s.getvalue()), s.tell(), s.a)
show("setstate", s.__setstate__, ("", "\n", 1))
s.close()
show("closed", s.read)
show("closed", s.getvalue)
show("closed", s.write, "")
show("closed", next, s)

# the decoder of line ends
d = io.IncrementalNewlineDecoder(None, translate=True)
for part in "a\r", "\nb\r", "c\n", "\r":
    print(repr(d.decode(part)), d.newlines, d.getstate())
print(repr(d.decode("", final=True)), d.newlines)
d.reset()
print(d.newlines, d.getstate())
d.setstate((b"", 1))
print(repr(d.decode("\n")))
d = io.IncrementalNewlineDecoder(None, translate=False)
print(repr(d.decode("a\r\nb\r")), repr(d.decode("c", final=True)), d.newlines)
show("bytes", d.decode, b"x")

# what Lib makes of it
for o in io.BytesIO(), io.StringIO():
    print([isinstance(o, c) for c in (io.IOBase, io.RawIOBase, io.BufferedIOBase, io.TextIOBase)])
print(io.BytesIO.__module__, io.StringIO.__qualname__, io.UnsupportedOperation.__mro__)
print(io.DEFAULT_BUFFER_SIZE, repr(io.open), io.open is open)
