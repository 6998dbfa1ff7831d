def handlers(f):
    try:
        f()
    except (ValueError, TypeError) as e:
        return e
    except OSError:
        raise
    else:
        f = 1
    finally:
        print("done")
    return f


def group(f):
    try:
        f()
    except* ValueError as e:
        print(e)
    except* TypeError:
        pass


def managed(a, b):
    with a as x, b:
        return x
