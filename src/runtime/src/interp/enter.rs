//! Entering Python code from native code.

use super::frame::{self, Frame, flag};
use super::{Op, OpsObj};
use crate::classes::C;
use crate::core::dict;
use crate::error;
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Raised, Thread, expect};
use habu_heap::Value;

/// The threaded code of a code object, made on first use.
#[inline(always)]
pub fn ops_of(th: &Thread, code: Gc<CodeObj>) -> R<Gc<OpsObj>> {
    match code.ops.get() {
        // SAFETY: the field holds threaded code only.
        Some(o) => Ok(unsafe { o.cast_unchecked() }),
        None => super::translate::translate(th, code),
    }
}

/// Dispatch until the entry frame is left.
///
/// # Safety
/// `ip`, `sp`, `fp` belong to the running frame, which has `flag::ENTRY`.
pub unsafe fn run(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64) -> R {
    #[cfg(habu_threaded)]
    // SAFETY: the caller's promise.
    let r = unsafe { ((*ip).handler())(ip, sp, fp, th) };
    #[cfg(not(habu_threaded))]
    // SAFETY: the caller's promise.
    let r = unsafe { dispatch(th, ((*ip).handler())(ip, sp, fp, th)) };
    Value::from_bits(r).ok_or(Raised)
}

/// The trampoline: go on with what the last handler left there until one leaves nothing.
///
/// # Safety
/// `r` is the last handler's result.
#[cfg(not(habu_threaded))]
pub unsafe fn dispatch(th: &Thread, mut r: u64) -> u64 {
    loop {
        let [ip, sp, fp] = th.trampoline.take();
        if ip == 0 {
            return r;
        }
        let ip = ip as *mut Op;
        // SAFETY: handlers leave a valid state.
        r = unsafe { ((*ip).handler())(ip, sp as *mut u64, fp as *mut u64, th) };
    }
}

/// First free word of the VM stack.
#[inline(always)]
pub fn stack_top(th: &Thread) -> *mut u64 {
    th.mutator.vm_top.get()
}

/// Begin a frame at `sp` for `func`; locals are empty. The caller fills in arguments, then sets `th.fp`.
///
/// # Safety
/// `sp` is the top of the VM stack.
#[inline(always)]
pub unsafe fn push_frame(
    th: &Thread,
    func: Gc<FunctionObj>,
    ops: Gc<OpsObj>,
    sp: *mut u64,
    ret_sp: *mut u64,
    flags: u64,
) -> R<*mut u64> {
    // SAFETY: the words written lie between `sp` and the limit that is checked first.
    unsafe {
        let fp = sp.add(frame::HEADER);
        if fp.add(ops.frame_words() + 8) > th.vm_limit.get() {
            return Err(error::recursion(th));
        }
        let prev = th.fp.get();
        let depth = if prev.is_null() {
            0
        } else {
            Frame(prev).depth()
        } + flag::DEPTH;
        if depth > th.depth_limit.get() {
            return Err(error::recursion(th));
        }
        *fp.offset(frame::PREV) = prev as u64 | 1;
        *fp.offset(frame::IP) = ops.start() as u64 | 1;
        *fp.offset(frame::RET_SP) = ret_sp as u64 | 1;
        *fp.offset(frame::FLAGS) = depth | flags | flag::TAG;
        *fp.offset(frame::EXTRA) = 0;
        *fp.offset(frame::FUNC) = func.value().bits();
        Ok(fp)
    }
}

/// Write zero words without becoming a call of memset.
///
/// # Safety
/// `n` words from `p` are ours.
#[inline(always)]
pub unsafe fn zero_words(p: *mut u64, n: usize) {
    for i in 0..n {
        // SAFETY: the caller's promise.
        unsafe { p.add(i).write_volatile(0) }
    }
}

/// # Safety
/// `n` words from `src` are readable, from `dst` writable.
#[inline(always)]
pub unsafe fn copy_words(dst: *mut u64, src: *const u64, n: usize) {
    for i in 0..n {
        // SAFETY: the caller's promise.
        unsafe { dst.add(i).write_volatile(*src.add(i)) }
    }
}

