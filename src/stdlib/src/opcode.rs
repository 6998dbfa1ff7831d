//! `_opcode`: what `dis` and `opcode` ask about instructions, answered from the opcode table.

use habu_bytecode::Op;
use habu_bytecode::opcode::{Arg, HAVE_ARGUMENT};
use habu_runtime::core::{list, string, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{Args, MethodDef, m0, m1, mk, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::value::Value;

fn op(v: Value) -> Option<Op> {
    v.as_int()
        .and_then(|i| u8::try_from(i).ok())
        .and_then(Op::from_u8)
}
fn answer(v: Value, f: impl Fn(Op) -> bool) -> R {
    Ok(Value::bool(op(v).is_some_and(f)))
}
fn is_valid(_: &Thread, v: Value) -> R {
    answer(v, |_| true)
}
fn has_arg(_: &Thread, v: Value) -> R {
    answer(v, |o| o as u8 > HAVE_ARGUMENT)
}
fn has_const(_: &Thread, v: Value) -> R {
    answer(v, |o| o.arg_kind() == Arg::Const)
}
fn has_name(_: &Thread, v: Value) -> R {
    answer(v, |o| o.arg_kind() == Arg::Name)
}
fn has_jump(_: &Thread, v: Value) -> R {
    answer(v, |o| {
        matches!(o.arg_kind(), Arg::JumpForward | Arg::JumpBackward)
    })
}
fn has_local(_: &Thread, v: Value) -> R {
    answer(v, |o| o.arg_kind() == Arg::Local)
}
fn has_free(_: &Thread, v: Value) -> R {
    answer(v, |o| o.arg_kind() == Arg::Free)
}
/// Only pseudo-instructions set up handlers, and there are none here.
fn has_exc(_: &Thread, _: Value) -> R {
    Ok(Value::FALSE)
}
fn stack_effect(_: &Thread, _: Args) -> R {
    Ok(Value::small_int(0))
}
fn executor(th: &Thread, _: &[Value]) -> R {
    Err(error::value_error(th, "no executor exists at address"))
}

/// Operators of `BINARY_OP` in the order of their numbers; in-place forms follow with `=` behind.
const OPERATORS: [(&str, &str); 13] = [
    ("ADD", "+"),
    ("AND", "&"),
    ("FLOOR_DIVIDE", "//"),
    ("LSHIFT", "<<"),
    ("MATRIX_MULTIPLY", "@"),
    ("MULTIPLY", "*"),
    ("REMAINDER", "%"),
    ("OR", "|"),
    ("POWER", "**"),
    ("RSHIFT", ">>"),
    ("SUBTRACT", "-"),
    ("TRUE_DIVIDE", "/"),
    ("XOR", "^"),
];
fn nb_ops(th: &Thread) -> R {
    let out = list::new(th)?;
    let add = |name: &str, sign: &str| -> R<()> {
        let pair = [string::new_value(th, name)?, string::new_value(th, sign)?];
        list::push(th, out, tuple::new_value(th, &pair)?)
    };
    for (name, sign) in OPERATORS {
        add(&format!("NB_{name}"), sign)?;
    }
    for (name, sign) in OPERATORS {
        add(&format!("NB_INPLACE_{name}"), &format!("{sign}="))?;
    }
    add("NB_SUBSCR", "[]")?;
    Ok(out.value())
}
fn texts(th: &Thread, names: &[&str]) -> R {
    let out = list::new(th)?;
    for n in names {
        list::push(th, out, string::new_value(th, n)?)?;
    }
    Ok(out.value())
}
fn intrinsics_1(th: &Thread) -> R {
    texts(th, &habu_bytecode::dis::INTRINSIC_1)
}
fn intrinsics_2(th: &Thread) -> R {
    texts(th, &habu_bytecode::dis::INTRINSIC_2)
}
fn special_names(th: &Thread) -> R {
    texts(th, &["__enter__", "__exit__", "__aenter__", "__aexit__"])
}

static FUNCTIONS: [MethodDef; 14] = [
    mk("stack_effect", stack_effect),
    m1("has_arg", has_arg),
    m1("is_valid", is_valid),
    m1("has_const", has_const),
    m1("has_name", has_name),
    m1("has_jump", has_jump),
    m1("has_local", has_local),
    m1("has_free", has_free),
    m1("has_exc", has_exc),
    m0("get_intrinsic1_descs", intrinsics_1),
    m0("get_intrinsic2_descs", intrinsics_2),
    m0("get_special_method_names", special_names),
    m0("get_nb_ops", nb_ops),
    mv("get_executor", executor, 0, 2),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let o = m::new(th, "_opcode", &FUNCTIONS)?;
    // Specialization is CPython's way to make bytecode faster; this interpreter has inline caches.
    m::set(th, o, "ENABLE_SPECIALIZATION", Value::FALSE)?;
    m::set(th, o, "ENABLE_SPECIALIZATION_FT", Value::FALSE)?;
    Ok(o)
}
