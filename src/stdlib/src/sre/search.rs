//! Where a match is looked for: from one place that may begin a match to the next.

use super::chars::unit;
use super::code::{self as c, MAXREPEAT};
use super::matcher::{Matcher, Mode};
use super::start::after_run;
use super::units::Unit;
use habu_runtime::thread::R;

impl<U: Unit> Matcher<'_, U> {
    /// Match or search from `from`; the result stands in `w`.
    pub fn run(&mut self, mode: Mode, from: usize) -> R<bool> {
        let code = self.code;
        let n = self.s.len();
        let (mut pc, mut flags, mut min) = (0, 0, 0);
        if code[0] == c::INFO {
            (pc, flags, min) = (1 + code[1] as usize, code[2], code[3] as usize);
        }
        if from > n || n - from < min {
            return Ok(false);
        }
        self.full = mode == Mode::Full;
        if mode != Mode::Search {
            return self.attempt(pc, from);
        }
        let last = n - min;
        let mut pos = from;
        if flags & c::INFO_PREFIX != 0 {
            let len = code[5] as usize;
            let prefix = &code[7..7 + len];
            while pos <= last {
                let Some(i) = self.prefix(prefix, pos) else {
                    return Ok(false);
                };
                pos += i;
                if flags & c::INFO_LITERAL != 0 {
                    self.w.reset();
                    (self.w.start, self.w.end) = (pos, pos + len);
                    return Ok(true);
                }
                if self.attempt(pc, pos)? {
                    return Ok(true);
                }
                pos += 1;
                self.tick()?;
            }
            return Ok(false);
        }
        if let Some(repeat) = self.start.run() {
            return self.search_runs(pc, repeat, pos, last);
        }
        if flags & c::INFO_CHARSET != 0 {
            loop {
                pos += self.set(5).run(&self.s[pos..], false);
                if pos > last || pos >= n {
                    return Ok(false);
                }
                if self.attempt(pc, pos)? {
                    return Ok(true);
                }
                self.advance = false;
                pos += 1;
                self.tick()?;
            }
        }
        while pos <= last {
            let Some(skip) = self.possible(pos) else {
                return Ok(false);
            };
            if skip > 0 {
                self.advance = false;
                pos += skip;
                if pos > last {
                    return Ok(false);
                }
            }
            if self.attempt(pc, pos)? {
                return Ok(true);
            }
            self.advance = false;
            pos += 1;
            self.tick()?;
        }
        Ok(false)
    }

    /// How far from `pos` the next place is that a match may begin at.
    #[inline(always)]
    fn possible(&self, pos: usize) -> Option<usize> {
        let Some(map) = self.start.map() else {
            return Some(0);
        };
        let s = &self.s[pos..];
        let fits = |u: &U| {
            let ch = u.get();
            ch > 255 || map[(ch >> 5) as usize & 7] >> (ch & 31) & 1 != 0
        };
        match s.first() {
            Some(u) if fits(u) => Some(0),
            _ => match self.start.few().and_then(|few| U::find_few(s, few)) {
                Some(found) => found,
                None => s.iter().position(fits),
            },
        }
    }

    /// Search for a pattern that begins with the repeat `repeat` and a literal that it does not match: each run of
    /// its characters that such a literal follows is tried once.
    fn search_runs(&mut self, pc: usize, repeat: usize, mut pos: usize, last: usize) -> R<bool> {
        /// So many literals that follow no run are passed before runs are looked for instead.
        const VAIN: u32 = 64;
        let (s, code) = (self.s, self.code);
        let body = repeat + 4;
        let literal = &code[after_run(code, repeat) + 1..][..1];
        let mut vain = 0;
        while vain < VAIN {
            let Some(more) = self.prefix(literal, pos) else {
                return Ok(false);
            };
            let end = pos + more;
            let run = &s[pos..end];
            let before = match code[body] {
                c::IN => {
                    let set = self.set(body + 2);
                    run.iter().rposition(|u| !set.has(u.get()))
                }
                _ => run.iter().rposition(|u| !unit(code, body, u.get())),
            };
            let begin = before.map_or(pos, |i| pos + i + 1);
            if begin > last {
                return Ok(false);
            }
            if begin == end {
                vain += 1;
            } else if self.attempt(pc, begin)? {
                return Ok(true);
            }
            pos = end + 1;
            self.advance = false;
            self.tick()?;
        }
        self.search_each_run(pc, body, literal[0], pos, last)
    }

    /// The same by looking at each run.
    fn search_each_run(
        &mut self,
        pc: usize,
        body: usize,
        literal: u32,
        mut pos: usize,
        last: usize,
    ) -> R<bool> {
        let (s, code) = (self.s, self.code);
        while pos <= last {
            let begin = match code[body] {
                c::IN => self.set(body + 2).run(&s[pos..], false),
                _ => {
                    let fits = |u: &U| unit(code, body, u.get());
                    s[pos..].iter().position(fits).unwrap_or(s.len() - pos)
                }
            };
            pos += begin;
            if pos > last || pos >= s.len() {
                return Ok(false);
            }
            let end = pos + self.count(body, pos, MAXREPEAT);
            if s.get(end).is_some_and(|u| u.get() == literal) && self.attempt(pc, pos)? {
                return Ok(true);
            }
            pos = end;
            self.advance = false;
            self.tick()?;
        }
        Ok(false)
    }
}
