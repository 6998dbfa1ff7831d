//! `complex`. The arithmetic lies in `complex/arith.rs`, reading from text in `complex/parse.rs`.

use crate::classes::C;
use crate::core::class::{special_of, type_name};
use crate::core::{hash as h, int, string, tuple};
use crate::error::{raise, type_error, value_error};
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::ops::format::double_to_string;
use crate::runtime::class;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mv, type_flags as tf};
use crate::thread::{R, Raised, Thread, expect};
use crate::types::float;
use habu_heap::Value;

mod arith;
mod parse;

pub use arith::{Pair, quotient};

pub static SPEC: TypeSpec = TypeSpec::new("complex", crate::kinds::COMPLEX)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(make)
    .doc("Create a complex number from a string or numbers.\n\nIf a string is given, parse it as a complex number.\nIf a single number is given, convert it to a complex number.\nIf the 'real' or 'imag' arguments are given, create a complex number\nwith the specified real and imaginary components.");

static METHODS: [MethodDef; 27] = [
    m2("__add__", add),
    m2("__radd__", add),
    m2("__sub__", sub),
    m2("__rsub__", rsub),
    m2("__mul__", mul),
    m2("__rmul__", mul),
    m2("__truediv__", div),
    m2("__rtruediv__", rdiv),
    mv("__pow__", pow, 2, 3).sig("($self, value, mod=None, /)"),
    mv("__rpow__", rpow, 2, 3).sig("($self, value, mod=None, /)"),
    m1("__neg__", neg),
    m1("__pos__", exact),
    m1("__abs__", abs),
    m1("__bool__", truth),
    m1("__complex__", exact).sig("($self, /)"),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", unordered),
    m2("__le__", unordered),
    m2("__gt__", unordered),
    m2("__ge__", unordered),
    m1("__hash__", hash),
    m1("__repr__", repr),
    m2("__format__", format_method).sig("($self, format_spec, /)"),
    m1("__getnewargs__", getnewargs).sig("($self, /)"),
    m1("conjugate", conjugate).sig("($self, /)"),
    m2("from_number", from_number)
        .class()
        .sig("($type, number, /)"),
];

static GETSET: [GetSetDef; 2] = [gs("real", real), gs("imag", imag)];

pub fn pair(th: &Thread, (re, im): Pair) -> R {
    let o: Gc<ComplexObj> = th.alloc(C::Complex.shape(), 0, 24)?;
    o.re.set(re.to_bits());
    o.im.set(im.to_bits());
    Ok(o.value())
}

pub fn new(th: &Thread, re: f64, im: f64) -> R {
    pair(th, (re, im))
}

/// The parts of a complex or an instance of a subclass.
pub fn get(v: Value) -> Option<Pair> {
    let o = v.cast::<ComplexObj>()?;
    Some((f64::from_bits(o.re.get()), f64::from_bits(o.im.get())))
}

fn this(v: Value) -> Pair {
    let o = expect::<ComplexObj>(v);
    (f64::from_bits(o.re.get()), f64::from_bits(o.im.get()))
}

enum Operand {
    Real(f64),
    Complex(Pair),
    Foreign,
}

fn operand(th: &Thread, v: Value) -> R<Operand> {
    if let Some(c) = get(v) {
        return Ok(Operand::Complex(c));
    }
    if let Some(f) = float::get(v) {
        return Ok(Operand::Real(f));
    }
    if int::is_int(v) {
        return match int::to_f64(v) {
            Some(f) => Ok(Operand::Real(f)),
            None => Err(float::int_too_large(th)),
        };
    }
    Ok(Operand::Foreign)
}

