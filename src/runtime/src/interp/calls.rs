//! Calls and returns. Stack of a call: callable, receiver or nothing, arguments. The call instructions are wide:
//! returning goes on two instructions behind the one that the caller's `IP` names.

use super::frame::{self, Frame, flag};
use super::{OpsObj, kind_of, val};
use crate::classes::C;
use crate::core::{class, dict, func, list, tuple};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::call;
use crate::spec::{Args, MANY, Named, NativeFn};
use crate::thread::{R, Thread, expect};
use crate::{check, next, raised, save};
use habu_bytecode::CodeFlags;
use habu_heap::Value;

#[inline(always)]
unsafe fn slice<'a>(p: *mut u64, n: usize) -> &'a [Value] {
    // SAFETY: argument words are values.
    unsafe { std::slice::from_raw_parts(p as *const Value, n) }
}

/// The call of a Python function that takes just these arguments. Few words are copied and cleared without loops,
/// which would need registers that have to be saved first.
macro_rules! simple_call {
    ($few:literal, $ip:ident, $sp:ident, $fp:ident, $th:ident) => {{
        let n = (*$ip).arg as usize;
        let base = $sp.sub(n + 2);
        let f = *base;
        if kind_of(f) != kinds::FUNCTION {
            return call($ip, $sp, $fp, $th);
        }
        let f: Gc<FunctionObj> = val(f).cast_unchecked();
        let has_self = (*base.add(1) != 0) as usize;
        let nargs = n + has_self;
        let args = base.add(2 - has_self);
        let ops = f_ops(f);
        if f.simple_argc.bits() != ((nargs as u64) << 1 | 1) || ops.is_null() {
            return call_python_bind($ip, $sp, $fp, $th);
        }
        let ops = &*ops;
        let others = ops.locals() - nargs;
        if $few && (nargs > super::FEW_ARGUMENTS || others > super::FEW_LOCALS) {
            return call_python_many($ip, $sp, $fp, $th);
        }
        let new = $sp.add(frame::HEADER);
        let depth = Frame($fp).depth() + flag::DEPTH;
        if new.add(ops.frame_words() + 8) > $th.vm_limit.get() || depth > $th.depth_limit.get() {
            return too_deep($ip, $sp, $fp, $th);
        }
        *$fp.offset(frame::IP) = $ip as u64 | 1;
        *new.offset(frame::PREV) = $fp as u64 | 1;
        *new.offset(frame::RET_SP) = base as u64 | 1;
        *new.offset(frame::FLAGS) = depth | flag::TAG;
        *new.offset(frame::EXTRA) = 0;
        *new.offset(frame::FUNC) = f.value().bits();
        if $few {
            super::copy_few(new, args);
            super::zero_few(new.add(nargs));
        } else {
            super::copy_words(new, args, nargs);
            super::zero_words(new.add(nargs), others);
        }
        $th.fp.set(new);
        next!(ops.start(), new.add(ops.locals()), new, $th)
    }};
}

/// Go on with what a native function gave. What is needed after the call is read anew from where `save!` left it, so
/// that little must survive it in registers.
macro_rules! native_result {
    ($r:expr, $base:ident, $th:ident) => {{
        let r = $r;
        let fp = $th.fp.get();
        let ip = (*fp.offset(frame::IP) & !1) as *mut super::Op;
        match r {
            Ok(r) => {
                *$base = r.bits();
                next!(ip.add(2), $base.add(1), fp, $th)
            }
            Err(_) => raised!(ip, $base.add((*ip).arg as usize + 2), fp, $th),
        }
    }};
}

