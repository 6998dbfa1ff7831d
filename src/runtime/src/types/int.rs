//! `int` and `bool`. Arithmetic lies in `int/arith.rs`, text in `int/text.rs`, bytes and the rest of the methods
//! in `int/methods.rs`.

use crate::classes::C;
use crate::core::class::{special_of, type_name};
use crate::core::{int, parse as arg, string};
use crate::error::{raise, type_error};
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::runtime::class;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_bytecode::opcode::{binary as b, compare as cmp};
use habu_heap::Value;

mod arith;
pub mod limbs;
mod methods;
mod text;

pub use arith::{binary, bitwise, divmod, pow_mod, true_divide};
pub use methods::{from_bytes_le, to_bytes_le};
pub use text::{
    Digits, limited, magnitude_digits, parse_text, radix_string, to_string, to_text, write_decimal,
    write_radix,
};

pub static SPEC: TypeSpec = TypeSpec::new("int", kinds::INT)
    .flags(tf::BASE | tf::MATCH_SELF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new)
    .doc("int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer, or return 0 if no arguments\nare given.  If x is a number, return x.__int__().  For floating-point\nnumbers, this truncates towards zero.\n\nIf x is not a number or if base is given, then x must be a string,\nbytes, or bytearray instance representing an integer literal in the\ngiven base.  The literal can be preceded by '+' or '-' and be surrounded\nby whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.\nBase 0 means to interpret the base from the string as an integer literal.\n>>> int('0b100', base=0)\n4");

static METHODS: [MethodDef; 56] = [
    m2("__add__", add),
    m2("__radd__", radd),
    m2("__sub__", sub),
    m2("__rsub__", rsub),
    m2("__mul__", mul),
    m2("__rmul__", rmul),
    m2("__truediv__", truediv),
    m2("__rtruediv__", rtruediv),
    m2("__floordiv__", floordiv),
    m2("__rfloordiv__", rfloordiv),
    m2("__mod__", rem),
    m2("__rmod__", rrem),
    m2("__and__", and),
    m2("__rand__", rand),
    m2("__or__", or),
    m2("__ror__", ror),
    m2("__xor__", xor),
    m2("__rxor__", rxor),
    m2("__lshift__", lshift),
    m2("__rlshift__", rlshift),
    m2("__rshift__", rshift),
    m2("__rrshift__", rrshift),
    m2("__divmod__", divmod_method),
    m2("__rdivmod__", rdivmod),
    mv("__pow__", pow, 2, 3).sig("($self, value, mod=None, /)"),
    mv("__rpow__", rpow, 2, 3).sig("($self, value, mod=None, /)"),
    m1("__neg__", neg),
    m1("__pos__", exact),
    m1("__abs__", abs),
    m1("__invert__", invert),
    m1("__bool__", truth),
    m1("__int__", exact),
    m1("__float__", float),
    m1("__index__", exact),
    m1("__repr__", repr),
    m1("__hash__", hash),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__gt__", gt),
    m2("__ge__", ge),
    m2("__format__", format_method).sig("($self, format_spec, /)"),
    mv("__round__", methods::round, 1, 2).sig("($self, ndigits=None, /)"),
    m1("__trunc__", exact),
    m1("__floor__", exact),
    m1("__ceil__", exact),
    m1("__getnewargs__", methods::getnewargs).sig("($self, /)"),
    m1("__sizeof__", methods::sizeof).sig("($self, /)"),
    m1("as_integer_ratio", methods::as_integer_ratio).sig("($self, /)"),
    m1("bit_count", methods::bit_count).sig("($self, /)"),
    m1("bit_length", methods::bit_length).sig("($self, /)"),
    m1("conjugate", exact).sig("($self, /)"),
    m1("is_integer", methods::is_integer).sig("($self, /)"),
    mk("from_bytes", methods::from_bytes)
        .class()
        .sig("($type, /, bytes, byteorder='big', *, signed=False)"),
    mk("to_bytes", methods::to_bytes).sig("($self, /, length=1, byteorder='big', *, signed=False)"),
];

static GETSET: [GetSetDef; 4] = [
    gs("real", exact),
    gs("imag", zero),
    gs("numerator", exact),
    gs("denominator", one),
];

pub static BOOL: TypeSpec = TypeSpec::new("bool", kinds::INT)
    .base(C::Int)
    .methods(&BOOL_METHODS)
    .new_fn(new_bool)
    .doc("Returns True when the argument is true, False otherwise.\nThe builtins True and False are the only two instances of the class bool.\nThe class bool is a subclass of the class int, and cannot be subclassed.");

