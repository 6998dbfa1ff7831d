# Files without text: descriptors, buffers, what is refused, and streams that programs write themselves.
import io
import os
import tempfile
import threading


def show(what, f, *a, **k):
    try:
        print(what, repr(f(*a, **k)).replace(name, "FILE"))
    except Exception as e:
        print(what, type(e).__name__, str(e).replace(name, "FILE").replace(folder, "FOLDER"))


folder = tempfile.mkdtemp()
name = os.path.join(folder, "f")

# raw
f = io.FileIO(name, "w")
show("repr", repr, f)
show("write", f.write, b"hello\nworld\n")
show("read", f.read)
show("tell", f.tell)
show("truncate", f.truncate, 8)
show("facts", lambda: (f.mode, f.closefd, f.closed, f.seekable(), f.readable(), f.writable(), f.isatty(), f.name == name))
f.close()
show("repr", repr, f)
show("closed", f.write, b"")
show("closed", f.fileno)
f = io.FileIO(name)
show("read", f.read, 3)
show("readall", f.readall)
show("end", f.read)
show("seek", f.seek, -3, 2)
into = bytearray(10)
show("readinto", f.readinto, into)
show("write", f.write, b"x")
show("seek", f.seek, -5)
f.close()
for mode in "", "rw", "z", "r++", "ww", "+":
    show(mode, io.FileIO, name, mode)
show("x", io.FileIO, name, "x")
show("none", io.FileIO, name + "x")
show("dir", io.FileIO, folder)
show("fd", io.FileIO, -3)
show("closefd", io.FileIO, name, "r", False)
show("opener", lambda: io.FileIO(name, opener=lambda n, fl: os.open(n, fl)).read())
show("opener", io.FileIO, name, opener=lambda n, fl: -2)
show("opener", io.FileIO, name, opener=lambda n, fl: "x")
for mode in "r", "w", "a", "r+", "w+", "a+":
    with io.FileIO(name, mode) as f:
        print(mode, f.mode, f.readable(), f.writable())

# open
for mode in "rb", "wb", "ab", "r+b", "w+b", "xb":
    try:
        with open(name, mode) as f:
            print(mode, type(f).__name__, f.mode, f.raw.mode, f.tell())
            f.writable() and f.write(b"0123456789")
    except OSError as e:
        print(mode, type(e).__name__)
for args in [("q",), ("rr",), ("rwb",), ("tb",), ("b",), ("rb", -1, "utf-8"), ("rb", -1, None, "strict"),
             ("rb", -1, None, None, ""), ("r", 0), ("r", -1, 5), (5,)]:
    show(str(args), open, name, *args)
show("unbuffered", lambda: type(open(name, "rb", 0)).__name__)
show("type", open, 1.5)
show("null", open, "a\0b")
with open(name, "wb") as f:
    f.write(b"line one\nline two\n" * 3 + b"last")
with open(name, "rb", buffering=8) as f:
    show("repr", repr, f)
    show("peek", lambda: f.peek(2)[:4])
    show("read", f.read, 3)
    show("read1", f.read1, 100)
    show("readline", f.readline)
    show("readline", f.readline, 2)
    show("tell", f.tell)
    show("seek", f.seek, 2)
    show("read", f.read, 20)
    show("seek", f.seek, -4, 1)
    show("read", f.read, 4)
    show("seek", f.seek, -4, 2)
    show("rest", f.read)
    show("end", f.read, 5)
    show("again", f.seek, 0)
    show("lines", list, f)
    f.seek(5)
    show("readinto", f.readinto, into)
    print(bytes(into))
    show("readinto1", f.readinto1, into)
    show("write", f.write, b"x")
    show("read", f.read, -5)
    show("truncate", f.truncate)
    show("whence", f.seek, 0, 7)
show("closed", f.read)
show("closed", f.readline)
show("closed", f.peek)
show("closed", f.seek, 0)
show("closed", f.__enter__)
show("size", io.BufferedReader, io.BytesIO(), 0)
with open(name, "wb", buffering=4) as f:
    show("write", f.write, b"ab")
    print(os.path.getsize(name))
    show("write", f.write, b"cdefgh")
    show("tell", f.tell)
    show("write", f.write, "text")
    show("read", f.read)
    show("flush", f.flush)
    print(os.path.getsize(name))
