def t(f, *a):
    try:
        print(repr(f(*a)))
    except Exception as e:
        print(type(e).__name__, '|', e)

inf = float('inf'); nan = float('nan')
values = [0.0, -0.0, 1.0, -1.5, 0.1, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1.5e-323, 5e-324, 1.7976931348623157e308, 2.5, 3.5, inf, -inf, nan, 1e22, 1e23, 9007199254740993.0, 1/3, 1e100, 123.456]
for v in values:
    print(repr(v), str(v), v.hex(), v.is_integer(), -v, abs(v))
    t(lambda: int(v)); t(lambda: round(v)); t(lambda: v.as_integer_ratio()); t(lambda: v.__floor__()); t(lambda: v.__ceil__()); t(lambda: v.__trunc__())
    t(lambda: bool(v))
    t(lambda: hash(v) if v == v else 'n')
small = [0.0, -0.0, 1.0, -1.5, 0.1, 2.5, inf, -inf, nan, 3, 0, -2, True]
for a in small:
    for b in small:
        if isinstance(a, int) and isinstance(b, int): continue
        print(a, b)
        t(lambda: a + b); t(lambda: a - b); t(lambda: a * b)
        t(lambda: a // b if b else 'z'); t(lambda: a % b if b else 'z'); t(lambda: a / b if b else 'z')
        t(lambda: divmod(a, b) if b else 'z')
        if not (b < 0 and a == 0): t(lambda: a ** b)
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
for s in ['1', ' 1.5 ', '1_000.5', '1__0', '_1', '1_', '1e5', '1E+5', '1e', '.5', '5.', '.', '', 'inf', '-Infinity', 'nan', '+nan', 'infi', '0x10', '1_0e1_0', '١٢.٥', '\u20031\u2003', '1e400', '-1e400', '1e-400', 'e5', '--1', '+ 1', '1 2', '1\x00', '1_e5', '1._5']:
    t(float, s)
t(float, b'1.5'); t(float, b' 2_0 '); t(float, bytearray(b'3')); t(float, b'x'); t(float, None); t(float, []); t(float, 10**400); t(float, 10**22); t(float, True)
t(float.fromhex, '0x1.8p3'); t(float.fromhex, '-0x1p-1074'); t(float.fromhex, '0x1p-1075'); t(float.fromhex, '0x1.8p-1075'); t(float.fromhex, '0x1.fffffffffffff8p1023')
t(float.fromhex, '0x1.fffffffffffff7p1023'); t(float.fromhex, 'inf'); t(float.fromhex, ' -nan '); t(float.fromhex, '0x'); t(float.fromhex, '1.p1'); t(float.fromhex, '.8'); t(float.fromhex, '1p1x'); t(float.fromhex, '0x1p5000'); t(float.fromhex, '0x0p99999999999999'); t(float.fromhex, 5) if 0 else None
t(float.fromhex, '0x' + '1' * 50 + 'p-200'); t(float.fromhex, '0x1.00000000000008'); t(float.fromhex, '0x1.000000000000081'); t(float.fromhex, '0x1.00000000000018')
for x, n in [(2.675, 2), (0.125, 2), (0.375, 2), (1234.5678, -2), (1250.0, -2), (1350.0, -2), (5e-324, 323), (1e308, -308), (1.5e308, -308), (1.7e308, -308), (0.5, 0), (1.5, 0), (2.5, 0), (-2.5, 0), (15.0, -1), (25.0, -1), (4.0, -1), (5.0, -1), (6.0, -1), (-0.0, 1), (1e22, 3), (inf, 2), (nan, 2), (123.456, 400), (123.456, -400), (0.15, 1), (0.25, 1)]:
    t(round, x, n)
class F(float):
    def __float__(self): return 7.5
f = F(2.5)
print(f, type(f) is F, float(f), f + 1, type(f + 1) is float, -f, f.real, f.imag, f.conjugate())
f.x = 3; print(f.x)
class G:
    def __float__(self): return 1.25
class H:
    def __index__(self): return 12
class B:
    def __float__(self): return 'x'
t(float, G()); t(float, H()); t(float, B())
t(lambda: 1.0 + 'a'); t(lambda: 'a' * 1.5); t(lambda: [] < 1.0); t(lambda: (-8.0) ** (1/3)); t(lambda: 10.0 ** 400); t(lambda: 2.0 ** 0.5); t(lambda: 1e300 * 1e300)
t(lambda: pow(2.0, 3, 5)); t(lambda: 1.5 + 10**400); t(lambda: 1.5 < 10**400); t(lambda: -1e308 > -10**400); t(lambda: float(2**53) == 2**53 + 1); t(lambda: float(2**60) == 2**60)
print(float.__getformat__('double'), (1.5).__getnewargs__())
print(1.5 .__add__('x'), 1.5 .__eq__('x'), 1.5 .__lt__(2), 1.5.__radd__(1), 2.0.__rpow__(3), 7.5.__rfloordiv__(20), 7.5.__rmod__(20))
