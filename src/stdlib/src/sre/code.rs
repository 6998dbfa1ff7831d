//! What `re._compiler` emits: opcodes, and the check that a list of code words is well formed.
//!
//! What must hold: after `validate`, every skip and jump of the code leads forward to the start of an instruction
//! of the same block, every block ends in its terminator, and every mark and group number is in range. The matcher
//! relies on it and checks nothing again.

macro_rules! ops {
    ($ty:ty; $($name:ident)*) => { ops!(@ $ty; 0; $($name)*); };
    (@ $ty:ty; $n:expr; $name:ident $($rest:ident)*) => {
        #[allow(dead_code)]
        pub const $name: $ty = $n;
        ops!(@ $ty; $n + 1; $($rest)*);
    };
    (@ $ty:ty; $n:expr;) => {};
}

ops! { u32;
    FAILURE SUCCESS ANY ANY_ALL ASSERT ASSERT_NOT AT BRANCH CATEGORY CHARSET BIGCHARSET GROUPREF GROUPREF_EXISTS IN
    INFO JUMP LITERAL MARK MAX_UNTIL MIN_UNTIL NOT_LITERAL NEGATE RANGE REPEAT REPEAT_ONE SUBPATTERN MIN_REPEAT_ONE
    ATOMIC_GROUP POSSESSIVE_REPEAT POSSESSIVE_REPEAT_ONE
    GROUPREF_IGNORE IN_IGNORE LITERAL_IGNORE NOT_LITERAL_IGNORE
    GROUPREF_LOC_IGNORE IN_LOC_IGNORE LITERAL_LOC_IGNORE NOT_LITERAL_LOC_IGNORE
    GROUPREF_UNI_IGNORE IN_UNI_IGNORE LITERAL_UNI_IGNORE NOT_LITERAL_UNI_IGNORE RANGE_UNI_IGNORE
}

pub mod at {
    ops! { u32;
        BEGINNING BEGINNING_LINE BEGINNING_STRING BOUNDARY NON_BOUNDARY END END_LINE END_STRING
        LOC_BOUNDARY LOC_NON_BOUNDARY UNI_BOUNDARY UNI_NON_BOUNDARY COUNT
    }
}

pub mod category {
    ops! { u32;
        DIGIT NOT_DIGIT SPACE NOT_SPACE WORD NOT_WORD LINEBREAK NOT_LINEBREAK LOC_WORD LOC_NOT_WORD
        UNI_DIGIT UNI_NOT_DIGIT UNI_SPACE UNI_NOT_SPACE UNI_WORD UNI_NOT_WORD UNI_LINEBREAK UNI_NOT_LINEBREAK COUNT
    }
}

pub const MAGIC: i64 = 20230612;
pub const MAXREPEAT: u32 = u32::MAX;
pub const MAXGROUPS: i64 = (1 << 30) - 1;

pub const INFO_PREFIX: u32 = 1;
pub const INFO_LITERAL: u32 = 2;
pub const INFO_CHARSET: u32 = 4;

/// Does this instruction match exactly one character?
pub fn is_unit(op: u32) -> bool {
    matches!(
        op,
        FAILURE
            | ANY
            | ANY_ALL
            | CATEGORY
            | IN
            | IN_IGNORE
            | IN_LOC_IGNORE
            | IN_UNI_IGNORE
            | LITERAL
            | NOT_LITERAL
            | LITERAL_IGNORE
            | NOT_LITERAL_IGNORE
            | LITERAL_LOC_IGNORE
            | NOT_LITERAL_LOC_IGNORE
            | LITERAL_UNI_IGNORE
            | NOT_LITERAL_UNI_IGNORE
    )
}

/// Where the sets of `code` start, if it is something that the matcher may run.
pub fn validate(code: &[u32], groups: usize) -> Option<Vec<usize>> {
    let mut sets = Vec::new();
    check(code, groups, &mut sets)?;
    sets.sort_unstable();
    Some(sets)
}

fn check(code: &[u32], groups: usize, sets: &mut Vec<usize>) -> Option<()> {
    let n = code.len();
    if n == 0 || n > u32::MAX as usize / 2 || code[n - 1] != SUCCESS {
        return None;
    }
    let mut first = 0;
    if code[0] == INFO {
        first = info(code, sets)?;
    }
    let mut starts = vec![false; n + 1];
    let mut blocks = vec![(first, n - 1)];
    while let Some((lo, hi)) = blocks.pop() {
        block(code, lo, hi, groups, &mut starts, &mut blocks, sets)?;
    }
    Some(())
}

fn ensure(ok: bool) -> Option<()> {
    ok.then_some(())
}

/// The end of something at `at` that is `skip` long and must not reach beyond `hi`.
fn end_of(at: usize, skip: u32, hi: usize) -> Option<usize> {
    let e = at.checked_add(skip as usize)?;
    (e <= hi && e > at).then_some(e)
}

fn info(code: &[u32], sets: &mut Vec<usize>) -> Option<usize> {
    let n = code.len();
    let end = end_of(1, *code.get(1)?, n - 1)?;
    ensure(end >= 5)?;
    let flags = code[2];
    let mut p = 5;
    if flags & INFO_PREFIX != 0 {
        ensure(end >= 7)?;
        let len = code[5] as usize;
        ensure(len > 0 && code[6] as usize <= len)?;
        ensure(end - 7 == len.checked_mul(2)?)?;
        p = end;
    } else if flags & INFO_CHARSET != 0 {
        charset(code, p, end)?;
        sets.push(p);
        p = end;
    }
    ensure(p == end)?;
    Some(end)
}

