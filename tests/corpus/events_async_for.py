# sys.monitoring tells the branches of `async for`, as co_branches names them.
import sys

mon = sys.monitoring
LEFT, RIGHT = mon.events.BRANCH_LEFT, mon.events.BRANCH_RIGHT


class Numbers:
    def __init__(self, n, error=StopAsyncIteration):
        self.n, self.error = n, error

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise self.error
        self.n -= 1
        return self.n


async def loops(n):
    total = 0
    async for i in Numbers(n):
        total += i
        if i == 1:
            continue
        async for j in Numbers(i):
            total += j
    else:
        total += 100
    try:
        async for i in Numbers(2, KeyError):
            pass
    except KeyError:
        total += 1000
    return total


def run(n):
    try:
        loops(n).send(None)
    except StopIteration as e:
        return e.value


def line_of(code, offset):
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line - code.co_firstlineno


def watch(disable):
    seen = []

    def tell(kind):
        def callback(code, from_, to):
            if code is not loops.__code__:
                return mon.DISABLE
            seen.append((kind, line_of(code, from_), line_of(code, to)))
            return mon.DISABLE if disable == kind else None

        return callback

    mon.use_tool_id(3, "test")
    mon.register_callback(3, LEFT, tell("left"))
    mon.register_callback(3, RIGHT, tell("right"))
    mon.set_events(3, LEFT | RIGHT)
    result = run(3)
    mon.set_events(3, 0)
    mon.register_callback(3, LEFT, None)
    mon.register_callback(3, RIGHT, None)
    mon.free_tool_id(3)
    mon.restart_events()
    print(result, len(seen))
    for s in seen:
        print(s)


for d in (None, "left", "right"):
    watch(d)


def stopping():
    def callback(code, from_, to):
        if code is loops.__code__:
            raise LookupError(line_of(code, from_))

    for e in (LEFT, RIGHT):
        mon.use_tool_id(3, "test")
        mon.register_callback(3, e, callback)
        mon.set_local_events(3, loops.__code__, e)
        try:
            print(run(3))
        except LookupError as x:
            print(x)
        mon.set_local_events(3, loops.__code__, 0)
        mon.free_tool_id(3)


stopping()
print(sorted(tuple(line_of(loops.__code__, o) for o in b) for b in loops.__code__.co_branches()))
print(run(3))
