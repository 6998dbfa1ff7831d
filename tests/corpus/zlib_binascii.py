# zlib, gzip and binascii.
import binascii
import copy
import gzip
import io
import zlib

data = b"".join(b"line %d of a text that repeats\n" % (i % 7) for i in range(60))


def attempt(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as e:
        return "%s: %s" % (type(e).__name__, e)


for wbits in (15, -15, 31, 9):
    packed = zlib.compress(data, 6, wbits=wbits)
    print(wbits, len(packed) < 200, zlib.decompress(packed, wbits=wbits) == data)
print(attempt(zlib.decompress, b"nonsense"))
print(attempt(zlib.decompress, zlib.compress(data)[:-5]))
print(attempt(zlib.compress, b"x", 10))
print(zlib.crc32(b"hello"), zlib.crc32(b"lo", zlib.crc32(b"hel")), zlib.adler32(b"hello"), zlib.adler32(b""))

c = zlib.compressobj(9)
parts = [c.compress(data[:500])]
d = copy.copy(c)
parts += [c.compress(data[500:]), c.flush()]
other = parts[0] + d.compress(b"tail") + d.flush()
print(zlib.decompress(b"".join(parts)) == data, zlib.decompress(other) == data[:500] + b"tail")
packed = b"".join(parts) + b"behind"
d = zlib.decompressobj()
out = []
rest = packed
while not d.eof:
    out.append(d.decompress(rest, 100))
    rest = d.unconsumed_tail
print(b"".join(out) == data, max(map(len, out)), d.unused_data, d.flush())
d = zlib.decompressobj()
out = [d.decompress(packed[i:i + 1]) for i in range(len(packed))]
print(b"".join(out) == data, d.eof, d.unused_data)
d = zlib.decompressobj()
print(len(d.decompress(packed, 7)) + len(d.flush()) == len(data), attempt(d.copy))
print(attempt(c.flush), attempt(c.compress, b"x"), attempt(c.copy))
words = b"line of a text that repeats"
c = zlib.compressobj(zdict=words)
packed = c.compress(data[:40]) + c.flush()
print(zlib.decompressobj(zdict=words).decompress(packed) == data[:40], attempt(zlib.decompress, packed))

f = io.BytesIO()
with gzip.GzipFile(fileobj=f, mode="wb", mtime=0) as g:
    g.write(data)
with gzip.GzipFile(fileobj=io.BytesIO(f.getvalue())) as g:
    print(g.readline(), len(g.read()))
print(gzip.decompress(gzip.compress(b"one") + gzip.compress(b"two")))

print(binascii.hexlify(b"\x00\xffab", "-", 2), binascii.unhexlify("00fF61"))
print(attempt(binascii.unhexlify, "abc"), attempt(binascii.unhexlify, "zz"), attempt(binascii.unhexlify, "é"))
for n in range(5):
    e = binascii.b2a_base64(bytes(range(250, 250 + n)))
    print(e, binascii.a2b_base64(e))
for s in ("YWJj", "YW Jj\n", "YQ==", "YQ=", "YQ", "Y", "YWI=YWI=", "=YWI", "YWJjZ", "YW=Jj", "YQ==YQ==", "YWJj=", "Y===", "YQ===", "YQ=a=", "YWJjYQ=", "YWJj\n", "YQ==\nYQ", "Y=Q==", "\n=ab"):
    print(s, attempt(binascii.a2b_base64, s), attempt(binascii.a2b_base64, s, strict_mode=True))
for b in (b"", b"a", b"hello world, hello", bytes(45)):
    e = binascii.b2a_uu(b)
    print(e, binascii.a2b_uu(e) == b, binascii.b2a_uu(b, backtick=True))
print(attempt(binascii.b2a_uu, bytes(46)), attempt(binascii.a2b_uu, b"!~~~~"), attempt(binascii.a2b_uu, b""))
text = b"caf\xe9 = tea_time \t\nnext line  \n.\n" + b"x" * 100 + b"\nend "
for k in ({}, {"quotetabs": True}, {"header": True}, {"istext": False}):
    e = binascii.b2a_qp(text, **k)
    print(e, binascii.a2b_qp(e, header=k.get("header", False)) == text)
print(binascii.a2b_qp(b"a=\nb=3D=zz=4"), binascii.crc_hqx(b"hello", 0), binascii.crc32(b"hello"))
