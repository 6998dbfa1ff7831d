//! Weak references and proxies.

use crate::classes::C;
use crate::core::{attr, class, shape, string};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::class as core_class;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, m3, mk, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn w(v: Value) -> Gc<WeakRefObj> {
    expect(v)
}

pub fn target(r: Gc<WeakRefObj>) -> Option<Value> {
    Value::from_bits(r.target.get())
}

fn make(th: &Thread, shape: u32, obj: Value, callback: Option<Value>) -> R<Gc<WeakRefObj>> {
    let r: Gc<WeakRefObj> = th.alloc(shape, 0, std::mem::size_of::<WeakRefObj>())?;
    r.target.set(obj.bits());
    r.callback.init(callback);
    r.spare.init(None);
    r.attrs.init(None);
    th.mutator.register_weak(r.header());
    Ok(r)
}

/// A reference that Python code does not count.
pub fn hidden(th: &Thread, obj: Value) -> R {
    Ok(make(th, C::Hidden.shape(), obj, None)?.value())
}

/// May objects of this class be referenced weakly?
fn allowed(v: Value) -> bool {
    if !v.is_ptr() {
        return false;
    }
    let t = class::of(v);
    match v.kind() {
        kinds::TYPE
        | kinds::SET
        | kinds::FROZENSET
        | kinds::FUNCTION
        | kinds::METHOD
        | kinds::MODULE
        | kinds::GENERATOR
        | kinds::CODE
        | kinds::BUILTIN
        | kinds::FRAME => true,
        kinds::INT | kinds::TUPLE => {
            t.has(tf::WEAKREF) && t.has(tf::HEAP) && v.kind() != kinds::TUPLE
        }
        _ => t.has(tf::WEAKREF),
    }
}

fn cannot(th: &Thread, v: Value) -> crate::thread::Raised {
    error::type_error(
        th,
        &format!(
            "cannot create weak reference to '{}' object",
            class::type_name(v)
        ),
    )
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let n = a.pos().len();
    if n == 0 || n > 2 {
        return Err(error::type_error(
            th,
            &format!(
                "__new__ expected at {} argument{}, got {n}",
                if n == 0 { "least 1" } else { "most 2" },
                if n == 0 { "" } else { "s" }
            ),
        ));
    }
    let obj = a.all()[0];
    let cb = a.pos().get(1).copied().filter(|c| !c.is_none());
    if !allowed(obj) {
        return Err(cannot(th, obj));
    }
    if cls == core_class(C::WeakRef) && cb.is_none() {
        let mut found = None;
        th.mutator.weakrefs_of(obj.bits() as *mut _, &mut |r| {
            if r.shape() == C::WeakRef.shape() && w(r).callback.get().is_none() {
                found = Some(r);
            }
        });
        if let Some(r) = found {
            return Ok(r);
        }
    }
    Ok(make(th, shape::root(cls).id(), obj, cb)?.value())
}

