//! `float`: arithmetic with CPython's rules for signs, zeros and errors, conversion from and to text.

use crate::classes::C;
use crate::core::class::{special_of, type_name};
use crate::core::{hash as h, int, parse as arg, string, tuple};
use crate::error::{raise, raise_args, type_error, value_error};
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::ops::{compare, format, repr};
use crate::runtime::class;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mv, type_flags as tf};
use crate::thread::{R, Raised, Thread};
use dashu_int::IBig;
use habu_bytecode::opcode::{binary as b, compare as cmp};
use habu_heap::Value;
use std::cmp::Ordering;

mod half;
mod hex;
mod text;

pub use half::{from_half, to_half};
pub use hex::{pow2, round_to_f64};
pub use text::{ascii_digits, parse, repr_f64, shortest};

pub static SPEC: TypeSpec = TypeSpec::new("float", crate::kinds::FLOAT)
    .flags(tf::BASE | tf::MATCH_SELF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(make)
    .doc("Convert a string or number to a floating-point number, if possible.");

static METHODS: [MethodDef; 44] = [
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
    m2("__divmod__", divmod_method),
    m2("__rdivmod__", rdivmod),
    mv("__pow__", pow, 2, 3).sig("($self, value, mod=None, /)"),
    mv("__rpow__", rpow, 2, 3).sig("($self, value, mod=None, /)"),
    m1("__neg__", neg),
    m1("__pos__", exact),
    m1("__abs__", abs),
    m1("__bool__", truth),
    m1("__int__", trunc),
    m1("__float__", exact),
    m1("__repr__", repr_method),
    m1("__hash__", hash_method),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__gt__", gt),
    m2("__ge__", ge),
    m2("__format__", format_method).sig("($self, format_spec, /)"),
    mv("__round__", round, 1, 2).sig("($self, ndigits=None, /)"),
    m1("__trunc__", trunc).sig("($self, /)"),
    m1("__floor__", floor).sig("($self, /)"),
    m1("__ceil__", ceil).sig("($self, /)"),
    m1("__getnewargs__", getnewargs).sig("($self, /)"),
    m2("__getformat__", getformat)
        .class()
        .sig("($type, typestr, /)"),
    m1("as_integer_ratio", as_integer_ratio).sig("($self, /)"),
    m1("conjugate", exact).sig("($self, /)"),
    m1("hex", hex_method).sig("($self, /)"),
    m2("fromhex", fromhex).class().sig("($type, string, /)"),
    m2("from_number", from_number)
        .class()
        .sig("($type, number, /)"),
    m1("is_integer", is_integer).sig("($self, /)"),
    m1("__sizeof__", sizeof),
];

static GETSET: [GetSetDef; 2] = [gs("real", exact), gs("imag", zero)];

#[inline(always)]
pub fn new(th: &Thread, f: f64) -> R {
    match Value::try_float(f) {
        Some(v) => Ok(v),
        None => new_heap(th, f),
    }
}

#[inline(never)]
fn new_heap(th: &Thread, f: f64) -> R {
    let o: Gc<FloatObj> = th.alloc(C::Float.shape(), 0, 16)?;
    o.value.set(f.to_bits());
    Ok(o.value())
}

/// The number in a float or an instance of a subclass.
#[inline(always)]
pub fn get(v: Value) -> Option<f64> {
    match v.as_float() {
        Some(f) => Some(f),
        None => v.cast::<FloatObj>().map(|o| o.get()),
    }
}

fn this(v: Value) -> f64 {
    match get(v) {
        Some(f) => f,
        None => unreachable!("a float method got no float"),
    }
}

pub fn int_too_large(th: &Thread) -> Raised {
    raise(th, C::OverflowError, "int too large to convert to float")
}

/// float, `__float__` or `__index__`.
pub fn to_f64(th: &Thread, v: Value) -> R<f64> {
    if let Some(f) = get(v) {
        return Ok(f);
    }
    if int::is_int(v) && v.shape() < crate::classes::FIRST_DYNAMIC_SHAPE {
        return int::to_f64(v).ok_or_else(|| int_too_large(th));
    }
    if let Some(f) = special_of(v, N::Float) {
        return by_method(th, v, f);
    }
    if special_of(v, N::Index).is_some() {
        let i = arg::index(th, v)?;
        return int::to_f64(i).ok_or_else(|| int_too_large(th));
    }
    Err(type_error(
        th,
        &format!("must be real number, not {}", type_name(v)),
    ))
}

/// What `v`'s `__float__` says.
fn by_method(th: &Thread, v: Value, f: Value) -> R<f64> {
    let r = call_special(th, f, v, &[])?;
    if r.is_float() || r.shape() == C::Float.shape() {
        return Ok(this(r));
    }
    let Some(x) = get(r) else {
        return Err(type_error(
            th,
            &format!(
                "{}.__float__ returned non-float (type {})",
                type_name(v),
                type_name(r)
            ),
        ));
    };
    crate::modules::warnings::warn(
        th,
        C::DeprecationWarning,
        &format!(
            "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict subclass of float is deprecated, and may not be supported in a future version of Python.",
            type_name(v),
            type_name(r)
        ),
        1,
    )?;
    Ok(x)
}

fn zero_division(th: &Thread) -> Raised {
    raise(th, C::ZeroDivisionError, "division by zero")
}

/// Quotient and remainder, rounded down.
fn div_mod(x: f64, y: f64) -> (f64, f64) {
    let mut m = x % y;
    let mut d = (x - m) / y;
    if m != 0.0 {
        if (y < 0.0) != (m < 0.0) {
            m += y;
            d -= 1.0;
        }
    } else {
        m = 0.0f64.copysign(y);
    }
    let q = if d != 0.0 {
        let f = d.floor();
        if d - f > 0.5 { f + 1.0 } else { f }
    } else {
        0.0f64.copysign(x / y)
    };
    (q, m)
}

/// The operator `op` on two floats; `None` for operators that floats don't have.
#[inline]
pub fn binary(th: &Thread, op: u32, x: f64, y: f64) -> Option<R> {
    let r = match op {
        b::ADD => x + y,
        b::SUBTRACT => x - y,
        b::MULTIPLY => x * y,
        b::TRUE_DIVIDE if y != 0.0 => x / y,
        b::FLOOR_DIVIDE if y != 0.0 => div_mod(x, y).0,
        b::REMAINDER if y != 0.0 => {
            let m = x % y;
            if m != 0.0 {
                if (y < 0.0) != (m < 0.0) { m + y } else { m }
            } else {
                0.0f64.copysign(y)
            }
        }
        b::TRUE_DIVIDE | b::FLOOR_DIVIDE | b::REMAINDER => return Some(Err(zero_division(th))),
        b::POWER => return Some(power(th, x, y)),
        _ => return None,
    };
    Some(new(th, r))
}

pub fn range_error(th: &Thread) -> Raised {
    match string::new_value(th, "Numerical result out of range") {
        Ok(s) => raise_args(th, class(C::OverflowError), &[Value::small_int(34), s]),
        Err(r) => r,
    }
}

pub fn power(th: &Thread, x: f64, y: f64) -> R {
    if y == 0.0 || x == 1.0 {
        return new(th, 1.0);
    }
    if x == 0.0 && y < 0.0 {
        return Err(raise(th, C::ZeroDivisionError, "zero to a negative power"));
    }
    if x < 0.0 && x.is_finite() && y.is_finite() && y.fract() != 0.0 {
        return crate::types::complex::power(th, (x, 0.0), (y, 0.0));
    }
    let r = x.powf(y);
    if r.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(range_error(th));
    }
    new(th, r)
}

