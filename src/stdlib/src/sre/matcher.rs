//! The matcher: a backtracking machine over validated code words, with a stack of its own.
//!
//! What must hold: whatever a failing path changed (marks, repeat counts, the current repeat) is undone by a frame
//! that lies above the choice it goes back to. Atomic groups and assertions that have matched drop the choices
//! made inside, but keep the undo frames of the marks they set. Nothing here recurses and no heap value is kept:
//! positions are plain numbers.

use super::chars::{self, Table, in_large_set, unit, unit_len};
use super::code::{self as c, MAXREPEAT, at};
use super::start::Start;
use super::units::Unit;
use super::work::{Frame, Rep, Sub, UNSET, Work};
use habu_runtime::polls;
use habu_runtime::thread::{R, Raised, Thread};

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Match,
    Full,
    Search,
}

pub struct Matcher<'a, U> {
    pub th: &'a Thread,
    /// The text up to the end position; it starts where the string does.
    pub s: &'a [U],
    pub code: &'a [u32],
    /// Where the sets' tables stand: `chars::tables` of the code.
    pub places: &'a [u32],
    pub tables: &'a [u8],
    pub start: Start<'a>,
    pub w: &'a mut Work,
    pub full: bool,
    /// The match may not end where it starts.
    pub advance: bool,
    pub ticks: u32,
}

/// A set of characters.
pub struct Set<'a> {
    code: &'a [u32],
    p: usize,
    /// For each character below 256 whether it is in the set.
    table: Option<&'a Table>,
}
impl Set<'_> {
    #[inline(always)]
    pub fn has(&self, ch: u32) -> bool {
        match self.table {
            Some(t) if ch < 256 => t[ch as usize] != 0,
            _ => in_large_set(self.code, self.p, ch),
        }
    }
    /// For how many characters it is as `want` says.
    #[inline(always)]
    pub fn run<U: Unit>(&self, s: &[U], want: bool) -> usize {
        let Some(t) = self.table else {
            return self.run_slow(s, want, 0);
        };
        let stop = |u: &U| {
            let ch = u.get();
            ch > 255 || (t[ch as usize] != 0) != want
        };
        match s.iter().position(stop) {
            None => s.len(),
            Some(n) if s[n].get() < 256 => n,
            Some(n) => self.run_slow(s, want, n),
        }
    }
    /// The same where `n` are known to be.
    #[inline(never)]
    fn run_slow<U: Unit>(&self, s: &[U], want: bool, n: usize) -> usize {
        let rest = &s[n..];
        let other = rest.iter().position(|u| self.has(u.get()) != want);
        n + other.unwrap_or(rest.len())
    }
}

