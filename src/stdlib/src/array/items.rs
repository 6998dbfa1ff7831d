//! The item types of `array` by type code.

use habu_runtime::classes::C;
use habu_runtime::core::{class, int, parse, string};
use habu_runtime::error;
use habu_runtime::names::N;
use habu_runtime::object::*;
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::float;
use habu_runtime::value::Value;

pub const CODES: &str = "bBuwhHiIlLqQfd";

pub fn size_of(code: u8) -> usize {
    match code {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'i' | b'I' | b'f' | b'u' | b'w' => 4,
        _ => 8,
    }
}
pub fn is_text(code: u8) -> bool {
    matches!(code, b'u' | b'w')
}
/// How the number is called in error messages.
fn name(code: u8) -> &'static str {
    match code {
        b'b' => "signed char",
        b'B' => "unsigned byte integer",
        b'h' => "signed short integer",
        b'H' => "unsigned short",
        b'i' => "signed integer",
        _ => "unsigned int",
    }
}
fn overflow(th: &Thread, text: &str) -> habu_runtime::thread::Raised {
    error::raise(th, C::OverflowError, text)
}
/// A character's number in a text array.
pub fn character(th: &Thread, code: u8, c: u32) -> R {
    if c > 0x10ffff {
        let text = format!("character U+{c:x} is not in range [U+0000; U+10ffff]");
        return Err(error::value_error(th, &text));
    }
    let _ = code;
    Ok(string::char_str(th, c)?.value())
}

pub fn load(th: &Thread, code: u8, b: &[u8]) -> R {
    let mut w = [0; 8];
    w[..b.len()].copy_from_slice(b);
    let u = u64::from_le_bytes(w);
    match code {
        b'b' => Ok(Value::small_int(u as i8 as i64)),
        b'h' => Ok(Value::small_int(u as i16 as i64)),
        b'i' => Ok(Value::small_int(u as i32 as i64)),
        b'l' | b'q' => int::from_i64(th, u as i64),
        b'f' => float::new(th, f32::from_bits(u as u32) as f64),
        b'd' => float::new(th, f64::from_bits(u)),
        b'u' | b'w' => character(th, code, u as u32),
        _ => int::from_u64(th, u),
    }
}

pub fn store(th: &Thread, code: u8, x: Value) -> R<[u8; 8]> {
    let bits = match code {
        b'f' => (number(th, x)? as f32).to_bits() as u64,
        b'd' => number(th, x)?.to_bits(),
        b'u' | b'w' => match x.cast::<StrObj>() {
            Some(s) if s.len() == 1 => s.at(0) as u64,
            Some(s) => {
                let text = format!(
                    "array item must be a unicode character, not a string of length {}",
                    s.len()
                );
                return Err(error::type_error(th, &text));
            }
            None => {
                let text = format!(
                    "array item must be a unicode character, not {}",
                    class::type_name(x)
                );
                return Err(error::type_error(th, &text));
            }
        },
        _ => whole(th, code, x)?,
    };
    Ok(bits.to_le_bytes())
}
fn number(th: &Thread, x: Value) -> R<f64> {
    let fits = float::get(x).is_some()
        || int::is_int(x)
        || class::special_of(x, N::Float).is_some()
        || class::special_of(x, N::Index).is_some();
    if !fits {
        let text = format!("must be real number, not {}", class::type_name(x));
        return Err(error::type_error(th, &text));
    }
    parse::as_f64(th, x)
}
fn whole(th: &Thread, code: u8, x: Value) -> R<u64> {
    let n = parse::index(th, x)?;
    let wide = int::to_ibig(n).and_then(|b| i128::try_from(b).ok());
    let bits = size_of(code) as u32 * 8;
    let (lo, hi) = match code.is_ascii_uppercase() {
        true => (0, (1i128 << bits) - 1),
        false => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
    };
    match wide {
        Some(n) if (lo..=hi).contains(&n) => return Ok(n as u64),
        _ => {}
    }
    let below = match wide {
        Some(n) => n < lo,
        None => int::is_negative(n),
    };
    Err(match code {
        b'l' | b'q' => overflow(th, "Python int too large to convert to C long"),
        b'L' | b'Q' if below => overflow(th, "can't convert negative value to unsigned int"),
        b'L' | b'Q' => overflow(th, "Python int too large to convert to C unsigned long"),
        _ => {
            let side = if below {
                "less than minimum"
            } else {
                "greater than maximum"
            };
            overflow(th, &format!("{} is {side}", name(code)))
        }
    })
}
