//! Damaged archives and messages, read natively: each is a typed error, a value, or a panic that
//! says why (in WebAssembly a `TrapError`); none overruns, none ends the process.
//!
//! `NNEF_PULSE_FUZZ=1000000 CARGO_PROFILE_TEST_OPT_LEVEL=1 cargo test --test fuzz -- --nocapture`
//! for the long run. It goes on where it was stopped: what was done is kept in the file
//! `NNEF_PULSE_FUZZ_RECORD` names.
//! `NNEF_PULSE_FUZZ_SEED=N` runs one case, with its archive and its panic shown.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tract_wasm::limits::Limits;
use tract_wasm::read::load::load;
use tract_wasm::read::tensors::Reader;

const SHORT: u64 = 2_000;
/// No case may take longer. Seconds of wall clock, as a busy machine needs more than the case.
const DEADLINE: Duration = Duration::from_secs(20);
const LIMITS: Limits = Limits { entries: 1_000, tensor_bytes: 1 << 24, depth: 12 };

/// Seeds that once ended the process, overran, or showed a panic that is now an error.
const KEPT: &[u64] = &[132_860, 174_586, 188_862, 381_664, 465_424, 637_940, 715_279, 880_988];

/// Small graphs that between them use each part of the format.
const GRAPHS: &[&str] = &[
    "version 1.0;
extension tract_registry tract_core;
extension tract_symbol S;
extension tract_symbol P;
extension tract_assert S+P < 64;
extension tract_assert tg: S==1;
fragment tract_core_properties() -> (properties: (string, tensor<scalar>)[])
{ properties = [(\"delay\", 3), (\"names\", [\"a\", \"b\"]), (\"half\", 0.5)]; }
fragment twice(x: tensor<scalar>, by: scalar = 2.0) -> (y: tensor<scalar>)
{ y = by * x; }
graph test(x, past) -> (y, all)
{
  x = tract_core_external(shape = [1, S, 4], datum_type = \"f32\");
  past = tract_core_external(shape = [1, P, 4], datum_type = \"f32\");
  y = twice(relu(x), by = 3.0) + 1.0;
  all = concat([past, y], axis = 1);
}
",
    "version 1.0;
extension tract_registry tract_core;
extension tract_registry tract_pulse;
extension tract_symbol S;
graph test(x) -> (out)
{
  x = tract_core_external(shape = [1, 2, S], datum_type = \"f32\");
  w = variable<scalar>(label = \"w\", shape = [2, 2, 3]);
  a = conv(x, w, 0.0, padding = [(0, 0)], stride = [2], dilation = [1], border = \"constant\", groups = 1);
  b = max_pool(a, size = [1, 1, 2], stride = [1, 1, 2], dilation = [1, 1, 1], padding = [(0, 0), (0, 0), (0, 0)], border = \"ignore\");
  c = slice(b, axes = [2], begin = [1], end = [0], stride = [1]);
  d = tract_pulse_delay(c, axis = 2, delay = 1, overlap = 0);
  out = softmax(transpose(d, axes = [0, 2, 1]), axes = [2]);
}
",
    "version 1.0;
extension tract_registry tract_core;
extension tract_symbol S;
fragment cell(h: tensor<scalar>, x: tensor<scalar>, w: tensor<scalar>) -> (next: tensor<scalar>)
{ next = tanh(x + matmul(h, w, transposeB = true)); }
graph test(x) -> (out)
{
  x = external<scalar>(shape = [S, 1, 2]);
  w = variable<scalar>(label = \"w\", shape = [1, 2, 2]);
  h = variable<scalar>(label = \"h\", shape = [1, 1, 2]);
  out = tract_core_scan(body = \"cell\", scan = [(\"x\", x, 0, 1)], full = [(\"w\", w)], state = [(\"h\", h, \"next\")], output = [(\"next\", \"full\", 0, 1)], skip = 0);
}
",
];

/// What is put into texts besides their own pieces.
const PIECES: &[&str] = &[
    "0",
    "-1",
    "1",
    "7",
    "4294967295",
    "9223372036854775807",
    "1e30",
    "0.5",
    "99999999999999999999",
    "(",
    ")",
    "[",
    "]",
    "((((",
    "relu(",
    "-",
    "!",
    "if ",
    ";",
    "=",
    ",",
    "\"",
    "#",
    "S",
    "x",
    "\u{0}",
    "extension tract_registry tract_extra;",
    "extension tract_symbol S;",
    "extension tract_assert S >= ;",
];

/// Mulberry32, as `tests/engine/random.ts` has it.
struct Random(u32);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let mut mixed = (self.0 ^ (self.0 >> 15)).wrapping_mul(self.0 | 1);
        mixed ^= mixed.wrapping_add((mixed ^ (mixed >> 7)).wrapping_mul(mixed | 61));
        (mixed ^ (mixed >> 14)) as usize % limit.max(1)
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

fn dat(shape: &[u32]) -> Vec<u8> {
    let items = shape.iter().product::<u32>();
    let mut bytes = vec![0; 128 + 4 * items as usize];
    bytes[..4].copy_from_slice(&[0x4e, 0xef, 1, 0]);
    let mut word = |at: usize, value: u32| bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    word(4, 4 * items);
    word(8, shape.len() as u32);
    shape.iter().enumerate().for_each(|(axis, dim)| word(12 + 4 * axis, *dim));
    word(44, 32);
    bytes
}

fn tar_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(vec![]);
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        // Names are the point: no check of the writer's may refuse one.
        let field = &mut header.as_old_mut().name;
        let length = name.len().min(field.len());
        field[..length].copy_from_slice(&name.as_bytes()[..length]);
        header.set_cksum();
        builder.append(&header, &bytes[..]).expect("a vector takes all");
    }
    builder.into_inner().expect("a vector takes all")
}

fn damage_text(text: &str, random: &mut Random) -> String {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = boundary(random.below(text.len()));
    let to = boundary((from + random.below(24)).min(text.len()));
    let other = boundary(random.below(text.len()));
    let other_to = boundary((other + random.below(24)).min(text.len()));
    let piece = match random.below(4) {
        0 => String::new(),
        1 => text[other..other_to].to_string(),
        2 => random.pick(PIECES).to_string(),
        _ => random.pick(PIECES).repeat(1 + random.below(40)),
    };
    format!("{}{piece}{}", &text[..from], &text[to..])
}

/// Replaces one number or word of a text by another: what stays readable goes deeper.
fn exchange_word(text: &str, random: &mut Random) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = vec![];
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_word(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    let (from, to) = words[random.below(words.len())];
    let (other, other_to) = words[random.below(words.len())];
    let numeric = text[from..to].starts_with(|c: char| c.is_ascii_digit());
    let by = if numeric { PIECES[random.below(9)] } else { &text[other..other_to] };
    format!("{}{by}{}", &text[..from], &text[to..])
}

fn damage_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(4) {
        0 => bytes.truncate(random.below(bytes.len())),
        1 => {
            let at = random.below(bytes.len().saturating_sub(4));
            let word = [0, 1, 9, 0x7fff_ffff, 0xffff_ffff][random.below(5)];
            if let Some(place) = bytes.get_mut(at..at + 4) {
                place.copy_from_slice(&u32::to_le_bytes(word));
            }
        }
        _ => {
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
}

fn archive(random: &mut Random) -> Vec<u8> {
    let mut text = random.pick(GRAPHS).to_string();
    let mut files = vec![
        (
            "w.dat".to_string(),
            dat(if text.contains("[2, 2, 3]") { &[2, 2, 3] } else { &[1, 2, 2] }),
        ),
        ("h.dat".to_string(), dat(&[1, 1, 2])),
    ];
    let how = random.below(8);
    for _ in 0..=random.below(2) {
        match how {
            0 | 1 => text = damage_text(&text, random),
            2..=4 => text = exchange_word(&text, random),
            5 => damage_bytes(&mut files[random.below(2)].1, random),
            6 => {
                let name =
                    ["../x", "/x", "graph.nnef", "", "a.nnef.tar", "x.quant", "a\\..\\b", "s.json"];
                files[random.below(2)].0 = random.pick(&name).to_string();
            }
            _ => {}
        }
    }
    files.insert(random.below(3), ("graph.nnef".to_string(), text.into_bytes()));
    let mut bytes = tar_of(&files);
    if how == 7 {
        damage_bytes(&mut bytes, random);
    }
    bytes
}

/// What is read, and by what.
enum Case {
    Message(Vec<u8>),
    Archive(Vec<u8>),
}

fn case(seed: u64) -> Case {
    let mut random = Random(seed as u32);
    if random.below(8) > 0 {
        return Case::Archive(archive(&mut random));
    }
    let mut message = dat(&[1, 2, 2]);
    damage_bytes(&mut message, &mut random);
    Case::Message(message)
}

/// What a case came to, in a word and in a sentence.
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

/// In a process of its own: runs cases, a line before and one after each.
#[test]
#[ignore = "what `cases_are_read_or_refused` starts"]
fn child() {
    let range = std::env::var("NNEF_PULSE_FUZZ_RANGE").expect("set by the parent");
    let (from, to) = range.split_once("..").expect("from..to");
    let place = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let seen = place.clone();
    std::panic::set_hook(Box::new(move |info| {
        *seen.lock().expect("one thread") = info.location().map_or(String::new(), |at| {
            // Without the folder of this machine's crates.
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
    /// Seeds that ended the process or overran.
    bad: Vec<(u64, String)>,
}

/// Runs `from..to` in child processes, a new one after each that ended early.
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
                        (from, open) = (seed + 1, None);
                    } else {
                        last = line;
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => break "overran".to_string(),
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

/// Cases done before, as the record says.
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
    KEPT.iter().for_each(|seed| run(*seed, seed + 1, &mut findings));
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