crate::handlers! {
    /// Takes the form for what is called here, which goes back to this one when it meets something else. Out of
    /// line: what it needs on the native stack must not burden the forms.
    #[inline(never)]
    call(ip, sp, fp, th) {
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 2);
        let form = match kind_of(*base) {
            kinds::FUNCTION => call_python as super::Handler,
            kinds::BUILTIN => {
                save!(ip, sp, fp, th);
                native_form(th, ip, base)
            }
            kinds::TYPE => call_class as super::Handler,
            kinds::INSTANCE if *base.add(1) == 0 && instance_function(*base).is_some() => {
                (*ip.add(1)).arg = super::attrs::shape_of(*base) as u64;
                call_instance as super::Handler
            }
            _ => return call_other(ip, sp, fp, th),
        };
        (*ip).h = form as usize;
        form(ip, sp, fp, th)
    }

    /// A native function of `N` arguments, the receiver among them if there is one (`THIS`). The cache holds the
    /// function object in `h`, and in `arg` the function's address and the shape of receivers (0: any, or none).
    #[inline(never)]
    call_fixed<const N: u8, const THIS: bool>(ip, sp, fp, th) {
        let n = if N == MANY { (*ip).arg as usize } else { N as usize - THIS as usize };
        let base = sp.sub(n + 2);
        let args = base.add(2 - THIS as usize);
        let cache = (*ip.add(1)).arg;
        let this = *base.add(1);
        let fits = if THIS {
            this != 0 && super::attrs::is_ptr(this) && super::attrs::shape_of(this) as u64 == cache >> FIXED_SHAPE
        } else {
            this == 0
        };
        if *base != (*ip.add(1)).h as u64 || !fits {
            return call_fixed_not(ip, sp, fp, th);
        }
        save!(ip, sp, fp, th);
        let f = (cache & FIXED_ADDRESS) as usize;
        let r = match N {
            1 => std::mem::transmute::<usize, fn(&Thread, Value) -> R>(f)(th, val(*args)),
            2 => std::mem::transmute::<usize, fn(&Thread, Value, Value) -> R>(f)(th, val(*args), val(*args.add(1))),
            _ => std::mem::transmute::<usize, fn(&Thread, &[Value]) -> R>(f)(th, slice(args, n + THIS as usize)),
        };
        native_result!(r, base, th)
    }

    /// Something else than the cache has. A site that calls different native functions in turn gets no form for
    /// one of them.
    #[inline(never)]
    call_fixed_not(ip, sp, fp, th) {
        let emptied = (*ip.add(1)).h == 0;
        if kind_of(*sp.sub((*ip).arg as usize + 2)) != kinds::BUILTIN || emptied {
            return call(ip, sp, fp, th);
        }
        (*ip).h = call_native as super::Handler as usize;
        (*ip.add(1)).arg = 0;
        call_native(ip, sp, fp, th)
    }

    call_python(ip, sp, fp, th) { simple_call!(true, ip, sp, fp, th) }

    /// With more arguments or locals.
    #[inline(never)]
    call_python_many(ip, sp, fp, th) { simple_call!(false, ip, sp, fp, th) }

    #[inline(never)]
    too_deep(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        error::recursion(th);
        raised!(ip, sp, fp, th)
    }

    /// Defaults, `*args`, keyword-only parameters: arguments are bound by the general rules.
    #[inline(never)]
    call_python_bind(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 2);
        let f: Gc<FunctionObj> = val(*base).cast_unchecked();
        let has_self = (*base.add(1) != 0) as usize;
        let all = slice(base.add(2 - has_self), n + has_self);
        let (ops, new) = check!(push_bound(th, f, sp, base, all, None, 0), ip, sp, fp, th);
        next!(ops.start(), new.add(ops.locals()), new, th)
    }

    #[inline(never)]
    call_native(ip, sp, fp, th) {
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 2);
        if kind_of(*base) != kinds::BUILTIN {
            return call(ip, sp, fp, th);
        }
        save!(ip, sp, fp, th);
        let r = native(th, base, n);
        native_result!(r, base, th)
    }

    #[inline(never)]
    call_other(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 2);
        let f = val(*base);
        match f.kind() {
            kinds::METHOD if *base.add(1) == 0 => {
                let m: Gc<MethodObj> = f.cast_unchecked();
                if kind_of(m.func.bits()) == kinds::FUNCTION {
                    *base = m.func.bits();
                    *base.add(1) = m.this.bits();
                    return call_python(ip, sp, fp, th);
                }
            }
            _ => {}
        }
        let has_self = (*base.add(1) != 0) as usize;
        let r = call::call(th, f, slice(base.add(2 - has_self), n + has_self));
        *base = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(2), base.add(1), fp, th)
    }

    /// An instance whose class has a Python function for its calls. The cache holds its shape in `arg`.
    #[inline(never)]
    call_instance(ip, sp, fp, th) {
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 2);
        let this = *base;
        let known = super::attrs::is_ptr(this)
            && super::attrs::shape_of(this) as u64 == (*ip.add(1)).arg
            && *base.add(1) == 0;
        match instance_function(this).filter(|_| known) {
            Some(f) => {
                *base = f.value().bits();
                *base.add(1) = this;
                call_python(ip, sp, fp, th)
            }
            None => call(ip, sp, fp, th),
        }
    }

    /// A class: where `__new__` is object's and `__init__` a Python function, its frame is pushed right here.
    call_class(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 2);
        if kind_of(*base) != kinds::TYPE {
            return call(ip, sp, fp, th);
        }
        if *base.add(1) != 0 {
            return call_other(ip, sp, fp, th);
        }
        let t: Gc<TypeObj> = val(*base).cast_unchecked();
        if t.has(crate::spec::type_flags::DIRECT_NEW) {
            *base = check!(direct(th, t, base, n), ip, sp, fp, th).bits();
            next!(ip.add(2), base.add(1), fp, th)
        }
        call_class_any(ip, sp, fp, th)
    }

    #[inline(never)]
    call_class_any(ip, sp, fp, th) {
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 2);
        let t: Gc<TypeObj> = val(*base).cast_unchecked();
        if crate::types::class::plain_call(t)
            && crate::types::object::has_plain_new(t)
            && let Some(init) = class::special(t, N::Init)
            && init.kind() == kinds::FUNCTION
        {
            let this = check!(crate::types::object::new_plain(th, t), ip, sp, fp, th);
            *base = this.bits();
            *base.add(1) = this.bits();
            let f: Gc<FunctionObj> = init.cast_unchecked();
            let all = slice(base.add(1), n + 1);
            let r = push_bound(th, f, sp, base, all, None, flag::INIT);
            let (ops, new) = check!(r, ip, sp, fp, th);
            next!(ops.start(), new.add(ops.locals()), new, th)
        }
        let r = crate::types::class::call(th, t, Args::positional_only(slice(base.add(2), n)));
        *base = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(2), base.add(1), fp, th)
    }

    /// Stack: callable, receiver or nothing, arguments, tuple of keyword names.
    call_kw(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let base = sp.sub(n + 3);
        let names: Gc<TupleObj> = val(*sp.sub(1)).cast_unchecked();
        let f = val(*base);
        let has_self = (*base.add(1) != 0) as usize;
        let all = slice(base.add(2 - has_self), n + has_self);
        if f.kind() == kinds::FUNCTION {
            let (ops, new) = check!(push_bound(th, f.cast_unchecked(), sp, base, all, Some(names), 0), ip, sp, fp, th);
            next!(ops.start(), new.add(ops.locals()), new, th)
        }
        if f.kind() == kinds::TYPE && has_self == 0 {
            let t: Gc<TypeObj> = f.cast_unchecked();
            if crate::types::class::plain_call(t)
                && crate::types::object::has_plain_new(t)
                && let Some(init) = class::special(t, N::Init)
                && init.kind() == kinds::FUNCTION
            {
                let this = check!(crate::types::object::new_plain(th, t), ip, sp, fp, th);
                *base = this.bits();
                *base.add(1) = this.bits();
                let all = slice(base.add(1), n + 1);
                let r = push_bound(th, init.cast_unchecked(), sp, base, all, Some(names), flag::INIT);
                let (ops, new) = check!(r, ip, sp, fp, th);
                next!(ops.start(), new.add(ops.locals()), new, th)
            }
        }
        let r = call::call_named(th, f, all, Some(names));
        *base = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(2), base.add(1), fp, th)
    }

    /// Stack: callable, nothing, positional iterable, keyword mapping or nothing.
    call_function_ex(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let base = sp.sub(4);
        let f = val(*base);
        let (list, names) = check!(ex_arguments(th, sp), ip, sp, fp, th);
        let all = list::items(list);
        if f.kind() == kinds::FUNCTION {
            let (ops, new) = check!(push_bound(th, f.cast_unchecked(), sp, base, all, names, 0), ip, sp, fp, th);
            next!(ops.start(), new.add(ops.locals()), new, th)
        }
        let r = call::call_named(th, f, all, names);
        *base = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(2), base.add(1), fp, th)
    }

    return_value(ip, sp, fp, th) {
        let r = *sp.sub(1);
        let flags = Frame(fp).flags();
        if flags == flag::TAG {
            let prev = (*fp.offset(frame::PREV) & !1) as *mut u64;
            let ret = (*fp.offset(frame::RET_SP) & !1) as *mut u64;
            *ret = r;
            th.fp.set(prev);
            let ip = (*prev.offset(frame::IP) & !1) as *mut super::Op;
            next!(ip.add(2), ret.add(1), prev, th)
        }
        return_slow(ip, sp, fp, th)
    }

    /// `return` of a constant.
    return_const(ip, sp, fp, th) {
        *sp = (*ip).arg;
        return_value(ip, sp.add(1), fp, th)
    }

    return_local(ip, sp, fp, th) {
        *sp = *fp.add((*ip).arg as usize);
        return_value(ip, sp.add(1), fp, th)
    }

    #[inline(never)]
    return_slow(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = *sp.sub(1);
        let f = Frame(fp);
        let flags = f.flags();
        if flags & flag::GENERATOR != 0 {
            return super::gens::generator_return(ip, sp, fp, th);
        }
        frame::detach(th, f);
        let prev = (*fp.offset(frame::PREV) & !1) as *mut u64;
        let ret = (*fp.offset(frame::RET_SP) & !1) as *mut u64;
        th.fp.set(prev);
        th.mutator.vm_top.set(ret);
        if flags & flag::ENTRY != 0 {
            return r;
        }
        let at = (*prev.offset(frame::IP) & !1) as *mut super::Op;
        if flags & flag::INIT != 0 && r != Value::NONE.bits() {
            // The caller's error: the frame of `__init__` has ended well.
            error::type_error(
                th,
                &format!("__init__() should return None, not '{}'", class::type_name(val(r))),
            );
            raised!(at, ret, prev, th)
        }
        let ip = at.add(if flags & flag::NARROW != 0 { 1 } else { 2 });
        if flags & flag::DROP != 0 {
            next!(ip, ret, prev, th)
        }
        if flags & flag::OPERATOR != 0 {
            *ret = r;
            return super::operators::returned(at, ret, fp, th);
        }
        if flags & flag::INIT == 0 {
            *ret = r;
        }
        next!(ip, ret.add(1), prev, th)
    }

    make_function(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let code: Gc<CodeObj> = val(*sp.sub(1)).cast_unchecked();
        let me = super::attrs::func(fp);
        let g: Gc<DictObj> = me.globals.get_unchecked().cast_unchecked();
        let f = check!(crate::types::function::new_function_in(th, code, g, me.builtins.get()), ip, sp, fp, th);
        *sp.sub(1) = f.value().bits();
        next!(ip.add(1), sp, fp, th)
    }

    set_function_attribute(ip, sp, fp, th) {
        use habu_bytecode::opcode::function_attribute as fa;
        let f: Gc<FunctionObj> = val(*sp.sub(1)).cast_unchecked();
        let v = Some(val(*sp.sub(2)));
        match (*ip).arg as u32 {
            fa::DEFAULTS => th.set(f, &f.defaults, v),
            fa::KWDEFAULTS => th.set(f, &f.kwdefaults, v),
            fa::ANNOTATIONS => th.set(f, &f.annotations, v),
            fa::CLOSURE => th.set(f, &f.closure, v),
            _ => th.set(f, &f.annotate, v),
        }
        *sp.sub(2) = f.value().bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }
}

