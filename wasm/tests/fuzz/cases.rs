//! Damaged archives and messages, each made from a seed.

use super::grammar;

/// Small graphs that together use each part of the format.
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

/// Text to insert, besides parts of the text itself.
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

/// Mulberry32, as in `tests/engine/random.ts`.
pub struct Random(u32);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let mut mixed = (self.0 ^ (self.0 >> 15)).wrapping_mul(self.0 | 1);
        mixed ^= mixed.wrapping_add((mixed ^ (mixed >> 7)).wrapping_mul(mixed | 61));
        (mixed ^ (mixed >> 14)) as usize % limit.max(1)
    }

    pub fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
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
        // Written directly, because the writer would refuse invalid names.
        let field = &mut header.as_old_mut().name;
        let length = name.len().min(field.len());
        field[..length].copy_from_slice(&name.as_bytes()[..length]);
        header.set_cksum();
        builder.append(&header, &bytes[..]).expect("a vector grows");
    }
    builder.into_inner().expect("a vector grows")
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

/// Replaces one number or word by another: a text that still parses reaches later stages.
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

/// An input: a message or an archive.
pub enum Case {
    Message(Vec<u8>),
    Archive(Vec<u8>),
}

/// Seeds from here on make texts by grammar.
pub const GRAMMAR: u64 = 1 << 40;

pub fn case(seed: u64) -> Case {
    let mut random = Random(seed as u32);
    if seed >= GRAMMAR {
        let text = grammar::text(&mut random);
        let graph = ("graph.nnef".to_string(), text.into_bytes());
        return Case::Archive(tar_of(&[graph, ("w.dat".to_string(), dat(&[2, 3]))]));
    }
    if random.below(8) > 0 {
        return Case::Archive(archive(&mut random));
    }
    let mut message = dat(&[1, 2, 2]);
    damage_bytes(&mut message, &mut random);
    Case::Message(message)
}
