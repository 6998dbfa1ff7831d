def t(f, *a):
    try:
        print(repr(f(*a)))
    except Exception as e:
        print(type(e).__name__, '|', e)

for C in (bytes, bytearray):
    S = [b'', b'a', b'abc', b'Hello World', b'HELLO', b'hello', b' \t x y \n', b'123', b'x1', b'They\'re', b'a\x00b\xff', b'x\r\ny\nz\r', b'"\'', b'+5', b'\x0b\x0c']
    for s in S:
        s = C(s)
        print(repr(s), len(s), s.isalnum(), s.isalpha(), s.isascii(), s.isdigit(), s.islower(), s.isspace(), s.istitle(), s.isupper(), s.hex(), s.hex('-', 2), s.hex(':', -2))
        for m in ['capitalize', 'lower', 'upper', 'swapcase', 'title', 'strip', 'lstrip', 'rstrip', 'split', 'rsplit', 'splitlines', 'expandtabs', 'decode']:
            t(getattr(s, m))
        print(s[::-1], s[1:3], s[-2:], s * 3, s + b'q', s.replace(b'a', b'QQ'), s.replace(b'', b'-'), s.splitlines(True), s.center(9, b'*'), s.ljust(8), s.rjust(8, b'z'), s.zfill(8), list(s), s == bytes(s), s < b'b', 97 in s, b'b' in s, C(s) == s)
    for a, b in [(b'abcabc', b'c'), (b'abcabc', b'bc'), (b'abcabc', b''), (b'', b''), (b'', b'a'), (b'aaaa', b'aa')]:
        a = C(a)
        print(a.find(b), a.rfind(b), a.count(b), a.find(b, 1), a.rfind(b, 1, -1), a.count(b, 2), a.find(b, 100), a.count(b, 100), a.startswith(b), a.endswith(b), a.startswith(b, 1), a.endswith((b, b'x')), a.removeprefix(b), a.removesuffix(b), a.replace(b, b'<>', 1))
        t(a.index, b); t(a.rindex, b); t(a.split, b); t(a.rsplit, b, 1); t(a.partition, b); t(a.rpartition, b); t(a.strip, b)
    x = C(b'abc')
    t(x.find, 97); t(x.find, 300); t(x.find, 'a'); t(x.index, 'a'); t(x.count, 98); t(x.startswith, 'a'); t(x.startswith, (b'q', 'a')); t(x.split, 'a'); t(x.split, b''); t(x.partition, b''); t(x.partition, 'a'); t(x.replace, 'a', b''); t(x.join, [b'1', bytearray(b'2')]); t(x.join, ['a']); t(x.join, 5); t(x.center, 9, 'x'); t(x.center, 9, b'xy'); t(x.translate, None, b'b'); t(x.translate, bytes(range(256))); t(x.translate, b'a'); t(lambda: x.translate(None, delete=b'c')); t(x.maketrans, b'a', b'bc'); t(lambda: x.translate(bytes.maketrans(b'ab', b'xy')))
    t(lambda: x[5]); t(lambda: x['a']); t(lambda: x[0]); t(lambda: x[-1]); t(lambda: x + 'a'); t(lambda: x * 'a'); t(lambda: 'a' in x); t(lambda: 300 in x); t(lambda: x < 'a'); t(lambda: x[::2]); t(lambda: x == 'abc'); t(lambda: x * -1)
    t(C); t(C, 5); t(C, -1); t(C, 'a'); t(C, 'é', 'utf-8'); t(C, 'é', 'latin-1'); t(C, 'é', 'ascii'); t(C, 'é', 'ascii', 'replace'); t(C, [1, 2, 255]); t(C, [256]); t(C, ['a']); t(C, (1,)); t(C, {5: 1}); t(C, range(3)); t(C, None); t(C, 1.5); t(C, b'a', 'utf-8'); t(C, x); t(C, 10**30); t(lambda: C(source=b'q')); t(lambda: C('q', encoding='ascii', errors='strict')); t(lambda: C(errors='strict'))
    t(C.fromhex, 'de ad BE ef'); t(C.fromhex, 'abc'); t(C.fromhex, 'zz'); t(C.fromhex, 'a b'); t(C.fromhex, ''); t(C.fromhex, 5); t(C.fromhex, 'é0'); t(x.hex, 'ab'); t(x.hex, 'é'); t(x.hex, 5); t(x.hex, b'-'); t(lambda: x.hex(sep='.', bytes_per_sep=2)); t(lambda: x.hex('.', 0))
    t(C(b'ab\xff').decode); t(C(b'ab\xff').decode, 'ascii', 'replace'); t(C(b'ab\xff').decode, 'utf-8', 'ignore'); t(C(b'ab\xff').decode, 'latin-1'); t(x.decode, 5); t(lambda: x.decode(errors='strict', encoding='utf8'))
    class D(C): pass
    d = D(b'abc'); d.z = 1
    print(d, type(d) is D, type(d[:]) is C, d.z, d == b'abc', type(d.upper()) is C, type(d + b'') is C, type(C(d)) is C, type(D.fromhex('aa')) is D, d + b'x', repr(d.strip()))
class E:
    def __bytes__(self): return b'EE'
class E2:
    def __bytes__(self): return 'x'
class Ix:
    def __index__(self): return 3
t(bytes, E()); t(bytes, E2()); t(bytes, Ix()); t(bytearray, Ix()); print(hash(b'abc') == hash('abc'), {b'a': 1}[b'a'], b'abc'.__getnewargs__(), b'a'.__bytes__())
b = bytearray(b'hello')
b.append(33); print(b); b.extend(b'xyz'); print(b); b.extend([1, 2]); print(b); b.insert(0, 65); b.insert(-1, 66); b.insert(100, 67); print(b); print(b.pop(), b.pop(0), b); b.remove(33); print(b); b.reverse(); print(b); b[0] = 97; b[-1] = 98; print(b); b[1:3] = b'QQQQ'; print(b); b[::2] = b'.' * len(b[::2]); print(b); del b[0]; del b[1:3]; del b[::2]; print(b); b += b'zz'; b *= 2; print(b); c = b.copy(); c.clear(); print(c, b); b[:] = range(5); print(b); b[1:1] = b; print(b); b.extend(b); print(b); del b[:3]; print(b); b[0:0] = b'front'; print(b)
t(b.__iadd__, b); t(b.append, 256); t(b.append, 'a'); t(b.extend, 'abc'); t(b.extend, 5); t(b.extend, [300]); t(b.insert, 0, 300); t(b.pop, 100); t(bytearray().pop); t(b.remove, 200); t(b.__setitem__, 100, 1); t(b.__setitem__, 0, 300); t(b.__setitem__, 0, 'a'); t(b.__setitem__, slice(0, 2), 5); t(b.__setitem__, slice(0, 2), 'ab'); t(b.__setitem__, slice(0, 4, 2), b'abc'); t(b.__setitem__, 'a', 1); t(b.__delitem__, 100); t(lambda: hash(b)); t(bytearray(b'a').__reduce__); t(bytearray(b'a').__reduce_ex__, 3); t(lambda: b.__iadd__('x')); t(lambda: bytearray(b'a') + bytearray(b'b') + b'c'); t(lambda: b'x' + bytearray(b'b'))
q = bytearray()
for i in range(1000): q.append(i % 256)
for i in range(500): del q[0]
q.extend(b'end'); print(len(q), q[:5], q[-5:]); q.clear(); print(q, len(q))
