//! Arithmetic on any objects.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{int, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::thread::{R, Thread, expect};
use crate::types;
use habu_bytecode::opcode::binary as b;
use habu_heap::Value;

/// `__add__` and so on, in the order of the operator numbers.
const FORWARD: [N; 13] = [
    N::Add,
    N::And,
    N::FloorDiv,
    N::LShift,
    N::MatMul,
    N::Mul,
    N::Mod,
    N::Or,
    N::Pow,
    N::RShift,
    N::Sub,
    N::TrueDiv,
    N::Xor,
];
const REFLECTED: [N; 13] = [
    N::RAdd,
    N::RAnd,
    N::RFloorDiv,
    N::RLShift,
    N::RMatMul,
    N::RMul,
    N::RMod,
    N::ROr,
    N::RPow,
    N::RRShift,
    N::RSub,
    N::RTrueDiv,
    N::RXor,
];
const INPLACE: [N; 13] = [
    N::IAdd,
    N::IAnd,
    N::IFloorDiv,
    N::ILShift,
    N::IMatMul,
    N::IMul,
    N::IMod,
    N::IOr,
    N::IPow,
    N::IRShift,
    N::ISub,
    N::ITrueDiv,
    N::IXor,
];
pub const SYMBOLS: [&str; 13] = [
    "+",
    "&",
    "//",
    "<<",
    "@",
    "*",
    "%",
    "|",
    "** or pow()",
    ">>",
    "-",
    "/",
    "^",
];
const INPLACE_SYMBOLS: [&str; 13] = [
    "+=", "&=", "//=", "<<=", "@=", "*=", "%=", "|=", "**=", ">>=", "-=", "/=", "^=",
];

/// The operator `op` (plain number) on two values; `seen` is the site's record of kinds.
///
/// # Safety
/// `seen` is writable.
pub unsafe fn dispatch(
    th: &Thread,
    op: u32,
    inplace: bool,
    x: Value,
    y: Value,
    seen: *mut u8,
) -> R {
    if op == b::ADD && x.shape() == C::Str.shape() && y.shape() == C::Str.shape() {
        // SAFETY: the caller's promise.
        unsafe { *seen |= crate::interp::arith::SEEN_OTHER };
        return Ok(string::concat(th, expect(x), expect(y))?.value());
    }
    let exact = |v: Value| v.is_int() || v.shape() == C::Int.shape();
    if op != b::SUBSCR
        && exact(x)
        && exact(y)
        && let Some(r) = types::int::binary(th, op, x, y)
    {
        // SAFETY: as above.
        unsafe { *seen |= crate::interp::arith::big_kinds(x, y) };
        return r;
    }
    let mixed = match (x.as_float(), y.as_float()) {
        (Some(f), None) => y.as_int().map(|i| (f, i as f64)),
        (None, Some(g)) => x.as_int().map(|i| (i as f64, g)),
        _ => None,
    };
    if let Some((f, g)) = mixed
        && let Some(r) = types::float::binary(th, op, f, g)
    {
        // SAFETY: as above.
        unsafe { *seen |= crate::interp::arith::SEEN_MIXED };
        return r;
    }
    // SAFETY: as above.
    unsafe { *seen |= crate::interp::arith::slow_kinds(x, y) };
    if op == b::SUBSCR {
        return crate::ops::subscr::get(th, x, y);
    }
    if let Some(r) = numbers(th, op, x, y) {
        return r;
    }
    if let Some(r) = built_in(th, op, inplace, x, y) {
        return r;
    }
    match op {
        b::REMAINDER
            if x.shape() == C::Str.shape()
                && !(y.kind() == kinds::STR && y.shape() != C::Str.shape()) =>
        {
            return types::string_format::percent(th, expect(x), y);
        }
        _ => {}
    }
    if inplace {
        inplace_op(th, op, x, y)
    } else {
        generic(th, op, x, y)
    }
}

