//! Native functions as objects, and calling them.

use crate::classes::C;
use crate::error;
use crate::object::*;
use crate::spec::{Args, MethodDef, MethodKind, Named, NativeFn};
use crate::thread::{R, Thread};
use habu_heap::Value;

/// The `def` word of a builtin: the definition's address, tagged as an int, and in the bits that no address has
/// the shape of the exact instances of the class that it is a method of (0: none, or a number too large).
const ADDRESS: u64 = 0xffff_ffff_fffe;
pub const SHAPE_AT: u32 = 48;

/// What a builtin function's word for its definition says: that, and the shape of exact instances of its class (or 0).
///
/// # Safety
/// It was such a word once.
pub unsafe fn defined(word: u64) -> (&'static MethodDef, u32) {
    // SAFETY: the word holds the address of a static definition.
    let def = unsafe { &*((word & ADDRESS) as *const MethodDef) };
    (def, (word >> SHAPE_AT) as u32)
}

impl BuiltinObj {
    #[inline(always)]
    pub fn def(&self) -> &'static MethodDef {
        // SAFETY: the object's own word.
        unsafe { defined(self.def.bits()) }.0
    }
    /// Is this the word of an exact instance of the class that the function is a method of?
    #[inline(always)]
    fn takes(&self, this: Value) -> bool {
        this.is_ptr() && this.shape() as u64 == self.def.bits() >> SHAPE_AT
    }
    pub fn owner(&self) -> Option<Gc<TypeObj>> {
        self.owner.get().and_then(|o| o.cast())
    }
}

/// A builtin function object. `c` says which Python class it shows as.
pub fn new_builtin(
    th: &Thread,
    c: C,
    def: &'static MethodDef,
    this: Option<Value>,
    module: Option<Value>,
    owner: Option<Value>,
) -> R<Gc<BuiltinObj>> {
    let b: Gc<BuiltinObj> = th.alloc(c.shape(), 5, 48)?;
    let shape = match owner.and_then(|o| o.cast::<TypeObj>()) {
        Some(t) if t.root_shape.bits() != 0 => crate::core::shape::root(t).id() as u64,
        _ => 0,
    };
    let shape = if shape >> 16 == 0 { shape } else { 0 };
    debug_assert_eq!(def as *const MethodDef as u64 & !ADDRESS, 0);
    b.attrs.init(None);
    b.def
        .init_bits(def as *const MethodDef as u64 | 1 | shape << SHAPE_AT);
    b.this.init(this);
    b.module.init(module);
    b.owner.init(owner);
    Ok(b)
}

/// Call a definition with its whole argument list (receiver first).
#[inline(always)]
pub fn call_def(
    th: &Thread,
    def: &'static MethodDef,
    args: &[Value],
    names: Option<Gc<TupleObj>>,
) -> R {
    if names.is_some_and(|n| !n.is_empty()) && !matches!(def.func, NativeFn::K(_)) {
        return Err(no_keywords(th, def));
    }
    match def.func {
        NativeFn::F1(f) if args.len() == 1 => f(th, args[0]),
        NativeFn::F2(f) if args.len() == 2 => f(th, args[0], args[1]),
        NativeFn::F3(f) if args.len() == 3 => f(th, args[0], args[1], args[2]),
        NativeFn::F0(f) if args.is_empty() => f(th),
        NativeFn::V(f) if def.takes(args.len()) => f(th, args),
        NativeFn::K(f) => f(th, Args::of(&Named { all: args, names })),
        _ => Err(wrong_count(th, def, args)),
    }
}

#[cold]
fn no_keywords(th: &Thread, def: &MethodDef) -> crate::thread::Raised {
    error::raise(
        th,
        C::TypeError,
        &format!("{}() takes no keyword arguments", def.name),
    )
}

/// Does this definition belong to a class's method table (so that the first argument is the receiver)?
fn has_receiver(def: &MethodDef, args: &[Value]) -> Option<String> {
    let recv = *args.first()?;
    let t = crate::core::class::of(recv);
    if def.kind == MethodKind::Static {
        return None;
    }
    for c in t.mro().items() {
        let c: Gc<TypeObj> = crate::thread::expect(*c);
        let spec = c.spec();
        if spec.methods.iter().any(|m| std::ptr::eq(m, def)) {
            return Some(spec.name.to_string());
        }
    }
    None
}

#[cold]
#[inline(never)]
fn wrong_count(th: &Thread, def: &'static MethodDef, args: &[Value]) -> crate::thread::Raised {
    let (min, max) = match def.func {
        NativeFn::F0(_) => (0, 0),
        NativeFn::F1(_) => (1, 1),
        NativeFn::F2(_) => (2, 2),
        NativeFn::F3(_) => (3, 3),
        _ => (def.min as usize, def.max as usize),
    };
    let owner = has_receiver(def, args);
    let skip = owner.is_some() as usize;
    let (min, max, got) = (
        min.saturating_sub(skip),
        max.saturating_sub(skip),
        args.len().saturating_sub(skip),
    );
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let dunder = def.name.starts_with("__") && owner.is_some();
    let name = match &owner {
        Some(o) if !dunder => format!("{o}.{}", def.name),
        _ => def.name.to_string(),
    };
    let text = if args.is_empty()
        && skip == 0
        && min > 0
        && def.kind == MethodKind::Method
        && max > 0
        && dunder
    {
        format!("unbound method {name}() needs an argument")
    } else if min == max && dunder {
        format!("expected {max} argument{}, got {got}", s(max))
    } else if min == max && max == 0 {
        format!("{name}() takes no arguments ({got} given)")
    } else if min == max && max == 1 && !matches!(def.func, NativeFn::V(_)) {
        format!("{name}() takes exactly one argument ({got} given)")
    } else if min == max {
        format!("{} expected {max} argument{}, got {got}", def.name, s(max))
    } else if got < min {
        format!(
            "{} expected at least {min} argument{}, got {got}",
            def.name,
            s(min)
        )
    } else {
        format!(
            "{} expected at most {max} argument{}, got {got}",
            def.name,
            s(max)
        )
    };
    error::raise(th, C::TypeError, &text)
}

