//! The combinatoric iterators: combinations, permutations, product.

use super::*;

// ---- combinatorics: pool (tuple or list of tuples), index list, state (0 first, 1 running, 2 done), r
fn indices(th: &Thread, n: usize) -> R<Gc<ListObj>> {
    let l = list::with_capacity(th, n)?;
    for i in 0..n {
        list::push(th, l, Value::small_int(i as i64))?;
    }
    Ok(l)
}
fn idx(l: Gc<ListObj>, i: usize) -> usize {
    item(l, i).as_int().unwrap_or(0) as usize
}
fn set_idx(th: &Thread, l: Gc<ListObj>, i: usize, n: usize) {
    list::set(th, l, i, Value::small_int(n as i64));
}
fn picked(th: &Thread, pool: Gc<TupleObj>, ix: Gc<ListObj>, r: usize) -> R {
    if r == 0 {
        return Ok(tuple::empty().value());
    }
    let out = tuple::alloc(th, r)?;
    for i in 0..r {
        out.slot(i).init(Some(pool.items()[idx(ix, i)]));
    }
    Ok(out.value())
}
fn pool_new(th: &Thread, c: Gc<TypeObj>, a: Args, need_r: bool) -> R<(Value, usize, usize)> {
    let name = c.spec().name;
    let [it, r] = habu_runtime::args!(th, a, "combinations", ["iterable", "r"], 0, 1, 2);
    let pool = iter::to_tuple(th, it.unwrap_or(Value::NONE))?;
    let n = pool.len();
    let r = match r.filter(|r| !r.is_none()) {
        Some(r) => parse::as_isize(th, r)?,
        None if need_r => {
            return Err(error::type_error(
                th,
                &format!("{name}() missing required argument 'r' (pos 2)"),
            ));
        }
        None => n as i64,
    };
    if r < 0 {
        return Err(error::value_error(th, "r must be non-negative"));
    }
    let v = make(th, c)?;
    set(th, v, 0, pool.value());
    set_num(v, 2, 0);
    set_num(v, 3, r);
    Ok((v, n, r as usize))
}
fn combinations_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let (v, n, r) = pool_new(th, c, a, true)?;
    let ix = indices(th, r.min(n))?;
    set(th, v, 1, ix.value());
    if r > n {
        set_num(v, 2, 2);
    }
    Ok(v)
}
fn combinations_next(th: &Thread, v: Value) -> R {
    let (pool, ix, r): (Gc<TupleObj>, _, _) =
        (expect(get(v, 0)), list_of(v, 1), num(v, 3) as usize);
    let n = pool.len();
    match num(v, 2) {
        2 => return Err(stop(th)),
        0 => set_num(v, 2, 1),
        _ => {
            let Some(i) = (0..r).rev().find(|&i| idx(ix, i) != i + n - r) else {
                set_num(v, 2, 2);
                return Err(stop(th));
            };
            let base = idx(ix, i) + 1;
            for j in i..r {
                set_idx(th, ix, j, base + j - i);
            }
        }
    }
    picked(th, pool, ix, r)
}
class!(
    COMBINATIONS,
    COMBINATIONS_M,
    "combinations",
    4,
    combinations_new,
    combinations_next
);

fn cwr_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let (v, n, r) = pool_new(th, c, a, true)?;
    let ix = list::with_capacity(th, r)?;
    for _ in 0..r {
        list::push(th, ix, Value::small_int(0))?;
    }
    set(th, v, 1, ix.value());
    if n == 0 && r > 0 {
        set_num(v, 2, 2);
    }
    Ok(v)
}
fn cwr_next(th: &Thread, v: Value) -> R {
    let (pool, ix, r): (Gc<TupleObj>, _, _) =
        (expect(get(v, 0)), list_of(v, 1), num(v, 3) as usize);
    let n = pool.len();
    match num(v, 2) {
        2 => return Err(stop(th)),
        0 => set_num(v, 2, 1),
        _ => {
            let Some(i) = (0..r).rev().find(|&i| idx(ix, i) != n - 1) else {
                set_num(v, 2, 2);
                return Err(stop(th));
            };
            let x = idx(ix, i) + 1;
            for j in i..r {
                set_idx(th, ix, j, x);
            }
        }
    }
    picked(th, pool, ix, r)
}
class!(
    CWR,
    CWR_M,
    "combinations_with_replacement",
    4,
    cwr_new,
    cwr_next
);