/// Two sets, lists or tuples of the built-in classes, whose methods need no looking up.
#[inline]
fn built_in(th: &Thread, op: u32, inplace: bool, x: Value, y: Value) -> Option<R> {
    let s = x.shape();
    let mutable = s == C::Set.shape() || s == C::List.shape();
    if inplace && mutable {
        return None;
    }
    if types::set::is_exact(x) && types::set::is_exact(y) {
        return types::set::operator(th, op, x, y);
    }
    if op != b::ADD || s != y.shape() {
        return None;
    }
    if s == C::Tuple.shape() {
        return Some(types::tuple::add(th, x, y));
    }
    (s == C::List.shape()).then(|| types::list::add(th, x, y))
}

pub fn binary(th: &Thread, op: u32, x: Value, y: Value) -> R {
    let mut s = 0;
    // SAFETY: a byte of this frame.
    unsafe { dispatch(th, op, false, x, y, &mut s) }
}

/// Ints, bools and floats in any mix.
#[inline]
fn numbers(th: &Thread, op: u32, x: Value, y: Value) -> Option<R> {
    let exact_int = |v: Value| {
        v.is_int() || v.shape() == C::Int.shape() || v == Value::TRUE || v == Value::FALSE
    };
    let float = |v: Value| -> Option<f64> {
        match v.as_float() {
            Some(f) => Some(f),
            None if v.shape() == C::Float.shape() => Some(expect::<FloatObj>(v).get()),
            None => None,
        }
    };
    match (float(x), float(y)) {
        (Some(f), Some(g)) => types::float::binary(th, op, f, g),
        (Some(f), None) if exact_int(y) => match int::to_f64(y) {
            Some(g) => types::float::binary(th, op, f, g),
            None => Some(Err(error::raise(
                th,
                C::OverflowError,
                "int too large to convert to float",
            ))),
        },
        (None, Some(g)) if exact_int(x) => match int::to_f64(x) {
            Some(f) => types::float::binary(th, op, f, g),
            None => Some(Err(error::raise(
                th,
                C::OverflowError,
                "int too large to convert to float",
            ))),
        },
        (None, None) if exact_int(x) && exact_int(y) => {
            if matches!(x, Value::TRUE | Value::FALSE)
                && matches!(y, Value::TRUE | Value::FALSE)
                && matches!(op, b::AND | b::OR | b::XOR)
            {
                let (p, q) = (x == Value::TRUE, y == Value::TRUE);
                return Some(Ok(Value::bool(match op {
                    b::AND => p & q,
                    b::OR => p | q,
                    _ => p ^ q,
                })));
            }
            types::int::binary(th, op, x, y)
        }
        _ => None,
    }
}

/// The protocol: left, then right; right first where its class is a subclass that overrides.
pub fn generic(th: &Thread, op: u32, x: Value, y: Value) -> R {
    match try_op(th, op, false, x, y)? {
        Some(r) => Ok(r),
        None => Err(unsupported(th, SYMBOLS[op as usize], x, y)),
    }
}

/// The Python function that has the first say about `x op y`. Should it decline, `after_left` goes on.
pub fn python_operator(op: u32, inplace: bool, x: Value, y: Value) -> Option<Gc<FunctionObj>> {
    if x.kind() != kinds::INSTANCE {
        return None;
    }
    left_function(op, inplace, class::of(x), class::of(y))
}

/// The same for objects of these classes, the left one of a Python class.
pub fn left_function(
    op: u32,
    inplace: bool,
    tx: Gc<TypeObj>,
    ty: Gc<TypeObj>,
) -> Option<Gc<FunctionObj>> {
    if inplace && special(tx, INPLACE[op as usize]).is_some() {
        return None;
    }
    let f: Gc<FunctionObj> = special(tx, FORWARD[op as usize])?.cast()?;
    let simple = f.simple_argc.get() == Some(Value::small_int(2));
    let first = tx == ty || !class::is_subclass(ty, tx);
    (simple && first).then_some(f)
}

