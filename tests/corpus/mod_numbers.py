"""array, memoryview, cmath, _bisect, _heapq, hashes, marshal."""

import array
import bisect
import cmath
import heapq
import marshal
from _md5 import md5
from _sha1 import sha1
from _sha2 import sha256
from _sha3 import sha3_256, shake_128

a = array.array("h", [3, -1, 7])
a.append(12)
a.extend([5])
print(a, len(a), a[1:3], a.tobytes().hex(), a.index(7), a * 2 == a + a)
a[1:2] = array.array("h", [8, 9])
del a[0]
print(a.tolist(), a.typecode, a.itemsize, sorted(a))
for code, bad in (("b", 128), ("B", -1), ("i", 1 << 31), ("d", "x"), ("w", "xy")):
    try:
        array.array(code, [bad])
    except (OverflowError, TypeError) as e:
        print(type(e).__name__, e)

m = memoryview(a)
m[0] = 100
print(m.format, m.itemsize, m.shape, m.tolist(), a[0], m.nbytes)
g = memoryview(bytearray(range(12))).cast("B", [3, 4])
print(g.tolist(), g[2, 1], g.strides, g.tobytes("F"))
s = memoryview(b"abcdefgh")[::-2]
print(s.tobytes(), s.contiguous, s == b"hfdb", hash(memoryview(b"x")) == hash(b"x"))
r = memoryview(bytearray(4)).toreadonly()
try:
    r[0] = 1
except TypeError as e:
    print(e)

print(cmath.sqrt(-4), cmath.phase(1j), cmath.isclose(1 + 1e-12j, 1), cmath.exp(0j), cmath.rect(2, 0))
for f in (cmath.log, cmath.atanh):
    try:
        f(0 if f is cmath.log else 1)
    except ValueError as e:
        print(f.__name__, e)

l = [1, 3, 3, 8]
bisect.insort(l, 4)
print(l, bisect.bisect_left(l, 3), bisect.bisect(l, 3), bisect.bisect([(1,), (5,)], 3, key=lambda t: t[0]))
h = [9, 4, 7, 1, 8]
heapq.heapify(h)
print([heapq.heappop(h) for _ in range(5)], heapq.nsmallest(2, [5, 2, 9]), heapq.nlargest(2, [5, 2, 9]))

for make in (md5, sha1, sha256, sha3_256):
    d = make(b"ha", usedforsecurity=False)
    c = d.copy()
    d.update(b"bu")
    print(d.name, d.hexdigest()[:24], c.hexdigest() != d.hexdigest(), d.digest_size, d.block_size)
print(shake_128(b"habu").hexdigest(10))

x = [1, -(1 << 70), 2.5, "é", b"b", (None, True, ...), {"k": {3}}, frozenset([4]), 1j, slice(1, 2)]
print(marshal.loads(marshal.dumps(x)) == x, marshal.dumps([1, 2.5], 2).hex())
code = marshal.loads(marshal.dumps(compile("print('from marshal', 6 * 7)", "<m>", "exec")))
exec(code)
