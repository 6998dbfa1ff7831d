//! `_bisect` and `_heapq`: searching sorted lists and keeping heaps in lists.
//!
//! What must hold: a comparison may change the list, so positions are checked against its length after each.

use habu_runtime::classes::C;
use habu_runtime::core::{class, list, parse};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call, compare};
use habu_runtime::spec::{Args, MethodDef, m1, m2, mk};
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::value::Value;

struct Search {
    list: Value,
    x: Value,
    /// Where it belongs.
    at: i64,
}
fn search(th: &Thread, a: Args, func: &'static str, right: bool, insert: bool) -> R<Search> {
    let p = parse::Params {
        func,
        names: ["a", "x", "lo", "hi", "key"],
        pos_only: 0,
        required: 2,
        max_pos: 4,
    };
    let [l, x, lo, hi, key] = parse::parse(th, a, &p)?;
    let (l, x) = (l.unwrap_or(Value::NONE), x.unwrap_or(Value::NONE));
    let key = key.filter(|k| !k.is_none());
    let lo = lo.map_or(Ok(0), |v| parse::as_isize(th, v))?;
    if lo < 0 {
        return Err(error::value_error(th, "lo must be non-negative"));
    }
    let (mut lo, mut hi) = match hi.filter(|h| !h.is_none()) {
        Some(h) => (lo, parse::as_isize(th, h)?),
        None => (lo, ops::length(th, l)? as i64),
    };
    let sought = match key {
        Some(k) if insert => call::call(th, k, &[x])?,
        _ => x,
    };
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        let item = ops::subscr::get(th, l, Value::small_int(mid))?;
        let item = match key {
            Some(k) => call::call(th, k, &[item])?,
            None => item,
        };
        let left_of = match right {
            true => compare::less(th, sought, item)?,
            false => !compare::less(th, item, sought)?,
        };
        if left_of {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    Ok(Search { list: l, x, at: lo })
}
fn insort(th: &Thread, a: Args, func: &'static str, right: bool) -> R {
    let s = search(th, a, func, right, true)?;
    match s
        .list
        .cast::<ListObj>()
        .filter(|_| class::is_exact(s.list, C::List))
    {
        Some(l) => list::insert(th, l, (s.at as usize).min(list::len(l)), s.x)?,
        None => {
            call::method_named(th, s.list, "insert", &[Value::small_int(s.at), s.x])?;
        }
    }
    Ok(Value::NONE)
}
fn bisect_right(th: &Thread, a: Args) -> R {
    Ok(Value::small_int(
        search(th, a, "bisect_right", true, false)?.at,
    ))
}
fn bisect_left(th: &Thread, a: Args) -> R {
    Ok(Value::small_int(
        search(th, a, "bisect_left", false, false)?.at,
    ))
}
fn insort_right(th: &Thread, a: Args) -> R {
    insort(th, a, "insort_right", true)
}
fn insort_left(th: &Thread, a: Args) -> R {
    insort(th, a, "insort_left", false)
}
static BISECT: [MethodDef; 6] = [
    mk("bisect_right", bisect_right).sig("($module, /, a, x, lo=0, hi=None, *, key=None)"),
    mk("bisect", bisect_right).sig("($module, /, a, x, lo=0, hi=None, *, key=None)"),
    mk("bisect_left", bisect_left).sig("($module, /, a, x, lo=0, hi=None, *, key=None)"),
    mk("insort_right", insort_right).sig("($module, /, a, x, lo=0, hi=None, *, key=None)"),
    mk("insort", insort_right).sig("($module, /, a, x, lo=0, hi=None, *, key=None)"),
    mk("insort_left", insort_left).sig("($module, /, a, x, lo=0, hi=None, *, key=None)"),
];
pub fn bisect(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_bisect", &BISECT)
}

/// A heap in a list, smallest first, or largest first.
struct Heap {
    list: Gc<ListObj>,
    max: bool,
}
fn changed(th: &Thread) -> Raised {
    error::raise(th, C::RuntimeError, "list changed size during iteration")
}
impl Heap {
    fn of(th: &Thread, v: Value, max: bool, func: &str) -> R<Heap> {
        match v.cast::<ListObj>() {
            Some(list) => Ok(Heap { list, max }),
            None => {
                let text = format!(
                    "{func}() argument must be list, not {}",
                    class::type_name(v)
                );
                Err(error::type_error(th, &text))
            }
        }
    }
    fn len(&self) -> usize {
        list::len(self.list)
    }
    fn get(&self, th: &Thread, i: usize) -> R {
        list::get(self.list, i)
            .ok_or_else(|| error::raise(th, C::IndexError, "list index out of range"))
    }
    fn put(&self, th: &Thread, i: usize, v: Value) {
        list::set(th, self.list, i, v);
    }
    /// Does `a` come out before `b`?
    fn before(&self, th: &Thread, a: Value, b: Value) -> R<bool> {
        let n = self.len();
        let r = match self.max {
            false => compare::less(th, a, b)?,
            true => compare::less(th, b, a)?,
        };
        if self.len() != n {
            return Err(changed(th));
        }
        Ok(r)
    }
    /// Move the item at `at` towards `top` until its parent comes before it.
    fn rise(&self, th: &Thread, top: usize, mut at: usize) -> R<()> {
        while at > top {
            let up = (at - 1) / 2;
            let (x, parent) = (self.get(th, at)?, self.get(th, up)?);
            if !self.before(th, x, parent)? {
                break;
            }
            let (x, parent) = (self.get(th, at)?, self.get(th, up)?);
            self.put(th, at, parent);
            self.put(th, up, x);
            at = up;
        }
        Ok(())
    }
    /// Let the item at `top` sink to a leaf, then rise: cheaper than comparing it all the way down.
    fn sink(&self, th: &Thread, top: usize) -> R<()> {
        let n = self.len();
        let mut at = top;
        while 2 * at + 1 < n {
            let mut child = 2 * at + 1;
            if child + 1 < n {
                let (a, b) = (self.get(th, child)?, self.get(th, child + 1)?);
                child += !self.before(th, a, b)? as usize;
            }
            let (x, c) = (self.get(th, at)?, self.get(th, child)?);
            self.put(th, at, c);
            self.put(th, child, x);
            at = child;
        }
        self.rise(th, top, at)
    }
}
fn push(th: &Thread, v: Value, x: Value, max: bool, func: &str) -> R {
    let h = Heap::of(th, v, max, func)?;
    list::push(th, h.list, x)?;
    h.rise(th, 0, h.len() - 1)?;
    Ok(Value::NONE)
}
fn pop(th: &Thread, v: Value, max: bool, func: &str) -> R {
    let h = Heap::of(th, v, max, func)?;
    let Some(last) = list::pop(h.list) else {
        return Err(error::raise(th, C::IndexError, "index out of range"));
    };
    if h.len() == 0 {
        return Ok(last);
    }
    let first = h.get(th, 0)?;
    h.put(th, 0, last);
    h.sink(th, 0)?;
    Ok(first)
}
fn replace(th: &Thread, v: Value, x: Value, max: bool, func: &str) -> R {
    let h = Heap::of(th, v, max, func)?;
    if h.len() == 0 {
        return Err(error::raise(th, C::IndexError, "index out of range"));
    }
    let first = h.get(th, 0)?;
    h.put(th, 0, x);
    h.sink(th, 0)?;
    Ok(first)
}
fn pushpop(th: &Thread, v: Value, x: Value, max: bool, func: &str) -> R {
    let h = Heap::of(th, v, max, func)?;
    if h.len() == 0 {
        return Ok(x);
    }
    let first = h.get(th, 0)?;
    if !h.before(th, first, x)? {
        return Ok(x);
    }
    replace(th, v, x, max, func)
}
fn make(th: &Thread, v: Value, max: bool, func: &str) -> R {
    let h = Heap::of(th, v, max, func)?;
    for i in (0..h.len() / 2).rev() {
        h.sink(th, i)?;
    }
    Ok(Value::NONE)
}
static HEAPQ: [MethodDef; 10] = [
    m2("heappush", |th, h, x| push(th, h, x, false, "heappush")).sig("($module, heap, item, /)"),
    m1("heappop", |th, h| pop(th, h, false, "heappop")).sig("($module, heap, /)"),
    m2("heapreplace", |th, h, x| {
        replace(th, h, x, false, "heapreplace")
    })
    .sig("($module, heap, item, /)"),
    m2("heappushpop", |th, h, x| {
        pushpop(th, h, x, false, "heappushpop")
    })
    .sig("($module, heap, item, /)"),
    m1("heapify", |th, h| make(th, h, false, "heapify")).sig("($module, heap, /)"),
    m2("heappush_max", |th, h, x| {
        push(th, h, x, true, "heappush_max")
    })
    .sig("($module, heap, item, /)"),
    m1("heappop_max", |th, h| pop(th, h, true, "heappop_max")).sig("($module, heap, /)"),
    m2("heapreplace_max", |th, h, x| {
        replace(th, h, x, true, "heapreplace_max")
    })
    .sig("($module, heap, item, /)"),
    m2("heappushpop_max", |th, h, x| {
        pushpop(th, h, x, true, "heappushpop_max")
    })
    .sig("($module, heap, item, /)"),
    m1("heapify_max", |th, h| make(th, h, true, "heapify_max")).sig("($module, heap, /)"),
];
pub fn heapq(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_heapq", &HEAPQ)
}