/// Call a builtin object.
#[inline(always)]
pub fn call_builtin(
    th: &Thread,
    b: Gc<BuiltinObj>,
    args: &[Value],
    names: Option<Gc<TupleObj>>,
) -> R {
    if names.is_none()
        && b.this.bits() == 0
        && (b.owner.bits() == 0 || matches!(args, [this, ..] if b.takes(*this)))
    {
        return call_def(th, b.def(), args, None);
    }
    call_builtin_slow(th, b, args, names)
}

/// Call a method whose receiver is the first argument, most often of the very class that has the method.
#[inline]
pub fn call_on_first(
    th: &Thread,
    b: Gc<BuiltinObj>,
    all: &[Value],
    names: Option<Gc<TupleObj>>,
) -> R {
    if let [this, ..] = all
        && b.this.bits() == 0
        && b.owner() == Some(crate::core::class::of(*this))
    {
        return call_def(th, b.def(), all, names);
    }
    call_builtin(th, b, all, names)
}

#[inline(never)]
fn call_builtin_slow(
    th: &Thread,
    b: Gc<BuiltinObj>,
    args: &[Value],
    names: Option<Gc<TupleObj>>,
) -> R {
    let def = b.def();
    match b.this.get() {
        None => {
            if b.owner.bits() != 0 {
                check_receiver(th, b, args)?;
            }
            call_def(th, def, args, names)
        }
        Some(this) if names.is_none() => call_bound(th, def, this, args),
        Some(this) => with_first(th, this, args, |all| call_def(th, def, all, names)),
    }
}

/// A bound method; with few arguments without moving them.
fn call_bound(th: &Thread, def: &'static MethodDef, this: Value, args: &[Value]) -> R {
    match (def.func, args) {
        (NativeFn::F1(f), []) => f(th, this),
        (NativeFn::F2(f), &[x]) => f(th, this, x),
        (NativeFn::F3(f), &[x, y]) => f(th, this, x, y),
        (_, []) => call_def(th, def, &[this], None),
        (_, &[x]) => call_def(th, def, &[this, x], None),
        _ => with_first(th, this, args, |all| call_def(th, def, all, None)),
    }
}

/// Call a method on a receiver that does not stand before its arguments.
#[inline]
pub fn call_method(th: &Thread, b: Gc<BuiltinObj>, this: Value, args: &[Value]) -> R {
    if b.this.bits() == 0 && b.takes(this) {
        match (b.def().func, args) {
            (NativeFn::F1(f), []) => return f(th, this),
            (NativeFn::F2(f), &[x]) => return f(th, this, x),
            (NativeFn::F3(f), &[x, y]) => return f(th, this, x, y),
            _ => {}
        }
    }
    with_first(th, this, args, |all| call_builtin(th, b, all, None))
}

/// An unbound method must get a receiver of its class.
fn check_receiver(th: &Thread, b: Gc<BuiltinObj>, args: &[Value]) -> R<()> {
    let Some(owner) = b.owner() else {
        return Ok(());
    };
    match args.first() {
        Some(&a) => {
            let t = crate::core::class::of(a);
            if t == owner || crate::core::class::is_subclass(t, owner) {
                return Ok(());
            }
            Err(bad_receiver(th, b, owner, Some(a)))
        }
        None => Err(bad_receiver(th, b, owner, None)),
    }
}

#[cold]
fn bad_receiver(
    th: &Thread,
    b: Gc<BuiltinObj>,
    owner: Gc<TypeObj>,
    a: Option<Value>,
) -> crate::thread::Raised {
    let name = b.def().name;
    let what = owner.name_str();
    let wrapper = crate::core::class::is_exact(b.value(), C::WrapperDescriptor);
    let text = match a {
        None if wrapper => format!("descriptor '{name}' of '{what}' object needs an argument"),
        None => format!("unbound method {what}.{name}() needs an argument"),
        Some(a) => {
            let got = crate::core::class::type_name(a);
            if wrapper {
                format!("descriptor '{name}' requires a '{what}' object but received a '{got}'")
            } else {
                format!(
                    "descriptor '{name}' for '{what}' objects doesn't apply to a '{got}' object"
                )
            }
        }
    };
    error::raise(th, C::TypeError, &text)
}

const INLINE_ARGS: usize = 8;

/// What `__init__`, a native one, makes of a new object.
pub fn initialized(th: &Thread, this: Value, a: Args, init: fn(&Thread, Args) -> R) -> R {
    let names = a.names();
    with_first(th, this, a.all(), |all| {
        init(th, Args::of(&Named { all, names }))
    })?;
    Ok(this)
}

/// Run `f` on the arguments with `first` in front.
#[inline(always)]
pub fn with_first<T>(
    th: &Thread,
    first: Value,
    args: &[Value],
    f: impl FnOnce(&[Value]) -> R<T>,
) -> R<T> {
    if args.len() < INLINE_ARGS {
        let mut a = [first; INLINE_ARGS];
        a[1..=args.len()].copy_from_slice(args);
        f(&a[..=args.len()])
    } else {
        let l = crate::core::list::with_capacity(th, args.len() + 1)?;
        crate::core::list::push(th, l, first)?;
        for &a in args {
            crate::core::list::push(th, l, a)?;
        }
        f(crate::core::list::items(l))
    }
}
