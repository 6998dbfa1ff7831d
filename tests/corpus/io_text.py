# Text files: encodings, line ends, buffering, places, and what is refused.
import io
import os
import tempfile


def show(what, f, *a, **k):
    try:
        print(what, repr(f(*a, **k)).replace(name, "FILE"))
    except Exception as e:
        print(what, type(e).__name__, str(e).replace(name, "FILE"))


folder = tempfile.mkdtemp()
name = os.path.join(folder, "f")


def put(data):
    with open(name, "wb") as f:
        f.write(data)


def got():
    with open(name, "rb") as f:
        return f.read()


# line ends
for nl in None, "", "\n", "\r", "\r\n":
    put(b"a\r\nb\nc\rd")
    with open(name, encoding="utf-8", newline=nl) as f:
        lines = f.readlines()
        print(repr(nl), lines, f.newlines)
        f.seek(0)
        print([f.readline(2) for _ in range(6)])
    with open(name, "w", encoding="utf-8", newline=nl) as f:
        print(f.write("x\ny\r\nz"))
    print(got())
show("newline", open, name, newline="x")
show("newline", open, name, newline=3)
put(b"abc\r")
with io.TextIOWrapper(io.BufferedReader(io.FileIO(name), 2), "ascii", newline="") as f:
    f._CHUNK_SIZE = 1
    print(list(f))
put(b"abc\r\ndef\r\n")
for nl in None, "", "\r\n":
    with io.TextIOWrapper(io.FileIO(name), "ascii", newline=nl) as f:
        f._CHUNK_SIZE = 4
        print(list(f), f.newlines)

# encodings
text = "héllo €\n\U0001f600 wörld\n" * 3
for enc in "utf-8", "latin-1", "ascii", "utf-16", "utf-8-sig", "utf-16-le", "cp1252", "utf-32-be":
    for errors in "strict", "replace", "xmlcharrefreplace":
        try:
            with open(name, "w", encoding=enc, errors=errors) as f:
                f.write(text)
            data = got()
            with open(name, encoding=enc, errors="replace") as f:
                back = f.read()
                print(enc, errors, len(data), back == text, f.encoding, f.errors)
        except UnicodeError as e:
            print(enc, errors, e)
put("é".encode() * 5 + b"\xff" + "ü\n".encode())
for errors in "strict", "ignore", "replace", "surrogateescape", "backslashreplace":
    with open(name, encoding="utf-8", errors=errors) as f:
        f._CHUNK_SIZE = 3
        show(errors, f.read, 4)
        show(errors, f.readline)
show("encoding", open, name, encoding="nope")
show("encoding", open, name, encoding="rot13")
show("encoding", open, name, encoding="a\0b")
with open(name, "w", encoding="utf-16") as f:
    f.write("a")
with open(name, "a", encoding="utf-16") as f:
    f.write("b")
print(got())

# places
put(("äb\n" * 4).encode() + b"\r\nlast")
for enc in "utf-8", "latin-1", "utf-8-sig":
    with open(name, encoding=enc) as f:
        f._CHUNK_SIZE = 5
        places = []
        while True:
            places.append(f.tell())
            c = f.read(1)
            if not c:
                break
            places[-1] = (places[-1], c)
        end = places.pop()
        for p, c in places:
            f.seek(p)
            if f.read(1) != c:
                print("wrong", p, c)
        print(enc, end, len(places))
with open(name, encoding="utf-8") as f:
    show("line", f.readline)
    show("tell", f.tell)
    show("next", next, f)
    show("tell", f.tell)
    show("seek", f.seek, 1, 1)
    show("seek", f.seek, -1, 2)
    show("seek", f.seek, -1)
    show("seek", f.seek, 0, 4)
    show("end", f.seek, 0, 2)
    show("read", f.read)
    show("tell", f.tell)
    show("write", f.write, "x")
    show("truncate", f.truncate)
with open(name, "w+", encoding="utf-8") as f:
    print(f.write("one\ntwo\n"), f.tell(), f.seek(0), f.read(), f.seek(4), f.write("TWO"), f.seek(0), f.readlines())
    print(f.truncate(3), f.seek(0), f.read())
with open(name, "a+", encoding="utf-8") as f:
    print(f.tell(), f.write("!"), f.seek(0), f.read(), f.tell())

# buffering
f = open(name, "w", encoding="ascii")
f.write("held back")
print(got())
f.flush()
print(got())
f.close()
f = open(name, "w", encoding="ascii", buffering=1)
f.write("a line\nand more")
print(f.line_buffering, got())
f.reconfigure(line_buffering=False, write_through=True)
print(f.line_buffering, f.write_through)
f.close()
f = open(name, "w", encoding="ascii")
f.write("x" * 8191)
print(len(got()))
f.writelines(["abc\n", "def\n"])
f.close()
print(len(got()))
with open(name, "w", encoding="ascii", newline="") as f:
    f.write("a")
    f.reconfigure(encoding="utf-16-le", errors="replace")
    f.write("é")
    print(f.encoding, f.errors)
print(got())
put(b"ab\xe9\n")
f = open(name, encoding="ascii")
if f:
    show("reconfigure", f.reconfigure, encoding="latin-1", newline="\n")
    show("read", f.read, 3)
    show("reconfigure", f.reconfigure, encoding="ascii")
    show("repr", repr, f)
    show("facts", lambda: (f.mode, f.name == name, f.buffer.name == name, f.readable(), f.writable(), f.seekable()))
    b = f.detach()
    show("detached", f.read)
    show("detached", repr, f)
    show("detached", f.detach)
    b.close()
f = open(name, encoding="ascii")
f.close()
show("closed", f.read)
show("closed", f.readline)
show("closed", next, f)
show("closed", f.tell)
show("closed", f.flush)
show("closed", f.__enter__)
f.close()
show("write", open(name, "w").write, b"x")
show("write", open(name).write, "x")
show("read", open(name, "w").read)

# over other streams
t = io.TextIOWrapper(io.BytesIO(b"one\ntwo"), encoding="ascii")
show("lines", list, t)
show("repr", repr, t)
show("value", t.buffer.getvalue)
out = io.BytesIO()
t = io.TextIOWrapper(out, encoding="utf-8", newline="\r\n", write_through=True)
print("a", "b", sep="\n", file=t)
print(out.getvalue())
t.close()
print(out.closed)


class Sub(io.TextIOWrapper):
    def readline(self, *a):
        return super().readline(*a).upper()

    def write(self, s):
        return super().write(s + "|")


s = Sub(io.BytesIO(b"x\ny\n"), encoding="ascii")
print(list(s))
s = Sub(io.BytesIO(), encoding="ascii")
s.writelines(["p", "q"])
print("r", file=s, end="")
s.flush()
print(s.buffer.getvalue())
show("type", io.TextIOWrapper, 5)
show("type", io.TextIOWrapper, io.BytesIO(), 5)
show("type", io.TextIOWrapper, io.BytesIO(), "ascii", 5)
show("text_encoding", io.text_encoding, None)
show("text_encoding", io.text_encoding, "x")
show("open_code", lambda: io.open_code(name).read())
show("open_code", io.open_code, 5)
os.remove(name)
os.rmdir(folder)
