//! `cmath`: functions of a complex variable, with C99's annex G for the special values.

use habu_runtime::classes::C;
use habu_runtime::core::{parse, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{Args, MethodDef, m1, m2, mk, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{complex, float};
use habu_runtime::value::Value;
use std::f64::consts::{FRAC_PI_2 as P12, FRAC_PI_4 as P14, LN_2, LN_10, PI as P};

type Z = (f64, f64);
const INF: f64 = f64::INFINITY;
const N: f64 = f64::NAN;
const P34: f64 = 0.75 * P;
/// Beyond this, squares and exponentials overflow though the result need not.
const LARGE: f64 = f64::MAX / 4.0;

/// Negative infinity, negative, -0, 0, positive, infinity, nan: the rows and columns of the tables.
fn sort_of(x: f64) -> usize {
    match x {
        x if x.is_nan() => 6,
        x if x == INF => 5,
        x if x == -INF => 0,
        x if x == 0.0 => {
            if x.is_sign_negative() {
                2
            } else {
                3
            }
        }
        x if x < 0.0 => 1,
        _ => 4,
    }
}
type Table = [[Z; 7]; 7];
/// A value that the table is not asked for.
const U: Z = (0.0, 0.0);
fn special(t: &Table, z: Z) -> Option<Z> {
    if z.0.is_finite() && z.1.is_finite() {
        return None;
    }
    Some(t[sort_of(z.0)][sort_of(z.1)])
}
const ACOS: Table = [
    [
        (P34, INF),
        (P, INF),
        (P, INF),
        (P, -INF),
        (P, -INF),
        (P34, -INF),
        (N, INF),
    ],
    [(P12, INF), U, U, U, U, (P12, -INF), (N, N)],
    [
        (P12, INF),
        U,
        (P12, 0.0),
        (P12, -0.0),
        U,
        (P12, -INF),
        (P12, N),
    ],
    [
        (P12, INF),
        U,
        (P12, 0.0),
        (P12, -0.0),
        U,
        (P12, -INF),
        (P12, N),
    ],
    [(P12, INF), U, U, U, U, (P12, -INF), (N, N)],
    [
        (P14, INF),
        (0.0, INF),
        (0.0, INF),
        (0.0, -INF),
        (0.0, -INF),
        (P14, -INF),
        (N, INF),
    ],
    [(N, INF), (N, N), (N, N), (N, N), (N, N), (N, -INF), (N, N)],
];
const ACOSH: Table = [
    [
        (INF, -P34),
        (INF, -P),
        (INF, -P),
        (INF, P),
        (INF, P),
        (INF, P34),
        (INF, N),
    ],
    [(INF, -P12), U, U, U, U, (INF, P12), (N, N)],
    [
        (INF, -P12),
        U,
        (0.0, -P12),
        (0.0, P12),
        U,
        (INF, P12),
        (N, P12),
    ],
    [
        (INF, -P12),
        U,
        (0.0, -P12),
        (0.0, P12),
        U,
        (INF, P12),
        (N, P12),
    ],
    [(INF, -P12), U, U, U, U, (INF, P12), (N, N)],
    [
        (INF, -P14),
        (INF, -0.0),
        (INF, -0.0),
        (INF, 0.0),
        (INF, 0.0),
        (INF, P14),
        (INF, N),
    ],
    [(INF, N), (N, N), (N, N), (N, N), (N, N), (INF, N), (N, N)],
];
const ASINH: Table = [
    [
        (-INF, -P14),
        (-INF, -0.0),
        (-INF, -0.0),
        (-INF, 0.0),
        (-INF, 0.0),
        (-INF, P14),
        (-INF, N),
    ],
    [(-INF, -P12), U, U, U, U, (-INF, P12), (N, N)],
    [
        (-INF, -P12),
        U,
        (-0.0, -0.0),
        (-0.0, 0.0),
        U,
        (-INF, P12),
        (N, N),
    ],
    [
        (INF, -P12),
        U,
        (0.0, -0.0),
        (0.0, 0.0),
        U,
        (INF, P12),
        (N, N),
    ],
    [(INF, -P12), U, U, U, U, (INF, P12), (N, N)],
    [
        (INF, -P14),
        (INF, -0.0),
        (INF, -0.0),
        (INF, 0.0),
        (INF, 0.0),
        (INF, P14),
        (INF, N),
    ],
    [
        (INF, N),
        (N, N),
        (N, -0.0),
        (N, 0.0),
        (N, N),
        (INF, N),
        (N, N),
    ],
];
const ATANH: Table = [
    [
        (-0.0, -P12),
        (-0.0, -P12),
        (-0.0, -P12),
        (-0.0, P12),
        (-0.0, P12),
        (-0.0, P12),
        (-0.0, N),
    ],
    [(-0.0, -P12), U, U, U, U, (-0.0, P12), (N, N)],
    [
        (-0.0, -P12),
        U,
        (-0.0, -0.0),
        (-0.0, 0.0),
        U,
        (-0.0, P12),
        (-0.0, N),
    ],
    [
        (0.0, -P12),
        U,
        (0.0, -0.0),
        (0.0, 0.0),
        U,
        (0.0, P12),
        (0.0, N),
    ],
    [(0.0, -P12), U, U, U, U, (0.0, P12), (N, N)],
    [
        (0.0, -P12),
        (0.0, -P12),
        (0.0, -P12),
        (0.0, P12),
        (0.0, P12),
        (0.0, P12),
        (0.0, N),
    ],
    [
        (0.0, -P12),
        (N, N),
        (N, N),
        (N, N),
        (N, N),
        (0.0, P12),
        (N, N),
    ],
];
const COSH: Table = [
    [(INF, N), U, (INF, 0.0), (INF, -0.0), U, (INF, N), (INF, N)],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [(N, 0.0), U, (1.0, 0.0), (1.0, -0.0), U, (N, 0.0), (N, 0.0)],
    [(N, 0.0), U, (1.0, -0.0), (1.0, 0.0), U, (N, 0.0), (N, 0.0)],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [(INF, N), U, (INF, -0.0), (INF, 0.0), U, (INF, N), (INF, N)],
    [(N, N), (N, N), (N, 0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
const EXP: Table = [
    [
        (0.0, 0.0),
        U,
        (0.0, -0.0),
        (0.0, 0.0),
        U,
        (0.0, 0.0),
        (0.0, 0.0),
    ],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [(N, N), U, (1.0, -0.0), (1.0, 0.0), U, (N, N), (N, N)],
    [(N, N), U, (1.0, -0.0), (1.0, 0.0), U, (N, N), (N, N)],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [(INF, N), U, (INF, -0.0), (INF, 0.0), U, (INF, N), (INF, N)],
    [(N, N), (N, N), (N, -0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
const LOG: Table = [
    [
        (INF, -P34),
        (INF, -P),
        (INF, -P),
        (INF, P),
        (INF, P),
        (INF, P34),
        (INF, N),
    ],
    [(INF, -P12), U, U, U, U, (INF, P12), (N, N)],
    [(INF, -P12), U, (-INF, -P), (-INF, P), U, (INF, P12), (N, N)],
    [
        (INF, -P12),
        U,
        (-INF, -0.0),
        (-INF, 0.0),
        U,
        (INF, P12),
        (N, N),
    ],
    [(INF, -P12), U, U, U, U, (INF, P12), (N, N)],
    [
        (INF, -P14),
        (INF, -0.0),
        (INF, -0.0),
        (INF, 0.0),
        (INF, 0.0),
        (INF, P14),
        (INF, N),
    ],
    [(INF, N), (N, N), (N, N), (N, N), (N, N), (INF, N), (N, N)],
];
const SINH: Table = [
    [
        (INF, N),
        U,
        (-INF, -0.0),
        (-INF, 0.0),
        U,
        (INF, N),
        (INF, N),
    ],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [
        (0.0, N),
        U,
        (-0.0, -0.0),
        (-0.0, 0.0),
        U,
        (0.0, N),
        (0.0, N),
    ],
    [(0.0, N), U, (0.0, -0.0), (0.0, 0.0), U, (0.0, N), (0.0, N)],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [(INF, N), U, (INF, -0.0), (INF, 0.0), U, (INF, N), (INF, N)],
    [(N, N), (N, N), (N, -0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
const SQRT: Table = [
    [
        (INF, -INF),
        (0.0, -INF),
        (0.0, -INF),
        (0.0, INF),
        (0.0, INF),
        (INF, INF),
        (N, INF),
    ],
    [(INF, -INF), U, U, U, U, (INF, INF), (N, N)],
    [
        (INF, -INF),
        U,
        (0.0, -0.0),
        (0.0, 0.0),
        U,
        (INF, INF),
        (N, N),
    ],
    [
        (INF, -INF),
        U,
        (0.0, -0.0),
        (0.0, 0.0),
        U,
        (INF, INF),
        (N, N),
    ],
    [(INF, -INF), U, U, U, U, (INF, INF), (N, N)],
    [
        (INF, -INF),
        (INF, -0.0),
        (INF, -0.0),
        (INF, 0.0),
        (INF, 0.0),
        (INF, INF),
        (INF, N),
    ],
    [
        (INF, -INF),
        (N, N),
        (N, N),
        (N, N),
        (N, N),
        (INF, INF),
        (N, N),
    ],
];
const TANH: Table = [
    [
        (-1.0, 0.0),
        U,
        (-1.0, -0.0),
        (-1.0, 0.0),
        U,
        (-1.0, 0.0),
        (-1.0, 0.0),
    ],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [
        (-0.0, N),
        U,
        (-0.0, -0.0),
        (-0.0, 0.0),
        U,
        (-0.0, N),
        (-0.0, N),
    ],
    [(0.0, N), U, (0.0, -0.0), (0.0, 0.0), U, (0.0, N), (0.0, N)],
    [(N, N), U, U, U, U, (N, N), (N, N)],
    [
        (1.0, 0.0),
        U,
        (1.0, -0.0),
        (1.0, 0.0),
        U,
        (1.0, 0.0),
        (1.0, 0.0),
    ],
    [(N, N), (N, N), (N, -0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];

/// What a function may answer: a value, a domain error, a range error.
#[derive(Clone, Copy)]
enum Answer {
    Is(Z),
    Domain,
    Range,
}
use Answer::*;

fn sqrt_z(z: Z) -> Z {
    if let Some(r) = special(&SQRT, z) {
        return r;
    }
    let (x, y) = z;
    if x == 0.0 && y == 0.0 {
        return (0.0, y);
    }
    let (ax, ay) = (x.abs(), y.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE && (ax > 0.0 || ay > 0.0) {
        // Subnormals are scaled up and their root down again.
        let k = 2f64.powi(54);
        let ax = ax * k;
        (ax + ax.hypot(ay * k)).sqrt() * 2f64.powi(-27) / 2f64.sqrt()
    } else {
        let ax = ax / 8.0;
        2.0 * (ax + ax.hypot(ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if x >= 0.0 {
        (s, d.copysign(y))
    } else {
        (d, s.copysign(y))
    }
}
fn acos_z(z: Z) -> Z {
    if let Some(r) = special(&ACOS, z) {
        return r;
    }
    let (x, y) = z;
    if x.abs() > LARGE || y.abs() > LARGE {
        let re = y.abs().atan2(x);
        let size = (x / 2.0).hypot(y / 2.0).ln() + 2.0 * LN_2;
        let im = if x < 0.0 {
            -size.copysign(y)
        } else {
            size.copysign(-y)
        };
        return (re, im);
    }
    let (a, b) = (sqrt_z((1.0 - x, -y)), sqrt_z((1.0 + x, y)));
    (2.0 * a.0.atan2(b.0), (b.0 * a.1 - b.1 * a.0).asinh_c())
}
fn acosh_z(z: Z) -> Z {
    if let Some(r) = special(&ACOSH, z) {
        return r;
    }
    let (x, y) = z;
    if x.abs() > LARGE || y.abs() > LARGE {
        return ((x / 2.0).hypot(y / 2.0).ln() + 2.0 * LN_2, y.atan2(x));
    }
    let (a, b) = (sqrt_z((x - 1.0, y)), sqrt_z((x + 1.0, y)));
    ((a.0 * b.0 + a.1 * b.1).asinh_c(), 2.0 * a.1.atan2(b.0))
}
fn asin_z((x, y): Z) -> Z {
    let (a, b) = asinh_z((-y, x));
    (b, -a)
}
fn asinh_z(z: Z) -> Z {
    if let Some(r) = special(&ASINH, z) {
        return r;
    }
    let (x, y) = z;
    if x.abs() > LARGE || y.abs() > LARGE {
        let size = (x / 2.0).hypot(y / 2.0).ln() + 2.0 * LN_2;
        let re = if y >= 0.0 && !y.is_sign_negative() {
            size.copysign(x)
        } else {
            -size.copysign(-x)
        };
        return (re, y.atan2(x.abs()));
    }
    let (a, b) = (sqrt_z((1.0 + y, -x)), sqrt_z((1.0 - y, x)));
    (
        (a.0 * b.1 - b.0 * a.1).asinh_c(),
        y.atan2(a.0 * b.0 - a.1 * b.1),
    )
}
fn atan_z((x, y): Z) -> Answer {
    match atanh_z((-y, x)) {
        Is((a, b)) => Is((b, -a)),
        other => other,
    }
}
fn atanh_z(z: Z) -> Answer {
    if let Some(r) = special(&ATANH, z) {
        return Is(r);
    }
    let (x, y) = z;
    if x < 0.0 || x == 0.0 && x.is_sign_negative() {
        return match atanh_z((-x, -y)) {
            Is((a, b)) => Is((-a, -b)),
            other => other,
        };
    }
    let ay = y.abs();
    let root = LARGE.sqrt();
    if x > root || ay > root {
        let h = (x / 2.0).hypot(y / 2.0);
        return Is((x / 4.0 / h / h, -P12.copysign(-y)));
    }
    let tiny = f64::MIN_POSITIVE.sqrt();
    if x == 1.0 && ay < tiny {
        if ay == 0.0 {
            return Domain;
        }
        let re = -(ay.sqrt() / ay.hypot(2.0).sqrt()).ln();
        return Is((re, (2f64.atan2(-ay) / 2.0).copysign(y)));
    }
    let re = (4.0 * x / ((1.0 - x) * (1.0 - x) + ay * ay)).ln_1p() / 4.0;
    Is((
        re,
        -((-2.0 * y).atan2((1.0 - x) * (1.0 + x) - ay * ay)) / 2.0,
    ))
}
/// `asinh` that keeps its accuracy for all sizes, which Rust's loses near 0 and at the top.
trait Asinh {
    fn asinh_c(self) -> f64;
}
impl Asinh for f64 {
    fn asinh_c(self) -> f64 {
        let a = self.abs();
        let r = if a > 2f64.powi(28) {
            a.ln() + LN_2
        } else if a < 2f64.powi(-28) {
            a
        } else if a > 2.0 {
            (2.0 * a + 1.0 / ((a * a + 1.0).sqrt() + a)).ln()
        } else {
            let t = a * a;
            (a + t / (1.0 + (1.0 + t).sqrt())).ln_1p()
        };
        r.copysign(self)
    }
}
/// Half-infinite arguments, as the tables of exp, cosh and sinh need them.
fn turned(size: f64, (c, s): (f64, f64)) -> Z {
    (size.copysign(c), size.copysign(s))
}
fn cosh_z((x, y): Z) -> Answer {
    if !x.is_finite() || !y.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let (re, im) = turned(INF, (y.cos(), y.sin()));
            return Is((re, if x > 0.0 { im } else { -im }));
        }
        return match y.is_infinite() && !x.is_nan() {
            true => Domain,
            false => Is(COSH[sort_of(x)][sort_of(y)]),
        };
    }
    let big = LARGE.ln();
    finite(if x.abs() > big {
        let k = x - 1f64.copysign(x);
        let e = std::f64::consts::E;
        (y.cos() * k.cosh() * e, y.sin() * k.sinh() * e)
    } else {
        (y.cos() * x.cosh(), y.sin() * x.sinh())
    })
}
fn sinh_z((x, y): Z) -> Answer {
    if !x.is_finite() || !y.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let (re, im) = turned(INF, (y.cos(), y.sin()));
            return Is((if x > 0.0 { re } else { -re }, im));
        }
        return match y.is_infinite() && !x.is_nan() {
            true => Domain,
            false => Is(SINH[sort_of(x)][sort_of(y)]),
        };
    }
    finite(if x.abs() > LARGE.ln() {
        let k = x - 1f64.copysign(x);
        let e = std::f64::consts::E;
        (y.cos() * k.sinh() * e, y.sin() * k.cosh() * e)
    } else {
        (y.cos() * x.sinh(), y.sin() * x.cosh())
    })
}
fn tanh_z((x, y): Z) -> Answer {
    if !x.is_finite() || !y.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            return Is((1f64.copysign(x), 0f64.copysign(2.0 * y.sin() * y.cos())));
        }
        return match y.is_infinite() && x.is_finite() {
            true => Domain,
            false => Is(TANH[sort_of(x)][sort_of(y)]),
        };
    }
    if x.abs() > LARGE.ln() {
        let im = 4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp();
        return Is((1f64.copysign(x), im));
    }
    let (tx, ty) = (x.tanh(), y.tan());
    let cx = 1.0 / x.cosh();
    let (txty, d) = (tx * ty, 1.0 + tx * ty * tx * ty);
    Is((tx * (1.0 + ty * ty) / d, ty / (1.0 + txty * txty) * cx * cx))
}
fn cos_z((x, y): Z) -> Answer {
    cosh_z((-y, x))
}
fn sin_z((x, y): Z) -> Answer {
    match sinh_z((-y, x)) {
        Is((a, b)) => Is((b, -a)),
        other => other,
    }
}
fn tan_z((x, y): Z) -> Answer {
    match tanh_z((-y, x)) {
        Is((a, b)) => Is((b, -a)),
        other => other,
    }
}
fn exp_z((x, y): Z) -> Answer {
    if !x.is_finite() || !y.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let size = if x > 0.0 { INF } else { 0.0 };
            return Is(turned(size, (y.cos(), y.sin())));
        }
        return match y.is_infinite() && (x.is_finite() || x == INF) {
            true => Domain,
            false => Is(EXP[sort_of(x)][sort_of(y)]),
        };
    }
    finite(if x > LARGE.ln() {
        let l = (x - 1.0).exp();
        let e = std::f64::consts::E;
        (l * y.cos() * e, l * y.sin() * e)
    } else {
        let l = x.exp();
        (l * y.cos(), l * y.sin())
    })
}
/// A result of finite arguments: an infinity is a range error.
fn finite(z: Z) -> Answer {
    if z.0.is_infinite() || z.1.is_infinite() {
        return Range;
    }
    Is(z)
}
fn log_z(z: Z) -> Answer {
    if let Some(r) = special(&LOG, z) {
        return Is(r);
    }
    let (x, y) = z;
    let (ax, ay) = (x.abs(), y.abs());
    let re = if ax > LARGE || ay > LARGE {
        (ax / 2.0).hypot(ay / 2.0).ln() + LN_2
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        if ax == 0.0 && ay == 0.0 {
            return Domain;
        }
        let k = 2f64.powi(53);
        (ax * k).hypot(ay * k).ln() - 53.0 * LN_2
    } else {
        let h = ax.hypot(ay);
        if (0.71..=1.73).contains(&h) {
            let (hi, lo) = if ax > ay { (ax, ay) } else { (ay, ax) };
            ((hi - 1.0) * (hi + 1.0) + lo * lo).ln_1p() / 2.0
        } else {
            h.ln()
        }
    };
    Is((re, y.atan2(x)))
}

fn arg(th: &Thread, v: Value) -> R<Z> {
    complex::to_pair(th, v)
}
fn give(th: &Thread, a: Answer) -> R {
    match a {
        Is(z) => complex::pair(th, z),
        Domain => Err(error::value_error(th, "math domain error")),
        Range => Err(error::raise(th, C::OverflowError, "math range error")),
    }
}
macro_rules! functions {
    ($($name:ident = $f:expr;)*) => {$(
        fn $name(th: &Thread, v: Value) -> R {
            let f: fn(Z) -> Answer = $f;
            give(th, f(arg(th, v)?))
        }
    )*};
}
functions! {
    acos = |z| Is(acos_z(z)); acosh = |z| Is(acosh_z(z)); asin = |z| Is(asin_z(z)); asinh = |z| Is(asinh_z(z));
    atan = atan_z; atanh = atanh_z; cos = cos_z; cosh = cosh_z; exp = exp_z; sin = sin_z; sinh = sinh_z;
    sqrt = |z| Is(sqrt_z(z)); tan = tan_z; tanh = tanh_z;
    log10 = |z| match log_z(z) { Is((a, b)) => Is((a / LN_10, b / LN_10)), other => other };
}
fn log(th: &Thread, a: &[Value]) -> R {
    let x = log_z(arg(th, a[0])?);
    let (Some(&base), Is(x)) = (a.get(1), x) else {
        return give(th, x);
    };
    let Is(b) = log_z(arg(th, base)?) else {
        return give(th, Domain);
    };
    let (x, b) = (complex::pair(th, x)?, complex::pair(th, b)?);
    habu_runtime::ops::binary::binary(th, habu_bytecode::opcode::binary::TRUE_DIVIDE, x, b)
}
fn phase(th: &Thread, v: Value) -> R {
    let (x, y) = arg(th, v)?;
    float::new(th, y.atan2(x))
}
fn abs_z(th: &Thread, (x, y): Z) -> R<f64> {
    let r = x.hypot(y);
    if r.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(error::raise(th, C::OverflowError, "math range error"));
    }
    Ok(r)
}
fn polar(th: &Thread, v: Value) -> R {
    let (x, y) = arg(th, v)?;
    let r = float::new(th, abs_z(th, (x, y))?)?;
    tuple::new_value(th, &[r, float::new(th, y.atan2(x))?])
}
fn rect(th: &Thread, r: Value, phi: Value) -> R {
    let (r, phi) = (parse::as_f64(th, r)?, parse::as_f64(th, phi)?);
    if !r.is_finite() || !phi.is_finite() {
        if phi.is_infinite() && r != 0.0 && !r.is_nan() {
            return give(th, Domain);
        }
        let z = if r.is_infinite() && phi.is_finite() && phi != 0.0 {
            let (c, s) = turned(INF, (phi.cos(), phi.sin()));
            if r > 0.0 { (c, s) } else { (-c, -s) }
        } else {
            match (r, phi) {
                (0.0, _) => (0.0, 0.0),
                (r, p) if p == 0.0 => (r, if r.is_nan() { p } else { p * r.signum() }),
                (r, _) if r.is_infinite() => (INF, N),
                _ => (N, N),
            }
        };
        return complex::pair(th, z);
    }
    if phi == 0.0 {
        return complex::pair(th, (r, r * phi));
    }
    complex::pair(th, (r * phi.cos(), r * phi.sin()))
}
fn isfinite(th: &Thread, v: Value) -> R {
    let (x, y) = arg(th, v)?;
    Ok(Value::bool(x.is_finite() && y.is_finite()))
}
fn isnan(th: &Thread, v: Value) -> R {
    let (x, y) = arg(th, v)?;
    Ok(Value::bool(x.is_nan() || y.is_nan()))
}
fn isinf(th: &Thread, v: Value) -> R {
    let (x, y) = arg(th, v)?;
    Ok(Value::bool(x.is_infinite() || y.is_infinite()))
}
fn isclose(th: &Thread, a: Args) -> R {
    let [x, y, rel, abs] =
        habu_runtime::args!(th, a, "isclose", ["a", "b", "rel_tol", "abs_tol"], 0, 2, 2);
    let (x, y) = (
        arg(th, x.unwrap_or(Value::NONE))?,
        arg(th, y.unwrap_or(Value::NONE))?,
    );
    let rel = rel.map_or(Ok(1e-9), |v| parse::as_f64(th, v))?;
    let abs = abs.map_or(Ok(0.0), |v| parse::as_f64(th, v))?;
    if rel < 0.0 || abs < 0.0 {
        return Err(error::value_error(th, "tolerances must be non-negative"));
    }
    if x == y {
        return Ok(Value::TRUE);
    }
    let infinite = |z: Z| z.0.is_infinite() || z.1.is_infinite();
    if infinite(x) || infinite(y) {
        return Ok(Value::FALSE);
    }
    let d = (x.0 - y.0).hypot(x.1 - y.1);
    let near = d <= rel * y.0.hypot(y.1) || d <= rel * x.0.hypot(x.1) || d <= abs;
    Ok(Value::bool(near))
}
static FUNCTIONS: [MethodDef; 23] = [
    m1("acos", acos).sig("($module, z, /)"),
    m1("acosh", acosh).sig("($module, z, /)"),
    m1("asin", asin).sig("($module, z, /)"),
    m1("asinh", asinh).sig("($module, z, /)"),
    m1("atan", atan).sig("($module, z, /)"),
    m1("atanh", atanh).sig("($module, z, /)"),
    m1("cos", cos).sig("($module, z, /)"),
    m1("cosh", cosh).sig("($module, z, /)"),
    m1("exp", exp).sig("($module, z, /)"),
    mv("log", log, 1, 2),
    m1("log10", log10).sig("($module, z, /)"),
    m1("sin", sin).sig("($module, z, /)"),
    m1("sinh", sinh).sig("($module, z, /)"),
    m1("sqrt", sqrt).sig("($module, z, /)"),
    m1("tan", tan).sig("($module, z, /)"),
    m1("tanh", tanh).sig("($module, z, /)"),
    m1("phase", phase).sig("($module, z, /)"),
    m1("polar", polar).sig("($module, z, /)"),
    m2("rect", rect).sig("($module, r, phi, /)"),
    m1("isfinite", isfinite).sig("($module, z, /)"),
    m1("isnan", isnan).sig("($module, z, /)"),
    m1("isinf", isinf).sig("($module, z, /)"),
    mk("isclose", isclose).sig("($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)"),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let c = m::new(th, "cmath", &FUNCTIONS)?;
    for (n, f) in [
        ("pi", P),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", INF),
        ("nan", N),
    ] {
        m::set(th, c, n, float::new(th, f)?)?;
    }
    m::set(th, c, "infj", complex::new(th, 0.0, INF)?)?;
    m::set(th, c, "nanj", complex::new(th, 0.0, N)?)?;
    Ok(c)
}
