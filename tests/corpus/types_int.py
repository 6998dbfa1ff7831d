def t(f, *a):
    try:
        print(repr(f(*a)))
    except Exception as e:
        print(type(e).__name__, '|', e)

B = 2**62
nums = [0, 1, -1, 2, -3, 7, 10, 255, 2**31, 2**53 + 1, B - 1, B, B + 1, -B, -B - 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, 10**20, -10**20, 3**100, -7**90, 1 << 200, True, False]
for a in nums:
    print(a, -a, +a, abs(a), ~int(a), bool(a), hash(a), a.bit_length(), a.bit_count(), hex(a), format(a, 'o'), format(a, 'b')[:20])
    t(lambda: float(a)); print(a.as_integer_ratio(), a.is_integer(), a.real, a.imag, a.numerator, a.denominator, a.conjugate())
    for b in nums:
        print(a + b, a - b, a * b, a & b, a | b, a ^ b, a < b, a <= b, a == b, a != b, a > b, a >= b)
        if b:
            print(a // b, a % b, divmod(a, b)); t(lambda: a / b)
        if 0 <= b < 300: print(a << b, a >> b); 
        if 0 <= b < 20: print(a ** b)
        if b and abs(b) > 1: t(lambda: pow(a, 13, b)); t(lambda: pow(a, -1, b)); t(lambda: pow(a, 10**20, b))
t(lambda: 1 << -1); t(lambda: 1 >> -1); t(lambda: 0 << 10**30); t(lambda: -5 >> 10**30); t(lambda: pow(2, 3, 0)); t(lambda: pow(2, 5, -7)); t(lambda: pow(2, -1, 4)); t(lambda: pow(5, 3, 1)); t(lambda: 2 ** -2); t(lambda: 10**400 / 1); t(lambda: 10**400 / 10**399); t(lambda: 1 / 10**400)
t(lambda: (10**400) ** -1); t(lambda: 3 ** 2.0); t(lambda: 1 + 'a'); t(lambda: 1 @ 2); t(lambda: [] + 1); t(lambda: 10**400 + 1.0); t(lambda: (2**1100) / (2**1100 - 1)); t(lambda: 5e-324 * (2**1074 / 2**1074)); t(lambda: 1 / 3**677); t(lambda: (2**53 + 1) / 2**1100); t(lambda: 7 // 0.5)
for s in ['0', '12', ' 12 ', '-5', '+5', '1_000', '1__0', '_1', '1_', '', '-', '0x10', '1.5', '1e5', 'abc', '٣٤', '1 2', '\u20035\n', '0b1', '0o7', '00', '0_0', '9' * 30, '-' + '8' * 40]:
    t(int, s); t(int, s, 0); t(int, s, 16); t(int, s, 36); t(int, s, 2)
t(int, '0x_f', 0); t(int, '0xf', 16); t(int, '0b11', 2); t(int, '0b11', 16); t(int, '0o17', 8); t(int, '010', 0); t(int, '0' * 5, 0); t(int, 'zz', 36); t(int, '1', 37); t(int, '1', 1); t(int, '1', -1); t(int, '1', 10**30); t(int, 5, 10); t(int, b'12'); t(int, b'zz', 36); t(int, bytearray(b'7')); t(int, b'x'); t(int, 'x', 16); t(int, '\ud800'); t(int, 'é')
t(int, 3.9); t(int, -3.9); t(int, 1e30); t(int, float('inf')); t(int, float('nan')); t(int, None); t(int, []); t(int); t(lambda: int('5', base=8)); t(lambda: int(base=8)); t(lambda: int(x=5)); t(int, 1, 2, 3); t(int, True)
for v, n in [(5, 0), (15, -1), (25, -1), (-15, -1), (-25, -1), (12345, -2), (12350, -2), (12450, -2), (55, -2), (45, -2), (50, -2), (10**30 + 5, -1), (7, 10**20), (149, -2), (150, -2), (-151, -2)]:
    t(round, v, n)
for v in [0, 1, 255, 256, -1, -128, -129, 2**64 - 1, -2**63, 10**20]:
    for n in [0, 1, 2, 8, 10]:
        for o in ['big', 'little']:
            for s in [True, False]:
                t(lambda: v.to_bytes(n, o, signed=s))
t(lambda: (5).to_bytes()); t(lambda: (5).to_bytes(-1, 'big')); t(lambda: (5).to_bytes(1, 'x')); t(lambda: (5).to_bytes(length=2, byteorder='little'))
for b in [b'', b'\x00', b'\xff', b'\x80\x00', b'\x01' * 9, b'\xff' * 10]:
    for o in ['big', 'little']:
        for s in [True, False]:
            t(lambda: int.from_bytes(b, o, signed=s))
t(int.from_bytes, [1, 2, 3]); t(int.from_bytes, bytearray(b'ab'), 'little'); t(int.from_bytes, 'ab'); t(int.from_bytes, [256]); t(int.from_bytes, 5)
class I(int): pass
i = I(7); i.x = 1
print(i, type(i) is I, i + 1, type(i + 1) is int, i == 7, hash(i), i.x, I(10**30), type(I.from_bytes(b'\x05')) is I, I('12', 8), i.real, type(i.real) is int, repr(I(5)), -i, i ** 2, bool(I(0)))
class X:
    def __int__(self): return 42
class Y:
    def __index__(self): return 43
class Z:
    def __int__(self): return 'a'
t(int, X()); t(int, Y()); t(int, Z()); t(lambda: 1 << Y()); t(lambda: hex(5))
print(True + True, True & False, True | 0, True ^ True, repr(True), str(False), True & 1, ~5, -True, bool(''), bool([1]), bool())
t(bool, 1, 2); print(True.__and__(False), True.__or__(2), True.__and__('a'), (5).__add__('a'), (5).__eq__('a'), (5).__pow__(2, 7), (5).__rsub__(7), (7).__rdivmod__(100), (5).__round__(), (5).__getnewargs__())
s = '1' * 4300; print(len(str(int(s)))); t(int, '1' * 4301); t(str, 10**4300); t(lambda: len(str(10**4299))); t(lambda: len(hex(10**5000)))