/// So many arguments and other locals are copied and cleared whether they are there or not: a frame's limit leaves
/// room for as many more.
pub const FEW_ARGUMENTS: usize = 3;
pub const FEW_LOCALS: usize = 4;

/// The arguments of a call, from the operand stack to the frame that goes on top of it. Word by word: they were
/// stored as words just now, and a wider load would wait for those stores.
///
/// # Safety
/// `src` is at most `FEW_ARGUMENTS` words below the operand stack's top; `dst` is the locals of a frame right above
/// it, whose limit has been checked.
#[inline(always)]
pub unsafe fn copy_few(dst: *mut u64, src: *const u64) {
    for i in 0..FEW_ARGUMENTS {
        // SAFETY: what is beyond the arguments are words of the VM stack that nobody uses; the frame's header lies
        // between the two places.
        unsafe { dst.add(i).write_volatile(src.add(i).read_volatile()) }
    }
}

/// The other locals, at most `FEW_LOCALS`.
///
/// # Safety
/// `p` is within a frame whose limit has been checked.
#[inline(always)]
pub unsafe fn zero_few(p: *mut u64) {
    // SAFETY: behind the locals is the operand stack, which is empty.
    unsafe { *(p as *mut [u64; FEW_LOCALS]) = [0; FEW_LOCALS] }
}

/// Call a Python function.
pub fn call_function(th: &Thread, func: Gc<FunctionObj>, args: Args) -> R {
    th.check_native_stack()?;
    // SAFETY: a function's code is a code object.
    let code: Gc<CodeObj> = unsafe { func.code.get_unchecked().cast_unchecked() };
    let ops = ops_of(th, code)?;
    let sp = stack_top(th);
    let plain = func.simple_argc.get() == Some(Value::small_int(args.all().len() as i64))
        && args.kw_len() == 0;
    if plain && super::tier::is_compiled(code) {
        // SAFETY: `sp` is the VM stack's top.
        return unsafe { call_compiled(th, func, code, ops, sp, args.all()) };
    }
    if args.kw_len() == 0
        && super::tier::is_compiled(code)
        && let Some((all, n)) = with_defaults(func, code, args.all())
    {
        // SAFETY: as above.
        return unsafe { call_compiled(th, func, code, ops, sp, &all[..n]) };
    }
    // SAFETY: `sp` is the VM stack's top; the frame is completed before anything can look at it.
    unsafe {
        let fp = push_frame(th, func, ops, sp, sp, flag::ENTRY)?;
        let n = ops.locals();
        if plain {
            copy_words(fp, args.all().as_ptr() as *const u64, args.all().len());
            zero_words(fp.add(args.all().len()), n - args.all().len());
        } else {
            zero_words(fp, n);
            th.mutator.vm_top.set(fp.add(n));
            let bound = super::calls::bind_arguments(th, func, code, fp, args);
            th.mutator.vm_top.set(sp);
            bound?;
        }
        start(th, ops, fp)
    }
}

/// So many parameters are filled in by `with_defaults`.
const FILLED: usize = 8;

/// Positional arguments, the last of which are left to defaults.
#[inline]
fn with_defaults(
    func: Gc<FunctionObj>,
    code: Gc<CodeObj>,
    args: &[Value],
) -> Option<([Value; FILLED], usize)> {
    use habu_bytecode::CodeFlags as F;
    let argc = code.argcount.get() as usize;
    let collects = code.flags.get() as u32 & (F::VARARGS | F::VARKEYWORDS) != 0;
    if collects || code.kwonly.get() != 0 || argc > FILLED || args.len() >= argc {
        return None;
    }
    let defaults: Gc<TupleObj> = func.defaults.get()?.cast()?;
    let defaults = defaults.items();
    let from = defaults.len().checked_sub(argc - args.len())?;
    let mut all = [Value::NONE; FILLED];
    all[..args.len()].copy_from_slice(args);
    all[args.len()..argc].copy_from_slice(&defaults[from..]);
    Some((all, argc))
}

