"""Classes and methods: inheritance, super(), class and static methods, properties, descriptors, operators."""


class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance, value):
        if value < 0:
            raise ValueError(f"{self.name[1:]} must not be negative")
        setattr(instance, self.name, value)


class Figure:
    made = 0

    def __init__(self, name):
        self.name = name
        Figure.made += 1

    def area(self):
        raise NotImplementedError

    def describe(self):
        return f"{type(self).__name__} {self.name}: {self.area()}"

    def __lt__(self, other):
        return self.area() < other.area()

    @classmethod
    def unit(cls):
        return cls("unit", *cls.sides)

    @staticmethod
    def half(x):
        return x // 2


class Rectangle(Figure):
    width = Positive()
    height = Positive()
    sides = 1, 1

    def __init__(self, name, width, height):
        super().__init__(name)
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height

    @property
    def girth(self):
        return 2 * (self.width + self.height)

    @girth.setter
    def girth(self, value):
        self.width = self.half(value) - self.height


class Square(Rectangle):
    sides = 1,

    def __init__(self, name, side):
        super().__init__(name, side, side)


class Triangle(Figure):
    sides = 2, 1

    def __init__(self, name, base, height):
        super().__init__(name)
        self.base = base
        self.height = height

    def area(self):
        return self.half(self.base * self.height)


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __add__(self, other):
        return Money(self.cents + other.cents)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __eq__(self, other):
        return isinstance(other, Money) and self.cents == other.cents

    def __hash__(self):
        return hash(self.cents)

    def __getattr__(self, name):
        if name == "euros":
            return self.cents // 100
        raise AttributeError(name)

    def __getitem__(self, i):
        return self.cents >> i & 1

    def __call__(self, k):
        return Money(self.cents * k)


def main():
    makers = Rectangle, Square, Triangle
    figures = []
    for i in range(120000):
        cls = makers[i % 3]
        figures.append(cls(str(i), i % 50) if cls is Square else cls(str(i), i % 40, i % 30))
    print(sum(f.area() for f in figures), Figure.made % 120000)
    for f in figures:
        if isinstance(f, Rectangle):
            f.girth = f.girth + 40
    print(sum(f.area() for f in figures), max(figures).describe(), min(figures).describe())
    bad = 0
    for i in range(30000):
        try:
            figures[0].width = i % 3 - 1
        except ValueError:
            bad += 1
    print(bad, [cls.unit().describe() for cls in makers])
    purse = [Money(i * 7) for i in range(150000)]
    print(sum(purse).cents, len(set(purse)), sum(m.euros for m in purse), sum(m[3] for m in purse))
    print(sum(m(3).cents for m in purse), sum(hasattr(m, "dollars") for m in purse))


if __name__ == "__main__":
    main()
