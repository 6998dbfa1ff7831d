//! Warnings from native code: through the `warnings` module where it is loaded, else straight to stderr.

use crate::classes::C;
use crate::core::{dict, string};
use crate::object::*;
use crate::ops::call;
use crate::runtime::{class_value, rt};
use crate::thread::{R, Thread};
use habu_heap::Value;

pub fn warn(th: &Thread, c: C, text: &str, stack_level: i64) -> R<()> {
    let Some(mods) = rt().modules.get().and_then(|m| m.cast::<DictObj>()) else {
        return Ok(());
    };
    let Some(w) = dict::get_text(th, mods, "warnings")? else {
        // Not imported yet: filters by default hide what developers alone should see.
        return match c {
            C::DeprecationWarning
            | C::PendingDeprecationWarning
            | C::ImportWarning
            | C::ResourceWarning => Ok(()),
            _ => {
                eprintln!("{}: {text}", crate::runtime::class(c).name_str());
                Ok(())
            }
        };
    };
    let f = crate::core::attr::get_text(th, w, "warn")?;
    let s = string::new_value(th, text)?;
    call::call(th, f, &[s, class_value(c), Value::small_int(stack_level)]).map(drop)
}
