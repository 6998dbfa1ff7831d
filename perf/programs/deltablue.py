"""An incremental solver for one-way constraints with strengths: the DeltaBlue algorithm, written afresh.

Two known tests: a chain of equalities, and scaled projections.
"""

REQUIRED, STRONG_PREFERRED, PREFERRED, STRONG_DEFAULT, DEFAULT, WEAK_DEFAULT, WEAKEST = range(7)
NONE, FORWARD, BACKWARD = range(3)


class Variable:
    def __init__(self, name, value=0):
        self.name = name
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.mark = 0
        self.strength = WEAKEST
        self.stay = True


class Constraint:
    """Holds between variables; when satisfied, one of its methods computes one of them from the others."""

    is_input = False

    def __init__(self, planner, strength):
        self.planner = planner
        self.strength = strength

    def install(self):
        self.attach()
        self.planner.add(self)

    def destroy(self):
        if self.satisfied():
            self.planner.retract(self)
        else:
            self.detach()

    def satisfy(self, mark):
        """Try to satisfy; the constraint that lost its variable to this one, or None."""
        self.choose_method(mark)
        if not self.satisfied():
            if self.strength == REQUIRED:
                raise RuntimeError("a required constraint cannot be satisfied")
            return None
        self.mark_inputs(mark)
        out = self.output()
        overridden = out.determined_by
        if overridden is not None:
            overridden.unsatisfy()
        out.determined_by = self
        if not self.planner.propagate(self, mark):
            raise RuntimeError("a cycle")
        out.mark = mark
        return overridden

    def mark_inputs(self, mark):
        for v in self.inputs():
            v.mark = mark

    def inputs_known(self, mark):
        for v in self.inputs():
            if v.mark != mark and not v.stay and v.determined_by is not None:
                return False
        return True


class Unary(Constraint):
    def __init__(self, planner, variable, strength):
        super().__init__(planner, strength)
        self.variable = variable
        self.active = False
        self.install()

    def attach(self):
        self.variable.constraints.append(self)
        self.active = False

    def detach(self):
        self.variable.constraints.remove(self)
        self.active = False

    def satisfied(self):
        return self.active

    def unsatisfy(self):
        self.active = False

    def choose_method(self, mark):
        self.active = self.variable.mark != mark and self.strength < self.variable.strength

    def inputs(self):
        return ()

    def output(self):
        return self.variable

    def recalculate(self):
        out = self.variable
        out.strength = self.strength
        out.stay = not self.is_input
        if out.stay:
            self.execute()


class Stay(Unary):
    def execute(self):
        pass


class Edit(Unary):
    is_input = True

    def execute(self):
        pass


class Binary(Constraint):
    def __init__(self, planner, first, second, strength):
        super().__init__(planner, strength)
        self.first = first
        self.second = second
        self.direction = NONE
        self.install()

    def touched(self):
        return self.first, self.second

    def attach(self):
        for v in self.touched():
            v.constraints.append(self)
        self.direction = NONE

    def detach(self):
        for v in self.touched():
            v.constraints.remove(self)
        self.direction = NONE

    def satisfied(self):
        return self.direction != NONE

    def unsatisfy(self):
        self.direction = NONE

    def choose_method(self, mark):
        a, b = self.first, self.second
        if a.mark == mark:
            self.direction = FORWARD if b.mark != mark and self.strength < b.strength else NONE
        elif b.mark == mark:
            self.direction = BACKWARD if self.strength < a.strength else NONE
        elif a.strength > b.strength:
            self.direction = BACKWARD if self.strength < a.strength else NONE
        else:
            self.direction = FORWARD if self.strength < b.strength else NONE

    def inputs(self):
        return (self.input(),)

    def input(self):
        return self.first if self.direction == FORWARD else self.second

    def output(self):
        return self.second if self.direction == FORWARD else self.first

    def recalculate(self):
        source, out = self.input(), self.output()
        out.strength = max(self.strength, source.strength)
        out.stay = source.stay
        if out.stay:
            self.execute()


class Equal(Binary):
    def execute(self):
        self.output().value = self.input().value