const FIXED_SHAPE: u32 = 48;
const FIXED_ADDRESS: u64 = (1 << FIXED_SHAPE) - 1;

/// The Python function that calls of this instance call.
fn instance_function(word: u64) -> Option<Gc<FunctionObj>> {
    let v = Value::from_bits(word)?;
    (v.kind() == kinds::INSTANCE)
        .then(|| class::special(class::of(v), N::Call)?.cast())
        .flatten()
}

/// The form of a call for the native function at `base`; what the form needs goes into the cache.
///
/// # Safety
/// `ip` is a call with its cache behind it, `base` its callable, a native function.
#[inline(never)]
unsafe fn native_form(th: &Thread, ip: *mut super::Op, base: *mut u64) -> super::Handler {
    // SAFETY: the caller's promise.
    unsafe {
        let b: Gc<BuiltinObj> = val(*base).cast_unchecked();
        let this = *base.add(1);
        let has_self = this != 0;
        let count = (*ip).arg as usize + has_self as usize;
        let shape = b.def.bits() >> func::SHAPE_AT;
        // A method that is called as a function, or on a receiver without a shape, is left to the general form.
        let fits = if has_self {
            shape != 0 && super::attrs::is_ptr(this) && super::attrs::shape_of(this) as u64 == shape
        } else {
            b.owner.bits() == 0
        };
        let cache = &mut *ip.add(1);
        if b.this.bits() != 0 {
            // For native code: what is bound is likely to be what it was.
            cache.arg = b.def.bits();
            return call_native;
        }
        cache.arg = 0;
        if !fits {
            return call_native;
        }
        let def = b.def();
        let (form, f) = match (def.func, has_self) {
            (NativeFn::F1(f), true) if count == 1 => {
                (call_fixed::<1, true> as super::Handler, f as usize)
            }
            (NativeFn::F1(f), false) if count == 1 => {
                (call_fixed::<1, false> as super::Handler, f as usize)
            }
            (NativeFn::F2(f), true) if count == 2 => {
                (call_fixed::<2, true> as super::Handler, f as usize)
            }
            (NativeFn::F2(f), false) if count == 2 => {
                (call_fixed::<2, false> as super::Handler, f as usize)
            }
            (NativeFn::V(f), true) if def.takes(count) => {
                (call_fixed::<MANY, true> as super::Handler, f as usize)
            }
            (NativeFn::V(f), false) if def.takes(count) => {
                (call_fixed::<MANY, false> as super::Handler, f as usize)
            }
            _ => return call_native,
        };
        if f as u64 > FIXED_ADDRESS {
            return call_native;
        }
        cache.h = b.raw() as usize;
        cache.arg = f as u64 | shape << FIXED_SHAPE;
        th.mutator.barrier(super::attrs::owner_of_cache(ip));
        form
    }
}

