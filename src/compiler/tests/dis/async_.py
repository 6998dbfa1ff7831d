async def fetch(urls):
    async with session() as s:
        async for u in urls:
            yield await s.get(u)
    print([r async for r in urls if await r])


def delegate(g):
    x = yield from g
    yield x
