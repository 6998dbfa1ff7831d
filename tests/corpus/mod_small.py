import contextvars
import os
import signal
import string
import struct
import typing

for f, args in (("<hI", (-2, 7)), (">d?", (1.5, 1)), ("@bq", (1, -1)), ("5s3p", (b"abc", b"xyz")), ("e", (1.5,)), ("4B2x", (1, 2, 3, 4)), ("!f", (0.1,))):
    p = struct.pack(f, *args)
    print(f, struct.calcsize(f), p, struct.unpack(f, p))
for bad in (lambda: struct.pack("B", 256), lambda: struct.pack("i"), lambda: struct.unpack("i", b""), lambda: struct.pack("h", "x"),
            lambda: struct.calcsize("y"), lambda: struct.pack("b", -129), lambda: struct.pack("q", 2**63), lambda: struct.pack("c", b""),
            lambda: struct.unpack_from("i", b"abc"), lambda: struct.pack("d", "x"), lambda: struct.pack("2")):
    try:
        print(bad())
    except struct.error as e:
        print("error", e)
s = struct.Struct("<2H")
b = bytearray(6)
s.pack_into(b, 1, 1, 2)
print(s.size, s.format, b, s.unpack_from(b, 1), list(struct.iter_unpack("H", bytes(4))))
print(struct.pack(">e", 65504.0), struct.unpack("<e", b"\x01\x00"), struct.pack("<e", 0.1))

v = contextvars.ContextVar("v", default=1)
t = v.set(5)
ctx = contextvars.copy_context()
print(v.get(), t.old_value is contextvars.Token.MISSING, ctx[v], len(ctx), v in ctx, v.name)


def f(x):
    v.set(x)
    return v.get()


print(ctx.run(f, 9), v.get(), ctx[v])
v.reset(t)
print(v.get())
try:
    v.reset(t)
except RuntimeError as e:
    print("used once")
w = contextvars.ContextVar("w")
try:
    w.get()
except LookupError as e:
    print("LookupError", w.get("dflt"))
with v.set(3):
    print(v.get())
print(v.get())

print(list(string.Formatter().parse("a{b}c{d!r:>{w}}e{{f}}{0[x].y:}")))
print(string.Formatter().format("{0}-{x!r:>5}-{y[k]}", 1, x="s", y={"k": 2}))

got = []
old = signal.signal(signal.SIGUSR1, lambda n, frame: got.append((n, frame is not None)))
os.kill(os.getpid(), signal.SIGUSR1)
print(got, old, signal.SIGUSR1.name, signal.getsignal(signal.SIGINT) is signal.default_int_handler)
signal.signal(signal.SIGUSR1, signal.SIG_DFL)
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("KeyboardInterrupt")

T = typing.TypeVar("T")


class Box(typing.Generic[T]):
    x: T


print(Box[int].__origin__ is Box, Box[int].__args__, typing.Optional[int], typing.Union[int, str], typing.List[T].__parameters__)


print(typing.cast(int, "x"), typing.get_args(dict[str, int]))