/// The call itself, out of line: what it keeps on the native stack must be gone before the next handler is
/// jumped to, or the jump becomes a call.
#[inline(never)]
unsafe fn native(th: &Thread, base: *mut u64, n: usize) -> R {
    // SAFETY: the callable and its arguments stand there.
    unsafe {
        let b: Gc<BuiltinObj> = val(*base).cast_unchecked();
        // A decorator call puts its one argument in the receiver's place: nothing about it is known.
        let has_self = (*base.add(1) != 0) as usize;
        func::call_builtin(th, b, slice(base.add(2 - has_self), n + has_self), None)
    }
}

/// The same for a class whose instances are made by its `new` alone.
#[inline(never)]
unsafe fn direct(th: &Thread, t: Gc<TypeObj>, base: *mut u64, n: usize) -> R {
    // SAFETY: as above.
    let args = Args::positional_only(unsafe { slice(base.add(2), n) });
    crate::types::class::call_any(th, t, args)
}

#[inline(always)]
unsafe fn f_ops(f: Gc<FunctionObj>) -> *const OpsObj {
    // SAFETY: a function's code is a code object; its ops field holds threaded code or nothing.
    unsafe {
        let code: Gc<CodeObj> = f.code.get_unchecked().cast_unchecked();
        code.ops.bits() as *const OpsObj
    }
}

