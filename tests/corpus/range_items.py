# Items and slices of ranges, small ones and such that end where a word ends.
RANGES = (
    range(10),
    range(0),
    range(3, 40, 7),
    range(40, 3, -7),
    range(-5, 5),
    range(2**61, 2**61 + 9, 3),
    range(2**62 - 5, 2**62 + 5),
    range(5, -(2**62), -(2**60)),
)
LIMITS = (None, -12, -3, -1, 0, 1, 2, 5, 20)

for r in RANGES:
    out = []
    for k in range(-12, 12):
        try:
            out.append(r[k])
        except IndexError as e:
            out.append(str(e))
    for a in LIMITS:
        for b in LIMITS:
            for c in (None, 1, 2, -1, -3, 2**61):
                s = r[a:b:c]
                out.append((s.start, s.stop, s.step, len(s)))
    print(sum(map(len, map(str, out))), out[::37])
