//! What `-X stats` says about native code: what was compiled and what it cost, where it is left, what is not compiled.

use crate::clock;
use crate::deopt::ExitInfo;
use crate::memory;
use crate::record::CodeRecord;
use crate::tier::Native;
use crate::unit::CodeId;
use habu_runtime::interp::counted;
use rustc_hash::FxHashMap as HashMap;
use std::fmt::{Display, Write};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// Lines of each list.
const MOST: usize = 20;

/// All versions of a piece of code.
#[derive(Default)]
struct Made<'a> {
    name: &'a str,
    versions: u32,
    ns: u64,
    bytes: u32,
}

pub fn report(native: &Native) -> String {
    let s = native.state();
    let mut out = String::new();
    let ms = |a: &AtomicU64| a.load(Relaxed) as f64 / 1e6;
    let _ = writeln!(
        out,
        "native code: {} compiled in {:.1} ms (building {:.1} ms), {} bytes",
        native.compiled.load(Relaxed),
        ms(&native.compile_ns),
        ms(&native.build_ns),
        memory::used()
    );
    if s.assumptions.broken > 0 {
        let _ = writeln!(out, "  {} pieces broken by changes", s.assumptions.broken);
    }
    let times: Vec<String> = clock::times()
        .map(|(name, ms)| format!("{name} {ms:.1}"))
        .collect();
    let _ = writeln!(out, "  ms: {}", times.join(", "));
    if let Some((native, interpreted)) = counted::counts() {
        let share = 100.0 * native as f64 / (native + interpreted).max(1) as f64;
        let _ = writeln!(
            out,
            "  instructions: {native} native, {interpreted} interpreted, {share:.2}% native"
        );
    }
    made(&s.records, &mut out);
    exits(&s.records, &mut out);
    let _ = writeln!(out, "  {} calls inlined", s.inlined);
    tally(&s.not_inlined, "calls not inlined", &mut out);
    let given_up = s.given_up.iter().map(|(why, n)| (format!("{why:?}"), *n));
    tally(&given_up.collect(), "versions given up", &mut out);
    tally(&s.refusals, "not compiled", &mut out);
    out
}

/// How often what, by reason, the most frequent first.
fn tally<K: Ord + Display>(counts: &HashMap<K, u32>, what: &str, out: &mut String) {
    let mut all: Vec<_> = counts.iter().collect();
    all.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (why, n) in all {
        let _ = writeln!(out, "  {n} {what}: {why}");
    }
}

fn made(records: &[&CodeRecord], out: &mut String) {
    let mut pieces: HashMap<(CodeId, Option<u32>), Made> = HashMap::default();
    for r in records {
        let m = pieces.entry((r.id, r.osr)).or_default();
        m.name = &r.name;
        m.versions += 1;
        m.ns += r.compile_ns.load(Relaxed);
        m.bytes += r.size.load(Relaxed);
    }
    let mut pieces: Vec<_> = pieces.into_iter().collect();
    pieces.sort_by_key(|(_, m)| std::cmp::Reverse(m.ns));
    for ((_, osr), m) in pieces.iter().take(MOST) {
        let at = osr.map_or(String::new(), |o| format!(" at {o}"));
        let _ = writeln!(
            out,
            "  {:.1} ms, {} bytes, {} versions: {}{at}",
            m.ns as f64 / 1e6,
            m.bytes,
            m.versions,
            m.name
        );
    }
}

fn exits(records: &[&CodeRecord], out: &mut String) {
    let mut exits: Vec<(u32, &CodeRecord, &ExitInfo)> = Vec::new();
    for r in records {
        for e in r.exits.get().into_iter().flatten() {
            let n = e.taken.load(Relaxed);
            if n > 0 {
                exits.push((n, r, e));
            }
        }
    }
    let mut reasons: HashMap<String, u32> = HashMap::default();
    for (n, _, e) in &exits {
        *reasons.entry(format!("{:?}", e.why)).or_default() += n;
    }
    tally(&reasons, "exits", out);
    exits.sort_by_key(|(n, ..)| std::cmp::Reverse(*n));
    for (n, r, e) in exits.iter().take(MOST) {
        let what = if r.osr.is_some() { "loop in " } else { "" };
        let _ = writeln!(
            out,
            "  {n} exits: {:?}, line {} of {what}{}",
            e.why, e.line, r.name
        );
    }
}
