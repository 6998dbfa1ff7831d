import codecs
import io
import os
import sys

name = os.path.join("/tmp", "habu_io_basic_%d.txt" % os.getpid())
with open(name, "w") as f:
    print(f.write("one\ntwo\r\nthr\u00e9e\n"), f.encoding.lower(), f.mode, f.writable(), f.readable(), f.closed)
    f.writelines(["four\n", "five"])
    print("printed", 1, 2, sep="-", file=f)
print(f.closed)
with open(name, encoding="utf-8") as f:
    print(f.read())
with open(name) as f:
    for line in f:
        print(repr(line))
with open(name, newline="") as f:
    print(f.readline(), repr(f.readline()), f.readlines())
with open(name, "rb") as f:
    print(type(f).__name__, f.read(3), f.tell(), f.seek(-4, 2), f.read(), f.seek(0), f.readline())
    b = bytearray(5)
    print(f.readinto(b), b)
with open(name, "r+b") as f:
    f.seek(2)
    f.write(b"XY")
    f.flush()
    f.seek(0)
    print(f.read(8))
with open(name, "ab", buffering=0) as f:
    print(type(f).__name__, f.write(b"tail"))
with open(name, "a+") as f:
    f.seek(0)
    print(len(f.read()), f.tell())
with open(name, "w+", encoding="latin-1", errors="replace") as f:
    f.write("\u00e9\u20ac")
    f.seek(0)
    print(f.read())
try:
    open(name, "x")
except FileExistsError as e:
    print(type(e).__name__, e.errno, e.filename == name)
os.remove(name)
for bad in (
    lambda: open(name),
    lambda: open(name, "q"),
    lambda: open(name, "rb", encoding="utf-8"),
    lambda: f.read(),
):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, str(e).replace(name, "NAME"))

b = io.BytesIO(b"hello\nworld\n")
print(b.readline(), b.read(2), b.tell(), b.getvalue(), list(io.BytesIO(b"a\nb")), b.seek(0, 2), b.write(b"!"), b.getvalue())
s = io.StringIO("x\ny\n")
print(s.readline(), s.read(), s.seek(0), s.write("ab"), s.getvalue(), s.truncate(1), s.getvalue())
with io.StringIO() as s:
    print("to", "string", file=s, end="|")
    print(repr(s.getvalue()))
t = io.TextIOWrapper(io.BytesIO(), encoding="utf-16")
t.write("hi")
t.flush()
print(t.buffer.getvalue() == "hi".encode("utf-16"))
r = io.BufferedReader(io.BytesIO(b"0123456789"), 4)
print(r.peek(2)[:2], r.read(3), r.read1(1), r.read())
w = io.BufferedWriter(raw := io.BytesIO())
w.write(b"abc")
w.flush()
print(raw.getvalue())
print(isinstance(t, io.TextIOBase), isinstance(b, io.BufferedIOBase), isinstance(b, io.IOBase), issubclass(io.FileIO, io.RawIOBase))
print(isinstance(sys.stdout, io.TextIOBase), sys.stdout.encoding, sys.stdout.name, sys.stdout.mode, sys.stdout.fileno(), sys.stdout.closed)
print(sys.stdout.write("written\n"), sys.stdout.writable(), sys.stdin.fileno(), sys.stderr.name)
sys.stdout.flush()
sys.stdout.buffer.write(b"bytes\n")
sys.stdout.flush()
old, sys.stdout = sys.stdout, io.StringIO()
print("caught")
got, sys.stdout = sys.stdout.getvalue(), old
print(repr(got))


class Up(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, b):
        b[:2] = b"UP"
        self.n = getattr(self, "n", 0) + 1
        return 2 if self.n < 3 else 0


print(Up().read(2), Up().readall(), io.BufferedReader(Up()).read())
try:
    io.StringIO().fileno()
except io.UnsupportedOperation as e:
    print(type(e).__name__, isinstance(e, OSError), isinstance(e, ValueError))

print(codecs.lookup("UTF8").name, codecs.lookup("latin-1").name, codecs.encode("abc", "rot13"))
print("h\u00e9".encode("cp1252"), b"\x80".decode("cp1252"), "\u0414".encode("koi8-r"), "b\u00fccher".encode("punycode"))
print(codecs.BOM_UTF8, codecs.getincrementaldecoder("utf-8")().decode(b"\xc3"), "x".encode("utf-8-sig"))
codecs.register_error("test.star", lambda e: ("*", e.end))
print("a\u20acb".encode("ascii", "test.star"), codecs.lookup_error("strict") is not None)
try:
    "x".encode("nope")
except LookupError as e:
    print(e)
d = io.IncrementalNewlineDecoder(None, True)
print(repr(d.decode("a\r")), repr(d.decode("\nb\r\n")), d.newlines)
