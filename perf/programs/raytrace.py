"""A ray tracer: classes, operators, methods, floats."""
import math


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vector(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vector(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k, self.z * k)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self * (1.0 / math.sqrt(self.dot(self)))

    def mirrored(self, normal):
        return self - normal * (2.0 * self.dot(normal))


class Shape:
    def __init__(self, shade, shine):
        self.shade = shade
        self.shine = shine

    def brightness(self, point):
        return self.shade


class Sphere(Shape):
    def __init__(self, centre, radius, shade, shine=0.0):
        super().__init__(shade, shine)
        self.centre = centre
        self.radius = radius

    def hit(self, origin, way):
        to = self.centre - origin
        along = to.dot(way)
        rest = self.radius * self.radius - to.dot(to) + along * along
        if rest < 0.0:
            return None
        root = math.sqrt(rest)
        if along - root > 1e-6:
            return along - root
        return along + root if along + root > 1e-6 else None

    def normal(self, point):
        return (point - self.centre) * (1.0 / self.radius)


class Floor(Shape):
    def __init__(self, height, shade, shine=0.0):
        super().__init__(shade, shine)
        self.height = height

    def hit(self, origin, way):
        if abs(way.y) < 1e-9:
            return None
        t = (self.height - origin.y) / way.y
        return t if t > 1e-6 else None

    def normal(self, point):
        return Vector(0.0, 1.0, 0.0)

    def brightness(self, point):
        return self.shade if (math.floor(point.x) + math.floor(point.z)) % 2 else self.shade * 0.3


class Scene:
    def __init__(self, shapes, light):
        self.shapes = shapes
        self.light = light

    def nearest(self, origin, way):
        best = shape = None
        for s in self.shapes:
            t = s.hit(origin, way)
            if t is not None and (best is None or t < best):
                best, shape = t, s
        return best, shape

    def trace(self, origin, way, depth):
        t, shape = self.nearest(origin, way)
        if shape is None:
            return 0.15 + 0.1 * way.y
        point = origin + way * t
        normal = shape.normal(point)
        to_light = (self.light - point).unit()
        lit = max(0.0, normal.dot(to_light))
        if lit and self.nearest(point, to_light)[1] is not None:
            lit *= 0.25
        value = shape.brightness(point) * (0.2 + 0.8 * lit)
        if shape.shine and depth:
            value += shape.shine * self.trace(point, way.mirrored(normal), depth - 1)
        return value


def main():
    scene = Scene(
        [Sphere(Vector(x * 1.5, 0.4 + 0.2 * x, 4.0 + abs(x)), 0.7, 0.5 + 0.1 * x, 0.4) for x in range(-2, 3)]
        + [Floor(-0.6, 0.9, 0.1)],
        Vector(3.0, 6.0, -2.0))
    eye = Vector(0.0, 0.8, -3.0)
    width, height = 320, 240
    total, rows = 0.0, []
    for y in range(height):
        row = ""
        for x in range(width):
            way = Vector((x - width / 2) / width * 1.6, (height / 2 - y) / width * 1.6, 1.0).unit()
            value = scene.trace(eye, way, 3)
            total += value
            if y % 30 == 15 and x % 5 == 2:
                row += " .:-=+*#%@"[min(9, int(value * 8))]
        if row:
            rows.append(row)
    print("\n".join(rows))
    print(f"{total:.6f}")


if __name__ == "__main__":
    main()
