//! Modules.

use crate::classes::C;
use crate::core::{attr, class, dict, string};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

pub fn new(th: &Thread, name: &str) -> R<Gc<ModuleObj>> {
    let m: Gc<ModuleObj> = th.alloc(C::Module.shape(), 2, 24)?;
    m.attrs.init(None);
    m.dict.init(None);
    let d = dict::new_dict(th)?;
    th.set(m, &m.dict, Some(d.value()));
    let n = string::intern_new(th, name)?;
    fill(th, d, n.value(), Value::NONE)?;
    Ok(m)
}

fn fill(th: &Thread, d: Gc<DictObj>, name: Value, doc: Value) -> R<()> {
    dict::set_name(th, d, nm(N::Name), name)?;
    dict::set_name(th, d, nm(N::Doc), doc)?;
    dict::set_name(th, d, nm(N::Package), Value::NONE)?;
    dict::set_name(th, d, nm(N::Loader), Value::NONE)?;
    dict::set_name(th, d, nm(N::Spec), Value::NONE)
}

pub fn dict_of(v: Value) -> Gc<DictObj> {
    expect(expect::<ModuleObj>(v).dict.get().unwrap_or(Value::NONE))
}

fn py_new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: the class has the layout of its native base.
    let m: Gc<ModuleObj> =
        unsafe { Gc::from_raw(crate::types::iters::alloc(th, cls)? as *mut ModuleObj) };
    let d = dict::new_dict(th)?;
    th.set(m, &m.dict, Some(d.value()));
    Ok(m.value())
}
fn init(th: &Thread, a: Args) -> R {
    let [name, doc] = crate::args!(th, a.rest(), "module", ["name", "doc"], 0, 1, 2);
    let name = name.unwrap_or(Value::NONE);
    if !name.is::<StrObj>() {
        return Err(error::type_error(
            th,
            &format!(
                "module() argument 'name' must be str, not {}",
                class::type_name(name)
            ),
        ));
    }
    fill(th, dict_of(a.all()[0]), name, doc.unwrap_or(Value::NONE))?;
    Ok(Value::NONE)
}
fn repr(th: &Thread, v: Value) -> R {
    let lib = crate::import::import_module(th, "importlib._bootstrap");
    match lib {
        Ok(lib) => {
            let f = attr::get_text(th, lib, "_module_repr")?;
            call::call(th, f, &[v])
        }
        Err(_) => {
            th.take();
            let n = dict::get_name(dict_of(v), nm(N::Name)).unwrap_or(Value::NONE);
            string::new_value(th, &format!("<module {}>", ops::repr::repr_string(th, n)?))
        }
    }
}
fn name_of(th: &Thread, v: Value) -> R<String> {
    match dict::get_name(dict_of(v), nm(N::Name)) {
        Some(n) if n.is::<StrObj>() => ops::repr::str_string(th, n),
        _ => Ok("?".into()),
    }
}
/// AttributeError of a module.
pub fn no_attribute(th: &Thread, v: Value, name: Value) -> crate::thread::Raised {
    let r = (|| -> R<crate::thread::Raised> {
        let n = ops::repr::str_string(th, name)?;
        let d = dict_of(v);
        if !dict::get_name(d, nm(N::Name)).is_some_and(|n| n.is::<StrObj>()) {
            return Ok(error::attribute_error_text(
                th,
                &format!("module has no attribute '{n}'"),
                v,
                name,
            ));
        }
        let m = name_of(th, v)?;
        let initializing = match dict::get_name(d, nm(N::Spec)) {
            Some(s) if !s.is_none() => match attr::get_opt(th, s, nm(N::Initializing))? {
                Some(x) => ops::truth(th, x)?,
                None => false,
            },
            _ => false,
        };
        let text = if initializing {
            format!(
                "partially initialized module '{m}' has no attribute '{n}' (most likely due to a circular import)"
            )
        } else {
            format!("module '{m}' has no attribute '{n}'")
        };
        Ok(error::attribute_error_text(th, &text, v, name))
    })();
    r.unwrap_or_else(|e| e)
}
fn getattribute(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    let t = class::of(v);
    let a = class::lookup(t, n);
    if let Some(a) = a
        && attr::is_data_descriptor(a)
    {
        return attr::bind(th, a, Some(v), t);
    }
    let d = dict_of(v);
    if let Some(x) = dict::get(th, d, n)? {
        return Ok(x);
    }
    if let Some(a) = a {
        return attr::bind(th, a, Some(v), t);
    }
    if n != nm(N::GetAttr)
        && let Some(f) = dict::get_name(d, nm(N::GetAttr))
    {
        return call::call(th, f, &[n]);
    }
    Err(no_attribute(th, v, n))
}
fn dir(th: &Thread, v: Value) -> R {
    let d = dict_of(v);
    if let Some(f) = dict::get_name(d, nm(N::Dir)) {
        return call::call(th, f, &[]);
    }
    Ok(crate::types::dict::key_list(th, d)?.value())
}
fn get_dict(_: &Thread, v: Value) -> R {
    Ok(dict_of(v).value())
}
fn get_annotations(th: &Thread, v: Value) -> R {
    let d = dict_of(v);
    if let Some(a) = dict::get_name(d, nm(N::Annotations)) {
        return Ok(a);
    }
    let a = match dict::get_name(d, nm(N::Annotate)).filter(|f| call::is_callable(*f)) {
        Some(f) => call::call(th, f, &[Value::small_int(1)])?,
        None => dict::new_dict(th)?.value(),
    };
    dict::set_name(th, d, nm(N::Annotations), a)?;
    Ok(a)
}
fn set_annotations(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let d = dict_of(v);
    match x {
        Some(x) => dict::set_name(th, d, nm(N::Annotations), x)?,
        None => {
            if dict::remove_name(d, nm(N::Annotations)).is_none() {
                return Err(error::attribute_error(th, v, nm(N::Annotations)));
            }
        }
    }
    dict::remove_name(d, nm(N::Annotate));
    Ok(())
}
fn get_annotate(th: &Thread, v: Value) -> R {
    let d = dict_of(v);
    if let Some(f) = dict::get_name(d, nm(N::Annotate)) {
        return Ok(f);
    }
    dict::set_name(th, d, nm(N::Annotate), Value::NONE)?;
    Ok(Value::NONE)
}
fn set_annotate(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        Some(x) => dict::set_name(th, dict_of(v), nm(N::Annotate), x),
        None => Err(error::type_error(
            th,
            "cannot delete __annotate__ attribute",
        )),
    }
}

static METHODS: [MethodDef; 4] = [
    mk("__init__", init),
    m1("__repr__", repr),
    m2("__getattribute__", getattribute),
    m1("__dir__", dir),
];
static GETSET: [GetSetDef; 3] = [
    gs("__dict__", get_dict),
    crate::spec::gss("__annotations__", get_annotations, set_annotations),
    crate::spec::gss("__annotate__", get_annotate, set_annotate),
];
pub static SPEC: TypeSpec = TypeSpec::new("module", kinds::MODULE)
    .words(1)
    .flags(tf::BASE | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(py_new);