// permutations: the index list holds all n positions, then the r cycles
fn permutations_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let (v, n, r) = pool_new(th, c, a, false)?;
    let ix = indices(th, n)?;
    for i in 0..r.min(n) {
        list::push(th, ix, Value::small_int((n - i) as i64))?;
    }
    set(th, v, 1, ix.value());
    if r > n {
        set_num(v, 2, 2);
    }
    Ok(v)
}
fn permutations_next(th: &Thread, v: Value) -> R {
    let (pool, ix, r): (Gc<TupleObj>, _, _) =
        (expect(get(v, 0)), list_of(v, 1), num(v, 3) as usize);
    let n = pool.len();
    match num(v, 2) {
        2 => return Err(stop(th)),
        0 => set_num(v, 2, 1),
        _ => {
            let mut found = false;
            for i in (0..r).rev() {
                let c = idx(ix, n + i) - 1;
                if c == 0 {
                    let first = idx(ix, i);
                    for j in i..n - 1 {
                        set_idx(th, ix, j, idx(ix, j + 1));
                    }
                    set_idx(th, ix, n - 1, first);
                    set_idx(th, ix, n + i, n - i);
                } else {
                    set_idx(th, ix, n + i, c);
                    let (x, y) = (idx(ix, i), idx(ix, n - c));
                    set_idx(th, ix, i, y);
                    set_idx(th, ix, n - c, x);
                    found = true;
                    break;
                }
            }
            if !found {
                set_num(v, 2, 2);
                return Err(stop(th));
            }
        }
    }
    picked(th, pool, ix, r)
}
class!(
    PERMUTATIONS,
    PERMUTATIONS_M,
    "permutations",
    4,
    permutations_new,
    permutations_next
);

fn product_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let mut repeat = 1;
    for (k, x) in a.kw() {
        if !k.cast::<StrObj>().is_some_and(|s| s.eq_str("repeat")) {
            return Err(error::type_error(
                th,
                "product() got an unexpected keyword argument",
            ));
        }
        repeat = parse::as_isize(th, x)?;
        if repeat < 0 {
            return Err(error::value_error(th, "repeat argument cannot be negative"));
        }
    }
    let once = list::new(th)?;
    for &x in a.pos() {
        list::push(th, once, iter::to_tuple(th, x)?.value())?;
    }
    let pools = list::new(th)?;
    for _ in 0..repeat {
        for &p in list::items(once) {
            list::push(th, pools, p)?;
        }
    }
    let v = make(th, c)?;
    set(th, v, 0, pools.value());
    let ix = list::new(th)?;
    let mut empty = false;
    for i in 0..list::len(pools) {
        empty |= expect::<TupleObj>(item(pools, i)).is_empty();
        list::push(th, ix, Value::small_int(0))?;
    }
    set(th, v, 1, ix.value());
    set_num(v, 2, if empty { 2 } else { 0 });
    Ok(v)
}
fn product_next(th: &Thread, v: Value) -> R {
    let (pools, ix) = (list_of(v, 0), list_of(v, 1));
    let n = list::len(pools);
    match num(v, 2) {
        2 => return Err(stop(th)),
        0 => set_num(v, 2, 1),
        _ => {
            let mut i = n;
            loop {
                if i == 0 {
                    set_num(v, 2, 2);
                    return Err(stop(th));
                }
                i -= 1;
                let k = idx(ix, i) + 1;
                if k < expect::<TupleObj>(item(pools, i)).len() {
                    set_idx(th, ix, i, k);
                    break;
                }
                set_idx(th, ix, i, 0);
            }
        }
    }
    let out = list::with_capacity(th, n)?;
    for i in 0..n {
        list::push(
            th,
            out,
            expect::<TupleObj>(item(pools, i)).items()[idx(ix, i)],
        )?;
    }
    tuple::new_value(th, list::items(out))
}
class!(PRODUCT, PRODUCT_M, "product", 3, product_new, product_next);