fn init(_: &Thread, _: Args) -> R {
    Ok(Value::NONE)
}
fn call_(th: &Thread, a: Args) -> R {
    crate::core::parse::check_count(th, "weakref", a.all().len() - 1, 0, 0)?;
    Ok(target(w(a.all()[0])).unwrap_or(Value::NONE))
}
fn hash(th: &Thread, v: Value) -> R {
    let r = w(v);
    if let Some(h) = r.spare.get() {
        return Ok(h);
    }
    match target(r) {
        Some(t) => {
            let h = crate::core::int::from_i64(th, ops::hash::hash(th, t)?)?;
            th.set(r, &r.spare, Some(h));
            Ok(h)
        }
        None => Err(error::type_error(th, "weak object has gone away")),
    }
}
fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    let Some(y) = b.cast::<WeakRefObj>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (target(w(a)), target(y)) {
        (Some(p), Some(q)) => ops::compare::rich(th, p, q, op),
        _ => Ok(Value::bool(
            (a == b) == (op == habu_bytecode::opcode::compare::EQ),
        )),
    }
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    compare(th, a, b, habu_bytecode::opcode::compare::EQ)
}
fn ne(th: &Thread, a: Value, b: Value) -> R {
    compare(th, a, b, habu_bytecode::opcode::compare::NE)
}
fn repr(th: &Thread, v: Value) -> R {
    let text = match target(w(v)) {
        Some(t) => {
            let name = match attr::get_opt(th, t, nm(N::Name))?.filter(|n| n.is::<StrObj>()) {
                Some(n) => format!(" ({})", ops::repr::str_string(th, n)?),
                None => String::new(),
            };
            format!(
                "<weakref at {:#x}; to '{}' at {:#x}{name}>",
                v.bits(),
                class::full_name(class::of(t)),
                t.bits()
            )
        }
        None => format!("<weakref at {:#x}; dead>", v.bits()),
    };
    string::new_value(th, &text)
}
fn callback(_: &Thread, v: Value) -> R {
    let r = w(v);
    Ok(if target(r).is_some() {
        r.callback.get().unwrap_or(Value::NONE)
    } else {
        Value::NONE
    })
}
/// `__weakref__` of an object: its first reference.
pub fn first_of(th: &Thread, v: Value) -> R {
    let mut found = None;
    if v.is_ptr() {
        th.mutator.weakrefs_of(v.bits() as *mut _, &mut |r| {
            if r.shape() != C::Hidden.shape() && found.is_none() {
                found = Some(r);
            }
        });
    }
    Ok(found.unwrap_or(Value::NONE))
}

/// All references of an object, as `weakref.getweakrefs` lists them.
pub fn all_of(th: &Thread, v: Value, f: &mut dyn FnMut(Value)) {
    if v.is_ptr() {
        th.mutator.weakrefs_of(v.bits() as *mut _, &mut |r| {
            if r.shape() != C::Hidden.shape() {
                f(r)
            }
        });
    }
}