/// Push a frame and bind the arguments by the general rules.
#[inline(never)]
unsafe fn push_bound(
    th: &Thread,
    f: Gc<FunctionObj>,
    sp: *mut u64,
    ret: *mut u64,
    all: &[Value],
    names: Option<Gc<TupleObj>>,
    flags: u64,
) -> R<(Gc<OpsObj>, *mut u64)> {
    let args = Named { all, names };
    let args = Args::of(&args);
    // SAFETY: `sp` is the VM stack's top; the frame becomes current only when it is complete.
    unsafe {
        let code: Gc<CodeObj> = f.code.get_unchecked().cast_unchecked();
        let ops = super::ops_of(th, code)?;
        let new = super::push_frame(th, f, ops, sp, ret, flags)?;
        let n = ops.locals();
        if f.simple_argc.bits() == ((args.all().len() as u64) << 1 | 1) && args.kw_len() == 0 {
            super::copy_words(new, args.all().as_ptr() as *const u64, args.all().len());
            super::zero_words(new.add(args.all().len()), n - args.all().len());
        } else {
            super::zero_words(new, n);
            th.mutator.vm_top.set(new.add(n));
            let r = bind_arguments(th, f, code, new, args);
            th.mutator.vm_top.set(sp);
            r?;
        }
        th.fp.set(new);
        Ok((ops, new))
    }
}