impl<U: Unit> Matcher<'_, U> {
    /// The set that starts at `p`.
    #[inline(always)]
    pub fn set(&self, p: usize) -> Set<'_> {
        let place = self.places[p] as usize;
        Set {
            code: self.code,
            p,
            table: match place {
                0 => None,
                _ => self.tables[place - 1..].first_chunk(),
            },
        }
    }

    pub fn prefix(&self, p: &[u32], from: usize) -> Option<usize> {
        let s = &self.s[from..];
        if p.len() == 1 {
            U::find(s, p[0])
        } else {
            U::find_all(s, p)
        }
    }

    pub fn attempt(&mut self, pc: usize, pos: usize) -> R<bool> {
        self.w.reset();
        self.w.start = pos;
        match self.go(pc, pos)? {
            Some(e) => {
                self.w.end = e;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    #[inline(always)]
    pub fn tick(&mut self) -> R<()> {
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks & 0xfff == 0 {
            polls::check(self.th)
        } else {
            Ok(())
        }
    }

    #[inline(always)]
    fn push(&mut self, f: Frame) -> R<()> {
        if self.w.stack.len() == self.w.stack.capacity() {
            self.grow()?;
        }
        self.w.stack.push(f);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> R<()> {
        let more = self.w.stack.len().max(64);
        if self.w.stack.try_reserve(more).is_err() {
            return Err(self.out_of_memory());
        }
        Ok(())
    }

    fn out_of_memory(&self) -> Raised {
        habu_runtime::error::out_of_memory(self.th)
    }

    /// How many characters from `pos` on, at most `max`, match the instruction at `pc`.
    #[inline(always)]
    pub fn count(&self, pc: usize, pos: usize, max: u32) -> usize {
        // Most repeats are of sets, and most runs of a set so short that a call would cost more.
        if self.code[pc] == c::IN && max == MAXREPEAT {
            self.set(pc + 2).run(&self.s[pos..], true)
        } else {
            self.count_any(pc, pos, max)
        }
    }

    #[inline(never)]
    fn count_any(&self, pc: usize, pos: usize, max: u32) -> usize {
        let s = &self.s[pos..];
        let s = if max == MAXREPEAT {
            s
        } else {
            &s[..s.len().min(max as usize)]
        };
        let code = self.code;
        match code[pc] {
            c::ANY_ALL => s.len(),
            c::ANY => U::find(s, 10).unwrap_or(s.len()),
            c::LITERAL => {
                let ch = code[pc + 1];
                s.iter().position(|u| u.get() != ch).unwrap_or(s.len())
            }
            c::NOT_LITERAL => U::find(s, code[pc + 1]).unwrap_or(s.len()),
            c::IN => self.set(pc + 2).run(s, true),
            _ => s
                .iter()
                .position(|u| !unit(code, pc, u.get()))
                .unwrap_or(s.len()),
        }
    }

    /// The longest of the lengths `min..=cur` (as end positions) after which the tail may match.
    #[inline]
    fn settle(&self, tail: usize, min: usize, cur: usize) -> Option<usize> {
        if self.code[tail] != c::LITERAL {
            return Some(cur);
        }
        let hi = (cur + 1).min(self.s.len());
        if min >= hi {
            return None;
        }
        U::rfind(&self.s[min..hi], self.code[tail + 1]).map(|i| min + i)
    }

    /// How many characters more a lazy repeat takes until its tail may match, one at least. `p`: its operands.
    fn lengthen(&self, p: usize, tail: usize, count: u32, at: usize) -> Option<usize> {
        /// Characters looked at together: few, as the next literal is often near and asked for again and again.
        const WINDOW: usize = 48;
        let code = self.code;
        let most = match code[p + 2] {
            MAXREPEAT => usize::MAX,
            max => max.saturating_sub(count) as usize,
        };
        if code[tail] != c::LITERAL {
            let one = most > 0 && at < self.s.len() && unit(code, p + 3, self.s[at].get());
            return one.then_some(1);
        }
        let mut done = 0;
        loop {
            let room = WINDOW.min(most - done);
            let n = self.count_any(p + 3, at + done, room as u32);
            // Behind the first, behind the second, … behind the last of them.
            let from = at + done + 1;
            let to = (from + n).min(self.s.len());
            if let Some(i) = self
                .s
                .get(from..to)
                .and_then(|s| U::find(s, code[tail + 1]))
            {
                return Some(done + i + 1);
            }
            if n < WINDOW {
                return None;
            }
            done += n;
        }
    }

    /// The first alternative, from the one at `a` on, that may match here.
    #[inline]
    fn viable(&self, mut a: usize, pos: usize) -> Option<usize> {
        let code = self.code;
        loop {
            let skip = code[a] as usize;
            if skip == 0 {
                return None;
            }
            let ch = self.s.get(pos);
            let fits = match code[a + 1] {
                c::LITERAL => ch.is_some_and(|u| u.get() == code[a + 2]),
                c::IN => ch.is_some_and(|u| self.set(a + 3).has(u.get())),
                _ => true,
            };
            if fits {
                return Some(a);
            }
            a += skip;
        }
    }

    fn at(&self, what: u32, pos: usize) -> bool {
        let s = self.s;
        let boundary = |word: fn(u32) -> bool| {
            let before = pos > 0 && word(s[pos - 1].get());
            let after = pos < s.len() && word(s[pos].get());
            before != after
        };
        match what {
            at::BEGINNING | at::BEGINNING_STRING => pos == 0,
            at::BEGINNING_LINE => pos == 0 || s[pos - 1].get() == 10,
            at::END => pos == s.len() || (pos + 1 == s.len() && s[pos].get() == 10),
            at::END_LINE => pos == s.len() || s[pos].get() == 10,
            at::END_STRING => pos == s.len(),
            at::BOUNDARY => boundary(chars::word_ascii),
            at::NON_BOUNDARY => !boundary(chars::word_ascii),
            at::LOC_BOUNDARY => boundary(chars::word_locale),
            at::LOC_NON_BOUNDARY => !boundary(chars::word_locale),
            at::UNI_BOUNDARY => boundary(chars::word_unicode),
            _ => !boundary(chars::word_unicode),
        }
    }

    /// The text of group `g`, where it is set.
    fn group(&self, g: u32) -> Option<(usize, usize)> {
        let g = g as usize * 2;
        let (a, b) = (self.w.marks[g], self.w.marks[g + 1]);
        (a != UNSET && b != UNSET && a <= b).then_some((a, b))
    }

    /// The length of group `g` where it stands again at `pos`, compared through `fold`.
    fn again(&self, g: u32, pos: usize, fold: impl Fn(u32) -> u32) -> Option<usize> {
        let (a, b) = self.group(g)?;
        let n = b - a;
        if self.s.len() - pos < n {
            return None;
        }
        let same = self.s[a..b]
            .iter()
            .zip(&self.s[pos..pos + n])
            .all(|(x, y)| {
                let (x, y) = (x.get(), y.get());
                x == y || fold(x) == fold(y)
            });
        same.then_some(n)
    }

    fn open(&mut self, pc: usize, pos: usize, current: u32, count: u32) -> R<()> {
        let (height, reps) = (self.w.stack.len(), self.w.reps.len());
        self.w.subs.push(Sub {
            pc: pc as u32,
            current,
            count,
            pos,
            height,
            reps,
        });
        self.push(Frame::Inner)
    }

    /// Forget the choices made inside an inner pattern that has matched.
    fn cut(&mut self, sub: &Sub) {
        let mut to = sub.height;
        for i in sub.height..self.w.stack.len() {
            let f = self.w.stack[i];
            if matches!(f, Frame::Mark { .. }) {
                self.w.stack[to] = f;
                to += 1;
            }
        }
        self.w.stack.truncate(to);
        self.w.reps.truncate(sub.reps);
    }

    /// Undo everything down to this height; only marks matter, the rest is dropped by the caller.
    fn undo(&mut self, height: usize) {
        while self.w.stack.len() > height {
            if let Some(Frame::Mark { i, last, old }) = self.w.stack.pop() {
                self.w.marks[i as usize] = old;
                self.w.last = last;
            }
        }
    }

    /// Run from `pc` at `pos`; where the match ends, if there is one.
    fn go(&mut self, mut pc: usize, mut pos: usize) -> R<Option<usize>> {
        let code = self.code;
        let s = self.s;
        let start = pos;
        let mut current = NONE;
        'run: loop {
            'fail: {
                let p = pc + 1;
                match code[pc] {
                    c::SUCCESS => {
                        let Some(sub) = self.w.subs.pop() else {
                            if (self.full && pos != s.len()) || (self.advance && pos == start) {
                                break 'fail;
                            }
                            return Ok(Some(pos));
                        };
                        current = sub.current;
                        let p = sub.pc as usize + 1;
                        match code[sub.pc as usize] {
                            c::ASSERT_NOT => {
                                self.undo(sub.height);
                                self.w.reps.truncate(sub.reps);
                                break 'fail;
                            }
                            c::ASSERT => {
                                self.cut(&sub);
                                pos = sub.pos;
                                pc = p + code[p] as usize;
                            }
                            c::ATOMIC_GROUP => {
                                self.cut(&sub);
                                pc = p + code[p] as usize;
                            }
                            _ => {
                                self.cut(&sub);
                                let (min, max) = (code[p + 1], code[p + 2]);
                                // An empty round ends the repeat, except among those that must be.
                                let done = sub.count.saturating_add(1);
                                let stuck = pos == sub.pos && sub.count >= min;
                                let more =
                                    done < min || (!stuck && (done < max || max == MAXREPEAT));
                                if more {
                                    self.tick()?;
                                    self.open(sub.pc as usize, pos, current, done)?;
                                    pc = p + 3;
                                } else {
                                    pc = p + code[p] as usize + 1;
                                }
                            }
                        }
                        continue 'run;
                    }
                    c::LITERAL => {
                        if pos < s.len() && s[pos].get() == code[p] {
                            pos += 1;
                            pc += 2;
                            continue 'run;
                        }
                    }
                    c::MARK => {
                        let i = code[p];
                        // Nothing to go back to: nothing to undo.
                        if !self.w.stack.is_empty() {
                            self.push(Frame::Mark {
                                i,
                                last: self.w.last,
                                old: self.w.marks[i as usize],
                            })?;
                        }
                        self.w.marks[i as usize] = pos;
                        if i & 1 != 0 {
                            self.w.last = i / 2 + 1;
                        }
                        pc += 2;
                        continue 'run;
                    }
                    c::AT => {
                        if self.at(code[p], pos) {
                            pc += 2;
                            continue 'run;
                        }
                    }
                    c::BRANCH => {
                        if let Some(a) = self.viable(p, pos) {
                            let next = a + code[a] as usize;
                            if code[next] != 0 {
                                self.push(Frame::Branch {
                                    pc: next as u32,
                                    pos,
                                })?;
                            }
                            pc = a + 1;
                            continue 'run;
                        }
                    }
                    c::JUMP => {
                        pc = p + code[p] as usize;
                        continue 'run;
                    }
                    c::REPEAT_ONE | c::POSSESSIVE_REPEAT_ONE => {
                        let min = code[p + 1] as usize;
                        if s.len() - pos >= min {
                            let n = self.count(p + 3, pos, code[p + 2]);
                            let tail = p + code[p] as usize;
                            if n < min {
                                break 'fail;
                            }
                            if code[pc] == c::POSSESSIVE_REPEAT_ONE {
                                pos += n;
                                pc = tail;
                                continue 'run;
                            }
                            let min = pos + min;
                            if let Some(cur) = self.settle(tail, min, pos + n) {
                                if cur > min {
                                    self.push(Frame::Greedy {
                                        tail: tail as u32,
                                        min,
                                        cur,
                                    })?;
                                }
                                pos = cur;
                                pc = tail;
                                continue 'run;
                            }
                        }
                    }
                    c::MIN_REPEAT_ONE => {
                        let min = code[p + 1];
                        if s.len() - pos >= min as usize {
                            if min > 0 && self.count_any(p + 3, pos, min) < min as usize {
                                break 'fail;
                            }
                            pos += min as usize;
                            if min < code[p + 2] {
                                self.push(Frame::Lazy {
                                    pc: p as u32,
                                    count: min,
                                    pos,
                                })?;
                            }
                            pc = p + code[p] as usize;
                            continue 'run;
                        }
                    }
                    c::REPEAT => {
                        let until = p + code[p] as usize;
                        self.push(Frame::Leave { current })?;
                        self.w.reps.push(Rep {
                            pc: p as u32,
                            until: until as u32,
                            outer: current,
                            count: u32::MAX,
                            last: UNSET,
                        });
                        current = self.w.reps.len() as u32 - 1;
                        pc = until;
                        continue 'run;
                    }
                    c::MAX_UNTIL => {
                        let r = self.w.reps[current as usize];
                        let count = r.count.wrapping_add(1);
                        let (min, max) = (code[r.pc as usize + 1], code[r.pc as usize + 2]);
                        if count < min {
                            self.push(Frame::Step {
                                rep: current,
                                count: r.count,
                                last: r.last,
                            })?;
                            self.w.reps[current as usize].count = count;
                            pc = r.pc as usize + 3;
                        } else if (count < max || max == MAXREPEAT) && pos != r.last {
                            self.push(Frame::Tail { rep: current, pos })?;
                            self.push(Frame::Step {
                                rep: current,
                                count: r.count,
                                last: r.last,
                            })?;
                            let r = &mut self.w.reps[current as usize];
                            (r.count, r.last) = (count.min(u32::MAX - 1), pos);
                            pc = r.pc as usize + 3;
                        } else {
                            self.push(Frame::Current(current))?;
                            current = r.outer;
                            pc += 1;
                        }
                        self.tick()?;
                        continue 'run;
                    }
                    c::MIN_UNTIL => {
                        let r = self.w.reps[current as usize];
                        let count = r.count.wrapping_add(1);
                        if count < code[r.pc as usize + 1] {
                            self.push(Frame::Step {
                                rep: current,
                                count: r.count,
                                last: r.last,
                            })?;
                            self.w.reps[current as usize].count = count;
                            pc = r.pc as usize + 3;
                        } else {
                            self.push(Frame::Body { rep: current, pos })?;
                            current = r.outer;
                            pc += 1;
                        }
                        self.tick()?;
                        continue 'run;
                    }
                    c::POSSESSIVE_REPEAT => {
                        if code[p + 2] == 0 {
                            pc = p + code[p] as usize + 1;
                        } else {
                            self.open(pc, pos, current, 0)?;
                            pc = p + 3;
                        }
                        continue 'run;
                    }
                    c::ATOMIC_GROUP => {
                        self.open(pc, pos, current, 0)?;
                        pc = p + 1;
                        continue 'run;
                    }
                    c::ASSERT => {
                        let back = code[p + 1] as usize;
                        if pos >= back {
                            self.open(pc, pos, current, 0)?;
                            pos -= back;
                            pc = p + 2;
                            continue 'run;
                        }
                    }
                    c::ASSERT_NOT => {
                        let back = code[p + 1] as usize;
                        if pos >= back {
                            self.open(pc, pos, current, 0)?;
                            pos -= back;
                            pc = p + 2;
                        } else {
                            pc = p + code[p] as usize;
                        }
                        continue 'run;
                    }
                    c::GROUPREF
                    | c::GROUPREF_IGNORE
                    | c::GROUPREF_LOC_IGNORE
                    | c::GROUPREF_UNI_IGNORE => {
                        let n = match code[pc] {
                            c::GROUPREF => self.again(code[p], pos, |x| x),
                            c::GROUPREF_IGNORE => self.again(code[p], pos, chars::lower_ascii),
                            c::GROUPREF_LOC_IGNORE => self.again(code[p], pos, chars::lower_locale),
                            _ => self.again(code[p], pos, chars::lower_unicode),
                        };
                        if let Some(n) = n {
                            pos += n;
                            pc += 2;
                            continue 'run;
                        }
                    }
                    c::GROUPREF_EXISTS => {
                        pc = if self.group(code[p]).is_some() {
                            p + 2
                        } else {
                            p + code[p + 1] as usize
                        };
                        continue 'run;
                    }
                    c::IN => {
                        if pos < s.len() && self.set(pc + 2).has(s[pos].get()) {
                            pos += 1;
                            pc = p + code[p] as usize;
                            continue 'run;
                        }
                    }
                    c::FAILURE => {}
                    _ => {
                        if pos < s.len() && unit(code, pc, s[pos].get()) {
                            pos += 1;
                            pc += unit_len(code, pc);
                            continue 'run;
                        }
                    }
                }
            }
            // This path has failed.
            self.tick()?;
            loop {
                let Some(f) = self.w.stack.pop() else {
                    return Ok(None);
                };
                match f {
                    Frame::Mark { i, last, old } => {
                        self.w.marks[i as usize] = old;
                        self.w.last = last;
                    }
                    Frame::Current(r) => current = r,
                    Frame::Leave { current: r } => {
                        self.w.reps.pop();
                        current = r;
                    }
                    Frame::Step { rep, count, last } => {
                        let r = &mut self.w.reps[rep as usize];
                        (r.count, r.last) = (count, last);
                    }
                    Frame::Branch { pc: a, pos: at } => {
                        if let Some(a) = self.viable(a as usize, at) {
                            let next = a + code[a] as usize;
                            if code[next] != 0 {
                                self.push(Frame::Branch {
                                    pc: next as u32,
                                    pos: at,
                                })?;
                            }
                            (pc, pos) = (a + 1, at);
                            continue 'run;
                        }
                    }
                    Frame::Greedy { tail, min, cur } => {
                        if let Some(cur) = self.settle(tail as usize, min, cur - 1) {
                            if cur > min {
                                self.push(Frame::Greedy { tail, min, cur })?;
                            }
                            (pc, pos) = (tail as usize, cur);
                            continue 'run;
                        }
                    }
                    Frame::Lazy {
                        pc: p,
                        mut count,
                        pos: mut at,
                    } => {
                        let p = p as usize;
                        let (max, tail) = (code[p + 2], p + code[p] as usize);
                        if let Some(n) = self.lengthen(p, tail, count, at) {
                            at += n;
                            count = count.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
                            if count < max || max == MAXREPEAT {
                                self.push(Frame::Lazy {
                                    pc: p as u32,
                                    count,
                                    pos: at,
                                })?;
                            }
                            (pc, pos) = (tail, at);
                            continue 'run;
                        }
                    }
                    Frame::Tail { rep, pos: at } => {
                        let r = self.w.reps[rep as usize];
                        self.push(Frame::Current(rep))?;
                        current = r.outer;
                        (pc, pos) = (r.until as usize + 1, at);
                        continue 'run;
                    }
                    Frame::Body { rep, pos: at } => {
                        current = rep;
                        let r = self.w.reps[rep as usize];
                        let count = r.count.wrapping_add(1);
                        let max = code[r.pc as usize + 2];
                        if (count < max || max == MAXREPEAT) && at != r.last {
                            self.push(Frame::Step {
                                rep,
                                count: r.count,
                                last: r.last,
                            })?;
                            let r = &mut self.w.reps[rep as usize];
                            (r.count, r.last) = (count.min(u32::MAX - 1), at);
                            (pc, pos) = (r.pc as usize + 3, at);
                            continue 'run;
                        }
                    }
                    Frame::Inner => {
                        let Some(sub) = self.w.subs.pop() else {
                            return Ok(None);
                        };
                        current = sub.current;
                        let p = sub.pc as usize + 1;
                        match code[sub.pc as usize] {
                            c::ASSERT_NOT => {
                                (pc, pos) = (p + code[p] as usize, sub.pos);
                                continue 'run;
                            }
                            c::POSSESSIVE_REPEAT if sub.count >= code[p + 1] => {
                                (pc, pos) = (p + code[p] as usize + 1, sub.pos);
                                continue 'run;
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }
}
