//! Arguments of native functions: by position and keyword, with CPython's error texts; and conversions of
//! single arguments.

use crate::classes::C;
use crate::core::class::type_name;
use crate::error::{raise, type_error};
use crate::names::N;
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Thread};
use habu_heap::Value;

/// A native function's parameters.
pub struct Params<const K: usize> {
    pub func: &'static str,
    /// Names in order; the first `pos_only` have none ("" will do).
    pub names: [&'static str; K],
    pub pos_only: usize,
    /// The first `required` must be given.
    pub required: usize,
    /// Those from `max_pos` on are keyword-only.
    pub max_pos: usize,
}

/// Sort the arguments into parameters.
pub fn parse<const K: usize>(th: &Thread, a: Args, p: &Params<K>) -> R<[Option<Value>; K]> {
    let mut out = [None; K];
    let pos = a.pos();
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    if pos.len() > p.max_pos {
        let total = pos.len() + a.kw_len();
        let text = if p.max_pos == 0 {
            format!("{}() takes no positional arguments", p.func)
        } else if p.max_pos == K {
            format!(
                "{}() takes {} {} argument{} ({} given)",
                p.func,
                if p.required == K {
                    "exactly"
                } else {
                    "at most"
                },
                K,
                plural(K),
                total
            )
        } else {
            format!(
                "{}() takes {} {} positional argument{} ({} given)",
                p.func,
                if p.required >= p.max_pos {
                    "exactly"
                } else {
                    "at most"
                },
                p.max_pos,
                plural(p.max_pos),
                pos.len()
            )
        };
        return Err(type_error(th, &text));
    }
    for (i, &v) in pos.iter().enumerate() {
        out[i] = Some(v);
    }
    for (k, v) in a.kw() {
        let name = match k.cast::<StrObj>() {
            Some(s) => s,
            None => return Err(type_error(th, "keywords must be strings")),
        };
        match (p.pos_only..K).find(|&i| name.eq_str(p.names[i])) {
            Some(i) if out[i].is_some() => {
                return Err(type_error(
                    th,
                    &format!(
                        "argument for {}() given by name ('{}') and position ({})",
                        p.func,
                        name.to_rust(),
                        i + 1
                    ),
                ));
            }
            Some(i) => out[i] = Some(v),
            None => {
                return Err(type_error(
                    th,
                    &format!(
                        "{}() got an unexpected keyword argument '{}'",
                        p.func,
                        name.to_rust()
                    ),
                ));
            }
        }
    }
    for (i, given) in out.iter().enumerate().take(p.required) {
        if given.is_none() {
            let text = if i < p.pos_only {
                format!(
                    "{}() takes {} {} positional argument{} ({} given)",
                    p.func,
                    if p.required >= p.max_pos {
                        "exactly"
                    } else {
                        "at least"
                    },
                    p.required.min(p.max_pos),
                    plural(p.required.min(p.max_pos)),
                    pos.len()
                )
            } else {
                format!(
                    "{}() missing required argument '{}' (pos {})",
                    p.func,
                    p.names[i],
                    i + 1
                )
            };
            return Err(type_error(th, &text));
        }
    }
    Ok(out)
}

/// `fn name(args…)` in short: `args!(th, a, "sorted", ["iterable", "key", "reverse"], pos_only 1, required 1, max_pos 1)`.
#[macro_export]
macro_rules! args {
    ($th:expr, $a:expr, $func:literal, [$($n:literal),*], $pos_only:expr, $required:expr, $max_pos:expr) => {
        $crate::core::parse::parse(
            $th,
            $a,
            &$crate::core::parse::Params {
                func: $func,
                names: [$($n),*],
                pos_only: $pos_only,
                required: $required,
                max_pos: $max_pos,
            },
        )?
    };
}

pub fn no_kwargs(th: &Thread, func: &str, a: Args) -> R<()> {
    if a.kw_len() > 0 {
        return Err(type_error(
            th,
            &format!("{func}() takes no keyword arguments"),
        ));
    }
    Ok(())
}

/// At least `min`, at most `max` positional arguments, as CPython words it for `func`.
pub fn check_count(th: &Thread, func: &str, got: usize, min: usize, max: usize) -> R<()> {
    let s = |n: usize| if n == 1 { "" } else { "s" };
    if got < min {
        let how = if min == max { "" } else { "at least " };
        return Err(type_error(
            th,
            &format!("{func} expected {how}{min} argument{}, got {got}", s(min)),
        ));
    }
    if got > max {
        let how = if min == max { "" } else { "at most " };
        return Err(type_error(
            th,
            &format!("{func} expected {how}{max} argument{}, got {got}", s(max)),
        ));
    }
    Ok(())
}

/// `__index__` as an exact int value of any size.
pub fn index(th: &Thread, v: Value) -> R {
    if v.is_int() {
        return Ok(v);
    }
    if crate::core::int::is_int(v) {
        return crate::core::int::exact(th, v);
    }
    match crate::core::class::special_of(v, N::Index) {
        Some(f) => {
            let r = crate::ops::call::call_special(th, f, v, &[])?;
            if crate::core::int::is_int(r) {
                if !r.is_int()
                    && r.shape() != C::Int.shape()
                    && r != Value::TRUE
                    && r != Value::FALSE
                {
                    crate::modules::warnings::warn(
                        th,
                        C::DeprecationWarning,
                        &format!(
                            "__index__ returned non-int (type {}).  The ability to return an instance of a strict subclass of int is deprecated, and may not be supported in a future version of Python.",
                            type_name(r)
                        ),
                        1,
                    )?;
                }
                return crate::core::int::exact(th, r);
            }
            Err(type_error(
                th,
                &format!("__index__ returned non-int (type {})", type_name(r)),
            ))
        }
        None => Err(type_error(
            th,
            &format!(
                "'{}' object cannot be interpreted as an integer",
                type_name(v)
            ),
        )),
    }
}

/// An index that fits a machine word; OverflowError beyond.
pub fn as_isize(th: &Thread, v: Value) -> R<i64> {
    let i = index(th, v)?;
    match crate::core::int::to_i64(i) {
        Some(i) => Ok(i),
        None => Err(raise(
            th,
            C::OverflowError,
            "Python int too large to convert to C ssize_t",
        )),
    }
}

/// An index for sequences: IndexError where it does not fit.
pub fn as_index(th: &Thread, v: Value) -> R<i64> {
    let i = index(th, v)?;
    match crate::core::int::to_i64(i) {
        Some(i) => Ok(i),
        None => Err(raise(
            th,
            C::IndexError,
            &format!("cannot fit '{}' into an index-sized integer", type_name(v)),
        )),
    }
}

/// An index clipped to a machine word (slices).
pub fn as_clipped(th: &Thread, v: Value) -> R<i64> {
    let i = index(th, v)?;
    Ok(match crate::core::int::to_i64(i) {
        Some(i) => i,
        None if crate::core::int::is_negative(i) => i64::MIN,
        None => i64::MAX,
    })
}

pub fn as_i32(th: &Thread, v: Value) -> R<i32> {
    let i = index(th, v)?;
    match crate::core::int::to_i64(i) {
        Some(i) if i > i32::MAX as i64 => Err(raise(
            th,
            C::OverflowError,
            "signed integer is greater than maximum",
        )),
        Some(i) if i < i32::MIN as i64 => Err(raise(
            th,
            C::OverflowError,
            "signed integer is less than minimum",
        )),
        Some(i) => Ok(i as i32),
        None => Err(raise(
            th,
            C::OverflowError,
            "Python int too large to convert to C int",
        )),
    }
}

/// A float argument: float, or `__float__`, or `__index__`.
pub fn as_f64(th: &Thread, v: Value) -> R<f64> {
    crate::types::float::to_f64(th, v)
}

/// A `str` argument, or CPython's "must be str, not X".
pub fn as_str(th: &Thread, v: Value, what: &str) -> R<Gc<StrObj>> {
    match v.cast::<StrObj>() {
        Some(s) => Ok(s),
        None => Err(type_error(
            th,
            &format!("{what} must be str, not {}", type_name(v)),
        )),
    }
}
