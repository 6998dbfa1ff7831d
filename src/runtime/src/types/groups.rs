//! Exception groups.

use crate::classes::C;
use crate::core::{attr, class, list, string, tuple};
use crate::error;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::class as core_class;
use crate::spec::{MethodDef, m2};
use crate::thread::{R, Thread, expect};
use crate::types::exceptions::{is_exception_class, x};
use habu_heap::Value;

pub fn new(th: &Thread, cls: Gc<TypeObj>, args: Gc<TupleObj>) -> R {
    if args.len() != 2 {
        return Err(error::type_error(
            th,
            &format!(
                "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
                args.len()
            ),
        ));
    }
    let (msg, excs) = (args.items()[0], args.items()[1]);
    if !msg.is::<StrObj>() {
        return Err(error::type_error(
            th,
            &format!("argument 1 must be str, not {}", class::type_name(msg)),
        ));
    }
    if class::special_of(excs, N::GetItem).is_none() || excs.is::<DictObj>() {
        return Err(error::type_error(
            th,
            "second argument (exceptions) must be a sequence",
        ));
    }
    let t = ops::iter::to_tuple(th, excs)?;
    if t.is_empty() {
        return Err(error::value_error(
            th,
            "second argument (exceptions) must be a non-empty sequence",
        ));
    }
    let mut all = true;
    for (i, &e) in t.items().iter().enumerate() {
        if e.kind() != crate::kinds::EXC {
            return Err(error::value_error(
                th,
                &format!("Item {i} of second argument (exceptions) is not an exception"),
            ));
        }
        all &= class::is_a(e, C::Exception);
    }
    let mut cls = cls;
    if cls == core_class(C::BaseExceptionGroup) {
        if all {
            cls = expect(exception_group(th)?);
        }
    } else if !all && cls.value() == exception_group(th)? {
        return Err(error::type_error(
            th,
            "Cannot nest BaseExceptions in an ExceptionGroup",
        ));
    } else if !all && class::is_subclass(cls, core_class(C::Exception)) {
        return Err(error::type_error(
            th,
            &format!("Cannot nest BaseExceptions in '{}'", cls.name_str()),
        ));
    }
    // SAFETY: the class has the layout of BaseException.
    let e: Gc<ExcObj> =
        unsafe { Gc::from_raw(crate::types::iters::alloc(th, cls)? as *mut ExcObj) };
    e.args.init(Some(args.value()));
    e.suppress.init(Some(Value::FALSE));
    e.f0.init(Some(msg));
    e.f1.init(Some(t.value()));
    Ok(e.value())
}

/// The class ExceptionGroup (made at start-up, as it has two bases).
fn exception_group(th: &Thread) -> R {
    crate::interp::builtin_named(th, "ExceptionGroup")
}

fn excs(e: Gc<ExcObj>) -> Gc<TupleObj> {
    e.f1.get().and_then(|t| t.cast()).unwrap_or(tuple::empty())
}

pub fn str(th: &Thread, e: Gc<ExcObj>) -> R {
    let n = excs(e).len();
    let m = ops::repr::str_string(th, e.f0.get().unwrap_or(Value::NONE))?;
    string::new_value(
        th,
        &format!("{m} ({n} sub-exception{})", if n == 1 { "" } else { "s" }),
    )
}

fn is_group(v: Value) -> bool {
    class::is_a(v, C::BaseExceptionGroup)
}

/// What a condition of split/subgroup is.
enum Test {
    Types(Value),
    Function(Value),
    Leaves(Gc<ListObj>),
}

fn test_of(th: &Thread, c: Value) -> R<Test> {
    if is_exception_class(c) {
        return Ok(Test::Types(c));
    }
    if let Some(t) = c.cast::<TupleObj>()
        && t.items().iter().all(|x| is_exception_class(*x))
    {
        return Ok(Test::Types(c));
    }
    if call::is_callable(c) && !c.is::<TypeObj>() {
        return Ok(Test::Function(c));
    }
    Err(error::type_error(
        th,
        "expected an exception type, a tuple of exception types, or a callable (other than a class)",
    ))
}

fn holds(th: &Thread, t: &Test, e: Value) -> R<bool> {
    match t {
        Test::Types(c) => crate::types::exceptions::matches_handler(th, e, *c),
        Test::Function(f) => {
            let r = call::call(th, *f, &[e])?;
            ops::truth(th, r)
        }
        Test::Leaves(l) => Ok(list::items(*l).contains(&e)),
    }
}

/// A group like `like` with these exceptions; `None` where there are none.
fn derive(th: &Thread, like: Value, items: Gc<ListObj>) -> R {
    if list::len(items) == 0 {
        return Ok(Value::NONE);
    }
    let l = list::from_slice(th, list::items(items))?;
    let r = call::method_named(th, like, "derive", &[l.value()])?;
    if !is_group(r) {
        return Err(error::type_error(
            th,
            "derive must return an instance of BaseExceptionGroup",
        ));
    }
    let (o, e) = (x(like), x(r));
    th.set(e, &e.traceback, o.traceback.get());
    th.set(e, &e.context, o.context.get());
    th.set(e, &e.cause, o.cause.get());
    e.suppress.init(o.suppress.get());
    if let Some(n) = attr::get_opt(th, like, nm(N::Notes))?
        && ops::iter::is_iterable(n)
    {
        let copy = ops::iter::to_list(th, n)?;
        attr::generic_set(th, r, nm(N::Notes), Some(copy.value()))?;
    }
    Ok(r)
}

