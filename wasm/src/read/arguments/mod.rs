//! Checks the arguments of every operator before tract builds it: tract's builders index, unwrap and
//! calculate without a look, and in WebAssembly a panic ends the instance.
//!
//! The reader's registries call [`build`] for each operator. It resolves the arguments once, checks
//! their values by the rules of `table.rs`, and hands them to tract's builder under their names.

mod geometry;
mod indices;
mod rules;
mod shapes;
mod special;
mod table;
mod values;

use tract_nnef::ast::{Argument, Document, Invocation, Parameter, RValue, Subscript};
use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};
use tract_nnef::internal::*;
use tract_nnef::registry::PrimitiveDecl;

use values::Arguments;

/// The operator that stands for `value[index]`.
const SUBSCRIPT: &str = "value[index]";

/// No text can ask for a registry of this name.
const UNCHECKED: &str = "unchecked;";

/// Parameters in which an unknown name is a new symbol.
const NEW_SYMBOLS: &[(&str, &[&str])] = &[
    ("external", &["shape"]),
    ("tract_core_external", &["shape"]),
    ("tract_core_broadcast", &["shape"]),
    ("slice", &["begin", "end"]),
    ("tract_pulse_pulse_pad", &["after", "end_input"]),
    ("tract_pulse_mask", &["end"]),
    ("tract_transformers_dyn_kv_cache", KV_CACHE),
    ("tract_transformers_quantized_dyn_kv_cache", KV_CACHE),
];
const KV_CACHE: &[&str] = &["past_sequence_shape", "input_sequence_shape"];

/// Puts a check before each operator of `framework`.
pub fn with_argument_checks(mut framework: Nnef) -> Nnef {
    let mut unchecked = vec![];
    for registry in &mut framework.registries {
        let mut own = Registry::new(UNCHECKED);
        own.primitives = std::mem::take(&mut registry.primitives);
        own.unit_element_wise_ops = std::mem::take(&mut registry.unit_element_wise_ops);
        own.element_wise_ops = std::mem::take(&mut registry.element_wise_ops);
        own.binary_ops = std::mem::take(&mut registry.binary_ops);
        let operand = |name: &str| TypeName::Scalar.tensor().named(name);
        let mut add = |id: &Identifier, parameters: Vec<Parameter>| {
            registry.primitives.entry(id.clone()).or_insert_with(|| checked(id, parameters));
        };
        own.primitives.values().for_each(|it| add(&it.decl.id, it.decl.parameters.clone()));
        own.element_wise_ops.iter().for_each(|it| add(&it.0, it.3.clone()));
        own.unit_element_wise_ops.iter().for_each(|it| add(&it.0, vec![operand("x")]));
        own.binary_ops.iter().for_each(|it| add(&it.0, vec![operand("x"), operand("y")]));
        unchecked.push(own);
    }
    if let Some(standard) = framework.registries.first_mut() {
        let id = Identifier::from(SUBSCRIPT);
        let parameters =
            vec![TypeName::Any.tensor().named("value"), TypeName::Integer.named("index")];
        standard.primitives.insert(id.clone(), checked(&id, parameters));
    }
    framework.registries.extend(unchecked);
    framework
}

/// Makes an operator, which can be checked, of each `value[index]` in a text.
pub fn name_subscripts(doc: &mut Document) {
    let bodies = doc.fragments.iter_mut().filter_map(|fragment| fragment.body.as_mut());
    for assignment in bodies.flatten().chain(&mut doc.graph_def.body) {
        name_subscripts_of(&mut assignment.right);
    }
}

fn name_subscripts_of(value: &mut RValue) {
    match value {
        RValue::Identifier(_) | RValue::Literal(_) | RValue::Comprehension(_) => {}
        RValue::Invocation(call) => {
            call.arguments.iter_mut().for_each(|it| name_subscripts_of(&mut it.rvalue));
        }
        RValue::Binary(left, _, right) => {
            name_subscripts_of(left);
            name_subscripts_of(right);
        }
        RValue::Unary(_, value) => name_subscripts_of(value),
        RValue::Tuple(values) | RValue::Array(values) => {
            values.iter_mut().for_each(name_subscripts_of);
        }
        RValue::IfThenElse(choice) => {
            let parts = [&mut choice.cond, &mut choice.then, &mut choice.otherwise];
            parts.into_iter().for_each(name_subscripts_of);
        }
        RValue::Subscript(of, subscript) => {
            name_subscripts_of(of);
            if let Subscript::Single(index) = &mut **subscript {
                name_subscripts_of(index);
                let operands = [(**of).clone(), index.clone()];
                let arguments = operands.map(|rvalue| Argument { id: None, rvalue }).to_vec();
                let id = SUBSCRIPT.into();
                *value = RValue::Invocation(Invocation { id, generic_type_name: None, arguments });
            }
        }
    }
}

fn checked(id: &Identifier, parameters: Vec<Parameter>) -> PrimitiveDecl {
    let decl = FragmentDecl { id: id.clone(), generic_decl: None, parameters, results: vec![] };
    PrimitiveDecl { decl, docstrings: None, to_tract: build }
}