/// What `x op y` is once the left side's function has declined.
pub fn after_left(th: &Thread, op: u32, inplace: bool, x: Value, y: Value) -> R {
    let (tx, ty) = (class::of(x), class::of(y));
    let right = if tx == ty {
        None
    } else {
        special(ty, REFLECTED[op as usize])
    };
    match right_side(th, op, inplace, x, y, right)? {
        Some(r) => Ok(r),
        None => {
            let symbols = if inplace { &INPLACE_SYMBOLS } else { &SYMBOLS };
            Err(unsupported(th, symbols[op as usize], x, y))
        }
    }
}

fn try_op(th: &Thread, op: u32, inplace: bool, x: Value, y: Value) -> R<Option<Value>> {
    let (f, r) = (FORWARD[op as usize], REFLECTED[op as usize]);
    let (tx, ty) = (class::of(x), class::of(y));
    let left = special(tx, f);
    let right = if tx == ty { None } else { special(ty, r) };
    if let (Some(rf), true) = (right, tx != ty && class::is_subclass(ty, tx)) {
        let inherited = special(tx, r) == Some(rf);
        if !inherited {
            let v = call_special(th, rf, y, &[x])?;
            if v != Value::NOT_IMPLEMENTED {
                return Ok(Some(v));
            }
            if let Some(lf) = left {
                let v = call_special(th, lf, x, &[y])?;
                if v != Value::NOT_IMPLEMENTED {
                    return Ok(Some(v));
                }
            }
            return sequence(th, op, inplace, x, y);
        }
    }
    if let Some(lf) = left {
        let v = call_special(th, lf, x, &[y])?;
        if v != Value::NOT_IMPLEMENTED {
            return Ok(Some(v));
        }
    }
    right_side(th, op, inplace, x, y, right)
}

/// The right side's method, then what sequences have to say.
fn right_side(
    th: &Thread,
    op: u32,
    inplace: bool,
    x: Value,
    y: Value,
    right: Option<Value>,
) -> R<Option<Value>> {
    if let Some(rf) = right {
        let v = call_special(th, rf, y, &[x])?;
        if v != Value::NOT_IMPLEMENTED {
            return Ok(Some(v));
        }
    }
    sequence(th, op, inplace, x, y)
}

/// `+` and `*` of built-in sequences raise their own errors, as CPython's sequence slots do.
fn sequence(th: &Thread, op: u32, inplace: bool, x: Value, y: Value) -> R<Option<Value>> {
    let seq = |v: Value| {
        matches!(
            v.kind(),
            kinds::LIST | kinds::TUPLE | kinds::STR | kinds::BYTES | kinds::BYTEARRAY
        )
    };
    match op {
        b::ADD if seq(x) => {
            let (a, c) = (base_name(x), class::type_name(y));
            let text = match x.kind() {
                kinds::BYTES | kinds::BYTEARRAY => format!("can't concat {c} to {a}"),
                _ => format!("can only concatenate {a} (not \"{c}\") to {a}"),
            };
            Err(error::type_error(th, &text))
        }
        // `x *= y` asks the right side only if the left one's class is in no way a sequence's.
        b::MULTIPLY if inplace && !seq(x) && crate::ops::subscr::is_like_sequence(x) => Ok(None),
        b::MULTIPLY if seq(x) && !seq(y) || seq(y) && !seq(x) => {
            let other = if seq(x) { y } else { x };
            if special(class::of(other), N::Index).is_none() {
                return Err(error::type_error(
                    th,
                    &format!(
                        "can't multiply sequence by non-int of type '{}'",
                        class::type_name(other)
                    ),
                ));
            }
            Ok(None)
        }
        b::MULTIPLY if seq(x) && seq(y) => Err(error::type_error(
            th,
            &format!(
                "can't multiply sequence by non-int of type '{}'",
                class::type_name(y)
            ),
        )),
        _ => Ok(None),
    }
}

fn base_name(v: Value) -> &'static str {
    match v.kind() {
        kinds::LIST => "list",
        kinds::TUPLE => "tuple",
        kinds::STR => "str",
        kinds::BYTES => "bytes",
        _ => "bytearray",
    }
}

