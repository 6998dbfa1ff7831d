# sys.monitoring: tools, events, callbacks, DISABLE, local events.
import gc
import sys


def settle(depth):
    """What imports left behind, which a word on the native stack may still hold, must not be seen going."""
    return depth and settle(depth - 1)


for _ in range(20):
    sys.settrace(lambda *_: None)
    settle(30)
    sys.settrace(None)
    gc.collect()
    if not sys.modules["_frozen_importlib"]._module_locks:
        break


M = sys.monitoring
E = M.events
TOOL = 3


def name(x):
    return getattr(x, "__name__", getattr(x, "co_name", repr(x) if isinstance(x, (int, str, type(None))) else type(x).__name__))


def recorder(event, shown):
    def callback(code, *args):
        if code.co_filename == __file__:
            log.append((event, code.co_name, *(name(args[i]) for i in shown)))
    return callback


WHAT = {
    "PY_START": (), "PY_RESUME": (), "PY_RETURN": (1,), "PY_YIELD": (1,), "CALL": (1, 2), "C_RETURN": (1,),
    "C_RAISE": (1,), "LINE": (0,), "JUMP": (), "BRANCH_LEFT": (), "BRANCH_RIGHT": (), "STOP_ITERATION": (1,),
    "RAISE": (1,), "EXCEPTION_HANDLED": (1,), "PY_UNWIND": (1,), "PY_THROW": (1,), "RERAISE": (1,),
}


def gen():
    x = yield 1
    return x


def chain():
    v = yield from gen()
    return v


def work(n):
    total = 0
    for i in range(n):
        if i:
            total += i
    try:
        int("x")
    except ValueError:
        total += 1
    try:
        try:
            {}[1]
        finally:
            total += 1
    except KeyError:
        pass
    for v in chain():
        total += v
    g = gen()
    next(g)
    try:
        g.throw(OSError())
    except OSError:
        pass
    return len([total])


M.use_tool_id(TOOL, "test")
print(M.get_tool(TOOL))
every = 0
for event, shown in WHAT.items():
    M.register_callback(TOOL, getattr(E, event), recorder(event, shown))
    every |= getattr(E, event)

log = []
M.set_events(TOOL, every)
work(2)
M.set_events(TOOL, 0)
for entry in log:
    print(*entry)

log = []
M.set_local_events(TOOL, work.__code__, E.LINE | E.PY_RETURN)
work(2)
work(0)
M.set_local_events(TOOL, work.__code__, 0)
print(log)

# DISABLE and restart_events.
lines = []


def once(code, line):
    lines.append(line - code.co_firstlineno)
    return M.DISABLE


M.register_callback(TOOL, E.LINE, once)
M.set_local_events(TOOL, work.__code__, E.LINE)
work(3)
work(3)
print(len(lines), len(set(lines)))
M.restart_events()
work(1)
print(len(lines), len(set(lines)))
M.set_local_events(TOOL, work.__code__, 0)


def never(*args):
    return M.DISABLE


M.register_callback(TOOL, E.RAISE, never)
M.set_events(TOOL, E.RAISE)
try:
    int("x")
except ValueError as e:
    print(e)
M.set_events(TOOL, 0)

# A callback that raises.
def raising(code, line):
    if code is gen.__code__:
        raise RuntimeError("from the callback")


M.register_callback(TOOL, E.LINE, raising)
M.set_events(TOOL, E.LINE)
try:
    next(gen())
except RuntimeError as e:
    print(e)
M.set_events(TOOL, 0)

for set_ in (1 << 19, -1, E.C_RETURN):
    try:
        M.set_events(TOOL, set_)
    except ValueError as e:
        print(e)
for f in (
    lambda: M.set_local_events(TOOL, work.__code__, E.RAISE),
    lambda: M.set_events(4, 1),
    lambda: M.use_tool_id(TOOL, "again"),
    lambda: M.use_tool_id(9, "far"),
    lambda: M.register_callback(TOOL, 3, None),
    lambda: M.get_local_events(TOOL, 3),
):
    try:
        f()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
M.set_events(TOOL, E.BRANCH | E.CALL | E.C_RETURN | E.C_RAISE)
print(M.get_events(TOOL) == E.BRANCH_LEFT | E.BRANCH_RIGHT | E.CALL)
M.free_tool_id(TOOL)
print(M.get_tool(TOOL), M.get_events(TOOL))