/// The number in `v` for arithmetic with a float: floats and ints; `None` for the rest.
fn operand(th: &Thread, v: Value) -> R<Option<f64>> {
    if let Some(f) = get(v) {
        return Ok(Some(f));
    }
    if int::is_int(v) {
        return match int::to_f64(v) {
            Some(f) => Ok(Some(f)),
            None => Err(int_too_large(th)),
        };
    }
    Ok(None)
}

fn arith(th: &Thread, op: u32, x: Value, y: Value) -> R {
    match (operand(th, x)?, operand(th, y)?) {
        (Some(f), Some(g)) => binary(th, op, f, g).unwrap_or(Ok(Value::NOT_IMPLEMENTED)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

macro_rules! operators {
    ($($f:ident $r:ident $op:expr;)*) => {$(
        fn $f(th: &Thread, x: Value, y: Value) -> R {
            arith(th, $op, x, y)
        }
        fn $r(th: &Thread, x: Value, y: Value) -> R {
            arith(th, $op, y, x)
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
}

fn divmod_method(th: &Thread, x: Value, y: Value) -> R {
    match (operand(th, x)?, operand(th, y)?) {
        (Some(_), Some(0.0)) => Err(zero_division(th)),
        (Some(f), Some(g)) => {
            let (q, m) = div_mod(f, g);
            let q = new(th, q)?;
            let m = new(th, m)?;
            tuple::new_value(th, &[q, m])
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn rdivmod(th: &Thread, x: Value, y: Value) -> R {
    divmod_method(th, y, x)
}

fn no_modulus(th: &Thread, a: &[Value]) -> R<()> {
    if a.len() == 3 && !a[2].is_none() {
        return Err(type_error(
            th,
            "pow() 3rd argument not allowed unless all arguments are integers",
        ));
    }
    Ok(())
}

fn pow(th: &Thread, a: &[Value]) -> R {
    no_modulus(th, a)?;
    arith(th, b::POWER, a[0], a[1])
}

fn rpow(th: &Thread, a: &[Value]) -> R {
    no_modulus(th, a)?;
    arith(th, b::POWER, a[1], a[0])
}

fn neg(th: &Thread, v: Value) -> R {
    new(th, -this(v))
}

fn abs(th: &Thread, v: Value) -> R {
    new(th, this(v).abs())
}

/// The exact float of a float or an instance of a subclass.
fn exact(th: &Thread, v: Value) -> R {
    if v.is_float() || v.shape() == C::Float.shape() {
        Ok(v)
    } else {
        new(th, this(v))
    }
}

fn zero(th: &Thread, _v: Value) -> R {
    new(th, 0.0)
}

fn truth(_th: &Thread, v: Value) -> R {
    Ok(Value::bool(this(v) != 0.0))
}

fn hash_method(th: &Thread, v: Value) -> R {
    int::from_i64(th, h::float(this(v), v.bits() as usize))
}

fn sizeof(_th: &Thread, _v: Value) -> R {
    Ok(Value::small_int(24))
}

fn rich(x: Value, y: Value, op: u32) -> Value {
    let f = this(x);
    let o = match get(y) {
        Some(g) => f.partial_cmp(&g),
        None if int::is_int(y) => compare::cmp_int_float(y, f).map(Ordering::reverse),
        None => return Value::NOT_IMPLEMENTED,
    };
    Value::bool(match o {
        Some(o) => compare::holds(op, o),
        None => op == cmp::NE,
    })
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

/// The int of a float without fraction.
pub fn integral(th: &Thread, f: f64) -> R {
    if f.abs() < 9.0e18 {
        return int::from_i64(th, f as i64);
    }
    if f.is_nan() {
        return Err(value_error(th, "cannot convert float NaN to integer"));
    }
    if f.is_infinite() {
        return Err(raise(
            th,
            C::OverflowError,
            "cannot convert float infinity to integer",
        ));
    }
    let (m, e) = mantissa(f);
    int::from_ibig(th, &(IBig::from(m) << e as usize))
}

/// `f = m * 2^e`, exactly.
fn mantissa(f: f64) -> (i64, i32) {
    let (m, e) = h::frexp(f);
    ((m * 9007199254740992.0) as i64, e - 53)
}

fn trunc(th: &Thread, v: Value) -> R {
    integral(th, this(v).trunc())
}

fn floor(th: &Thread, v: Value) -> R {
    integral(th, this(v).floor())
}

fn ceil(th: &Thread, v: Value) -> R {
    integral(th, this(v).ceil())
}

fn round(th: &Thread, a: &[Value]) -> R {
    let f = this(a[0]);
    if a.len() < 2 || a[1].is_none() {
        return integral(th, f.round_ties_even());
    }
    let n = arg::as_isize(th, a[1])?;
    if !f.is_finite() {
        return exact(th, a[0]);
    }
    match round_digits(f, n) {
        r if r.is_infinite() => Err(raise(
            th,
            C::OverflowError,
            "rounded value too large to represent",
        )),
        r => new(th, r),
    }
}

/// Correctly rounded to `n` decimals (half to even on the exact value).
pub fn round_digits(f: f64, n: i64) -> f64 {
    if n > 323 || f == 0.0 || !f.is_finite() {
        return f;
    }
    if n < -309 {
        return 0.0f64.copysign(f);
    }
    if n >= 0 {
        return std::format!("{:.*}", n as usize, f).parse().unwrap_or(f);
    }
    let (m, e) = mantissa(f.abs().floor());
    let i = if e >= 0 {
        IBig::from(m) << e as usize
    } else {
        IBig::from(m) >> (-e) as usize
    };
    let ten = IBig::from(10).pow(-n as usize);
    let (q, r) = (&i / &ten, &i % &ten);
    let twice = (r << 1) + IBig::from((f.fract() != 0.0) as u8);
    let up = match twice.cmp(&ten) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => &q & IBig::from(1) == IBig::from(1),
    };
    let q = if up { q + IBig::from(1) } else { q };
    let text = std::format!("{q}e{}", -n);
    text.parse().unwrap_or(f64::INFINITY).copysign(f)
}

fn getnewargs(th: &Thread, v: Value) -> R {
    let f = exact(th, v)?;
    tuple::new_value(th, &[f])
}

fn getformat(th: &Thread, _cls: Value, kind: Value) -> R {
    let Some(s) = kind.cast::<StrObj>() else {
        return Err(type_error(
            th,
            &format!(
                "__getformat__() argument must be str, not {}",
                type_name(kind)
            ),
        ));
    };
    if !s.eq_str("double") && !s.eq_str("float") {
        return Err(value_error(
            th,
            "__getformat__() argument 1 must be 'double' or 'float'",
        ));
    }
    string::new_value(
        th,
        if cfg!(target_endian = "little") {
            "IEEE, little-endian"
        } else {
            "IEEE, big-endian"
        },
    )
}

fn as_integer_ratio(th: &Thread, v: Value) -> R {
    let f = this(v);
    if f.is_infinite() {
        return Err(raise(
            th,
            C::OverflowError,
            "cannot convert Infinity to integer ratio",
        ));
    }
    if f.is_nan() {
        return Err(value_error(th, "cannot convert NaN to integer ratio"));
    }
    let (mut m, mut e) = mantissa(f);
    if m == 0 {
        e = 0;
    } else {
        let z = m.trailing_zeros() as i32;
        m >>= z;
        e += z;
    }
    let (n, d) = if e >= 0 {
        (IBig::from(m) << e as usize, IBig::from(1))
    } else {
        (IBig::from(m), IBig::from(1) << (-e) as usize)
    };
    let n = int::from_ibig(th, &n)?;
    let d = int::from_ibig(th, &d)?;
    tuple::new_value(th, &[n, d])
}

fn is_integer(_th: &Thread, v: Value) -> R {
    let f = this(v);
    Ok(Value::bool(f.is_finite() && f.trunc() == f))
}

fn hex_method(th: &Thread, v: Value) -> R {
    string::new_value(th, &hex::format(this(v)))
}

fn fromhex(th: &Thread, cls: Value, text: Value) -> R {
    let Some(s) = text.cast::<StrObj>() else {
        return Err(type_error(th, "bad argument type for built-in operation"));
    };
    let f = hex::parse(th, s.to_rust().as_bytes())?;
    wrap(th, cls, new(th, f)?)
}

fn from_number(th: &Thread, cls: Value, n: Value) -> R {
    if (n.is_float() || n.shape() == C::Float.shape())
        && cls == crate::runtime::class_value(C::Float)
    {
        return Ok(n);
    }
    let f = to_f64(th, n)?;
    wrap(th, cls, new(th, f)?)
}

fn wrap(th: &Thread, cls: Value, f: Value) -> R {
    if cls == crate::runtime::class_value(C::Float) {
        Ok(f)
    } else {
        crate::ops::call::call(th, cls, &[f])
    }
}

fn format_method(th: &Thread, v: Value, spec: Value) -> R {
    let spec = format::spec_arg(th, spec)?;
    format::format_float(th, v, this(v), spec)
}

fn repr_method(th: &Thread, v: Value) -> R {
    string::new_value(th, &repr_f64(this(v)))
}

/// `float(v)` for one argument.
pub fn from_object(th: &Thread, v: Value) -> R {
    if v.is_float() || v.shape() == C::Float.shape() {
        return Ok(v);
    }
    let text = match v.cast::<StrObj>() {
        Some(s) => Some(ascii_digits(s)),
        None => match special_of(v, N::Float) {
            Some(f) => return new(th, by_method(th, v, f)?),
            None if special_of(v, N::Index).is_some() => return new(th, to_f64(th, v)?),
            None => crate::types::bytes::bytes_like(th, v)?
                .map(|s| String::from_utf8_lossy(s).into_owned()),
        },
    };
    let Some(text) = text else {
        return Err(type_error(
            th,
            &format!(
                "float() argument must be a string or a real number, not '{}'",
                type_name(v)
            ),
        ));
    };
    match parse(&text) {
        Some(f) => new(th, f),
        None => {
            let r = repr::repr_string(th, v)?;
            Err(value_error(
                th,
                &format!("could not convert string to float: {r}"),
            ))
        }
    }
}

fn make(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let exact_class = cls == class(C::Float);
    if exact_class {
        arg::no_kwargs(th, "float", a)?;
    }
    arg::check_count(th, "float", a.pos().len(), 0, 1)?;
    let v = match a.pos().first() {
        Some(&v) => from_object(th, v)?,
        None => new(th, 0.0)?,
    };
    if exact_class {
        return Ok(v);
    }
    let o: Gc<FloatObj> = th.alloc(crate::core::shape::root(cls).id(), habu_heap::EXT, 24)?;
    o.value.set(this(v).to_bits());
    // SAFETY: the object has three words; the last is the attribute word.
    unsafe { *(o.raw() as *mut u64).add(2) = 0 };
    Ok(o.value())
}