fn unsupported(th: &Thread, symbol: &str, x: Value, y: Value) -> crate::thread::Raised {
    let hint = if symbol == ">>"
        && x.kind() == kinds::BUILTIN
        && expect::<BuiltinObj>(x).def().name == "print"
    {
        ". Did you mean \"print(<message>, file=<output_stream>)\"?"
    } else {
        ""
    };
    error::type_error(
        th,
        &format!(
            "unsupported operand type(s) for {symbol}: '{}' and '{}'{hint}",
            class::type_name(x),
            class::type_name(y)
        ),
    )
}

pub fn inplace_op(th: &Thread, op: u32, x: Value, y: Value) -> R {
    if let Some(f) = special(class::of(x), INPLACE[op as usize]) {
        let v = call_special(th, f, x, &[y])?;
        if v != Value::NOT_IMPLEMENTED {
            return Ok(v);
        }
    }
    match try_op(th, op, true, x, y)? {
        Some(r) => Ok(r),
        None => Err(unsupported(th, INPLACE_SYMBOLS[op as usize], x, y)),
    }
}

/// `pow(x, y, z)`.
pub fn power(th: &Thread, x: Value, y: Value, z: Value) -> R {
    if z.is_none() {
        return binary(th, b::POWER, x, y);
    }
    if int::is_int(x) && int::is_int(y) && int::is_int(z) {
        return types::int::pow_mod(th, x, y, z);
    }
    for (v, others) in [(x, [y, z])] {
        if let Some(f) = special(class::of(v), N::Pow) {
            let r = call_special(th, f, v, &others)?;
            if r != Value::NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
    }
    if let Some(f) = special(class::of(y), N::RPow) {
        let r = call_special(th, f, y, &[x, z])?;
        if r != Value::NOT_IMPLEMENTED {
            return Ok(r);
        }
    }
    Err(error::type_error(
        th,
        &format!(
            "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
            class::type_name(x),
            class::type_name(y),
            class::type_name(z)
        ),
    ))
}

/// `divmod(x, y)`.
pub fn divmod(th: &Thread, x: Value, y: Value) -> R {
    let (tx, ty) = (class::of(x), class::of(y));
    let left = special(tx, N::DivMod);
    let right = if tx == ty {
        None
    } else {
        special(ty, N::RDivMod)
    };
    let right_first =
        right.is_some() && class::is_subclass(ty, tx) && special(tx, N::RDivMod) != right;
    let order = if right_first {
        [(right, y, x), (left, x, y)]
    } else {
        [(left, x, y), (right, y, x)]
    };
    for (f, this, other) in order {
        if let Some(f) = f {
            let r = call_special(th, f, this, &[other])?;
            if r != Value::NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
    }
    Err(unsupported(th, "divmod()", x, y))
}

fn unary(th: &Thread, v: Value, n: N, symbol: &str) -> R {
    match special(class::of(v), n) {
        Some(f) => call_special(th, f, v, &[]),
        None => Err(error::type_error(
            th,
            &format!("bad operand type for {symbol}: '{}'", class::type_name(v)),
        )),
    }
}

pub fn negative(th: &Thread, v: Value) -> R {
    if let Some(f) = v.as_float() {
        return types::float::new(th, -f);
    }
    unary(th, v, N::Neg, "unary -")
}

pub fn positive(th: &Thread, v: Value) -> R {
    unary(th, v, N::Pos, "unary +")
}

pub fn invert(th: &Thread, v: Value) -> R {
    unary(th, v, N::Invert, "unary ~")
}

pub fn absolute(th: &Thread, v: Value) -> R {
    unary(th, v, N::Abs, "abs()")
}

/// `x * n` for sequences of values.
pub fn repeat(th: &Thread, items: &[Value], n: usize) -> R<Gc<TupleObj>> {
    let total = items.len().checked_mul(n).filter(|&t| t < (1 << 31));
    let Some(total) = total else {
        return Err(error::out_of_memory(th));
    };
    if total == 0 {
        return Ok(tuple::empty());
    }
    let t = tuple::alloc(th, total)?;
    for i in 0..total {
        t.slot(i).init(Some(items[i % items.len()]));
    }
    Ok(t)
}
