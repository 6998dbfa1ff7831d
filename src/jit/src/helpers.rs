//! What compiled code calls: one table of functions, by number.
//!
//! What must hold: a helper takes and gives machine words and keeps the runtime's convention: 0 says that an
//! exception is pending. Helpers marked `python` may run Python code: compiled code makes its frame presentable
//! before them and forgets what it knew about the heap after them.

use habu_bytecode::opcode::function_attribute as fa;
use habu_heap::{Header, Slot, Value};
use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, dict, func, list, string, tuple};
use habu_runtime::error;
use habu_runtime::interp::attrs;
use habu_runtime::interp::frame::Frame;
use habu_runtime::interp::tier::came_back;
use habu_runtime::interp::{Op, build, calls, control, gens, loops, matching, names, unwind};
use habu_runtime::kinds;
use habu_runtime::object::*;
use habu_runtime::ops::{self, binary, call, compare, format, iter, plain, repr, subscr};
use habu_runtime::spec::{Args, Named};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types;
use habu_runtime::types::iters::Item;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Nothing more to iterate over.
pub const EXHAUSTED: u64 = 8;

fn val(w: u64) -> Value {
    match Value::from_bits(w) {
        Some(v) => v,
        None => unreachable!("an empty word where a value was expected"),
    }
}

fn word(r: R) -> u64 {
    r.map_or(0, Value::bits)
}

fn done(r: R<()>) -> u64 {
    r.map_or(0, |_| Value::NONE.bits())
}

fn item(r: R<Option<Value>>) -> u64 {
    r.map_or(0, |v| v.map_or(EXHAUSTED, Value::bits))
}

fn told(r: Option<bool>) -> u64 {
    r.map_or(0, |b| Value::bool(b).bits())
}

fn truth(r: R<bool>) -> u64 {
    r.map_or(0, |b| Value::bool(b).bits())
}

fn gc<T>(w: u64) -> Gc<T> {
    // SAFETY: compiled code hands over words whose layout it has checked, or that the bytecode guarantees.
    unsafe { val(w).cast_unchecked() }
}

/// `n` values at `base`.
fn slice<'a>(base: u64, n: u64) -> &'a [Value] {
    // SAFETY: compiled code wrote the words just before.
    unsafe { std::slice::from_raw_parts(base as *const Value, n as usize) }
}