static BOOL_METHODS: [MethodDef; 8] = [
    m2("__and__", bool_and),
    m2("__rand__", bool_and),
    m2("__or__", bool_or),
    m2("__ror__", bool_or),
    m2("__xor__", bool_xor),
    m2("__rxor__", bool_xor),
    m1("__invert__", bool_invert),
    m1("__repr__", bool_repr),
];

fn both(th: &Thread, op: u32, x: Value, y: Value) -> R {
    if !int::is_int(x) || !int::is_int(y) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    binary(th, op, x, y).unwrap_or(Ok(Value::NOT_IMPLEMENTED))
}

macro_rules! operators {
    ($($f:ident $r:ident $op:expr;)*) => {$(
        fn $f(th: &Thread, x: Value, y: Value) -> R {
            both(th, $op, x, y)
        }
        fn $r(th: &Thread, x: Value, y: Value) -> R {
            both(th, $op, y, x)
        }
    )*};
}

operators! {
    add radd b::ADD;
    sub rsub b::SUBTRACT;
    mul rmul b::MULTIPLY;
    truediv rtruediv b::TRUE_DIVIDE;
    floordiv rfloordiv b::FLOOR_DIVIDE;
    rem rrem b::REMAINDER;
    and rand b::AND;
    or ror b::OR;
    xor rxor b::XOR;
    lshift rlshift b::LSHIFT;
    rshift rrshift b::RSHIFT;
}

fn divmod_method(th: &Thread, x: Value, y: Value) -> R {
    if !int::is_int(x) || !int::is_int(y) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    divmod(th, x, y)
}

fn rdivmod(th: &Thread, x: Value, y: Value) -> R {
    divmod_method(th, y, x)
}

