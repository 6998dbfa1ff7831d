//! Moving values: locals, constants, cells, the operand stack.

use super::val;
use crate::classes::C;
use crate::error;
use crate::names::{N, nm};
use crate::object::*;
use crate::{check, next, raised, save};
use habu_heap::Value;

crate::handlers! {
    load_fast(ip, sp, fp, th) {
        *sp = *fp.add((*ip).arg as usize);
        next!(ip.add(1), sp.add(1), fp, th)
    }

    /// Two locals: `arg` is first | second << 32.
    load_fast_2(ip, sp, fp, th) {
        let a = (*ip).arg;
        *sp = *fp.add(a as u32 as usize);
        *sp.add(1) = *fp.add((a >> 32) as usize);
        next!(ip.add(1), sp.add(2), fp, th)
    }

    load_fast_check(ip, sp, fp, th) {
        let w = *fp.add((*ip).arg as usize);
        if w == 0 {
            return unbound_local(ip, sp, fp, th);
        }
        *sp = w;
        next!(ip.add(1), sp.add(1), fp, th)
    }

    #[inline(never)]
    unbound_local(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let f = super::frame::Frame(fp);
        let names: Gc<TupleObj> = crate::thread::expect(f.code().locals.get().unwrap_or(Value::NONE));
        let name = names.items()[(*ip).arg as usize];
        let text = format!(
            "cannot access local variable '{}' where it is not associated with a value",
            crate::thread::expect::<StrObj>(name).to_rust()
        );
        error::name_error(th, C::UnboundLocalError, &text, name);
        raised!(ip, sp, fp, th)
    }

    load_fast_and_clear(ip, sp, fp, th) {
        let p = fp.add((*ip).arg as usize);
        *sp = *p;
        *p = 0;
        next!(ip.add(1), sp.add(1), fp, th)
    }

    store_fast(ip, sp, fp, th) {
        *fp.add((*ip).arg as usize) = *sp.sub(1);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    store_fast_2(ip, sp, fp, th) {
        let a = (*ip).arg;
        *fp.add(a as u32 as usize) = *sp.sub(1);
        *fp.add((a >> 32) as usize) = *sp.sub(2);
        next!(ip.add(1), sp.sub(2), fp, th)
    }

    /// Copy a local to another: `arg` is source | target << 32.
    move_local(ip, sp, fp, th) {
        let a = (*ip).arg;
        *fp.add((a >> 32) as usize) = *fp.add(a as u32 as usize);
        next!(ip.add(1), sp, fp, th)
    }

    delete_fast(ip, sp, fp, th) {
        let p = fp.add((*ip).arg as usize);
        if *p == 0 {
            return unbound_local(ip, sp, fp, th);
        }
        *p = 0;
        next!(ip.add(1), sp, fp, th)
    }

    load_const(ip, sp, fp, th) {
        *sp = (*ip).arg;
        next!(ip.add(1), sp.add(1), fp, th)
    }

    pop_top(ip, sp, fp, th) { next!(ip.add(1), sp.sub(1), fp, th) }

    push_null(ip, sp, fp, th) {
        *sp = 0;
        next!(ip.add(1), sp.add(1), fp, th)
    }

    copy(ip, sp, fp, th) {
        *sp = *sp.sub((*ip).arg as usize);
        next!(ip.add(1), sp.add(1), fp, th)
    }

    swap(ip, sp, fp, th) {
        std::ptr::swap(sp.sub(1), sp.sub((*ip).arg as usize));
        next!(ip.add(1), sp, fp, th)
    }

    make_cell(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let p = fp.add((*ip).arg as usize);
        let c = check!(crate::types::function::new_cell(th, Value::from_bits(*p)), ip, sp, fp, th);
        *p = c.value().bits();
        next!(ip.add(1), sp, fp, th)
    }

    copy_free_vars(ip, sp, fp, th) {
        let f = super::frame::Frame(fp);
        let n = (*ip).arg as usize;
        let closure: Gc<TupleObj> = crate::thread::expect(f.func().closure.get().unwrap_or(Value::NONE));
        let at = f.code().nlocalsplus.get() as usize - n;
        for i in 0..n {
            *fp.add(at + i) = closure.slot(i).bits();
        }
        next!(ip.add(1), sp, fp, th)
    }

    load_deref(ip, sp, fp, th) {
        let c: Gc<CellObj> = val(*fp.add((*ip).arg as usize)).cast_unchecked();
        let w = c.value.bits();
        if w == 0 {
            return unbound_cell(ip, sp, fp, th);
        }
        *sp = w;
        next!(ip.add(1), sp.add(1), fp, th)
    }

    store_deref(ip, sp, fp, th) {
        let c: Gc<CellObj> = val(*fp.add((*ip).arg as usize)).cast_unchecked();
        th.set(c, &c.value, Some(val(*sp.sub(1))));
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    delete_deref(ip, sp, fp, th) {
        let c: Gc<CellObj> = val(*fp.add((*ip).arg as usize)).cast_unchecked();
        if c.value.bits() == 0 {
            return unbound_cell(ip, sp, fp, th);
        }
        c.value.init(None);
        next!(ip.add(1), sp, fp, th)
    }

    #[inline(never)]
    unbound_cell(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        super::names::raise_unbound_cell(th, super::frame::Frame(fp), (*ip).arg as usize);
        raised!(ip, sp, fp, th)
    }

    load_build_class(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let b = super::frame::Frame(fp).func().builtins.get().unwrap_or(Value::NONE);
        let found = match b.cast::<DictObj>() {
            Some(d) => crate::core::dict::get_name(d, nm(N::BuildClass)),
            None => None,
        };
        match found {
            Some(f) => {
                *sp = f.bits();
                next!(ip.add(1), sp.add(1), fp, th)
            }
            None => {
                error::name_error(th, C::NameError, "__build_class__ not found", nm(N::BuildClass));
                raised!(ip, sp, fp, th)
            }
        }
    }
}