/// `f(*args, **keywords)`.
pub fn call_unpacked(th: &Thread, f: Value, args: Value, keywords: Option<Value>) -> R {
    let (list, names) = unpacked(th, f, args, keywords)?;
    call::call_args(
        th,
        f,
        Args::of(&Named {
            all: list::items(list),
            names,
        }),
    )
}

/// All arguments, and the names of the last of them.
#[inline(never)]
fn unpacked(
    th: &Thread,
    f: Value,
    args: Value,
    keywords: Option<Value>,
) -> R<(Gc<ListObj>, Option<Gc<TupleObj>>)> {
    let list = list::from_slice(th, star_args(th, f, args)?.items())?;
    let Some(kw) = keywords else {
        return Ok((list, None));
    };
    let d = kwargs_dict(th, f, kw)?;
    if dict::len(d) == 0 {
        return Ok((list, None));
    }
    let names = list::new(th)?;
    let mut i = 0;
    while let Some((k, v)) = dict::next(d, &mut i) {
        if k.kind() != kinds::STR {
            return Err(error::type_error(th, "keywords must be strings"));
        }
        list::push(th, list, v)?;
        list::push(th, names, k)?;
    }
    Ok((list, Some(tuple::new(th, list::items(names))?)))
}

#[inline(never)]
fn star_args(th: &Thread, f: Value, v: Value) -> R<Gc<TupleObj>> {
    if v.shape() == C::Tuple.shape() {
        return Ok(expect(v));
    }
    if v.kind() != kinds::LIST && !crate::ops::iter::is_iterable(v) {
        let name = call::callable_name(th, f)?;
        return Err(error::type_error(
            th,
            &format!(
                "{name} argument after * must be an iterable, not {}",
                class::type_name(v)
            ),
        ));
    }
    crate::ops::iter::to_tuple(th, v)
}

#[inline(never)]
fn kwargs_dict(th: &Thread, f: Value, v: Value) -> R<Gc<DictObj>> {
    if let Some(d) = v.cast::<DictObj>() {
        return Ok(d);
    }
    let d = dict::new_dict(th)?;
    let r = crate::types::dict::merge_mapping(th, d, v);
    if r.is_err() && error::matches(th, C::AttributeError) {
        th.take();
        let name = call::callable_name(th, f)?;
        return Err(error::type_error(
            th,
            &format!(
                "{name} argument after ** must be a mapping, not {}",
                class::type_name(v)
            ),
        ));
    }
    r?;
    Ok(d)
}

/// The positional arguments of a CALL_FUNCTION_EX as a tuple, in their place.
///
/// # Safety
/// `sp` is the top of its operand stack.
pub(super) unsafe fn ex_positional(th: &Thread, sp: *mut u64) -> R<Gc<TupleObj>> {
    // SAFETY: the caller's promise.
    unsafe {
        let pos = star_args(th, val(*sp.sub(4)), val(*sp.sub(2)))?;
        *sp.sub(2) = pos.value().bits();
        Ok(pos)
    }
}

