//! Reads damaged archives and messages natively. Each must give a typed error, a value, or a panic with
//! a message (in WebAssembly a `TrapError`), within a deadline and without ending the process.
//!
//! `NNEF_PULSE_FUZZ=1000000 CARGO_PROFILE_TEST_OPT_LEVEL=1 cargo test --test fuzz -- --nocapture`
//! for the long run. It continues from the file that `NNEF_PULSE_FUZZ_RECORD` names.
//! `NNEF_PULSE_FUZZ_SEED=N` runs one case, and prints its archive and its panic.

mod cases;
mod grammar;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use cases::{Case, GRAMMAR, case};
use tract_wasm::limits::Limits;
use tract_wasm::read::load::load;
use tract_wasm::read::tensors::Reader;

const SHORT: u64 = 2_000;
/// Texts by grammar.
const SHORT_GRAMMAR: u64 = 10_000;
/// Deadline of a case, in wall-clock time: long, because the machine may be busy.
const DEADLINE: Duration = Duration::from_secs(20);
const LIMITS: Limits = Limits { entries: 1_000, tensor_bytes: 1 << 24, depth: 12 };

/// Seeds that once ended the process, missed the deadline, or panicked.
const REGRESSIONS: &[u64] =
    &[132_860, 174_586, 188_862, 381_664, 465_424, 637_940, 715_279, 880_988];

/// The outcome of a case: an error code or another word, and a message.
fn outcome(seed: u64) -> (String, String) {
    let found = catch_unwind(|| match case(seed) {
        Case::Message(bytes) => Reader::new(&bytes).tensors().map(|_| ()),
        Case::Archive(bytes) => load(&bytes, &LIMITS).map(|_| ()),
    });
    match found {
        Ok(Ok(())) => ("read".into(), String::new()),
        Ok(Err(error)) => {
            let plain = serde_json::to_value(&error).expect("errors are plain data");
            (
                plain["code"].as_str().expect("a code").into(),
                error.causes.join("; ") + &error.message,
            )
        }
        Err(_) => ("panic".into(), String::new()),
    }
}

/// Runs cases in a process of its own. Prints a line before and after each.
#[test]
#[ignore = "started by `cases_are_read_or_refused`"]
fn child() {
    let range = std::env::var("NNEF_PULSE_FUZZ_RANGE").expect("set by the parent");
    let (from, to) = range.split_once("..").expect("from..to");
    let place = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let seen = place.clone();
    std::panic::set_hook(Box::new(move |info| {
        *seen.lock().expect("one thread") = info.location().map_or(String::new(), |at| {
            // Without the folder of the crates.
            let file = at.file().rsplit("/src/").collect::<Vec<_>>();
            let package = file.get(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default();
            format!(" {package}/{}:{}", file[0], at.line())
        });
    }));
    // The parent reads this, not libtest's captured output.
    let mut out = std::io::stderr();
    for seed in from.parse::<u64>().expect("a seed")..to.parse().expect("a seed") {
        writeln!(out, "at {seed}").expect("the parent reads");
        place.lock().expect("one thread").clear();
        let (outcome, _) = outcome(seed);
        writeln!(out, "is {outcome}{}", place.lock().expect("one thread"))
            .expect("the parent reads");
    }
}

#[derive(Default)]
struct Findings {
    tally: BTreeMap<String, u64>,
    /// Seeds that ended the process or missed the deadline.
    bad: Vec<(u64, String)>,
    /// A seed for each place that panicked.
    panics: BTreeMap<String, u64>,
}

/// Runs `from..to` in child processes; starts a new one if one ended early.
fn run(mut from: u64, to: u64, findings: &mut Findings) {
    while from < to {
        let mut child = Command::new(std::env::current_exe().expect("a test has a file"))
            .args(["child", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env("NNEF_PULSE_FUZZ_RANGE", format!("{from}..{to}"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a test can start itself");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let (sender, receiver) = mpsc::channel();
        let reading = std::thread::spawn(move || {
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut last = String::new();
        let mut open = None;
        let why = loop {
            match receiver.recv_timeout(DEADLINE) {
                Ok(line) => {
                    if let Some(seed) = line.strip_prefix("at ") {
                        open = seed.parse::<u64>().ok();
                    } else if let (Some(outcome), Some(seed)) = (line.strip_prefix("is "), open) {
                        *findings.tally.entry(outcome.to_string()).or_default() += 1;
                        if outcome.starts_with("panic") {
                            findings.panics.entry(outcome.to_string()).or_insert(seed);
                        }
                        (from, open) = (seed + 1, None);
                    } else {
                        last = line;
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => break "missed the deadline".to_string(),
                Err(mpsc::RecvTimeoutError::Disconnected) => break last,
            }
        };
        // It may have ended by itself.
        child.kill().ok();
        child.wait().expect("it was started");
        reading.join().expect("a reader does not panic").ok();
        if let Some(seed) = open {
            findings.bad.push((seed, why));
            from = seed + 1;
        } else if from < to {
            panic!("the child ended between cases, at {from}: {why}");
        }
    }
}

fn record_file() -> Option<PathBuf> {
    std::env::var_os("NNEF_PULSE_FUZZ_RECORD").map(PathBuf::from)
}

/// The number of cases that the record says are done.
fn resumed(record: Option<&Path>) -> u64 {
    let text = record.and_then(|path| std::fs::read_to_string(path).ok());
    let last = text.as_deref().and_then(|text| text.lines().last());
    last.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn cases_are_read_or_refused() {
    if let Ok(seed) = std::env::var("NNEF_PULSE_FUZZ_SEED") {
        let seed = seed.parse().expect("a seed");
        let (Case::Message(bytes) | Case::Archive(bytes)) = case(seed);
        println!("{}", String::from_utf8_lossy(&bytes).replace('\0', ""));
        println!("{seed}: {:?}", outcome(seed));
        return;
    }
    let count = std::env::var("NNEF_PULSE_FUZZ").map_or(SHORT, |it| it.parse().expect("a number"));
    let record = record_file();
    let mut findings = Findings::default();
    REGRESSIONS.iter().for_each(|seed| run(*seed, seed + 1, &mut findings));
    let mut done = resumed(record.as_deref());
    while done < count {
        let next = (done + 20_000).min(count);
        run(done, next, &mut findings);
        done = next;
        println!("{done} cases: {:?}, bad: {:?}", findings.tally, findings.bad);
        if let Some(path) = &record {
            let mut file = std::fs::File::options().create(true).append(true).open(path);
            let file = file.as_mut().expect("the record can be written");
            writeln!(file, "{done} {:?} {:?}", findings.tally, findings.bad).expect("as above");
        }
    }
    assert_eq!(findings.bad, []);
}

/// As above, for calls of every operator. `NNEF_PULSE_FUZZ_GRAMMAR` sets their number.
#[test]
fn calls_of_every_operator_are_read_or_refused() {
    let count = std::env::var("NNEF_PULSE_FUZZ_GRAMMAR");
    let count = count.map_or(SHORT_GRAMMAR, |it| it.parse().expect("a number"));
    let mut findings = Findings::default();
    run(GRAMMAR, GRAMMAR + count, &mut findings);
    println!("{count} texts: {:#?}", findings.tally);
    assert_eq!(findings.bad, []);
    assert_eq!(findings.panics, BTreeMap::new());
    assert!(findings.tally["read"] > count / 100, "hardly any text is read");
}
