//! Where a search may begin: what a pattern's code tells about the first characters of its matches.
//!
//! What must hold: a place that is passed over begins no match. What cannot be told is left open: a search that
//! knows nothing tries every place.

use super::chars::{is_local, unit};
use super::code::{self as c, MAXREPEAT, at};

/// Words that `Start::words` makes.
pub const WORDS: usize = 10;

/// What is known, as words that stand before the pattern's code.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    words: &'a [u32; WORDS],
}

/// The characters below 256 that a match begins with; those above may all do.
type Map = [u32; 8];

/// Instructions looked at before giving up.
const BUDGET: u32 = 200;

impl<'a> Start<'a> {
    pub fn of(words: &'a [u32; WORDS]) -> Start<'a> {
        Start { words }
    }
    /// The instruction of the repeat that every match begins with, where a search may go from run to run.
    pub fn run(self) -> Option<usize> {
        (self.words[0] != 0).then(|| self.words[0] as usize - 1)
    }
    /// Up to three characters, of which a match begins with one.
    pub fn few(self) -> Option<(u8, u8, u8)> {
        let [n, a, b, z] = self.words[1].to_ne_bytes();
        (n != 0).then_some((a, b, z))
    }
    pub fn map(self) -> Option<&'a Map> {
        self.words[2..].first_chunk().filter(|m| **m != [0; 8])
    }

    /// Look at code that has been validated.
    pub fn words(code: &[u32]) -> [u32; WORDS] {
        let mut out = [0; WORDS];
        let first = if code[0] == c::INFO {
            1 + code[1] as usize
        } else {
            0
        };
        if let Some(pc) = leading_run(code, first) {
            out[0] = pc as u32 + 1;
        }
        let mut map = [0; 8];
        let mut budget = BUDGET;
        if begins(code, first, &mut map, &mut budget).is_some() {
            out[2..].copy_from_slice(&map);
            let has = |ch: &u32| map[*ch as usize / 32] >> (ch % 32) & 1 != 0;
            let mut few = (0..256).filter(has).map(|ch| ch as u8);
            if let (Some(a), b, z, None) = (few.next(), few.next(), few.next(), few.next()) {
                out[1] = u32::from_ne_bytes([1, a, b.unwrap_or(a), z.unwrap_or(a)]);
            }
        }
        out
    }
}

/// Does it depend on the locale what this one-character instruction matches?
fn local(code: &[u32], pc: usize) -> bool {
    match code[pc] {
        c::IN | c::IN_IGNORE | c::IN_UNI_IGNORE => is_local(code, pc + 2),
        c::IN_LOC_IGNORE | c::LITERAL_LOC_IGNORE | c::NOT_LITERAL_LOC_IGNORE | c::CATEGORY => true,
        _ => false,
    }
}

/// The repeat at the beginning of a pattern like `(\w+)=`: as much as there is of some characters, then a literal
/// that is none of them. It ends where the run of those characters ends, wherever it begins: where one beginning
/// fails, all others in the same run do. (Not if the pattern refers back to what a group has matched.)
fn leading_run(code: &[u32], first: usize) -> Option<usize> {
    let mut pc = first;
    while code[pc] == c::MARK {
        pc += 2;
    }
    let repeat = matches!(
        code[pc],
        c::REPEAT_ONE | c::POSSESSIVE_REPEAT_ONE | c::MIN_REPEAT_ONE
    );
    if !repeat || code[pc + 2] == 0 || code[pc + 3] != MAXREPEAT || local(code, pc + 4) {
        return None;
    }
    let literal = after_run(code, pc);
    if code[literal] != c::LITERAL || unit(code, pc + 4, code[literal + 1]) {
        return None;
    }
    if pc == first {
        // No group holds the run.
        return Some(pc);
    }
    // Any word may be an argument that looks like an instruction: then it is only caution.
    let refers = |w: &u32| {
        matches!(
            *w,
            c::GROUPREF
                | c::GROUPREF_EXISTS
                | c::GROUPREF_IGNORE
                | c::GROUPREF_LOC_IGNORE
                | c::GROUPREF_UNI_IGNORE
        )
    };
    (!code[literal + 2..].iter().any(refers)).then_some(pc)
}

/// The instruction behind the repeat at `pc` that is no mark.
pub fn after_run(code: &[u32], pc: usize) -> usize {
    let mut p = pc + 1 + code[pc + 1] as usize;
    while code[p] == c::MARK {
        p += 2;
    }
    p
}

/// Add what the code at `pc` begins with; `None` where a match may be empty or it cannot be told.
fn begins(code: &[u32], mut pc: usize, map: &mut Map, budget: &mut u32) -> Option<()> {
    loop {
        *budget = budget.checked_sub(1)?;
        let p = pc + 1;
        match code[pc] {
            c::MARK => pc += 2,
            // What looks at a place takes no character of it.
            c::AT if code[p] < at::COUNT => pc += 2,
            c::ASSERT | c::ASSERT_NOT => pc = p + code[p] as usize,
            c::JUMP => pc = p + code[p] as usize,
            c::BRANCH => {
                let mut a = p;
                while code[a] != 0 {
                    begins(code, a + 1, map, budget)?;
                    a += code[a] as usize;
                }
                return Some(());
            }
            c::REPEAT_ONE | c::MIN_REPEAT_ONE | c::POSSESSIVE_REPEAT_ONE => {
                add(code, p + 3, map)?;
                if code[p + 1] > 0 {
                    return Some(());
                }
                pc = p + code[p] as usize;
            }
            c::REPEAT | c::POSSESSIVE_REPEAT => {
                begins(code, p + 3, map, budget)?;
                if code[p + 1] > 0 {
                    return Some(());
                }
                pc = p + code[p] as usize + 1;
            }
            c::ATOMIC_GROUP => pc = p + 1,
            op if c::is_unit(op) && op != c::FAILURE => return add(code, pc, map),
            _ => return None,
        }
    }
}

/// Add what the one-character instruction at `pc` matches.
fn add(code: &[u32], pc: usize, map: &mut Map) -> Option<()> {
    if local(code, pc) {
        return None;
    }
    for ch in (0..256).filter(|&ch| unit(code, pc, ch)) {
        map[ch as usize / 32] |= 1 << (ch % 32);
    }
    Some(())
}