class Scale(Binary):
    """second = first * factor + offset"""

    def __init__(self, planner, first, factor, offset, second, strength):
        self.factor = factor
        self.offset = offset
        super().__init__(planner, first, second, strength)

    def touched(self):
        return self.first, self.second, self.factor, self.offset

    def inputs(self):
        return self.input(), self.factor, self.offset

    def execute(self):
        if self.direction == FORWARD:
            self.second.value = self.first.value * self.factor.value + self.offset.value
        else:
            self.first.value = (self.second.value - self.offset.value) // self.factor.value

    def recalculate(self):
        source, out = self.input(), self.output()
        out.strength = max(self.strength, source.strength)
        out.stay = source.stay and self.factor.stay and self.offset.stay
        if out.stay:
            self.execute()


class Planner:
    def __init__(self):
        self.mark = 0

    def new_mark(self):
        self.mark += 1
        return self.mark

    def add(self, constraint):
        mark = self.new_mark()
        overridden = constraint.satisfy(mark)
        while overridden is not None:
            overridden = overridden.satisfy(mark)

    def retract(self, constraint):
        out = constraint.output()
        constraint.unsatisfy()
        constraint.detach()
        unsatisfied = self.remove_from(out)
        for strength in range(REQUIRED, WEAKEST + 1):
            for c in unsatisfied:
                if c.strength == strength:
                    self.add(c)

    def remove_from(self, out):
        out.determined_by = None
        out.strength = WEAKEST
        out.stay = True
        unsatisfied = []
        todo = [out]
        while todo:
            v = todo.pop()
            for c in v.constraints:
                if not c.satisfied():
                    unsatisfied.append(c)
            determining = v.determined_by
            for c in v.constraints:
                if c is not determining and c.satisfied():
                    c.recalculate()
                    todo.append(c.output())
        return unsatisfied

    def propagate(self, constraint, mark):
        todo = [constraint]
        while todo:
            c = todo.pop()
            out = c.output()
            if out.mark == mark:
                self.retract(constraint)
                return False
            c.recalculate()
            self.consumers(out, todo)
        return True

    @staticmethod
    def consumers(variable, into):
        determining = variable.determined_by
        for c in variable.constraints:
            if c is not determining and c.satisfied():
                into.append(c)

    def plan(self, constraints):
        todo = [c for c in constraints if c.is_input and c.satisfied()]
        mark = self.new_mark()
        plan = []
        while todo:
            c = todo.pop()
            out = c.output()
            if out.mark != mark and c.inputs_known(mark):
                plan.append(c)
                out.mark = mark
                self.consumers(out, todo)
        return plan

    def change(self, variable, value):
        edit = Edit(self, variable, PREFERRED)
        plan = self.plan([edit])
        for _ in range(10):
            variable.value = value
            for c in plan:
                c.execute()
        edit.destroy()


def chain(n):
    planner = Planner()
    first = last = Variable("v0")
    for i in range(1, n + 1):
        v = Variable(f"v{i}")
        Equal(planner, last, v, REQUIRED)
        last = v
    Stay(planner, last, STRONG_DEFAULT)
    edit = Edit(planner, first, PREFERRED)
    plan = planner.plan([edit])
    total = 0
    for i in range(100):
        first.value = i
        for c in plan:
            c.execute()
        assert last.value == i
        total += last.value
    return total


def projection(n):
    planner = Planner()
    factor, offset = Variable("factor", 10), Variable("offset", 1000)
    targets = []
    for i in range(n):
        source, target = Variable(f"s{i}", i), Variable(f"t{i}", i)
        targets.append(target)
        Stay(planner, source, DEFAULT)
        Scale(planner, source, factor, offset, target, REQUIRED)
    planner.change(source, 17)
    assert target.value == 1170
    planner.change(target, 1050)
    assert source.value == 5
    planner.change(factor, 5)
    assert all(t.value == i * 5 + 1000 for i, t in enumerate(targets[:-1]))
    planner.change(offset, 2000)
    assert all(t.value == i * 5 + 2000 for i, t in enumerate(targets[:-1]))
    return sum(t.value for t in targets)


def main():
    print(sum(chain(5000) + projection(5000) for _ in range(4)))


if __name__ == "__main__":
    main()