/// Its arguments and the names of those that have one; both are kept on the operand stack.
///
/// # Safety
/// As above.
pub(super) unsafe fn ex_arguments(
    th: &Thread,
    sp: *mut u64,
) -> R<(Gc<ListObj>, Option<Gc<TupleObj>>)> {
    // SAFETY: the caller's promise.
    unsafe {
        let keywords = Value::from_bits(*sp.sub(1));
        let (list, names) = unpacked(th, val(*sp.sub(4)), val(*sp.sub(2)), keywords)?;
        *sp.sub(3) = list.value().bits();
        *sp.sub(1) = names.map_or(0, |n| n.value().bits());
        Ok((list, names))
    }
}

/// Function's name for argument errors.
fn qualname(f: Gc<FunctionObj>) -> String {
    f.qualname
        .get()
        .and_then(|v| v.cast::<StrObj>())
        .map(|s| s.to_rust().into_owned())
        .unwrap_or_default()
}

/// Bind arguments into the locals of a new frame, by Python's rules.
///
/// # Safety
/// `locals` has room for all the code's locals, which are 0.
pub unsafe fn bind_arguments(
    th: &Thread,
    f: Gc<FunctionObj>,
    code: Gc<CodeObj>,
    locals: *mut u64,
    args: Args,
) -> R<()> {
    let argc = code.argcount.get() as usize;
    let kwonly = code.kwonly.get() as usize;
    let posonly = code.posonly.get() as usize;
    let flags = code.flags.get() as u32;
    let total = argc + kwonly;
    // SAFETY: indices stay below the code's number of locals.
    let local = |i: usize| unsafe { &mut *locals.add(i) };
    let pos = args.pos();
    let n = pos.len().min(argc);
    for (i, v) in pos[..n].iter().enumerate() {
        *local(i) = v.bits();
    }
    let mut extra = total;
    if flags & CodeFlags::VARARGS != 0 {
        let rest = tuple::new(th, &pos[n..])?;
        *local(extra) = rest.value().bits();
        extra += 1;
    }
    let kwdict = if flags & CodeFlags::VARKEYWORDS != 0 {
        let d = dict::new_dict(th)?;
        *local(extra) = d.value().bits();
        Some(d)
    } else {
        None
    };
    let names: Gc<TupleObj> = expect(code.locals.get().unwrap_or(Value::NONE));
    for (k, v) in args.kw() {
        let Some(ks) = k.cast::<StrObj>() else {
            return Err(error::type_error(
                th,
                &format!("{}() keywords must be strings", qualname(f)),
            ));
        };
        let found = (posonly..total)
            .find(|&i| names.items()[i] == k)
            .or_else(|| {
                (posonly..total).find(|&i| {
                    names.items()[i]
                        .cast::<StrObj>()
                        .is_some_and(|s| s.equals(&ks))
                })
            });
        match found {
            Some(i) => {
                if *local(i) != 0 {
                    return Err(error::type_error(
                        th,
                        &format!(
                            "{}() got multiple values for argument '{}'",
                            qualname(f),
                            ks.to_rust()
                        ),
                    ));
                }
                *local(i) = v.bits();
            }
            None => match kwdict {
                Some(d) => dict::set(th, d, k, v)?,
                None => return Err(unexpected_keyword(th, f, names, posonly, total, args, ks)),
            },
        }
    }
    if pos.len() > argc && flags & CodeFlags::VARARGS == 0 {
        let given_kwonly = (argc..total).filter(|&i| *local(i) != 0).count();
        return Err(too_many(th, f, argc, pos.len(), given_kwonly));
    }
    if pos.len() < argc {
        let defaults = f.defaults.get().and_then(|d| d.cast::<TupleObj>());
        let nd = defaults.map_or(0, |d| d.len());
        let first = argc - nd.min(argc);
        let missing: Vec<usize> = (pos.len()..first).filter(|&i| *local(i) == 0).collect();
        if !missing.is_empty() {
            return Err(missing_args(th, f, names, &missing, "positional"));
        }
        if let Some(d) = defaults {
            for i in pos.len().max(first)..argc {
                if *local(i) == 0 {
                    *local(i) = d.items()[i - first].bits();
                }
            }
        }
    }
    if kwonly > 0 {
        let kd = f.kwdefaults.get().and_then(|d| d.cast::<DictObj>());
        let mut missing = Vec::new();
        for i in argc..total {
            if *local(i) != 0 {
                continue;
            }
            let d = match kd {
                Some(kd) => dict::get(th, kd, names.items()[i])?,
                None => None,
            };
            match d {
                Some(v) => *local(i) = v.bits(),
                None => missing.push(i),
            }
        }
        if !missing.is_empty() {
            return Err(missing_args(th, f, names, &missing, "keyword-only"));
        }
    }
    Ok(())
}