/// (matching part, rest), each a value or None.
fn split(th: &Thread, e: Value, t: &Test) -> R<(Value, Value)> {
    th.check_native_stack()?;
    if !matches!(t, Test::Leaves(_)) && holds(th, t, e)? {
        return Ok((e, Value::NONE));
    }
    if !is_group(e) {
        let hit = matches!(t, Test::Leaves(_)) && holds(th, t, e)?;
        return Ok(if hit {
            (e, Value::NONE)
        } else {
            (Value::NONE, e)
        });
    }
    let (yes, no) = (list::new(th)?, list::new(th)?);
    for &s in excs(x(e)).items() {
        let (a, b) = split(th, s, t)?;
        if !a.is_none() {
            list::push(th, yes, a)?;
        }
        if !b.is_none() {
            list::push(th, no, b)?;
        }
    }
    Ok((derive(th, e, yes)?, derive(th, e, no)?))
}

fn py_split(th: &Thread, v: Value, c: Value) -> R {
    let t = test_of(th, c)?;
    let (a, b) = split(th, v, &t)?;
    tuple::new_value(th, &[a, b])
}
fn subgroup(th: &Thread, v: Value, c: Value) -> R {
    let t = test_of(th, c)?;
    Ok(split(th, v, &t)?.0)
}
fn py_derive(th: &Thread, v: Value, items: Value) -> R {
    let m = x(v).f0.get().unwrap_or(Value::NONE);
    call::call(th, core_class(C::BaseExceptionGroup).value(), &[m, items])
}

pub static METHODS: [MethodDef; 4] = [
    m2("split", py_split),
    m2("subgroup", subgroup),
    m2("derive", py_derive),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];

/// `except*`: (rest, match). A naked exception that matches is wrapped in a group.
pub fn match_group(th: &Thread, exc: Value, handler: Value) -> R<(Value, Value)> {
    check_star_types(th, handler)?;
    if exc.is_none() {
        return Ok((Value::NONE, Value::NONE));
    }
    if crate::types::exceptions::matches_handler(th, exc, handler)? {
        if is_group(exc) {
            return Ok((Value::NONE, exc));
        }
        let excs = tuple::new_value(th, &[exc])?;
        let g = call::call(
            th,
            core_class(C::BaseExceptionGroup).value(),
            &[string::empty().value(), excs],
        )?;
        let e = x(g);
        th.set(e, &e.traceback, x(exc).traceback.get());
        return Ok((Value::NONE, g));
    }
    if is_group(exc) {
        let (hit, rest) = split(th, exc, &Test::Types(handler))?;
        return Ok((rest, hit));
    }
    Ok((exc, Value::NONE))
}

fn check_star_types(th: &Thread, handler: Value) -> R<()> {
    let bad_class = "catching classes that do not inherit from BaseException is not allowed";
    let bad_group = "catching ExceptionGroup with except* is not allowed. Use except instead.";
    let one = |t: Value| -> R<()> {
        if !is_exception_class(t) {
            return Err(error::type_error(th, bad_class));
        }
        if class::is_subclass(expect(t), core_class(C::BaseExceptionGroup)) {
            return Err(error::type_error(th, bad_group));
        }
        Ok(())
    };
    match handler.cast::<TupleObj>() {
        Some(t) => t.items().iter().try_for_each(|t| one(*t)),
        None => one(handler),
    }
}

/// End of `except*`: what is still to be raised, of the original and the exceptions raised by the handlers.
pub fn prep_reraise_star(th: &Thread, orig: Value, excs_list: Value) -> R {
    let l: Gc<ListObj> = expect(excs_list);
    let live = list::new(th)?;
    for &e in list::items(l) {
        if !e.is_none() {
            list::push(th, live, e)?;
        }
    }
    if list::len(live) == 0 {
        return Ok(Value::NONE);
    }
    if !is_group(orig) {
        // A naked exception: at most one can be left.
        return Ok(list::items(live)[0]);
    }
    let (raised, reraised) = (list::new(th)?, list::new(th)?);
    for &e in list::items(live) {
        let same = is_group(e) && same_metadata(e, orig);
        list::push(th, if same { reraised } else { raised }, e)?;
    }
    let leaves = list::new(th)?;
    for &e in list::items(reraised) {
        collect_leaves(th, e, leaves)?;
    }
    let again = if list::len(reraised) == 0 {
        Value::NONE
    } else {
        split(th, orig, &Test::Leaves(leaves))?.0
    };
    if list::len(raised) == 0 {
        return Ok(again);
    }
    if !again.is_none() {
        list::push(th, raised, again)?;
    }
    if list::len(raised) == 1 {
        return Ok(list::items(raised)[0]);
    }
    call::call(
        th,
        core_class(C::BaseExceptionGroup).value(),
        &[string::empty().value(), raised.value()],
    )
}

fn same_metadata(a: Value, b: Value) -> bool {
    let (p, q) = (x(a), x(b));
    p.traceback.get() == q.traceback.get()
        && p.cause.get() == q.cause.get()
        && p.context.get() == q.context.get()
}

fn collect_leaves(th: &Thread, e: Value, out: Gc<ListObj>) -> R<()> {
    if is_group(e) {
        for &s in excs(x(e)).items() {
            collect_leaves(th, s, out)?;
        }
        return Ok(());
    }
    list::push(th, out, e)
}