fn charset(code: &[u32], lo: usize, end: usize) -> Option<()> {
    ensure(end > lo && code[end - 1] == FAILURE)?;
    let hi = end - 1;
    let mut p = lo;
    while p < hi {
        let op = code[p];
        p += 1;
        p += match op {
            NEGATE => 0,
            LITERAL => 1,
            CATEGORY => {
                ensure(p < hi && code[p] < category::COUNT)?;
                1
            }
            RANGE | RANGE_UNI_IGNORE => 2,
            CHARSET => 8,
            BIGCHARSET => {
                ensure(p + 65 <= hi)?;
                let blocks = code[p];
                ensure(
                    code[p + 1..p + 65]
                        .iter()
                        .all(|w| w.to_ne_bytes().iter().all(|&b| (b as u32) < blocks)),
                )?;
                65 + (blocks as usize).checked_mul(8)?
            }
            _ => return None,
        };
    }
    ensure(p == hi)
}

fn block(
    code: &[u32],
    lo: usize,
    hi: usize,
    groups: usize,
    starts: &mut [bool],
    blocks: &mut Vec<(usize, usize)>,
    sets: &mut Vec<usize>,
) -> Option<()> {
    let mut targets = Vec::new();
    let mut i = lo;
    while i < hi {
        starts[i] = true;
        let op = code[i];
        let p = i + 1;
        let arg = |k: usize| if p + k < hi { Some(code[p + k]) } else { None };
        i = match op {
            FAILURE | SUCCESS | ANY | ANY_ALL => p,
            LITERAL
            | NOT_LITERAL
            | LITERAL_IGNORE
            | NOT_LITERAL_IGNORE
            | LITERAL_LOC_IGNORE
            | NOT_LITERAL_LOC_IGNORE
            | LITERAL_UNI_IGNORE
            | NOT_LITERAL_UNI_IGNORE => {
                arg(0)?;
                p + 1
            }
            AT => {
                ensure(arg(0)? < at::COUNT)?;
                p + 1
            }
            CATEGORY => {
                ensure(arg(0)? < category::COUNT)?;
                p + 1
            }
            MARK => {
                ensure((arg(0)? as usize) < groups * 2)?;
                p + 1
            }
            GROUPREF | GROUPREF_IGNORE | GROUPREF_LOC_IGNORE | GROUPREF_UNI_IGNORE => {
                ensure((arg(0)? as usize) < groups)?;
                p + 1
            }
            JUMP => {
                targets.push(end_of(p, arg(0)?, hi)?);
                p + 1
            }
            GROUPREF_EXISTS => {
                ensure((arg(0)? as usize) < groups)?;
                targets.push(end_of(p, arg(1)?, hi)?);
                p + 2
            }
            IN | IN_IGNORE | IN_LOC_IGNORE | IN_UNI_IGNORE => {
                let e = end_of(p, arg(0)?, hi)?;
                charset(code, p + 1, e)?;
                sets.push(p + 1);
                e
            }
            BRANCH => {
                let mut a = p;
                let mut ends = Vec::new();
                loop {
                    ensure(a < hi)?;
                    if code[a] == 0 {
                        break;
                    }
                    let e = end_of(a, code[a], hi)?;
                    ensure(e >= a + 3 && code[e - 2] == JUMP)?;
                    ends.push(end_of(e - 1, code[e - 1], hi)?);
                    blocks.push((a + 1, e - 2));
                    a = e;
                }
                ensure(!ends.is_empty() && ends.iter().all(|&e| e == a + 1))?;
                a + 1
            }
            REPEAT_ONE | MIN_REPEAT_ONE | POSSESSIVE_REPEAT_ONE => {
                let e = end_of(p, arg(0)?, hi)?;
                ensure(arg(1)? <= arg(2)?)?;
                ensure(e >= p + 5 && code[e - 1] == SUCCESS && is_unit(code[p + 3]))?;
                let len = match code[p + 3] {
                    FAILURE | ANY | ANY_ALL => 1,
                    IN | IN_IGNORE | IN_LOC_IGNORE | IN_UNI_IGNORE => 1 + code[p + 4] as usize,
                    _ => 2,
                };
                ensure(p + 3 + len == e - 1)?;
                blocks.push((p + 3, e - 1));
                e
            }
            REPEAT | POSSESSIVE_REPEAT => {
                let e = end_of(p, arg(0)?, hi)?;
                ensure(arg(1)? <= arg(2)?)?;
                ensure(e >= p + 3 && e < hi)?;
                ensure(match code[e] {
                    MAX_UNTIL | MIN_UNTIL => op == REPEAT,
                    SUCCESS => op == POSSESSIVE_REPEAT,
                    _ => false,
                })?;
                blocks.push((p + 3, e));
                e + 1
            }
            ATOMIC_GROUP => {
                let e = end_of(p, arg(0)?, hi)?;
                ensure(e >= p + 2 && code[e - 1] == SUCCESS)?;
                blocks.push((p + 1, e - 1));
                e
            }
            ASSERT | ASSERT_NOT => {
                let e = end_of(p, arg(0)?, hi)?;
                ensure(e >= p + 3 && code[e - 1] == SUCCESS)?;
                blocks.push((p + 2, e - 1));
                e
            }
            _ => return None,
        };
    }
    ensure(i == hi)?;
    ensure(targets.iter().all(|&t| t == hi || (t > lo && starts[t])))
}