show("closed", f.write, b"")
show("closed", f.flush)
with open(name, "r+b") as f:
    show("read", f.read, 2)
    show("write", f.write, b"##")
    show("tell", f.tell)
    show("read", f.read, 2)
    show("seek", f.seek, 1)
    show("write", f.write, b"!")
    show("readline", f.readline)
    show("truncate", f.truncate, 3)
    show("seek", f.seek, 0)
    show("read", f.read)
f = open(name, "ab+")
if f:
    show("tell", f.tell)
    show("write", f.write, b"more")
    f.seek(0)
    show("read", f.read)
    raw = f.detach()
    show("detached", f.read)
    show("detached", f.flush)
    show("raw", raw.tell)
    raw.close()


# streams of our own
class Raw(io.RawIOBase):
    def __init__(self, parts=()):
        self.parts, self.got = list(parts), []

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, b):
        if not self.parts:
            return 0
        p = self.parts.pop(0)
        if p is None:
            return None
        if isinstance(p, int):
            return p
        b[:len(p)] = p
        return len(p)

    def write(self, b):
        self.got.append(bytes(b))
        return None if len(self.got) in self.full else min(len(b), 5)

    full = ()


r = io.BufferedReader(Raw([b"abc", b"d\nef", None, b"gh"]))
show("read", r.read, 2)
show("read", r.read, 4)
show("read", r.read, 10)
show("read", r.read, 10)
show("read", r.read)
show("end", r.read)
show("all", io.BufferedReader(Raw([b"abc", b"def"])).read)
show("raw read", Raw([b"abcdef"]).read, 6)
show("raw readall", Raw([b"abc", b"def"]).readall)
show("none", io.BufferedReader(Raw([None])).read, 3)
show("invalid", io.BufferedReader(Raw([1 << 20])).read, 3)
show("invalid", io.BufferedReader(Raw([-5])).read, 3)
w = io.BufferedWriter(Raw(), 4)
show("write", w.write, b"0123456789")
w.flush()
print(w.raw.got)
w = io.BufferedWriter(Raw(), 4)
w.raw.full = (1, 2, 3)
show("write", w.write, b"012")
try:
    w.write(b"3456789")
except BlockingIOError as e:
    print(e.strerror, e.characters_written)
w.raw.full = ()
w.close()
print(w.closed, b"".join(w.raw.got)[-4:])
show("unreadable", io.BufferedReader, io.FileIO(name, "w"))
show("unwritable", io.BufferedWriter, io.FileIO(name))
pair = io.BufferedRWPair(io.BytesIO(b"in"), io.BytesIO())
show("pair", pair.read)
show("pair", pair.write, b"out")
show("pair", lambda: (pair.readable(), pair.writable(), pair.seekable(), pair.closed))
show("detach", pair.detach)
pair.close()


class Fails(Raw):
    def close(self):
        super().close()
        raise ValueError("close")

    def write(self, b):
        raise OSError("write")


w = io.BufferedWriter(Fails())
w.write(b"x")
try:
    w.close()
except ValueError as e:
    print(e, repr(e.__context__), w.closed)
show("base", io.RawIOBase().read)
show("base", io.BufferedIOBase().read)
show("base", io.BufferedIOBase().detach)
show("base", io.IOBase().seek, 0)
show("base", io.IOBase().fileno)
show("base", io.TextIOBase().readline)
base = io.IOBase()
print(base.closed, base.readable(), base.isatty())
base.close()
show("base", base.flush)
show("base", iter, base)


class Bytes(io.IOBase):
    data = b"ab\ncd\n"

    def read(self, n=-1):
        r, self.data = self.data[:n], self.data[n:]
        return r


print(Bytes().readline(), Bytes().readline(1), list(Bytes()), Bytes().readlines(2))

# a reader waits outside: others run
r, w = os.pipe()
seen = []


def reader():
    with open(r, "rb") as f:
        for line in f:
            seen.append(line)


t = threading.Thread(target=reader)
t.start()
with open(w, "wb") as f:
    for i in range(3):
        f.write(b"line %d\n" % i)
        f.flush()
t.join()
print(seen)
os.remove(name)
os.rmdir(folder)