fn build(builder: &mut ModelBuilder, call: &ResolvedInvocation) -> TractResult<Value> {
    let id = &call.invocation.id;
    let framework = builder.framework;
    let unchecked = framework.registries.iter().filter(|registry| registry.id.0 == UNCHECKED);
    let registry = unchecked.into_iter().find(|registry| has_operator(registry, id));
    let by_position = registry.is_some_and(|registry| !registry.primitives.contains_key(id))
        && registry.is_some_and(|all| !all.element_wise_ops.iter().any(|it| it.0 == *id));
    let values = resolve(builder, call, by_position)?;
    let arguments = Arguments { builder, call, values: &values };
    table::check(&arguments).with_context(|| format!("arguments of {}", id.0))?;
    let bound = bind(builder, call, values);
    let built = match registry {
        Some(registry) => registry.deserialize(builder, &bound.call, call.dt_from_quant_file),
        None => {
            let [value, index] = [0, 1].map(|ix| bound.call.arguments[ix].rvalue.clone());
            let subscript = Box::new(Subscript::Single(index));
            RValue::Subscript(Box::new(value), subscript).resolve(builder, &[]).map(Some)
        }
    };
    bound.restore(builder);
    built?.with_context(|| format!("no operator {}", id.0))
}

fn has_operator(registry: &Registry, id: &Identifier) -> bool {
    registry.primitives.contains_key(id)
        || registry.unit_element_wise_ops.iter().any(|it| it.0 == *id)
        || registry.element_wise_ops.iter().any(|it| it.0 == *id)
        || registry.binary_ops.iter().any(|it| it.0 == *id)
}

/// The value of each parameter that has one. Nodes get the names that tract's builders give them.
fn resolve(
    builder: &mut ModelBuilder,
    call: &ResolvedInvocation,
    by_position: bool,
) -> TractResult<Vec<(Identifier, Value)>> {
    let id = &*call.invocation.id.0;
    let new_symbols = NEW_SYMBOLS.iter().find(|(operator, _)| *operator == id);
    let mut values = vec![];
    for (ix, parameter) in call.default_params.iter().enumerate() {
        let name = &parameter.id;
        let value = if by_position {
            let given = call.invocation.arguments.get(ix);
            let count = call.default_params.len();
            given.with_context(|| format!("{id} has {ix} operands, but needs {count}"))?;
            given.map(|argument| argument.rvalue.resolve(builder, &[]))
        } else if let Some(rvalue) = call.get_named_arg(&name.0) {
            builder.naming_scopes.push(name.clone());
            let value = match new_symbols.is_some_and(|(_, names)| names.contains(&&*name.0)) {
                true => builder.allowing_new_symbols(|builder| rvalue.resolve(builder, &[])),
                false => rvalue.resolve(builder, &[]),
            };
            builder.naming_scopes.pop();
            Some(value)
        } else {
            None
        };
        if let Some(value) = value {
            let value = value.with_context(|| format!("resolving argument {} of {id}", name.0))?;
            values.push((name.clone(), value));
        }
    }
    Ok(values)
}

/// A call whose arguments are names in the scope.
struct Bound {
    call: Invocation,
    /// What the names stood for before.
    before: Vec<(Identifier, Option<Value>)>,
}

fn bind(
    builder: &mut ModelBuilder,
    call: &ResolvedInvocation,
    values: Vec<(Identifier, Value)>,
) -> Bound {
    let Some(scope) = builder.scopes.last_mut() else {
        // Properties are read without any: their calls hold literals, which stay as they are.
        return Bound { call: call.invocation.clone(), before: vec![] };
    };
    let mut bound =
        Bound { call: Invocation { arguments: vec![], ..call.invocation.clone() }, before: vec![] };
    for (id, value) in values {
        let rvalue = RValue::Identifier(id.clone());
        bound.call.arguments.push(Argument { id: Some(id.clone()), rvalue });
        let before = scope.insert(id.clone(), value);
        bound.before.push((id, before));
    }
    bound
}

impl Bound {
    fn restore(self, builder: &mut ModelBuilder) {
        let Some(scope) = builder.scopes.last_mut() else { return };
        for (id, before) in self.before {
            match before {
                Some(value) => scope.insert(id, value),
                None => scope.remove(&id),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::read::framework::with_reader;

    #[test]
    fn operator_names_are_unique() {
        with_reader(|framework| {
            let mut seen = HashSet::new();
            for registry in framework.registries.iter().filter(|all| all.id.0 != UNCHECKED) {
                for id in registry.primitives.keys() {
                    assert!(seen.insert(id.0.clone()), "{} is in two registries", id.0);
                }
            }
        });
    }

    #[test]
    fn rules_name_operators_and_their_parameters() {
        with_reader(|framework| {
            let all = framework.registries.iter().flat_map(|registry| registry.primitives.values());
            let all: Vec<_> = all.collect();
            for (id, rules) in table::OPERATORS {
                let found = all.iter().find(|it| it.decl.id.0 == *id);
                let found = found.unwrap_or_else(|| panic!("no operator {id}"));
                for name in rules.iter().flat_map(rules::Rule::names) {
                    let known = found.decl.parameters.iter().any(|it| it.id.0 == name);
                    assert!(known, "{id} has no parameter {name}");
                }
            }
        });
    }
}
