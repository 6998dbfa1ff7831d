//! Text that can be written anywhere: one byte a character while that will do, else four.

use habu_runtime::core::string::{self, Units};
use habu_runtime::object::*;
use habu_runtime::thread::{R, Thread};
use habu_runtime::value::Value;

#[derive(Default)]
pub struct Text {
    one: Vec<u8>,
    four: Vec<u32>,
    wide: bool,
}

impl Text {
    pub fn len(&self) -> usize {
        if self.wide {
            self.four.len()
        } else {
            self.one.len()
        }
    }
    fn widen(&mut self) {
        if !self.wide {
            self.wide = true;
            self.four = self.one.iter().map(|&c| c as u32).collect();
            self.one = Vec::new();
        }
    }
    /// Write over what stands at `at` and behind it, with zeros up to there.
    pub fn write(&mut self, at: usize, s: Gc<StrObj>) {
        let units = s.units();
        if !matches!(units, Units::One(_)) {
            self.widen();
        }
        let n = self.len();
        if at > n {
            if self.wide {
                self.four.resize(at, 0)
            } else {
                self.one.resize(at, 0)
            }
        }
        let end = (at + s.len()).min(self.len());
        if self.wide {
            let new = (0..s.len()).map(|i| s.at(i));
            if at == self.four.len() {
                self.four.extend(new);
            } else {
                self.four.splice(at..end, new);
            }
        } else if let Units::One(u) = units {
            if at == self.one.len() {
                self.one.extend_from_slice(u);
            } else if end == at + u.len() {
                self.one[at..end].copy_from_slice(u);
            } else {
                self.one.truncate(at);
                self.one.extend_from_slice(u);
            }
        }
    }
    pub fn truncate(&mut self, n: usize) {
        self.one.truncate(n);
        self.four.truncate(n);
    }
    pub fn slice(&self, th: &Thread, a: usize, b: usize) -> R {
        if self.wide {
            return Ok(string::from_u32(th, &self.four[a..b])?.value());
        }
        Ok(string::latin1(th, &self.one[a..b])?.value())
    }
    pub fn all(&self, th: &Thread) -> R<Value> {
        self.slice(th, 0, self.len())
    }
    /// Where the line that begins at `from` ends, or the text does.
    pub fn line_end(&self, from: usize, ends: super::newline::Ends) -> usize {
        let found = if self.wide {
            ends.find(&self.four[from..])
        } else {
            ends.find_bytes(&self.one[from..])
        };
        found.map_or(self.len(), |n| from + n)
    }
}
