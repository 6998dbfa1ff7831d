# Loops whose jumps need a prefix: the header is found by the offset of its op.
n = 120
names = ", ".join(f"x{i}" for i in range(n))
source = f"""
def comprehension():
  return [({names}) for {names} in (range({n}),)]

def loop(rows):
  t = 0
  for row in rows:
    {names} = row
    if x3 % 2:
      continue
    t += {names.replace(', ', ' + ')}
  return t
"""
space = {}
exec(source, space)
print(len(space["comprehension"]()[0]))
print(space["loop"]([range(i, i + n) for i in range(3000)]))
