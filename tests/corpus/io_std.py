# The standard streams are what `open` makes.
import io
import sys

for f in sys.stdin, sys.stdout, sys.stderr:
    print(type(f), type(f.buffer), type(f.buffer.raw), f.name, f.mode, f.encoding, f.buffer.raw.fileno())
    print(isinstance(f, io.TextIOBase), isinstance(f.buffer, io.BufferedIOBase), f.closed)
print(sys.stdout is sys.__stdout__, sys.stderr.errors, sys.stderr.line_buffering)
print(sys.stdout.write("text\n"))
sys.stdout.flush()
sys.stdout.buffer.write(b"bytes\n")
sys.stdout.buffer.flush()
sys.stdout.writelines(["a\n", "b\n"])
try:
    sys.stdout.write(b"x")
except TypeError as e:
    print(e)
try:
    sys.stdout.read()
except io.UnsupportedOperation as e:
    print(e)
seen = []
sys.stdout.write = seen.append
print("kept", 1)
del sys.stdout.write
print(seen)
sys.stdout.reconfigure(errors="replace", newline="\r\n")
print("\udc80 end")
sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace", newline="\n")
print("é €")
old, sys.stdout = sys.stdout, io.StringIO()
print("to memory")
sys.stdout, memory = old, sys.stdout
print(repr(memory.getvalue()))