fn add(th: &Thread, a: Value, b: Value) -> R {
    let (re, im) = this(a);
    match operand(th, b)? {
        Operand::Real(x) => pair(th, (re + x, im)),
        Operand::Complex(y) => pair(th, (re + y.0, im + y.1)),
        Operand::Foreign => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn sub(th: &Thread, a: Value, b: Value) -> R {
    let (re, im) = this(a);
    match operand(th, b)? {
        Operand::Real(x) => pair(th, (re - x, im)),
        Operand::Complex(y) => pair(th, (re - y.0, im - y.1)),
        Operand::Foreign => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn rsub(th: &Thread, b: Value, a: Value) -> R {
    let (re, im) = this(b);
    match operand(th, a)? {
        Operand::Real(x) => pair(th, (x - re, -im)),
        Operand::Complex(x) => pair(th, (x.0 - re, x.1 - im)),
        Operand::Foreign => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn mul(th: &Thread, a: Value, b: Value) -> R {
    let x = this(a);
    match operand(th, b)? {
        Operand::Real(y) => pair(th, (x.0 * y, x.1 * y)),
        Operand::Complex(y) => pair(th, arith::product(x, y)),
        Operand::Foreign => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn divided(th: &Thread, q: Option<Pair>) -> R {
    match q {
        Some(q) => pair(th, q),
        None => Err(raise(th, C::ZeroDivisionError, "division by zero")),
    }
}

fn div(th: &Thread, a: Value, b: Value) -> R {
    let x = this(a);
    match operand(th, b)? {
        Operand::Real(0.0) => divided(th, None),
        Operand::Real(y) => pair(th, (x.0 / y, x.1 / y)),
        Operand::Complex(y) => divided(th, quotient(x, y)),
        Operand::Foreign => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn rdiv(th: &Thread, b: Value, a: Value) -> R {
    let y = this(b);
    match operand(th, a)? {
        Operand::Real(x) => divided(th, arith::real_quotient(x, y)),
        Operand::Complex(x) => divided(th, quotient(x, y)),
        Operand::Foreign => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `x ** y` with CPython's errors.
pub fn power(th: &Thread, x: Pair, y: Pair) -> R {
    match arith::power(x, y) {
        None => Err(raise(
            th,
            C::ZeroDivisionError,
            "zero to a negative or complex power",
        )),
        Some((re, im)) if re.is_infinite() || im.is_infinite() => {
            Err(raise(th, C::OverflowError, "complex exponentiation"))
        }
        Some(r) => pair(th, r),
    }
}

fn pow_any(th: &Thread, a: Value, b: Value, modulus: Option<&Value>) -> R {
    let parts = |o: Operand| match o {
        Operand::Real(x) => Some((x, 0.0)),
        Operand::Complex(x) => Some(x),
        Operand::Foreign => None,
    };
    let (Some(x), Some(y)) = (parts(operand(th, a)?), parts(operand(th, b)?)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if modulus.is_some_and(|m| !m.is_none()) {
        return Err(value_error(th, "complex modulo"));
    }
    power(th, x, y)
}

fn pow(th: &Thread, a: &[Value]) -> R {
    pow_any(th, a[0], a[1], a.get(2))
}

fn rpow(th: &Thread, a: &[Value]) -> R {
    pow_any(th, a[1], a[0], a.get(2))
}

fn neg(th: &Thread, v: Value) -> R {
    let (re, im) = this(v);
    pair(th, (-re, -im))
}

fn exact(th: &Thread, v: Value) -> R {
    if v.shape() == C::Complex.shape() {
        Ok(v)
    } else {
        pair(th, this(v))
    }
}

fn abs(th: &Thread, v: Value) -> R {
    let (re, im) = this(v);
    let r = re.hypot(im);
    if r.is_infinite() && re.is_finite() && im.is_finite() {
        return Err(raise(th, C::OverflowError, "absolute value too large"));
    }
    float::new(th, r)
}

fn truth(_th: &Thread, v: Value) -> R {
    Ok(Value::bool(this(v) != (0.0, 0.0)))
}

fn equal(a: Value, b: Value) -> Option<bool> {
    let (re, im) = this(a);
    if let Some(y) = get(b) {
        return Some((re, im) == y);
    }
    if let Some(f) = float::get(b) {
        return Some(im == 0.0 && re == f);
    }
    if int::is_int(b) {
        return Some(
            im == 0.0
                && crate::ops::compare::cmp_int_float(b, re) == Some(std::cmp::Ordering::Equal),
        );
    }
    None
}

fn eq(_th: &Thread, a: Value, b: Value) -> R {
    Ok(equal(a, b).map_or(Value::NOT_IMPLEMENTED, Value::bool))
}

fn ne(_th: &Thread, a: Value, b: Value) -> R {
    Ok(equal(a, b).map_or(Value::NOT_IMPLEMENTED, |e| Value::bool(!e)))
}

fn unordered(_th: &Thread, _a: Value, _b: Value) -> R {
    Ok(Value::NOT_IMPLEMENTED)
}

fn hash(th: &Thread, v: Value) -> R {
    let (re, im) = this(v);
    let id = v.bits() as usize;
    let x = h::float(re, id).wrapping_add(1000003i64.wrapping_mul(h::float(im, id)));
    int::from_i64(th, if x == -1 { -2 } else { x })
}

fn real(th: &Thread, v: Value) -> R {
    float::new(th, this(v).0)
}

fn imag(th: &Thread, v: Value) -> R {
    float::new(th, this(v).1)
}

fn conjugate(th: &Thread, v: Value) -> R {
    let (re, im) = this(v);
    pair(th, (re, -im))
}

fn getnewargs(th: &Thread, v: Value) -> R {
    let re = real(th, v)?;
    let im = imag(th, v)?;
    tuple::new_value(th, &[re, im])
}

fn repr(th: &Thread, v: Value) -> R {
    let (re, im) = this(v);
    let part = |f: f64| double_to_string(f, b'r', 0, 0);
    if re == 0.0 && re.is_sign_positive() {
        return string::new_value(th, &format!("{}j", part(im)));
    }
    let i = part(im);
    let plus = if i.starts_with('-') { "" } else { "+" };
    string::new_value(th, &format!("({}{plus}{i}j)", part(re)))
}

fn format_method(th: &Thread, v: Value, spec: Value) -> R {
    let spec = crate::ops::format::spec_arg(th, spec)?;
    let (re, im) = this(v);
    crate::ops::format::format_complex(th, v, re, im, spec)
}

/// What `__complex__` of `v` says, if it has one.
fn special_complex(th: &Thread, v: Value) -> R<Option<Pair>> {
    if v.shape() == C::Complex.shape() {
        return Ok(Some(this(v)));
    }
    let Some(f) = special_of(v, N::Complex) else {
        return Ok(get(v));
    };
    let r = call_special(th, f, v, &[])?;
    let Some(c) = get(r) else {
        return Err(type_error(
            th,
            &format!("__complex__ returned non-complex (type {})", type_name(r)),
        ));
    };
    if r.shape() != C::Complex.shape() {
        crate::modules::warnings::warn(
            th,
            C::DeprecationWarning,
            &format!(
                "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass of complex is deprecated, and may not be supported in a future version of Python.",
                type_name(r)
            ),
            1,
        )?;
    }
    Ok(Some(c))
}

fn is_real(v: Value) -> bool {
    special_of(v, N::Float).is_some() || special_of(v, N::Index).is_some()
}

/// Any number as a complex: `__complex__`, `__float__` or `__index__`.
pub fn to_pair(th: &Thread, v: Value) -> R<Pair> {
    if let Some(c) = special_complex(th, v)? {
        return Ok(c);
    }
    Ok((float::to_f64(th, v)?, 0.0))
}

fn wrong(th: &Thread, what: &str, v: Value) -> Raised {
    type_error(
        th,
        &format!("complex() argument {what}, not {}", type_name(v)),
    )
}

fn from_one(th: &Thread, v: Value) -> R<Pair> {
    if let Some(s) = v.cast::<StrObj>() {
        let text = float::ascii_digits(s);
        return match parse::parse(&text) {
            Some(c) => Ok(c),
            None => Err(value_error(th, "complex() arg is a malformed string")),
        };
    }
    if let Some(c) = special_complex(th, v)? {
        return Ok(c);
    }
    if !is_real(v) {
        return Err(wrong(th, "must be a string or a number", v));
    }
    Ok((float::to_f64(th, v)?, 0.0))
}

fn make(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let exact_class = cls == class(C::Complex);
    let single = a.kw_len() == 0 && a.pos().len() == 1;
    let [re, im] = crate::args!(th, a, "complex", ["real", "imag"], 0, 0, 2);
    let value = match (re, im) {
        (None, None) => (0.0, 0.0),
        (Some(v), None) if single => {
            if exact_class && v.shape() == C::Complex.shape() {
                return Ok(v);
            }
            from_one(th, v)?
        }
        _ => {
            let mut r = (0.0, 0.0);
            if let Some(v) = re {
                if !is_real(v) && get(v).is_none() && special_of(v, N::Complex).is_none() {
                    return Err(wrong(th, "'real' must be a real number", v));
                }
                r = to_pair(th, v)?;
            }
            if let Some(v) = im {
                if !is_real(v) && get(v).is_none() {
                    return Err(wrong(th, "'imag' must be a real number", v));
                }
                match get(v) {
                    Some(c) => {
                        r.0 -= c.1;
                        r.1 += c.0;
                    }
                    None => {
                        let i = float::to_f64(th, v)?;
                        r.1 = if re.and_then(get).is_some() {
                            r.1 + i
                        } else {
                            i
                        };
                    }
                }
            }
            for (v, name) in [(re, "real"), (im, "imag")] {
                if let Some(v) = v
                    && get(v).is_some()
                {
                    crate::modules::warnings::warn(
                        th,
                        C::DeprecationWarning,
                        &format!(
                            "complex() argument '{name}' must be a real number, not {}",
                            type_name(v)
                        ),
                        1,
                    )?;
                }
            }
            r
        }
    };
    if exact_class {
        return pair(th, value);
    }
    extended(th, cls, value)
}

/// An instance of a subclass.
fn extended(th: &Thread, cls: Gc<TypeObj>, (re, im): Pair) -> R {
    let o: Gc<ComplexObj> = th.alloc(crate::core::shape::root(cls).id(), habu_heap::EXT, 32)?;
    o.re.set(re.to_bits());
    o.im.set(im.to_bits());
    // SAFETY: the fourth word is the attribute word.
    unsafe { *(o.raw() as *mut u64).add(3) = 0 };
    Ok(o.value())
}

fn from_number(th: &Thread, cls: Value, v: Value) -> R {
    let exact_class = cls == crate::runtime::class_value(C::Complex);
    if exact_class && v.shape() == C::Complex.shape() {
        return Ok(v);
    }
    let c = pair(th, to_pair(th, v)?)?;
    if exact_class {
        Ok(c)
    } else {
        crate::ops::call::call(th, cls, &[c])
    }
}