static METHODS: [MethodDef; 7] = [
    mk("__init__", init),
    mk("__call__", call_),
    m1("__hash__", hash),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m1("__repr__", repr),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static GETSET: [GetSetDef; 1] = [gs("__callback__", callback)];
pub static SPEC: TypeSpec = TypeSpec::new("ReferenceType", kinds::WEAKREF)
    .module("weakref")
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

// ---- proxies

pub fn new_proxy(th: &Thread, obj: Value, cb: Option<Value>) -> R {
    if !allowed(obj) {
        return Err(cannot(th, obj));
    }
    let c = if call::is_callable(obj) {
        C::WeakCallableProxy
    } else {
        C::WeakProxy
    };
    Ok(make(th, c.shape(), obj, cb)?.value())
}
fn live(th: &Thread, v: Value) -> R {
    if v.shape() != C::WeakProxy.shape() && v.shape() != C::WeakCallableProxy.shape() {
        return Ok(v);
    }
    match target(w(v)) {
        Some(t) => Ok(t),
        None => Err(error::raise(
            th,
            C::ReferenceError,
            "weakly-referenced object no longer exists",
        )),
    }
}
fn p_getattribute(th: &Thread, v: Value, n: Value) -> R {
    let n = attr::intern_name(th, n)?;
    let t = live(th, v)?;
    attr::get(th, t, n)
}
fn p_setattr(th: &Thread, v: Value, n: Value, x: Value) -> R {
    let n = attr::intern_name(th, n)?;
    let t = live(th, v)?;
    attr::set(th, t, n, Some(x))?;
    Ok(Value::NONE)
}
fn p_delattr(th: &Thread, v: Value, n: Value) -> R {
    let n = attr::intern_name(th, n)?;
    let t = live(th, v)?;
    attr::set(th, t, n, None)?;
    Ok(Value::NONE)
}
fn p_str(th: &Thread, v: Value) -> R {
    let t = live(th, v)?;
    ops::repr::str(th, t)
}
fn p_repr(th: &Thread, v: Value) -> R {
    let text = match target(w(v)) {
        Some(t) => format!(
            "<weakproxy at {:#x}; to '{}' at {:#x}>",
            v.bits(),
            class::full_name(class::of(t)),
            t.bits()
        ),
        None => format!("<weakproxy at {:#x}; dead>", v.bits()),
    };
    string::new_value(th, &text)
}
fn p_bool(th: &Thread, v: Value) -> R {
    let t = live(th, v)?;
    Ok(Value::bool(ops::truth(th, t)?))
}
fn p_len(th: &Thread, v: Value) -> R {
    let t = live(th, v)?;
    Ok(Value::small_int(ops::length(th, t)? as i64))
}
fn p_getitem(th: &Thread, v: Value, k: Value) -> R {
    let t = live(th, v)?;
    ops::subscr::get(th, t, k)
}
fn p_setitem(th: &Thread, v: Value, k: Value, x: Value) -> R {
    let t = live(th, v)?;
    ops::subscr::set(th, t, k, x)?;
    Ok(Value::NONE)
}
fn p_delitem(th: &Thread, v: Value, k: Value) -> R {
    let t = live(th, v)?;
    ops::subscr::delete(th, t, k)
}
fn p_contains(th: &Thread, v: Value, k: Value) -> R {
    let t = live(th, v)?;
    Ok(Value::bool(ops::contains(th, t, k)?))
}
fn p_iter(th: &Thread, v: Value) -> R {
    let t = live(th, v)?;
    ops::iter::get(th, t)
}
fn p_next(th: &Thread, v: Value) -> R {
    let t = live(th, v)?;
    if !ops::iter::is_iterator(t) {
        return Err(error::type_error(
            th,
            &format!(
                "Weakref proxy referenced a non-iterator '{}' object",
                class::type_name(t)
            ),
        ));
    }
    ops::iter::next_keep_stop(th, t)
}
fn p_call(th: &Thread, a: Args) -> R {
    let t = live(th, a.all()[0])?;
    call::call_args(th, t, a.rest())
}
fn p_bytes(th: &Thread, v: Value) -> R {
    let t = live(th, v)?;
    call::method(th, t, nm(N::Bytes), &[])
}
fn p_reversed(th: &Thread, v: Value) -> R {
    let t = live(th, v)?;
    call::method(th, t, nm(N::Reversed), &[])
}
macro_rules! proxied {
    ($($f:ident, $rf:ident, $if_:ident = $op:ident;)*) => {$(
        fn $f(th: &Thread, a: Value, b: Value) -> R {
            let (x, y) = (live(th, a)?, live(th, b)?);
            ops::binary::binary(th, habu_bytecode::opcode::binary::$op, x, y)
        }
        fn $rf(th: &Thread, a: Value, b: Value) -> R {
            $f(th, b, a)
        }
        fn $if_(th: &Thread, a: Value, b: Value) -> R {
            let (x, y) = (live(th, a)?, live(th, b)?);
            ops::binary::inplace_op(th, habu_bytecode::opcode::binary::$op, x, y)
        }
    )*};
}
proxied! {
    p_add, p_radd, p_iadd = ADD; p_sub, p_rsub, p_isub = SUBTRACT; p_mul, p_rmul, p_imul = MULTIPLY;
    p_matmul, p_rmatmul, p_imatmul = MATRIX_MULTIPLY; p_div, p_rdiv, p_idiv = TRUE_DIVIDE;
    p_floor, p_rfloor, p_ifloor = FLOOR_DIVIDE; p_mod, p_rmod, p_imod = REMAINDER; p_pow, p_rpow, p_ipow = POWER;
    p_and, p_rand, p_iand = AND; p_or, p_ror, p_ior = OR; p_xor, p_rxor, p_ixor = XOR;
    p_lsh, p_rlsh, p_ilsh = LSHIFT; p_rsh, p_rrsh, p_irsh = RSHIFT;
}
macro_rules! proxied_cmp {
    ($($f:ident = $op:ident;)*) => {$(
        fn $f(th: &Thread, a: Value, b: Value) -> R {
            let (x, y) = (live(th, a)?, live(th, b)?);
            ops::compare::rich(th, x, y, habu_bytecode::opcode::compare::$op)
        }
    )*};
}
proxied_cmp! { p_eq = EQ; p_ne = NE; p_lt = LT; p_le = LE; p_gt = GT; p_ge = GE; }
macro_rules! proxied_unary {
    ($($f:ident = $n:ident;)*) => {$(
        fn $f(th: &Thread, v: Value) -> R {
            let t = live(th, v)?;
            call::method(th, t, nm(N::$n), &[])
        }
    )*};
}
proxied_unary! { p_neg = Neg; p_pos = Pos; p_abs = Abs; p_inv = Invert; p_int = Int; p_float = Float; p_index = Index; }

macro_rules! proxy_methods {
    ($($extra:expr),*) => {&[
        m2("__getattribute__", p_getattribute), m3("__setattr__", p_setattr), m2("__delattr__", p_delattr),
        m1("__str__", p_str), m1("__repr__", p_repr), m1("__bool__", p_bool), m1("__len__", p_len),
        m2("__getitem__", p_getitem), m3("__setitem__", p_setitem), m2("__delitem__", p_delitem),
        m2("__contains__", p_contains), m1("__iter__", p_iter), m1("__next__", p_next), m1("__bytes__", p_bytes),
        m1("__reversed__", p_reversed),
        m2("__add__", p_add), m2("__radd__", p_radd), m2("__iadd__", p_iadd),
        m2("__sub__", p_sub), m2("__rsub__", p_rsub), m2("__isub__", p_isub),
        m2("__mul__", p_mul), m2("__rmul__", p_rmul), m2("__imul__", p_imul),
        m2("__matmul__", p_matmul), m2("__rmatmul__", p_rmatmul), m2("__imatmul__", p_imatmul),
        m2("__truediv__", p_div), m2("__rtruediv__", p_rdiv), m2("__itruediv__", p_idiv),
        m2("__floordiv__", p_floor), m2("__rfloordiv__", p_rfloor), m2("__ifloordiv__", p_ifloor),
        m2("__mod__", p_mod), m2("__rmod__", p_rmod), m2("__imod__", p_imod),
        m2("__pow__", p_pow), m2("__rpow__", p_rpow), m2("__ipow__", p_ipow),
        m2("__and__", p_and), m2("__rand__", p_rand), m2("__iand__", p_iand),
        m2("__or__", p_or), m2("__ror__", p_ror), m2("__ior__", p_ior),
        m2("__xor__", p_xor), m2("__rxor__", p_rxor), m2("__ixor__", p_ixor),
        m2("__lshift__", p_lsh), m2("__rlshift__", p_rlsh), m2("__ilshift__", p_ilsh),
        m2("__rshift__", p_rsh), m2("__rrshift__", p_rrsh), m2("__irshift__", p_irsh),
        m2("__eq__", p_eq), m2("__ne__", p_ne), m2("__lt__", p_lt), m2("__le__", p_le), m2("__gt__", p_gt),
        m2("__ge__", p_ge),
        m1("__neg__", p_neg), m1("__pos__", p_pos), m1("__abs__", p_abs), m1("__invert__", p_inv),
        m1("__int__", p_int), m1("__float__", p_float), m1("__index__", p_index),
        $($extra),*
    ]};
}
static PROXY_METHODS: &[MethodDef] = proxy_methods![];
static CALLABLE_METHODS: &[MethodDef] = proxy_methods![mk("__call__", p_call)];
pub static PROXY: TypeSpec = TypeSpec::new("ProxyType", kinds::WEAKREF)
    .module("weakref")
    .methods(PROXY_METHODS);
pub static CALLABLE_PROXY: TypeSpec = TypeSpec::new("CallableProxyType", kinds::WEAKREF)
    .module("weakref")
    .methods(CALLABLE_METHODS);
