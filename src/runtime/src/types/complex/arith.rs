//! Complex arithmetic: products and quotients recover infinities as C99's Annex G says.

pub type Pair = (f64, f64);

/// 1 or 0 with the sign of `x`: 1 where it is infinite.
fn boxed(x: f64) -> f64 {
    (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x)
}

pub fn product(x: Pair, y: Pair) -> Pair {
    let ((mut a, mut b), (mut c, mut d)) = (x, y);
    let (ac, bd, ad, bc) = (a * c, b * d, a * d, b * c);
    let (re, im) = (ac - bd, ad + bc);
    if !re.is_nan() || !im.is_nan() {
        return (re, im);
    }
    let zero_nan = |x: &mut f64| {
        if x.is_nan() {
            *x = 0.0f64.copysign(*x)
        }
    };
    let mut recalculate = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b) = (boxed(a), boxed(b));
        zero_nan(&mut c);
        zero_nan(&mut d);
        recalculate = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (c, d) = (boxed(c), boxed(d));
        zero_nan(&mut a);
        zero_nan(&mut b);
        recalculate = true;
    }
    if !recalculate && [ac, bd, ad, bc].iter().any(|x| x.is_infinite()) {
        for x in [&mut a, &mut b, &mut c, &mut d] {
            zero_nan(x);
        }
        recalculate = true;
    }
    if recalculate {
        return (
            f64::INFINITY * (a * c - b * d),
            f64::INFINITY * (a * d + b * c),
        );
    }
    (re, im)
}

/// `None`: division by zero.
pub fn quotient(a: Pair, b: Pair) -> Option<Pair> {
    let (re, im) = b;
    let r = if re.abs() >= im.abs() {
        if re == 0.0 {
            return None;
        }
        let ratio = im / re;
        let denom = re + im * ratio;
        ((a.0 + a.1 * ratio) / denom, (a.1 - a.0 * ratio) / denom)
    } else if im.abs() >= re.abs() {
        let ratio = re / im;
        let denom = re * ratio + im;
        ((a.0 * ratio + a.1) / denom, (a.1 * ratio - a.0) / denom)
    } else {
        (f64::NAN, f64::NAN)
    };
    if !r.0.is_nan() || !r.1.is_nan() {
        return Some(r);
    }
    if (a.0.is_infinite() || a.1.is_infinite()) && re.is_finite() && im.is_finite() {
        let (x, y) = (boxed(a.0), boxed(a.1));
        return Some((
            f64::INFINITY * (x * re + y * im),
            f64::INFINITY * (y * re - x * im),
        ));
    }
    if (re.is_infinite() || im.is_infinite()) && a.0.is_finite() && a.1.is_finite() {
        let (x, y) = (boxed(re), boxed(im));
        return Some((0.0 * (a.0 * x + a.1 * y), 0.0 * (a.1 * x - a.0 * y)));
    }
    Some(r)
}

/// A real number by a complex one.
pub fn real_quotient(a: f64, b: Pair) -> Option<Pair> {
    let (re, im) = b;
    let r = if re.abs() >= im.abs() {
        if re == 0.0 {
            return None;
        }
        let ratio = im / re;
        let denom = re + im * ratio;
        (a / denom, (-a * ratio) / denom)
    } else if im.abs() >= re.abs() {
        let ratio = re / im;
        let denom = re * ratio + im;
        ((a * ratio) / denom, (-a) / denom)
    } else {
        (f64::NAN, f64::NAN)
    };
    if r.0.is_nan() && r.1.is_nan() && a.is_finite() && (re.is_infinite() || im.is_infinite()) {
        let (x, y) = (boxed(re), boxed(im));
        return Some((0.0 * (a * x), 0.0 * (-a * y)));
    }
    Some(r)
}

fn int_power(x: Pair, mut n: u32) -> Pair {
    let mut r = (1.0, 0.0);
    let mut p = x;
    while n > 0 {
        if n & 1 == 1 {
            r = product(r, p);
        }
        n >>= 1;
        if n > 0 {
            p = product(p, p);
        }
    }
    r
}

/// `None`: zero to a negative or complex power.
pub fn power(x: Pair, y: Pair) -> Option<Pair> {
    if y.1 == 0.0 && y.0 == y.0.floor() && y.0.abs() <= 100.0 {
        let n = y.0 as i32;
        if n >= 0 {
            return Some(int_power(x, n as u32));
        }
        return quotient((1.0, 0.0), int_power(x, n.unsigned_abs()));
    }
    if y == (0.0, 0.0) {
        return Some((1.0, 0.0));
    }
    if x == (0.0, 0.0) {
        return if y.1 != 0.0 || y.0 < 0.0 {
            None
        } else {
            Some((0.0, 0.0))
        };
    }
    let size = x.0.hypot(x.1);
    let mut len = size.powf(y.0);
    let angle = x.1.atan2(x.0);
    let mut phase = angle * y.0;
    if y.1 != 0.0 {
        len *= (-angle * y.1).exp();
        phase += y.1 * size.ln();
    }
    Some((len * phase.cos(), len * phase.sin()))
}