/// Call native code as native code does: arguments stand in the frame, the other locals are its own affair.
///
/// # Safety
/// `sp` is the top of the VM stack; the code is compiled and takes just these arguments.
unsafe fn call_compiled(
    th: &Thread,
    func: Gc<FunctionObj>,
    code: Gc<CodeObj>,
    ops: Gc<OpsObj>,
    sp: *mut u64,
    args: &[Value],
) -> R {
    // SAFETY: the frame is complete before native code begins.
    unsafe {
        let prev = th.fp.get();
        let fp = push_frame(th, func, ops, sp, sp, flag::ENTRY | flag::NATIVE)?;
        copy_words(fp, args.as_ptr() as *const u64, args.len());
        th.fp.set(fp);
        let entry: super::tier::Entry = std::mem::transmute(code.entry.get() as usize);
        let r = entry(th, fp);
        th.fp.set(prev);
        th.mutator.vm_top.set(sp);
        super::tier::given(th, r)
    }
}

/// Run a complete frame.
///
/// # Safety
/// `fp` was made by `push_frame` with `flag::ENTRY` and its locals are set.
unsafe fn start(th: &Thread, ops: Gc<OpsObj>, fp: *mut u64) -> R {
    // SAFETY: the caller's promise.
    unsafe {
        th.fp.set(fp);
        let sp = fp.add(ops.locals());
        th.mutator.vm_top.set(sp);
        run(th, ops.start(), sp, fp)
    }
}

/// Run a code object with these globals and namespace (modules, exec, class bodies).
pub fn run_code(
    th: &Thread,
    code: Gc<CodeObj>,
    globals: Gc<DictObj>,
    namespace: Option<Value>,
    closure: Option<Value>,
) -> R {
    th.check_native_stack()?;
    let func = crate::types::function::new_function(th, code, globals)?;
    if let Some(c) = closure {
        th.set(func, &func.closure, Some(c));
    }
    run_in_namespace(th, func, namespace)
}

/// Run a function without arguments over a namespace.
pub fn run_in_namespace(th: &Thread, func: Gc<FunctionObj>, namespace: Option<Value>) -> R {
    th.check_native_stack()?;
    // SAFETY: as in `call_function`.
    unsafe {
        let code: Gc<CodeObj> = func.code.get_unchecked().cast_unchecked();
        let ops = ops_of(th, code)?;
        let sp = stack_top(th);
        let fp = push_frame(th, func, ops, sp, sp, flag::ENTRY)?;
        zero_words(fp, ops.locals());
        *fp.offset(frame::EXTRA) = namespace.map_or(0, Value::bits);
        start(th, ops, fp)
    }
}

/// The exception being handled, looking through generators that handle none themselves.
pub fn current_handled(th: &Thread) -> Option<Value> {
    if let Some(e) = th.handled.get() {
        return Some(e);
    }
    let mut f = frame::current(th);
    while let Some(x) = f {
        if let Some(g) = x.generator()
            && let Some(e) = g.caller_handled.get()
        {
            return Some(e);
        }
        f = x.prev();
    }
    None
}

pub fn current_frame(th: &Thread) -> Option<Frame> {
    frame::current(th)
}

pub fn current_globals(th: &Thread) -> Option<Gc<DictObj>> {
    frame::current(th).map(|f| f.globals())
}

/// Value of a name in the running frame's builtins.
pub fn builtin_named(th: &Thread, name: &str) -> R {
    let d: Gc<DictObj> = match crate::runtime::rt().builtins_dict.get() {
        Some(d) => expect(d),
        None => return Err(error::raise(th, C::RuntimeError, "lost builtins")),
    };
    match dict::get_text(th, d, name)? {
        Some(v) => Ok(v),
        None => Err(error::raise(
            th,
            C::NameError,
            &format!("name '{name}' is not defined"),
        )),
    }
}
