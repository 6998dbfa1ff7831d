# dis over bytecode without cache entries: every instruction is shown, with what its argument means.
import _opcode
import dis


def f(x, y):
    for i in x:
        y += x[i] * 2 - i // 3
        if y > 5:
            continue
    return y


print([i.argrepr for i in dis.get_instructions(f) if i.opname == "BINARY_OP"])
print([i.argrepr for i in dis.get_instructions(f) if i.opname == "COMPARE_OP"])
print(sum(i.opname == "JUMP_BACKWARD" for i in dis.get_instructions(f)) > 0)
print(_opcode.get_nb_ops()[-1], len(_opcode.get_nb_ops()))
print(dis.opname[dis.opmap["RETURN_VALUE"]], dis.cmp_op)
print(_opcode.has_const(dis.opmap["LOAD_CONST"]), _opcode.has_jump(dis.opmap["FOR_ITER"]))
