//! Calls: of known Python functions (inlined where `inline` says so), of instances, of classes, of native
//! functions, and of anything else.

use super::Builder;
use crate::helpers::id;
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::core::{class, shape};
use habu_runtime::interp::frame::flag;
use habu_runtime::kinds;
use habu_runtime::names::N;
use habu_runtime::object::*;
use habu_runtime::types;
use std::mem::offset_of;

impl Builder<'_> {
    /// `CALL` with `n` arguments; the next instruction to build.
    pub fn call_op(&mut self, i: usize, n: usize) -> usize {
        let at = self.stack_slot(n + 2);
        if let Some(next) = self.generator_taken(i, n, at) {
            return next;
        }
        if self.chosen_call(i, n, at) {
            return i + 1;
        }
        if let Some(next) = self.known_call(i, n, &[], at) {
            return next;
        }
        let made = self.instance_call(i, at);
        match made.or_else(|| self.bound_call(i, n, at)) {
            Some(_) if self.done => {}
            Some(r) => {
                self.drop_n(n + 2);
                self.push(r);
            }
            None => self.unknown_call(n, at),
        }
        i + 1
    }

    /// An instance whose class has a Python function for its calls.
    fn instance_call(&mut self, i: usize, at: usize) -> Option<V> {
        let shape = self.cx.unit.called_instance(i)?;
        let (Held::Value(callee), Held::Empty) = (self.env.slots[at], self.env.slots[at + 1])
        else {
            return None;
        };
        if self.bad(Why::Shape) || self.bad(Why::Class) || self.constant_of(callee).is_some() {
            return None;
        }
        let f = self.python_special(shape, N::Call)?;
        let t = class_of_shape(shape)?;
        let mut args = vec![callee];
        args.extend(self.given(at)?);
        Bound::new(f, f.code.get()?.cast()?, args.len(), &[])?;
        args[0] = self.guard_shape(callee, shape);
        self.same_specials(t);
        self.call_function(f, args, &[], at, 0)
    }

    /// A method of a built-in class bound to one of its instances, as `append = out.append` keeps one.
    fn bound_call(&mut self, i: usize, n: usize, at: usize) -> Option<V> {
        let word = self.cx.unit.called_bound(i)?;
        // SAFETY: the call's cache has it from a builtin function.
        let (def, shape) = unsafe { habu_runtime::core::func::defined(word) };
        let owner = class_of_shape(shape)?;
        let (Held::Value(callee), Held::Empty) = (self.env.slots[at], self.env.slots[at + 1])
        else {
            return None;
        };
        let guessed_wrong = [Why::Shape, Why::Same, Why::Kind]
            .iter()
            .any(|&w| self.bad(w));
        if guessed_wrong || self.constant_of(callee).is_some() || !Self::has_form(def.name, n) {
            return None;
        }
        let f = self.guard_shape(callee, habu_runtime::classes::C::Builtin.shape());
        let offset = offset_of!(BuiltinObj, def) as i32;
        let now = self.def(Inst::LoadFixed(f, offset, Ty::RAW), Ty::RAW);
        let then = self.raw(word as i64);
        let same = self.def(Inst::RawCmp(Cmp::Eq, now, then), Ty::BOOL);
        self.guard_true(same, Why::Same);
        let offset = offset_of!(BuiltinObj, this) as i32;
        let this = self.def(Inst::LoadFixed(f, offset, Ty::OBJECT), Ty::OBJECT);
        let mut args = vec![self.guard_shape(this, shape)];
        args.extend(self.given(at)?);
        self.method(owner, def.name, &args)
    }

    /// The callee is one of a few functions, as paths that met have brought it: a path for each again.
    fn chosen_call(&mut self, i: usize, n: usize, at: usize) -> bool {
        let Held::Value(callee) = self.env.slots[at] else {
            return false;
        };
        let Some((words, complete)) = self.choices.get(&callee).cloned() else {
            return false;
        };
        let mut edges = Vec::new();
        let last = words.len() - 1;
        for (k, w) in words.into_iter().enumerate() {
            let f = self.word(w);
            let mut other = None;
            if k < last || !complete {
                let same = self.def(Inst::Same(callee, f), Ty::BOOL);
                let (yes, no) = self.split(same);
                other = Some((no, self.env.clone()));
                self.enter(yes);
            }
            self.env.slots[at] = Held::Value(f);
            if self.known_call(i, n, &[], at).is_none() {
                self.unknown_call(n, at);
            }
            self.edge(&mut edges);
            if let Some((no, env)) = other {
                self.enter(no);
                self.env = env;
            }
        }
        if !complete {
            self.unknown_call(n, at);
            self.edge(&mut edges);
        }
        self.meet_again(edges);
        true
    }

    fn unknown_call(&mut self, n: usize, at: usize) {
        let r = match self.dynamic_call(n, at) {
            Some(r) => r,
            None => self.any_call(n),
        };
        self.drop_n(n + 2);
        self.push(r);
    }

    /// The arguments of the call whose callee stands at `at`, without its receiver.
    fn given(&self, at: usize) -> Option<Vec<V>> {
        let value = |h: &Held| match *h {
            Held::Value(v) => Some(v),
            _ => None,
        };
        self.env.slots[at + 2..].iter().map(value).collect()
    }

    fn any_call(&mut self, n: usize) -> V {
        let base = self.spill(n + 2);
        let count = self.raw(n as i64);
        self.call(id::call, &[base, count])
    }

    /// A callee that is only known when it is called: Python functions that take just these arguments get their frame
    /// here, anything else goes through the runtime.
    fn dynamic_call(&mut self, n: usize, at: usize) -> Option<V> {
        let Held::Value(callee) = self.env.slots[at] else {
            return None;
        };
        let mut args = Vec::with_capacity(n + 1);
        match self.env.slots[at + 1] {
            Held::Empty => {}
            Held::Value(v) if !self.ty(v).may(kind::EMPTY) => args.push(v),
            _ => return None,
        }
        args.extend(self.given(at)?);
        if self.constant_of(callee).is_some()
            || !self.ty(callee).may(kind::OBJECT)
            || ![0, habu_runtime::classes::C::Function.shape()].contains(&self.ty(callee).shape)
        {
            return None;
        }
        let args: Vec<V> = args.iter().map(|&a| self.as_word(a)).collect();
        self.publish();
        let simple = self.def(Inst::TakesExactly(callee, args.len() as u32), Ty::BOOL);
        let (python, other) = self.split(simple);
        self.enter(other);
        let x = self.any_call(n);
        let other = self.cur;
        self.enter(python);
        let y = self.call_unknown(callee, args);
        Some(self.rejoin([(other, x), (self.cur, y)], Ty::ANY))
    }

    /// Call a Python function that is only known when it is called, and takes just these arguments.
    pub fn call_unknown(&mut self, func: V, args: Vec<V>) -> V {
        let call = PythonCall {
            func,
            code: 0,
            room: Some(0),
            levels: 1,
            body: self.cx.body,
            args,
            flags: 0,
            exit: self.raised(),
            deep: self.exit(Why::Deep),
        };
        self.python_call(call)
    }

    fn known_call(&mut self, i: usize, n: usize, names: &[Value], at: usize) -> Option<usize> {
        let Held::Value(c) = self.env.slots[at] else {
            return None;
        };
        let f = Value::from_bits(self.constant_of(c)?)?;
        let this = match self.env.slots[at + 1] {
            Held::Empty => None,
            Held::Value(v) if !self.ty(v).may(kind::EMPTY) => Some(v),
            _ => return None,
        };
        let mut args = Vec::with_capacity(n + 1);
        args.extend(this);
        args.extend(self.given(at)?);
        let (r, next) = match f.kind() {
            kinds::FUNCTION => (self.call_function(f.cast()?, args, names, at, 0)?, i + 1),
            kinds::METHOD if this.is_none() => {
                // It stays bound to what it is bound to.
                let m: Gc<MethodObj> = f.cast()?;
                let bound = self.word(m.this.bits());
                args.insert(0, bound);
                let func = m.func.get()?.cast()?;
                (self.call_function(func, args, names, at, 0)?, i + 1)
            }
            kinds::BUILTIN if names.is_empty() => (
                self.call_builtin(f.cast()?, args, n, this.is_some())?,
                i + 1,
            ),
            kinds::TYPE if this.is_none() => {
                if names.is_empty() && self.is_raised_next(i) && self.raised_quietly(c) {
                    return Some(i + 1);
                }
                if names.is_empty()
                    && let Some(next) = self.range_loop(i, f, &args, at)
                {
                    return Some(next);
                }
                let converted = match names {
                    [] => self.conversion(f, &args),
                    _ => None,
                };
                let r = match converted {
                    Some(v) => v,
                    None => self.call_class(f.cast()?, args, names, at)?,
                };
                (r, i + 1)
            }
            _ => return None,
        };
        if !self.done {
            self.drop_n(n + 2);
            self.push(r);
        }
        Some(next)
    }

    /// Is what this instruction makes raised right away?
    fn is_raised_next(&self, i: usize) -> bool {
        let u = &self.cx.unit;
        let next = u.ins.get(i + 1).filter(|_| !u.is_start[i + 1]);
        next.is_some_and(|x| x.op == habu_bytecode::Op::RAISE_VARARGS && x.arg == 1)
    }

    pub fn call_kw(&mut self, i: usize, n: usize) {
        let names = self.pop_word();
        let known = self.constant_of(names).and_then(Value::from_bits);
        if let Some(t) = known.and_then(|v| v.cast::<TupleObj>()) {
            let at = self.stack_slot(n + 2);
            if self.known_call(i, n, t.items(), at).is_some() {
                return;
            }
        }
        let base = self.spill(n + 2);
        let count = self.raw(n as i64);
        let r = self.call(id::call_keywords, &[base, count, names]);
        self.drop_n(n + 2);
        self.push(r);
    }

    /// The arguments in the order of the parameters, with defaults for those that are missing.
    fn bind(&mut self, f: Gc<FunctionObj>, args: Vec<V>, bound: Bound) -> Vec<V> {
        let mut defaults = None;
        if bound.0.contains(&Source::Default) {
            let now = f.defaults.bits();
            self.f.roots.push(now);
            self.assume(
                f.value(),
                offset_of!(FunctionObj, defaults) as u64,
                Why::Same,
            );
            defaults = f.defaults.get().and_then(|d| d.cast::<TupleObj>());
        }
        let most = bound.0.len();
        let first = most - defaults.map_or(0, |d| d.items().len().min(most));
        let value = |l: &mut Self, (k, s): (usize, Source)| match s {
            Source::Argument(n) => args[n],
            Source::Default => {
                let w = defaults.and_then(|d| d.items().get(k - first).copied());
                l.word(w.map_or(0, Value::bits))
            }
        };
        let parameters: Vec<_> = bound.0.into_iter().enumerate().collect();
        parameters.into_iter().map(|p| value(self, p)).collect()
    }

    /// A Python function with its positional parameters, the last of which may be named or left to defaults. `at`: the frame word that gets the result if the
    /// interpreter has to finish the call. `None`: not such a call.
    pub fn call_function(
        &mut self,
        f: Gc<FunctionObj>,
        args: Vec<V>,
        names: &[Value],
        at: usize,
        flags: u64,
    ) -> Option<V> {
        if self.bad(Why::Same) {
            return None;
        }
        let code: Gc<CodeObj> = f.code.get()?.cast()?;
        let bound = Bound::new(f, code, args.len(), names)?;
        self.f.roots.push(code.value().bits());
        let func = self.word(f.value().bits());
        self.assume(f.value(), offset_of!(FunctionObj, code) as u64, Why::Same);
        let args = self.bind(f, args, bound);
        if let Some(r) = self.try_inline(f, code, &args, at, flags) {
            return Some(r);
        }
        if let Some(r) = self.try_early_return(f, code, &args, (at, flags)) {
            return Some(r);
        }
        Some(self.whole_call(func, code, &args))
    }

    /// Call a known function's code.
    pub fn whole_call(&mut self, func: V, code: Gc<CodeObj>, args: &[V]) -> V {
        let args: Vec<V> = args.iter().map(|&a| self.as_word(a)).collect();
        self.publish();
        let call = PythonCall {
            func,
            code: code.raw() as u64,
            room: Some((code.nlocalsplus.get() + code.stacksize.get()) as u32),
            levels: 1,
            body: self.cx.body,
            args,
            flags: 0,
            exit: self.raised(),
            deep: self.exit(Why::Deep),
        };
        self.python_call(call)
    }

    // ---- classes

    /// An instance of a class whose `__new__` is object's.
    fn call_class(
        &mut self,
        t: Gc<TypeObj>,
        args: Vec<V>,
        names: &[Value],
        at: usize,
    ) -> Option<V> {
        if self.bad(Why::Class) || !types::class::plain_call(t) {
            return None;
        }
        if args.is_empty() && types::list::makes_empty(t) {
            return Some(self.derived_list(t));
        }
        if !types::object::has_plain_new(t) || t.has(habu_runtime::spec::type_flags::FINALIZER) {
            return None;
        }
        let init = class::special(t, N::Init)?;
        let root = shape::root(t);
        if t.inline_hint.get() as usize > root.inline_words()
            && t.has(habu_runtime::spec::type_flags::HAS_DICT)
        {
            // The next instance gets more room: let the interpreter make that one.
            return None;
        }
        let python_init = init.kind() == kinds::FUNCTION;
        let plain_init = init.kind() == kinds::BUILTIN
            && args.is_empty()
            && init.cast::<BuiltinObj>()?.owner()?.spec().kind == kinds::INSTANCE;
        if !python_init && !plain_init {
            return None;
        }
        if python_init {
            let f = init.cast::<FunctionObj>()?;
            Bound::new(f, f.code.get()?.cast()?, args.len() + 1, names)?;
        }
        // The class is what it was: its special methods, and the shape of new instances.
        self.f.roots.push(root.value().bits());
        self.same_specials(t);
        self.assume(
            t.value(),
            offset_of!(TypeObj, root_shape) as u64,
            Why::Class,
        );
        // What `__init__` stores is boxed before the object is there: nothing collects between its making and its stores.
        for &a in args.iter().filter(|_| python_init) {
            if self.ty(a).rep == Rep::F64 {
                self.as_word(a);
            }
        }
        let this = self.new_instance(root, t.instance_kind.get() as u8);
        if plain_init {
            return Some(this);
        }
        let mut all = vec![this];
        all.extend(args);
        // While `__init__` runs, the instance stands where the result goes.
        let old = std::mem::replace(&mut self.env.slots[at], Held::Value(this));
        let r = self.call_function(init.cast()?, all, names, at, flag::INIT);
        if !self.done {
            self.env.slots[at] = old;
        }
        let r = r?;
        if self.done {
            return Some(this);
        }
        let none = self.word(Value::NONE.bits());
        if r != none {
            let r = self.as_word(r);
            let same = self.def(Inst::Same(r, none), Ty::BOOL);
            let (ok, bad) = self.split(same);
            let env = self.env.clone();
            self.enter(bad);
            self.f.blocks[bad.index()].cold = true;
            self.call(id::init_result, &[r]);
            self.leave(Why::NotCompiled);
            self.env = env;
            self.enter(ok);
        }
        Some(this)
    }

    /// An empty instance of a class derived from list.
    fn derived_list(&mut self, t: Gc<TypeObj>) -> V {
        let root = shape::root(t);
        self.same_specials(t);
        let at = offset_of!(TypeObj, root_shape) as u64;
        self.assume(t.value(), at, Why::Class);
        let class = self.word(t.value().bits());
        let l = self.call_as(id::empty_list, &[class], Ty::OBJECT);
        self.env.shapes.insert(l, root.id());
        l
    }

    /// Assume that the class keeps its special methods.
    pub fn same_specials(&mut self, t: Gc<TypeObj>) {
        self.assume(t.value(), offset_of!(TypeObj, specials) as u64, Why::Class);
    }

    /// The Python function that is this special method of objects with the shape, if it is one, and its class.
    pub fn python_special(&self, shape: u32, n: N) -> Option<Gc<FunctionObj>> {
        class::special(class_of_shape(shape)?, n)?.cast()
    }

    fn new_instance(&mut self, root: Gc<ShapeObj>, kind: u8) -> V {
        let words = root.first_word() + root.inline_words();
        let header = habu_heap::Header::word(root.id(), kind, words as u8);
        let x = self.exit(Why::Raised);
        let o = self.def(Inst::Alloc(header, 8 + 8 * words as u32, x), Ty::OBJECT);
        let empty = self.word(0);
        for w in 0..words {
            self.def(Inst::StoreRaw(o, 8 + 8 * w as i32, empty), Ty::NONE);
        }
        self.env.shapes.insert(o, root.id());
        o
    }

    // ---- native functions

    fn call_builtin(
        &mut self,
        b: Gc<BuiltinObj>,
        args: Vec<V>,
        n: usize,
        method: bool,
    ) -> Option<V> {
        if let Some(r) = self.intrinsic(b, &args, method) {
            return Some(r);
        }
        let leaf = self.is_leaf(b, &args, method);
        let count = n + method as usize;
        let base = self.spill(count);
        let f = self.word(b.value().bits());
        let c = self.raw(count as i64);
        if !leaf {
            return Some(self.call(id::call_native, &[f, base, c]));
        }
        let ty = match method && Self::gives_text(b) {
            true => Ty::shape(habu_runtime::classes::C::Str.shape()),
            false => Ty::ANY,
        };
        Some(self.call_as(id::call_leaf, &[f, base, c], ty))
    }
}