fn power(th: &Thread, x: Value, y: Value, z: Option<&Value>) -> R {
    if !int::is_int(x) || !int::is_int(y) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match z {
        None | Some(&Value::NONE) => both(th, b::POWER, x, y),
        Some(&z) if int::is_int(z) => pow_mod(th, x, y, z),
        Some(_) => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn pow(th: &Thread, a: &[Value]) -> R {
    power(th, a[0], a[1], a.get(2))
}

fn rpow(th: &Thread, a: &[Value]) -> R {
    power(th, a[1], a[0], a.get(2))
}

fn exact(th: &Thread, v: Value) -> R {
    int::exact(th, v)
}

fn zero(_th: &Thread, _v: Value) -> R {
    Ok(Value::small_int(0))
}

fn one(_th: &Thread, _v: Value) -> R {
    Ok(Value::small_int(1))
}

fn neg(th: &Thread, v: Value) -> R {
    match int::to_i64(v) {
        Some(i) => int::from_i128(th, -(i as i128)),
        None => int::from_ibig(th, &-arith::big(v)),
    }
}

fn abs(th: &Thread, v: Value) -> R {
    if int::is_negative(v) {
        neg(th, v)
    } else {
        int::exact(th, v)
    }
}

fn invert(th: &Thread, v: Value) -> R {
    match int::to_i64(v) {
        Some(i) => int::from_i64(th, !i),
        None => int::from_ibig(th, &!arith::big(v)),
    }
}

fn truth(_th: &Thread, v: Value) -> R {
    Ok(Value::bool(int::to_i64(v) != Some(0)))
}

fn float(th: &Thread, v: Value) -> R {
    match int::to_f64(v) {
        Some(f) => crate::types::float::new(th, f),
        None => Err(crate::types::float::int_too_large(th)),
    }
}

fn hash(th: &Thread, v: Value) -> R {
    int::from_i64(th, int::hash(v))
}

fn repr(th: &Thread, v: Value) -> R {
    to_text(th, v)
}

fn rich(x: Value, y: Value, op: u32) -> Value {
    if !int::is_int(y) {
        return Value::NOT_IMPLEMENTED;
    }
    Value::bool(crate::ops::compare::holds(
        op,
        crate::ops::compare::cmp_ints(x, y),
    ))
}

macro_rules! comparisons {
    ($($f:ident $op:expr;)*) => {$(
        fn $f(_th: &Thread, x: Value, y: Value) -> R {
            Ok(rich(x, y, $op))
        }
    )*};
}

comparisons! {
    eq cmp::EQ;
    ne cmp::NE;
    lt cmp::LT;
    le cmp::LE;
    gt cmp::GT;
    ge cmp::GE;
}

fn format_method(th: &Thread, v: Value, spec: Value) -> R {
    let spec = crate::ops::format::spec_arg(th, spec)?;
    crate::ops::format::format_int(th, v, spec)
}

/// `int(x)` without a base.
pub fn from_object(th: &Thread, x: Value) -> R {
    if x.is_int() || x.shape() == C::Int.shape() {
        return Ok(x);
    }
    if x.shape() == C::Str.shape()
        && expect::<StrObj>(x).is_ascii()
        && let Some(i) = text::short_decimal(expect::<StrObj>(x).bytes())
    {
        return Ok(Value::small_int(i));
    }
    if let Some(f) = special_of(x, N::Int) {
        let r = call_special(th, f, x, &[])?;
        if r.is_int() || r.shape() == C::Int.shape() {
            return Ok(r);
        }
        if !int::is_int(r) {
            return Err(type_error(
                th,
                &format!("__int__ returned non-int (type {})", type_name(r)),
            ));
        }
        crate::modules::warnings::warn(
            th,
            C::DeprecationWarning,
            &format!(
                "__int__ returned non-int (type {}).  The ability to return an instance of a strict subclass of int is deprecated, and may not be supported in a future version of Python.",
                type_name(r)
            ),
            1,
        )?;
        return int::exact(th, r);
    }
    if special_of(x, N::Index).is_some() {
        return arg::index(th, x);
    }
    if let Some(s) = x.cast::<StrObj>() {
        return parse_text(th, &crate::types::float::ascii_digits(s), 10, x);
    }
    if let Some(s) = crate::types::bytes::bytes_like(th, x)? {
        return text::parse_bytes(th, s, 10, x);
    }
    Err(type_error(
        th,
        &format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            type_name(x)
        ),
    ))
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    if let (None, &[x]) = (a.names(), a.all())
        && cls == class(C::Int)
    {
        return from_object(th, x);
    }
    if a.kw_len() == 0 {
        arg::check_count(th, "int", a.pos().len(), 0, 2)?;
    }
    let [x, base] = crate::args!(th, a, "int", ["", "base"], 1, 0, 2);
    let v = match (x, base) {
        (None, None) => Value::small_int(0),
        (None, Some(_)) => return Err(type_error(th, "int() missing string argument")),
        (Some(x), None) => from_object(th, x)?,
        (Some(x), Some(base)) => {
            let base = arg::as_clipped(th, base)?;
            if base != 0 && !(2..=36).contains(&base) {
                return Err(crate::error::value_error(
                    th,
                    "int() base must be >= 2 and <= 36, or 0",
                ));
            }
            if let Some(s) = x.cast::<StrObj>() {
                parse_text(th, &crate::types::float::ascii_digits(s), base as u32, x)?
            } else if matches!(x.kind(), kinds::BYTES | kinds::BYTEARRAY) {
                match crate::types::bytes::as_slice(x) {
                    Some(s) => text::parse_bytes(th, s, base as u32, x)?,
                    None => unreachable!("bytes without data"),
                }
            } else {
                return Err(type_error(
                    th,
                    "int() can't convert non-string with explicit base",
                ));
            }
        }
    };
    if cls == class(C::Int) {
        return Ok(v);
    }
    int::make_extended(th, crate::core::shape::root(cls).id(), v)
}

fn new_bool(th: &Thread, _cls: Gc<TypeObj>, a: Args) -> R {
    arg::no_kwargs(th, "bool", a)?;
    arg::check_count(th, "bool", a.pos().len(), 0, 1)?;
    match a.pos().first() {
        Some(&v) => Ok(Value::bool(crate::ops::truth(th, v)?)),
        None => Ok(Value::FALSE),
    }
}

fn bool_op(th: &Thread, op: u32, x: Value, y: Value) -> R {
    let is_bool = |v| v == Value::TRUE || v == Value::FALSE;
    if !is_bool(x) || !is_bool(y) {
        return both(th, op, x, y);
    }
    let (p, q) = (x == Value::TRUE, y == Value::TRUE);
    Ok(Value::bool(match op {
        b::AND => p & q,
        b::OR => p | q,
        _ => p ^ q,
    }))
}

fn bool_and(th: &Thread, x: Value, y: Value) -> R {
    bool_op(th, b::AND, x, y)
}

fn bool_or(th: &Thread, x: Value, y: Value) -> R {
    bool_op(th, b::OR, x, y)
}

fn bool_xor(th: &Thread, x: Value, y: Value) -> R {
    bool_op(th, b::XOR, x, y)
}

fn bool_invert(th: &Thread, v: Value) -> R {
    crate::modules::warnings::warn(
        th,
        C::DeprecationWarning,
        "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion of the underlying int object and is usually not what you expect from the negation of a bool object. Use the 'not' operator for boolean negation or ~int(x) for the bitwise inversion of the underlying int.",
        1,
    )?;
    invert(th, v)
}

fn bool_repr(th: &Thread, v: Value) -> R {
    string::intern_new(th, if v == Value::TRUE { "True" } else { "False" }).map(|s| s.value())
}

/// For the rare operation that cannot fit any machine.
fn too_many_digits(th: &Thread) -> crate::thread::Raised {
    raise(th, C::OverflowError, "too many digits in integer")
}