/// A function of `math`: its name, and what it computes.
pub type FloatFunction = (&'static str, fn(f64) -> f64);

/// Functions of `math` on floats, as the module computes them where the result is finite.
pub static FLOAT_FUNCTIONS: &[FloatFunction] = &[
    ("sin", f64::sin),
    ("cos", f64::cos),
    ("tan", f64::tan),
    ("asin", f64::asin),
    ("acos", f64::acos),
    ("atan", f64::atan),
    ("exp", f64::exp),
    ("log", f64::ln),
    ("log2", f64::log2),
    ("log10", f64::log10),
    ("sinh", f64::sinh),
    ("cosh", f64::cosh),
    ("tanh", f64::tanh),
    ("fabs", f64::abs),
];

macro_rules! helpers {
    ($($(#[$m:meta])* $name:ident($th:ident $(, $a:ident)*) $python:literal $body:block)*) => {
        pub mod id {
            #![allow(non_upper_case_globals, non_camel_case_types)]
            #[repr(u16)]
            #[derive(Clone, Copy)]
            enum All { $($name),* }
            $(pub const $name: u16 = All::$name as u16;)*
        }
        mod body {
            use super::*;
            $($(#[$m])* pub extern "C" fn $name($th: &Thread $(, $a: u64)*) -> u64 $body)*
        }
        pub static TABLE: &[Helper] = &[
            $(Helper {
                name: stringify!($name),
                address: body::$name as *const (),
                args: <[&str]>::len(&[$(stringify!($a)),*]),
                python: $python,
            }),*
        ];
    };
}

pub struct Helper {
    pub name: &'static str,
    pub address: *const (),
    pub args: usize,
    /// May it run Python code?
    pub python: bool,
}

// SAFETY: addresses of functions.
unsafe impl Sync for Helper {}

helpers! {
    /// One of `FLOAT_FUNCTIONS` of a float; floats come and go as their bits.
    float_function(_th, which, x) false {
        let f = FLOAT_FUNCTIONS.get(which as usize).map_or(f64::NAN, |f| (f.1)(f64::from_bits(x)));
        f.to_bits()
    }
    float_power(_th, x, y) false { f64::from_bits(x).powf(f64::from_bits(y)).to_bits() }
    /// Callable, positional arguments, keywords or nothing.
    call_ex(th, f, args, keywords) true {
        came_back(th, word(calls::call_unpacked(th, val(f), val(args), Value::from_bits(keywords))))
    }
    /// Raise `a`, from `b` if that is not empty.
    raise(th, a, b) true {
        let _ = types::exceptions::do_raise(th, val(a), Value::from_bits(b));
        0
    }
    /// Take the pending exception, which op `at` of the frame's code has raised, for a handler. 0: the interpreter does it.
    catch(th, fp, at) false { unwind::catch(th, Frame(fp as *mut u64), at as usize).map_or(0, Value::bits) }
    /// The exception is being handled now; what was until now, or None.
    push_handled(th, e) false {
        let before = th.handled.get().unwrap_or(Value::NONE);
        th.handled.init(Some(val(e)));
        before.bits()
    }
    pop_handled(th, before) false {
        th.handled.init(Some(val(before)).filter(|e| !e.is_none()));
        Value::NONE.bits()
    }
    matches_handler(th, e, classes) true {
        word(types::exceptions::matches_handler(th, val(e), val(classes)).map(Value::bool))
    }
    intrinsic_1(th, fp, which, v) true {
        word(matching::intrinsic_1(th, Frame(fp as *mut u64), which as u32, val(v)))
    }
    dict_update(th, d, v) true { done(build::update(th, gc(d), val(v))) }
    dict_merge(th, f, d, v) true { done(types::dict::merge_keywords(th, val(f), gc(d), val(v))) }
    /// `counts` as in the bytecode; writes the items to `dest`, the last one first.
    unpack_ex(th, v, counts, dest) true {
        let (before, after) = ((counts & 0xff) as usize, (counts >> 8) as usize);
        // SAFETY: as many words of the operand stack.
        done(unsafe { build::unpack_rest(th, val(v), before, after, dest as *mut u64) })
    }
    /// Writes the special method and its receiver (or nothing) to `dest`.
    load_special(th, which, o, dest) true {
        // SAFETY: two words of the operand stack.
        done(unsafe { control::special_method(th, which as u32, val(o), dest as *mut u64) })
    }
    import_name(th, fp, name, from, level) true {
        let f = Frame(fp as *mut u64);
        word(habu_runtime::import::import_name(th, f, val(name), val(from), val(level)))
    }
    import_from(th, m, name) true { word(habu_runtime::import::import_from(th, val(m), val(name))) }
    delete_attr(th, v, name) true { done(attr::set(th, val(v), val(name), None)) }

    /// `op` is the operator, with 64 added for in-place.
    binary(th, op, a, b) true {
        let (op, inplace, a, b) = (op as u32 & 63, op & 64 != 0, val(a), val(b));
        if let Some(r) = types::int::bitwise(th, op, a, b) {
            return word(r);
        }
        if !inplace
            && types::set::is_exact(a)
            && types::set::is_exact(b)
            && let Some(r) = types::set::operator(th, op, a, b)
        {
            return word(r);
        }
        let mut seen = 0u8;
        // SAFETY: `seen` is writable.
        word(unsafe { binary::dispatch(th, op, inplace, a, b, &mut seen) })
    }
    /// The Python function that does it, or None.
    python_operator(th, op, a, b) false {
        let _ = th;
        binary::python_operator(op as u32 & 63, op & 64 != 0, val(a), val(b))
            .map_or(Value::NONE, |f| f.value())
            .bits()
    }
    after_left(th, op, a, b) true {
        word(binary::after_left(th, op as u32 & 63, op & 64 != 0, val(a), val(b)))
    }
    compare(th, op, a, b) true { word(compare::rich(th, val(a), val(b), op as u32)) }
    compare_truth(th, op, a, b) true {
        let (x, y) = (val(a), val(b));
        if types::set::is_exact(x) && types::set::is_exact(y) {
            return truth(types::set::holds(th, x, y, op as u32));
        }
        truth(compare::rich_bool(th, x, y, op as u32))
    }
    truth_of(th, a) true { truth(ops::truth(th, val(a))) }
    negative(th, a) true { word(binary::negative(th, val(a))) }
    invert(th, a) true { word(binary::invert(th, val(a))) }
    contains(th, c, x) true { truth(ops::contains(th, val(c), val(x))) }

    int_text(th, i) false { word(types::int::to_text(th, val(i))) }
    /// Of two of exactly class str.
    concat(th, a, b) false { word(string::concat(th, gc(a), gc(b)).map(|s| s.value())) }

    // The plain ones run no Python code and give 0 where it takes more than that.
    plain_binary(th, op, a, b) false {
        plain::binary(th, op as u32 & 63, op & 64 != 0, val(a), val(b)).map_or(0, Value::bits)
    }
    plain_holds(th, op, a, b) false { told(plain::holds(th, op as u32, val(a), val(b))) }
    plain_truth(th, a) false { told(plain::truth(th, val(a))) }
    plain_contains(th, c, x) false { told(plain::contains(th, val(c), val(x))) }
    plain_length(_th, v) false { plain::length(val(v)).map_or(0, |n| Value::small_int(n as i64).bits()) }
    plain_subscript(th, c, k) false { plain::subscript(th, val(c), val(k)).map_or(0, Value::bits) }
    plain_slice(th, c, a, b, step) false {
        plain::slice(th, val(c), val(a), val(b), val(step)).map_or(0, Value::bits)
    }
    plain_store_slice(th, l, a, b, v) false {
        plain::store_slice(th, val(l), val(a), val(b), val(v)).map_or(0, |_| Value::NONE.bits())
    }
    plain_copy_slice(th, c, start, stop, step, l, from, to) false {
        let parts = [val(start), val(stop), val(step)];
        plain::copy_slice(th, val(c), parts, val(l), [val(from), val(to)])
            .map_or(0, |_| Value::NONE.bits())
    }
    plain_store_joined(th, l, from, to, c0, a0, b0, c1, a1, b1, c2, a2, b2) false {
        let parts = [[c0, a0, b0], [c1, a1, b1], [c2, a2, b2]].map(|p| p.map(val));
        plain::store_joined(th, val(l), [val(from), val(to)], parts)
            .map_or(0, |_| Value::NONE.bits())
    }
    plain_turn(th, l, last) false {
        plain::turn(th, gc(l), last as i64).map_or(0, |_| Value::NONE.bits())
    }
    /// `last` gets the shape of an instance of that very class.
    plain_instance(_th, v, c, last) false {
        let (v, c) = (val(v), val(c));
        // Its very class is not asked what it thinks.
        if class::of(v).value() == c {
            if v.is_ptr() {
                // SAFETY: a word that compiled code has for this.
                unsafe { &*(last as *const AtomicU64) }.store(v.shape() as u64, Relaxed);
            }
            return Value::TRUE.bits();
        }
        told(plain::is_instance(v, c))
    }

    plain_pop(th, l, i) false { plain::pop(th, gc(l), val(i)).map_or(0, Value::bits) }
    plain_insert(th, l, i, v) false {
        plain::insert(th, gc(l), val(i), val(v)).map_or(0, |_| Value::NONE.bits())
    }
    plain_get(th, d, k, other) false {
        plain::get(th, gc(d), val(k)).map_or(0, |v| v.map_or(other, Value::bits))
    }
    /// The same, or `EXHAUSTED`.
    plain_find(th, d, k) false {
        plain::get(th, gc(d), val(k)).map_or(0, |v| v.map_or(EXHAUSTED, Value::bits))
    }
    /// The next item of an iterator that runs no Python code, or `EXHAUSTED`, as the next time, too.
    plain_next(th, it) false {
        plain::next(th, val(it)).map_or(0, |v| v.map_or(EXHAUSTED, Value::bits))
    }
    plain_with_items(th, s, base, n) false {
        plain::with_items(th, val(s), slice(base, n)).map_or(0, Value::bits)
    }
    plain_add(th, s, v) false { plain::add(th, gc(s), val(v)).map_or(0, |_| Value::NONE.bits()) }

    get_attr(th, v, name) true { word(attr::get(th, val(v), val(name))) }
    native_attr(th, getter, v) true { word((gc::<GetSetObj>(getter).def().get)(th, val(v))) }
    class_exchange(th, t, name, x) false {
        attr::exchange_in_class(th, gc(t), val(name), val(x)) as u64
    }
    set_attr(th, v, name, x) true { done(attr::set(th, val(v), val(name), Some(val(x)))) }
    /// Writes function and receiver (or the attribute and nothing) to `dest`.
    load_method(th, v, name, dest) true {
        let (v, name) = (val(v), val(name));
        let r = match attrs::find_method(th, v, name) {
            Ok(Some(f)) => Ok((f, v.bits())),
            Ok(None) => attr::get(th, v, name).map(|a| (a, 0)),
            Err(e) => Err(e),
        };
        match r {
            Ok((f, this)) => {
                // SAFETY: two words of the operand stack.
                unsafe {
                    *(dest as *mut u64) = f.bits();
                    *(dest as *mut u64).add(1) = this;
                }
                Value::NONE.bits()
            }
            Err(_) => 0,
        }
    }
    load_global(th, fp, name) true {
        word(names::global(th, Frame(fp as *mut u64).func(), val(name)))
    }
    store_global(th, fp, name, v) true {
        done(dict::set_name(th, Frame(fp as *mut u64).globals(), val(name), val(v)))
    }
    /// The same by the namespace, which is a dict: that runs no Python code.
    store_entry(th, d, name, v) false { done(dict::set_name(th, gc(d), val(name), val(v))) }
    load_name(th, fp, name) true {
        let f = Frame(fp as *mut u64);
        word(names::named(th, f, val(name)))
    }
    store_name(th, fp, name, v) true {
        match Frame(fp as *mut u64).namespace() {
            Some(ns) => done(names::store_in(th, ns, val(name), val(v))),
            None => { error::raise(th, C::SystemError, "no locals"); 0 }
        }
    }

    subscript(th, c, k) true { word(subscr::get(th, val(c), val(k))) }
    /// Code point `i` of a str that has it.
    str_code(_th, s, i) false { gc::<StrObj>(s).at(i as usize) as u64 }
    wide_char(th, code) false { word(string::char_str(th, code as u32).map(|c| c.value())) }
    /// Two of exactly class str.
    same_text(_th, op, a, b) false {
        told(compare::strings(val(a), val(b), op as u32))
    }
    set_subscript(th, c, k, v) true { came_back(th, done(subscr::set(th, val(c), val(k), val(v)))) }
    delete_subscript(th, c, k) true { word(subscr::delete(th, val(c), val(k))) }
    slice_of(th, c, a, b) true { word(subscr::get_slice(th, val(c), val(a), val(b))) }
    store_slice(th, c, a, b, v) true {
        match types::slice::new(th, val(a), val(b), Value::NONE) {
            Ok(s) => done(subscr::set(th, val(c), s, val(v))),
            Err(_) => 0,
        }
    }
    get_iter(th, v) true {
        match iter::get(th, val(v)) {
            Ok(it) => { loops::mark_private(val(v), it); it.bits() }
            Err(_) => 0,
        }
    }
    next_item(th, it) true {
        let v = val(it);
        if v.kind() == kinds::DICT_ITER
            && let Some(k) = types::dictviews::next_key(gc(it))
        {
            return k.bits();
        }
        item(iter::next(th, v))
    }
    length(th, v) true { ops::length(th, val(v)).map_or(0, |n| Value::small_int(n as i64).bits()) }

    build_tuple(th, base, n) false { word(tuple::new(th, slice(base, n)).map(|t| t.value())) }
    build_list(th, base, n) false { word(list::from_slice(th, slice(base, n)).map(|l| l.value())) }
    /// An empty list with room for `n` items, or for some of many.
    list_for(th, n) false { word(list::with_capacity(th, n.min(1024) as usize).map(|l| l.value())) }
    /// Room for `n` more items, or for some of many.
    list_reserve(th, l, n) false { done(list::reserve(th, gc(l), n.min(1024) as usize)) }
    set_reserve(th, s, n) false { done(dict::reserve(th, gc(s), n.min(64) as usize)) }
    new_set(th) false { word(dict::new_set(th).map(|s| s.value())) }
    /// A small int, a text or a tuple of such; 0: it is something else.
    plain_set_add(th, s, v) false {
        match dict::set_add_plain(th, gc(s), val(v)) {
            Some(Ok(())) => Value::NONE.bits(),
            Some(Err(_)) => { th.take(); 0 }
            None => 0,
        }
    }
    /// A sum of floats with what rounding has lost of it.
    float_total(_th, sum, lost) false {
        habu_runtime::modules::builtins::total(f64::from_bits(sum), f64::from_bits(lost)).to_bits()
    }
    build_set(th, base, n) true {
        let r = (|| {
            let s = dict::new_set(th)?;
            for &v in slice(base, n) {
                dict::set_add(th, s.value(), v)?;
            }
            Ok(s.value())
        })();
        word(r)
    }
    build_map(th, base, n) true {
        let r = (|| {
            let d = dict::new_dict_sized(th, n as usize)?;
            for kv in slice(base, 2 * n).chunks_exact(2) {
                dict::set(th, d, kv[0], kv[1])?;
            }
            Ok(d.value())
        })();
        word(r)
    }
    build_slice(th, a, b, c) false { word(types::slice::new(th, val(a), val(b), val(c))) }
    build_string(th, base, n) false { word(build::joined(th, slice(base, n))) }
    /// An instance of a class derived from list.
    empty_list(th, class) false { word(types::list::alloc(th, gc(class)).map(|l| l.value())) }
    list_append(th, l, v) false { done(list::push(th, gc(l), val(v))) }
    list_extend(th, l, v) true {
        if !iter::is_iterable(val(v)) {
            let text = format!("Value after * must be an iterable, not {}", class::type_name(val(v)));
            error::type_error(th, &text);
            return 0;
        }
        done(iter::extend_list(th, gc(l), val(v)))
    }
    set_add(th, s, v) true { done(dict::set_add(th, val(s), val(v)).map(drop)) }
    set_update(th, s, v) true { done(types::set::update(th, val(s), val(v)).map(drop)) }
    map_add(th, d, k, v) true { done(dict::set(th, gc(d), val(k), val(v))) }

    /// The operand stack of a CALL: callable, receiver or nothing, `n` arguments.
    call(th, base, n) true {
        let w = slice(base + 8, 1)[0..].as_ptr() as *const u64;
        // SAFETY: the receiver's word.
        let has_self = unsafe { *w != 0 } as u64;
        let f = slice(base, 1)[0];
        came_back(th, word(call::call(th, f, slice(base + 16 - 8 * has_self, n + has_self))))
    }
    call_keywords(th, base, n, names) true {
        // SAFETY: the receiver's word.
        let has_self = unsafe { *((base + 8) as *const u64) != 0 } as u64;
        let f = slice(base, 1)[0];
        let named = Named { all: slice(base + 16 - 8 * has_self, n + has_self), names: Some(gc(names)) };
        let args = Args::of(&named);
        came_back(th, word(call::call_args(th, f, args)))
    }
    /// A native function without receiver of its own: `n` arguments at `base`.
    call_native(th, f, base, n) true {
        came_back(th, word(func::call_builtin(th, gc(f), slice(base, n), None)))
    }
    /// The same for functions that run no Python code.
    call_leaf(th, f, base, n) false { word(func::call_builtin(th, gc(f), slice(base, n), None)) }
    init_result(th, r) false {
        let text = format!("__init__() should return None, not '{}'", class::type_name(val(r)));
        error::type_error(th, &text);
        0
    }

    /// The bits of a float that has no word of its own.
    box_float(th, bits) false { word(types::float::new(th, f64::from_bits(bits))) }
    /// `false`: it is called on a path of its own, and only logs.
    barrier(th, owner, slot) false {
        // SAFETY: a live object and a slot of it.
        unsafe { th.mutator.barrier_slot(owner as *mut Header, slot as *const Slot) };
        Value::NONE.bits()
    }
    allocate(th, header, bytes) false {
        match th.mutator.alloc(header, bytes as usize) {
            Some(p) => p.as_ptr() as u64,
            None => { error::out_of_memory(th); 0 }
        }
    }
    make_cell(th, v) false { word(types::function::new_cell(th, Value::from_bits(v)).map(|c| c.value())) }
    /// A function of this code with the globals of the function `me`.
    make_function(th, me, code) false {
        word(types::function::new_like(th, gc(code), gc(me)).map(|f| f.value()))
    }
    set_function_attribute(th, which, f, v) false {
        let (f, v): (Gc<FunctionObj>, _) = (gc(f), Some(val(v)));
        match which as u32 {
            fa::DEFAULTS => th.set(f, &f.defaults, v),
            fa::KWDEFAULTS => th.set(f, &f.kwdefaults, v),
            fa::ANNOTATIONS => th.set(f, &f.annotations, v),
            fa::CLOSURE => th.set(f, &f.closure, v),
            _ => th.set(f, &f.annotate, v),
        }
        f.value().bits()
    }
    /// Writes the items to `dest`, the last one first.
    unpack(th, v, n, dest) true {
        // SAFETY: `n` words of the operand stack.
        done(unsafe { build::unpack_value(th, val(v), dest as *mut u64, n as usize) })
    }
    format_simple(th, v) true { word(format::format(th, val(v), string::empty().value())) }
    format_with_spec(th, v, spec) true { word(format::format(th, val(v), val(spec))) }
    convert(th, how, v) true {
        word(match how {
            1 => repr::str(th, val(v)),
            2 => repr::repr(th, val(v)),
            _ => repr::ascii(th, val(v)),
        })
    }
    /// `super().name`: stack words at `base`; writes the attribute and its receiver there. `arg` as in the bytecode.
    super_attr(th, name, arg, base) true {
        // SAFETY: three words of the operand stack.
        done(unsafe { attrs::super_attr_at(th, val(name), arg & 1 != 0, arg & 2 != 0, base as *mut u64).map(drop) })
    }
    /// The next item, for a loop that unpacks it into two: True and both at `dest`, or False and the item there.
    /// The two parts of the next item, or that there is none.
    plain_pair(th, it, dest) false {
        match types::iters::plain_pair(th, val(it)) {
            Some(Some((a, b))) => {
                // SAFETY: two words of the operand stack.
                unsafe {
                    *(dest as *mut u64) = a.bits();
                    *(dest as *mut u64).add(1) = b.bits();
                }
                Value::TRUE.bits()
            }
            Some(None) => EXHAUSTED,
            None => 0,
        }
    }
    next_pair(th, it, dest) true {
        let put = |i: usize, v: Value| {
            // SAFETY: two words of the operand stack.
            unsafe { *(dest as *mut u64).add(i) = v.bits() }
        };
        match types::iters::next_unpacked(th, val(it)) {
            Ok(Some(Item::Pair(a, b))) => {
                put(0, a);
                put(1, b);
                Value::TRUE.bits()
            }
            Ok(Some(Item::One(v))) => {
                put(0, v);
                Value::FALSE.bits()
            }
            Ok(None) => EXHAUSTED,
            Err(_) => 0,
        }
    }
    /// All further items go to the list.
    append_rest(th, l, it) true {
        done(iter::extend_rest(th, gc(l), &iter::Items::of(val(it))))
    }
    /// The next item, or the next one of which it is not plain that it is true (or false).
    next_unlike(th, it, truth) true {
        let like = |v| plain::truth(th, v) == Some(truth != 0);
        item(iter::Items::of(val(it)).next_refused(th, &mut { like }))
    }
    /// The next item of what is mostly a generator.
    next_generated(th, it) true {
        let v = val(it);
        if v.shape() == C::Generator.shape() && gens::can_resume_inline(gc(it)) {
            let g: Gc<GeneratorObj> = gc(it);
            if let Some(r) = gens::run_in_place(th, g, Value::NONE) {
                return match r {
                    Ok(_) if g.state.bits() == gens::CLOSED => EXHAUSTED,
                    Ok(v) => v.bits(),
                    Err(_) => 0,
                };
            }
            return match gens::resume(th, gc(it), Value::NONE, None) {
                Ok(gens::Sent::Yield(v)) => v.bits(),
                Ok(gens::Sent::Return(_)) => EXHAUSTED,
                Err(_) => 0,
            };
        }
        item(iter::next(th, v))
    }
    /// What the receiver yields (True) or returns (False) goes to `dest`.
    send(th, r, v, dest) true {
        let (x, yielded) = match gens::send_value(th, val(r), val(v)) {
            Ok(gens::Sent::Yield(x)) => (x, true),
            Ok(gens::Sent::Return(x)) => (x, false),
            Err(_) => return 0,
        };
        // SAFETY: a word of the operand stack.
        unsafe { *(dest as *mut u64) = x.bits() };
        Value::bool(yielded).bits()
    }
    /// What `yield from v` iterates over, in a generator that is no coroutine.
    yield_from_iter(th, v) true {
        let v = val(v);
        if v.shape() == C::Coroutine.shape() {
            error::type_error(th, "cannot 'yield from' a coroutine object in a non-coroutine generator");
            return 0;
        }
        if v.shape() == C::Generator.shape() {
            return v.bits();
        }
        word(iter::get(th, v))
    }
    /// Offer an item to who takes them: not 0 where it was taken.
    take_item(_th, sink, v) false {
        // SAFETY: the word is the running generator's.
        unsafe { gens::offer(sink, val(v)) as u64 }
    }
    /// `yield v` of the generator with this frame, whose first `words` words are complete.
    yield_value(th, fp, op, words, v) false {
        // SAFETY: compiled code's own frame.
        unsafe { gens::suspend_compiled(th, fp as *mut u64, op as *mut Op, words as usize) };
        v
    }
    /// `return v` of a generator.
    end_generator(th, fp, v) false {
        // SAFETY: as above.
        unsafe { gens::finish_compiled(th, fp as *mut u64) };
        v
    }
    /// The same where the generator runs on its saved words.
    end_in_place(th, words, v) false {
        // SAFETY: compiled code's own words.
        unsafe { gens::end_in_place(th, words as *mut u64) };
        v
    }
}

/// A helper's number by name, for the text form.
pub fn name(id: u16) -> &'static str {
    TABLE.get(id as usize).map_or("?", |h| h.name)
}