/// The class of objects with this shape; it may be gone.
pub fn class_of_shape(shape: u32) -> Option<Gc<TypeObj>> {
    habu_heap::shape_object(shape).map(|p| {
        // SAFETY: the table holds shape objects.
        let s: Gc<ShapeObj> = unsafe { Gc::from_raw(p as *mut ShapeObj) };
        s.class()
    })
}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Argument(usize),
    Default,
}

/// The parameters of a call, each with its source.
struct Bound(Vec<Source>);

impl Bound {
    /// `n` arguments, the last of them with these names; `None` where they do not fit, or it takes more than that.
    fn new(f: Gc<FunctionObj>, code: Gc<CodeObj>, n: usize, names: &[Value]) -> Option<Bound> {
        let most = f.simple_argc.get()?.as_int()?;
        let most = (most < i32::MAX as i64).then_some(most as usize)?;
        if n > most {
            return None;
        }
        let positional = n - names.len();
        let mut all: Vec<Option<Source>> = (0..most)
            .map(|k| (k < positional).then_some(Source::Argument(k)))
            .collect();
        let parameters = code.locals.get()?.cast::<TupleObj>()?;
        let least = code.posonly.get() as usize;
        for (k, name) in names.iter().enumerate() {
            let at = parameters.items()[..most].iter().position(|p| p == name)?;
            if at < least || all[at].is_some() {
                return None;
            }
            all[at] = Some(Source::Argument(positional + k));
        }
        let defaults = f.defaults.get().and_then(|d| d.cast::<TupleObj>());
        let first = most - defaults.map_or(0, |d| d.items().len().min(most));
        let source =
            |(k, s): (usize, Option<Source>)| s.or((k >= first).then_some(Source::Default));
        all.into_iter()
            .enumerate()
            .map(source)
            .collect::<Option<_>>()
            .map(Bound)
    }
}
