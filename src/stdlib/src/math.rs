//! `math`.

use habu_runtime::classes::C;
use habu_runtime::core::{class, int, list, parse, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{binary, call, iter};
use habu_runtime::spec::{Args, MethodDef, m1, m2, mk, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::float;
use habu_runtime::value::Value;

fn f(th: &Thread, v: Value) -> R<f64> {
    parse::as_f64(th, v)
}
fn domain(th: &Thread) -> habu_runtime::thread::Raised {
    error::value_error(th, "math domain error")
}
fn range(th: &Thread) -> habu_runtime::thread::Raised {
    error::raise(th, C::OverflowError, "math range error")
}
/// Results by C99's rules: nan from numbers is a domain error, inf from finite a range error.
fn checked(th: &Thread, x: f64, r: f64) -> R {
    if r.is_nan() && !x.is_nan() {
        return Err(error::value_error(
            th,
            &format!("expected a number in range, got {}", float::repr_f64(x)),
        ));
    }
    if r.is_infinite() && x.is_finite() {
        return Err(range(th));
    }
    float::new(th, r)
}
macro_rules! unary {
    ($($name:ident = $e:expr;)*) => {$(
        fn $name(th: &Thread, v: Value) -> R {
            let x = f(th, v)?;
            let g: fn(f64) -> f64 = $e;
            checked(th, x, g(x))
        }
    )*};
}
unary! {
    cosh = f64::cosh; sinh = f64::sinh; tanh = f64::tanh;
    exp = f64::exp; exp2 = f64::exp2; expm1 = f64::exp_m1; cbrt = f64::cbrt; asinh = f64::asinh; atan = f64::atan;
    fabs = f64::abs; degrees = |x| x * (180.0 / std::f64::consts::PI); radians = |x| x * (std::f64::consts::PI / 180.0);
}
macro_rules! limited {
    ($($name:ident = $e:expr, $ok:expr, $text:literal;)*) => {$(
        fn $name(th: &Thread, v: Value) -> R {
            let x = f(th, v)?;
            let ok: fn(f64) -> bool = $ok;
            if !x.is_nan() && !ok(x) {
                return Err(error::value_error(th, &format!($text, float::repr_f64(x))));
            }
            let g: fn(f64) -> f64 = $e;
            checked(th, x, g(x))
        }
    )*};
}
limited! {
    sqrt = f64::sqrt, |x| x >= 0.0, "expected a nonnegative input, got {}";
    sin = f64::sin, |x| x.is_finite(), "expected a finite input, got {}";
    cos = f64::cos, |x| x.is_finite(), "expected a finite input, got {}";
    tan = f64::tan, |x| x.is_finite(), "expected a finite input, got {}";
    acos = f64::acos, |x| (-1.0..=1.0).contains(&x), "expected a number in range from -1 up to 1, got {}";
    asin = f64::asin, |x| (-1.0..=1.0).contains(&x), "expected a number in range from -1 up to 1, got {}";
    acosh = f64::acosh, |x| x >= 1.0, "expected argument value not less than 1, got {}";
    atanh = f64::atanh, |x| x > -1.0 && x < 1.0, "expected a number between -1 and 1, got {}";
    log1p = f64::ln_1p, |x| x > -1.0, "expected argument value > -1, got {}";
}
fn atan2(th: &Thread, y: Value, x: Value) -> R {
    float::new(th, f(th, y)?.atan2(f(th, x)?))
}
fn copysign(th: &Thread, x: Value, y: Value) -> R {
    float::new(th, f(th, x)?.copysign(f(th, y)?))
}
fn fmod(th: &Thread, x: Value, y: Value) -> R {
    let (a, b) = (f(th, x)?, f(th, y)?);
    if b.is_infinite() && a.is_finite() {
        return float::new(th, a);
    }
    let r = a % b;
    if r.is_nan() && !a.is_nan() && !b.is_nan() {
        return Err(domain(th));
    }
    float::new(th, r)
}
fn pow(th: &Thread, x: Value, y: Value) -> R {
    let (a, b) = (f(th, x)?, f(th, y)?);
    let r = a.powf(b);
    if a.is_finite() && b.is_finite() {
        if r.is_nan() || r.is_infinite() && a == 0.0 {
            return Err(domain(th));
        }
        if r.is_infinite() {
            return Err(range(th));
        }
    }
    float::new(th, r)
}
fn ldexp(th: &Thread, x: Value, e: Value) -> R {
    let a = f(th, x)?;
    let e = parse::as_clipped(th, e)?;
    if a == 0.0 || !a.is_finite() {
        return float::new(th, a);
    }
    let (mut m, mut k) = (a, e.clamp(-3000, 3000));
    while k > 1000 {
        m *= 2f64.powi(1000);
        k -= 1000;
    }
    // One rounding at the end for results that go subnormal.
    while k < -1000 {
        m *= 2f64.powi(-600);
        k += 600;
        if m == 0.0 {
            break;
        }
    }
    let r = m * 2f64.powi(k as i32);
    if r.is_infinite() {
        return Err(range(th));
    }
    float::new(th, r)
}
fn frexp(th: &Thread, v: Value) -> R {
    let (x, e) = habu_runtime::core::hash::frexp(f(th, v)?);
    let x = float::new(th, x)?;
    tuple::new_value(th, &[x, Value::small_int(e as i64)])
}
fn modf(th: &Thread, v: Value) -> R {
    let x = f(th, v)?;
    let i = x.trunc();
    let frac = if x.is_infinite() {
        0f64.copysign(x)
    } else {
        (x - i).copysign(x)
    };
    let (a, b) = (float::new(th, frac)?, float::new(th, i)?);
    tuple::new_value(th, &[a, b])
}
fn log_of(th: &Thread, v: Value, base2: fn(f64) -> f64, per_bit: f64) -> R<f64> {
    if int::is_int(v) {
        if int::is_negative(v) || int::to_i64(v) == Some(0) {
            return Err(error::value_error(th, "expected a positive input"));
        }
        if let Some(x) = int::to_f64(v) {
            return Ok(base2(x));
        }
        if let Some(b) = int::to_ibig(v) {
            use dashu_base::BitTest;
            let bits = b.bit_len() as i64 - 60;
            let top: i64 = (b >> bits as usize).try_into().unwrap_or(i64::MAX);
            return Ok(base2(top as f64) + bits as f64 * per_bit);
        }
    }
    let x = f(th, v)?;
    if x <= 0.0 {
        return Err(error::value_error(
            th,
            &format!("expected a positive input, got {}", float::repr_f64(x)),
        ));
    }
    Ok(base2(x))
}
fn log(th: &Thread, a: &[Value]) -> R {
    let x = log_of(th, a[0], f64::ln, std::f64::consts::LN_2)?;
    match a.get(1) {
        Some(&b) => {
            let d = log_of(th, b, f64::ln, std::f64::consts::LN_2)?;
            if d == 0.0 {
                return Err(error::raise(th, C::ZeroDivisionError, "division by zero"));
            }
            float::new(th, x / d)
        }
        None => float::new(th, x),
    }
}
fn log2(th: &Thread, v: Value) -> R {
    float::new(th, log_of(th, v, f64::log2, 1.0)?)
}
fn log10(th: &Thread, v: Value) -> R {
    float::new(th, log_of(th, v, f64::log10, std::f64::consts::LOG10_2)?)
}
fn rounding(th: &Thread, v: Value, name: &str, g: fn(f64) -> f64) -> R {
    if let Some(x) = float::get(v).filter(|_| v.is_float() || class::is_exact(v, C::Float)) {
        return float::integral(th, g(x));
    }
    let n = habu_runtime::core::string::intern_new(th, name)?;
    match class::lookup(class::of(v), n.value()) {
        Some(m) => call::call_special(th, m, v, &[]),
        None if name == "__trunc__" => Err(error::type_error(
            th,
            &format!(
                "type {} doesn't define __trunc__ method",
                class::type_name(v)
            ),
        )),
        None => float::integral(th, g(f(th, v)?)),
    }
}
fn floor(th: &Thread, v: Value) -> R {
    rounding(th, v, "__floor__", f64::floor)
}
fn ceil(th: &Thread, v: Value) -> R {
    rounding(th, v, "__ceil__", f64::ceil)
}
fn trunc(th: &Thread, v: Value) -> R {
    rounding(th, v, "__trunc__", f64::trunc)
}
fn isnan(th: &Thread, v: Value) -> R {
    Ok(Value::bool(f(th, v)?.is_nan()))
}
fn isinf(th: &Thread, v: Value) -> R {
    Ok(Value::bool(f(th, v)?.is_infinite()))
}
fn isfinite(th: &Thread, v: Value) -> R {
    Ok(Value::bool(f(th, v)?.is_finite()))
}
fn hypot(th: &Thread, a: &[Value]) -> R {
    let mut max = 0f64;
    let mut xs = Vec::with_capacity(a.len());
    let mut nan = false;
    for &v in a {
        let x = f(th, v)?.abs();
        nan |= x.is_nan();
        max = max.max(x);
        xs.push(x);
    }
    if max.is_infinite() || max == 0.0 && !nan {
        return float::new(th, max);
    }
    if nan {
        return float::new(th, f64::NAN);
    }
    if let [x, y] = xs[..] {
        return float::new(th, x.hypot(y));
    }
    let s: f64 = xs.iter().map(|x| (x / max) * (x / max)).sum();
    float::new(th, max * s.sqrt())
}
fn gcd2(th: &Thread, a: Value, b: Value) -> R {
    if let (Some(mut x), Some(mut y)) = (
        int::to_i64(a).map(|x| x.unsigned_abs()),
        int::to_i64(b).map(|y| y.unsigned_abs()),
    ) {
        while y != 0 {
            (x, y) = (y, x % y);
        }
        return int::from_u64(th, x);
    }
    let (mut a, mut b) = (binary::absolute(th, a)?, binary::absolute(th, b)?);
    while int::to_i64(b) != Some(0) {
        (a, b) = (
            b,
            binary::binary(th, habu_bytecode::opcode::binary::REMAINDER, a, b)?,
        );
    }
    Ok(a)
}
fn gcd(th: &Thread, a: &[Value]) -> R {
    let mut r = Value::small_int(0);
    for &v in a {
        r = gcd2(th, r, parse::index(th, v)?)?;
    }
    Ok(r)
}
fn lcm(th: &Thread, a: &[Value]) -> R {
    let mut r = Value::small_int(1);
    for &v in a {
        let v = parse::index(th, v)?;
        if int::to_i64(v) == Some(0) {
            return Ok(v);
        }
        let g = gcd2(th, r, v)?;
        let q = binary::binary(th, habu_bytecode::opcode::binary::FLOOR_DIVIDE, r, g)?;
        r = binary::absolute(
            th,
            binary::binary(th, habu_bytecode::opcode::binary::MULTIPLY, q, v)?,
        )?;
    }
    Ok(r)
}
fn factorial(th: &Thread, v: Value) -> R {
    let n = parse::index(th, v)?;
    match int::to_i64(n) {
        Some(n) if n < 0 => Err(error::value_error(
            th,
            "factorial() not defined for negative values",
        )),
        Some(n) if n < 1 << 31 => {
            // Products by halves keep the factors of like size.
            fn product(a: u64, b: u64) -> dashu_int::UBig {
                if b - a < 8 {
                    let mut r = dashu_int::UBig::ONE;
                    for i in a..=b {
                        r *= dashu_int::UBig::from(i);
                    }
                    return r;
                }
                let m = (a + b) / 2;
                product(a, m) * product(m + 1, b)
            }
            int::from_ubig(
                th,
                if n < 2 {
                    dashu_int::UBig::ONE
                } else {
                    product(2, n as u64)
                },
            )
        }
        _ => Err(error::raise(
            th,
            C::OverflowError,
            "factorial() argument should not exceed 9223372036854775807",
        )),
    }
}
fn isqrt(th: &Thread, v: Value) -> R {
    let n = parse::index(th, v)?;
    if int::is_negative(n) {
        return Err(error::value_error(
            th,
            "isqrt() argument must be nonnegative",
        ));
    }
    if let Some(i) = int::to_i64(n) {
        return Ok(Value::small_int((i as u64).isqrt() as i64));
    }
    let Some(b) = int::to_ibig(n) else {
        return Ok(n);
    };
    let u: dashu_int::UBig = b.try_into().unwrap_or(dashu_int::UBig::ZERO);
    use dashu_base::SquareRoot;
    int::from_ubig(th, u.sqrt())
}
fn comb_or_perm(th: &Thread, n: Value, k: Value, comb: bool) -> R {
    let (n, k) = (parse::index(th, n)?, parse::index(th, k)?);
    if int::is_negative(n) {
        return Err(error::value_error(th, "n must be a non-negative integer"));
    }
    if int::is_negative(k) {
        return Err(error::value_error(th, "k must be a non-negative integer"));
    }
    let (Some(nn), Some(mut kk)) = (int::to_i64(n), int::to_i64(k)) else {
        return Err(error::raise(
            th,
            C::OverflowError,
            "min(n - k, k) must not exceed 9223372036854775807",
        ));
    };
    if kk > nn {
        return Ok(Value::small_int(0));
    }
    if comb {
        kk = kk.min(nn - kk);
    }
    let mut r = dashu_int::UBig::ONE;
    for i in 0..kk {
        r *= dashu_int::UBig::from((nn - i) as u64);
        if comb {
            r /= dashu_int::UBig::from((i + 1) as u64);
        }
    }
    int::from_ubig(th, r)
}
fn comb(th: &Thread, n: Value, k: Value) -> R {
    comb_or_perm(th, n, k, true)
}
fn perm(th: &Thread, a: &[Value]) -> R {
    match a.get(1).filter(|k| !k.is_none()) {
        Some(&k) => comb_or_perm(th, a[0], k, false),
        None => factorial(th, a[0]),
    }
}
fn isclose(th: &Thread, a: Args) -> R {
    let [x, y, rel, abs] =
        habu_runtime::args!(th, a, "isclose", ["a", "b", "rel_tol", "abs_tol"], 0, 2, 2);
    let g = |v: Option<Value>, d: f64| match v {
        Some(v) => f(th, v),
        None => Ok(d),
    };
    let (x, y, rel, abs) = (g(x, 0.0)?, g(y, 0.0)?, g(rel, 1e-9)?, g(abs, 0.0)?);
    if rel < 0.0 || abs < 0.0 {
        return Err(error::value_error(th, "tolerances must be non-negative"));
    }
    let d = (x - y).abs();
    Ok(Value::bool(
        x == y
            || !(x.is_infinite() || y.is_infinite())
                && (d <= (rel * y).abs() || d <= (rel * x).abs() || d <= abs),
    ))
}
/// Exact sum by non-overlapping partials.
fn fsum(th: &Thread, v: Value) -> R {
    let it = iter::get(th, v)?;
    let mut partials: Vec<f64> = Vec::new();
    let mut special = 0.0;
    while let Some(v) = iter::next(th, it)? {
        let mut x = f(th, v)?;
        if !x.is_finite() {
            special += x;
            continue;
        }
        let mut i = 0;
        for j in 0..partials.len() {
            let mut y = partials[j];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let hi = x + y;
            let lo = y - (hi - x);
            if lo != 0.0 {
                partials[i] = lo;
                i += 1;
            }
            x = hi;
        }
        partials.truncate(i);
        partials.push(x);
    }
    if special != 0.0 || f64::is_nan(special) {
        return float::new(th, special);
    }
    let Some(mut hi) = partials.pop() else {
        return float::new(th, 0.0);
    };
    let mut lo = 0.0;
    while let Some(y) = partials.pop() {
        let x = hi;
        hi = x + y;
        lo = y - (hi - x);
        if lo != 0.0 {
            break;
        }
    }
    if let Some(&p) = partials.last()
        && (lo < 0.0 && p < 0.0 || lo > 0.0 && p > 0.0)
    {
        let y = lo * 2.0;
        let x = hi + y;
        if y == x - hi {
            hi = x;
        }
    }
    float::new(th, hi)
}
fn prod(th: &Thread, a: Args) -> R {
    let [it, start] = habu_runtime::args!(th, a, "prod", ["iterable", "start"], 1, 1, 1);
    let mut r = start.unwrap_or(Value::small_int(1));
    let it = iter::get(th, it.unwrap_or(Value::NONE))?;
    while let Some(x) = iter::next(th, it)? {
        r = binary::binary(th, habu_bytecode::opcode::binary::MULTIPLY, r, x)?;
    }
    Ok(r)
}
fn sumprod(th: &Thread, p: Value, q: Value) -> R {
    let (a, b) = (iter::to_list(th, p)?, iter::to_list(th, q)?);
    if list::len(a) != list::len(b) {
        return Err(error::value_error(th, "Inputs are not the same length"));
    }
    let mut r = Value::small_int(0);
    for (&x, &y) in list::items(a).iter().zip(list::items(b)) {
        let m = binary::binary(th, habu_bytecode::opcode::binary::MULTIPLY, x, y)?;
        r = binary::binary(th, habu_bytecode::opcode::binary::ADD, r, m)?;
    }
    Ok(r)
}
fn dist(th: &Thread, p: Value, q: Value) -> R {
    let (a, b) = (iter::to_tuple(th, p)?, iter::to_tuple(th, q)?);
    if a.len() != b.len() {
        return Err(error::value_error(
            th,
            "both points must have the same number of dimensions",
        ));
    }
    let d = list::new(th)?;
    for (&x, &y) in a.items().iter().zip(b.items()) {
        let v = float::new(th, f(th, x)? - f(th, y)?)?;
        list::push(th, d, v)?;
    }
    hypot(th, list::items(d))
}
fn ulp(th: &Thread, v: Value) -> R {
    let x = f(th, v)?.abs();
    if !x.is_finite() {
        return float::new(th, x);
    }
    let up = f64::from_bits(x.to_bits() + 1);
    float::new(
        th,
        if up.is_infinite() {
            x - f64::from_bits(x.to_bits() - 1)
        } else {
            up - x
        },
    )
}
fn nextafter(th: &Thread, x: Value, y: Value) -> R {
    let (a, b) = (f(th, x)?, f(th, y)?);
    let r = if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == b {
        b
    } else if b > a {
        a.next_up()
    } else {
        a.next_down()
    };
    float::new(th, r)
}
fn fma(th: &Thread, a: &[Value]) -> R {
    float::new(th, f(th, a[0])?.mul_add(f(th, a[1])?, f(th, a[2])?))
}
unsafe extern "C" {
    fn erf(x: f64) -> f64;
    fn erfc(x: f64) -> f64;
    fn tgamma(x: f64) -> f64;
    fn lgamma(x: f64) -> f64;
    fn remainder(x: f64, y: f64) -> f64;
}
fn py_erf(th: &Thread, v: Value) -> R {
    let x = f(th, v)?;
    // SAFETY: a pure function of the C library.
    float::new(th, unsafe { erf(x) })
}
fn py_erfc(th: &Thread, v: Value) -> R {
    let x = f(th, v)?;
    // SAFETY: as above.
    float::new(th, unsafe { erfc(x) })
}
fn gamma(th: &Thread, v: Value) -> R {
    let x = f(th, v)?;
    if x == 0.0 || x < 0.0 && x == x.floor() {
        return Err(error::value_error(
            th,
            &format!(
                "expected a noninteger or positive integer, got {}",
                float::repr_f64(x)
            ),
        ));
    }
    // SAFETY: as above.
    checked(th, x, unsafe { tgamma(x) })
}
fn py_lgamma(th: &Thread, v: Value) -> R {
    let x = f(th, v)?;
    if x.is_infinite() {
        return float::new(th, f64::INFINITY);
    }
    if x <= 0.0 && x == x.floor() {
        return Err(error::value_error(
            th,
            &format!(
                "expected a noninteger or positive integer, got {}",
                float::repr_f64(x)
            ),
        ));
    }
    // SAFETY: as above.
    checked(th, x, unsafe { lgamma(x) })
}
fn py_remainder(th: &Thread, x: Value, y: Value) -> R {
    let (a, b) = (f(th, x)?, f(th, y)?);
    // SAFETY: as above.
    let r = unsafe { remainder(a, b) };
    if r.is_nan() && !a.is_nan() && !b.is_nan() {
        return Err(domain(th));
    }
    float::new(th, r)
}
static FUNCTIONS: &[MethodDef] = &[
    m1("sqrt", sqrt),
    m1("sin", sin),
    m1("cos", cos),
    m1("tan", tan),
    m1("asin", asin),
    m1("acos", acos),
    m1("atan", atan),
    m1("sinh", sinh),
    m1("cosh", cosh),
    m1("tanh", tanh),
    m1("asinh", asinh),
    m1("acosh", acosh),
    m1("atanh", atanh),
    m1("exp", exp),
    m1("exp2", exp2),
    m1("expm1", expm1),
    m1("log1p", log1p),
    m1("cbrt", cbrt),
    m1("fabs", fabs),
    m1("degrees", degrees),
    m1("radians", radians),
    m2("atan2", atan2),
    m2("copysign", copysign),
    m2("fmod", fmod),
    m2("pow", pow),
    m2("ldexp", ldexp),
    m1("frexp", frexp),
    m1("modf", modf),
    mv("log", log, 1, 2),
    m1("log2", log2),
    m1("log10", log10),
    m1("floor", floor),
    m1("ceil", ceil),
    m1("trunc", trunc),
    m1("isnan", isnan),
    m1("isinf", isinf),
    m1("isfinite", isfinite),
    mv("hypot", hypot, 0, 255),
    mv("gcd", gcd, 0, 255),
    mv("lcm", lcm, 0, 255),
    m1("factorial", factorial),
    m1("isqrt", isqrt),
    m2("comb", comb),
    mv("perm", perm, 1, 2),
    mk("isclose", isclose),
    m1("fsum", fsum),
    mk("prod", prod),
    m2("sumprod", sumprod),
    m2("dist", dist),
    m1("ulp", ulp),
    mv("nextafter", |th, a| nextafter(th, a[0], a[1]), 2, 2),
    mv("fma", fma, 3, 3),
    m1("erf", py_erf),
    m1("erfc", py_erfc),
    m1("gamma", gamma),
    m1("lgamma", py_lgamma),
    m2("remainder", py_remainder),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let x = m::new(th, "math", FUNCTIONS)?;
    for (n, v) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        m::set(th, x, n, float::new(th, v)?)?;
    }
    Ok(x)
}