fn unexpected_keyword(
    th: &Thread,
    f: Gc<FunctionObj>,
    names: Gc<TupleObj>,
    posonly: usize,
    total: usize,
    args: Args,
    k: Gc<StrObj>,
) -> crate::thread::Raised {
    let text = |i: usize| {
        names.items()[i]
            .cast::<StrObj>()
            .map(|s| s.to_rust().into_owned())
            .unwrap_or_default()
    };
    let clash: Vec<String> = (0..posonly)
        .map(text)
        .filter(|n| {
            args.kw()
                .any(|(k, _)| k.cast::<StrObj>().is_some_and(|s| s.eq_str(n)))
        })
        .collect();
    if !clash.is_empty() {
        return error::type_error(
            th,
            &format!(
                "{}() got some positional-only arguments passed as keyword arguments: '{}'",
                qualname(f),
                clash.join(", ")
            ),
        );
    }
    let candidates: Vec<String> = (posonly..total).map(text).collect();
    let name = k.to_rust().into_owned();
    let hint = match crate::suggest::closest(&name, candidates.iter().map(|s| s.as_str())) {
        Some(s) => format!(". Did you mean '{s}'?"),
        None => String::new(),
    };
    error::type_error(
        th,
        &format!(
            "{}() got an unexpected keyword argument '{name}'{hint}",
            qualname(f)
        ),
    )
}

fn too_many(
    th: &Thread,
    f: Gc<FunctionObj>,
    argc: usize,
    given: usize,
    given_kwonly: usize,
) -> crate::thread::Raised {
    let nd = f
        .defaults
        .get()
        .and_then(|d| d.cast::<TupleObj>())
        .map_or(0, |d| d.len());
    let plural = argc != 1 || nd > 0;
    let sig = if nd > 0 {
        format!("from {} to {argc}", argc.saturating_sub(nd))
    } else {
        argc.to_string()
    };
    let kwtext = if given_kwonly > 0 {
        format!(
            " positional argument{} (and {given_kwonly} keyword-only argument{})",
            if given != 1 { "s" } else { "" },
            if given_kwonly != 1 { "s" } else { "" }
        )
    } else {
        String::new()
    };
    error::type_error(
        th,
        &format!(
            "{}() takes {sig} positional argument{} but {given}{kwtext} {} given",
            qualname(f),
            if plural { "s" } else { "" },
            if given == 1 && given_kwonly == 0 {
                "was"
            } else {
                "were"
            },
        ),
    )
}

fn missing_args(
    th: &Thread,
    f: Gc<FunctionObj>,
    names: Gc<TupleObj>,
    missing: &[usize],
    what: &str,
) -> crate::thread::Raised {
    let n: Vec<String> = missing
        .iter()
        .map(|&i| {
            format!(
                "'{}'",
                names.items()[i]
                    .cast::<StrObj>()
                    .map(|s| s.to_rust().into_owned())
                    .unwrap_or_default()
            )
        })
        .collect();
    let text = match n.as_slice() {
        [a] => a.clone(),
        [a, b] => format!("{a} and {b}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
        [] => String::new(),
    };
    error::type_error(
        th,
        &format!(
            "{}() missing {} required {what} argument{}: {text}",
            qualname(f),
            n.len(),
            if n.len() == 1 { "" } else { "s" }
        ),
    )
}
