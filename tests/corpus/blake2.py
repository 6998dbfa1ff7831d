# BLAKE2 with its parameters.
import hashlib


def attempt(f, *a, **k):
    try:
        return f(*a, **k).hexdigest()
    except Exception as e:
        return type(e).__name__


for f in (hashlib.blake2b, hashlib.blake2s):
    print(f.__name__, [getattr(f, n + "_SIZE") for n in ("SALT", "PERSON", "MAX_KEY", "MAX_DIGEST")])
    for n in (0, 1, 63, 64, 65, 127, 128, 129, 1000):
        print(n, f(bytes(i % 251 for i in range(n))).hexdigest())
    print(f(b"data", digest_size=5, key=b"key", salt=b"salt", person=b"me").hexdigest())
    print(f(b"data", fanout=2, depth=3, leaf_size=4000, node_offset=5, node_depth=1, inner_size=20,
            last_node=True).hexdigest())
    h = f(key=b"k")
    for i in range(300):
        h.update(bytes([i % 256]) * (i % 7))
        if i == 150:
            c = h.copy()
    print(h.hexdigest(), c.digest(), h.name, h.block_size, h.digest_size)
    for k in ({"digest_size": 0}, {"digest_size": 65}, {"key": bytes(65)}, {"salt": bytes(17)}, {"depth": 0},
              {"fanout": 256}, {"leaf_size": 1 << 32}, {"node_offset": -1}, {"inner_size": 65}, {"data": "text"}):
        print(k if len(str(k)) < 40 else list(k), attempt(f, **k))
print(hashlib.new("blake2s", b"x").hexdigest(), "blake2b" in hashlib.algorithms_available)
