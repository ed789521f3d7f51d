//! Texts that call every operator and fragment of every registry, with arguments of every kind, count,
//! sign and size: each from a seed.

use tract_nnef::ast::{Parameter, TypeName, TypeSpec};
use tract_wasm::read::framework::with_reader;

use super::cases::Random;

const REGISTRIES: &[&str] =
    &["tract_core", "tract_resource", "tract_pulse", "tract_extra", "tract_transformers"];
const TENSORS: &[&str] = &["x", "a", "n", "flag", "w", "relu(x)", "x + 1.0", "0.5", "k", "-a"];
const INTEGERS: &[&str] = &[
    "0",
    "1",
    "2",
    "-1",
    "3",
    "-2",
    "7",
    "8",
    "S",
    "4294967295",
    "9223372036854775807",
    "-9223372036854775808",
];
const NUMBERS: &[&str] = &["0.0", "1.0", "-0.5", "1e30", "-1e-30", "inf", "-inf", "2"];
const STRINGS: &[&str] = &[
    "'constant'",
    "'ignore'",
    "'reflect'",
    "'replicated'",
    "'f32'",
    "'i64'",
    "'f16'",
    "'tdim'",
    "'bool'",
    "'string'",
    "'w'",
    "'x'",
    "''",
    "'bhmk,bhnk->bhmn'",
    "'mk,kn->mn'",
    "'a->'",
    "'é'",
    "'cell'",
    "'full'",
    "'last'",
    "'{}'",
];
const OTHERS: &[&str] = &[
    "[]",
    "()",
    "[x, a]",
    "[x, n]",
    "[[]]",
    "[(0, 0)]",
    "[(1)]",
    "[(0, 1), (2)]",
    "(1, -1)",
    "true",
    "false",
    "[0, 0]",
    "[1, 2, 3, 4, 5, 6, 7, 8, 9]",
    "shape_of(x)",
    "k[0]",
    "k[9]",
    "[x][1]",
    "[S]",
    "[('h', x, 0, 1)]",
    "[('h', w, 'next')]",
    "[('next', 'full', 9, 0)]",
    "copy(x) if flag else a",
];

struct Operator {
    id: String,
    parameters: Vec<Parameter>,
}

fn operators() -> Vec<Operator> {
    with_reader(|framework| {
        let mut all = vec![];
        for registry in &framework.registries {
            let mut add = |id: &str, parameters: &[Parameter]| {
                all.push(Operator { id: id.to_string(), parameters: parameters.to_vec() });
            };
            registry.primitives.values().for_each(|it| add(&it.decl.id.0, &it.decl.parameters));
            registry.fragments.values().for_each(|it| add(&it.decl.id.0, &it.decl.parameters));
            registry.element_wise_ops.iter().for_each(|it| add(&it.0.0, &it.3));
            let operand = |id: &str| TypeName::Scalar.tensor().named(id);
            let unary = [operand("x")];
            registry.unit_element_wise_ops.iter().for_each(|it| add(&it.0.0, &unary));
            let binary = [operand("x"), operand("y")];
            registry.binary_ops.iter().for_each(|it| add(&it.0.0, &binary));
        }
        // A map has another order in each process.
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    })
}

thread_local! {
    static OPERATORS: Vec<Operator> = operators();
}

fn fitting(spec: &TypeSpec, random: &mut Random) -> String {
    match spec {
        TypeSpec::Single(TypeName::Integer) => random.pick(INTEGERS).to_string(),
        TypeSpec::Single(TypeName::Scalar) => random.pick(NUMBERS).to_string(),
        TypeSpec::Single(TypeName::String) => random.pick(STRINGS).to_string(),
        TypeSpec::Single(TypeName::Logical) => random.pick(&["true", "false"]).to_string(),
        TypeSpec::Single(TypeName::Any) | TypeSpec::Tensor(_) => random.pick(TENSORS).to_string(),
        TypeSpec::Array(item) => {
            let items: Vec<String> = (0..random.below(4)).map(|_| fitting(item, random)).collect();
            format!("[{}]", items.join(", "))
        }
        TypeSpec::Tuple(items) => {
            let items: Vec<String> = items.iter().map(|item| fitting(item, random)).collect();
            format!("({})", items.join(", "))
        }
    }
}

fn argument(spec: &TypeSpec, random: &mut Random) -> String {
    match random.below(8) {
        0 => random.pick(OTHERS).to_string(),
        1 => random.pick(INTEGERS).to_string(),
        2 => {
            let kind = random.below(3);
            random.pick([TENSORS, NUMBERS, STRINGS][kind]).to_string()
        }
        _ => fitting(spec, random),
    }
}

fn call(random: &mut Random) -> String {
    OPERATORS.with(|operators| {
        let Operator { id, parameters } = &operators[random.below(operators.len())];
        let named_from = random.below(parameters.len() + 1);
        let mut arguments = vec![];
        for (ix, parameter) in parameters.iter().enumerate() {
            if random.below(16) == 0 || (parameter.lit.is_some() && random.below(3) == 0) {
                continue;
            }
            let value = argument(&parameter.spec, random);
            arguments.push(match ix >= named_from {
                true => format!("{} = {value}", parameter.id.0),
                false => value,
            });
        }
        if random.below(24) == 0 {
            arguments.push(random.pick(OTHERS).to_string());
        }
        let generic = match random.below(12) {
            0 => random.pick(&["<scalar>", "<string>", "<?>", "<integer>", "<logical>"]),
            _ => "",
        };
        format!("{id}{generic}({})", arguments.join(", "))
    })
}

/// A text, with `w.dat` of shape `[2, 3]` beside it.
pub fn text(random: &mut Random) -> String {
    let extensions: String =
        REGISTRIES.iter().map(|name| format!("extension tract_registry {name};\n")).collect();
    let shape = random.pick(&["[]", "[2]", "[2, 3]", "[1, 2, 3]", "[1, 2, S]", "[S, 3, 8, 8]"]);
    let first = call(random);
    let second = match random.below(3) {
        0 => call(random),
        _ => "a".to_string(),
    };
    format!(
        "version 1.0;\n{extensions}extension tract_symbol S;
fragment cell(h: tensor<scalar>, x: tensor<scalar>) -> (next: tensor<scalar>) {{ next = h + x; }}
graph g(x, n, flag) -> (y, z)
{{
  x = tract_core_external(shape = {shape}, datum_type = 'f32');
  n = external<integer>(shape = [2]);
  flag = external<logical>(shape = []);
  w = variable(label = 'w', shape = [2, 3]);
  k = [1, 2];
  a = x * 2.0;
  y = {first};
  z = {second};
}}
"
    )
}
