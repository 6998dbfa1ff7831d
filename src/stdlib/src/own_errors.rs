//! Exceptions that belong to a native module: made with it, and found again by its name when they are raised.

use habu_runtime::classes::C;
use habu_runtime::core::{attr, dict, string, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::runtime::class_value;
use habu_runtime::thread::{R, Raised, Thread};

/// Add the exception class `name` to the module that is called `module`.
pub fn add(th: &Thread, into: Gc<ModuleObj>, module: &str, name: &str, base: C) -> R<()> {
    let bases = tuple::new_value(th, &[class_value(base)])?;
    let d = dict::new_dict(th)?;
    dict::set_text(th, d, "__module__", string::new_value(th, module)?)?;
    let text = string::new_value(th, name)?;
    let c = call::call(th, class_value(C::Type), &[text, bases, d.value()])?;
    m::set(th, into, name, c)
}

/// Raise the exception `class` of `module`.
pub fn raise(th: &Thread, module: &str, class: &str, text: &str) -> Raised {
    let r = (|| -> R {
        let me = habu_runtime::import::import_module(th, module)?;
        let c = attr::get_text(th, me, class)?;
        call::call(th, c, &[string::new_value(th, text)?])
    })();
    match r {
        Ok(e) => error::raise_value(th, e),
        Err(r) => r,
    }
}
