//! Checks the fragments of a text before tract expands their calls.

use std::collections::{HashMap, HashSet};

use tract_nnef::ast::{Assignment, FragmentDef, Invocation, LValue, ProtoModel, RValue};
use tract_nnef::internal::{Identifier, Nnef};

use crate::errors::{Error, Result};
use crate::limits::Limits;

/// Operations after all fragments are expanded.
const MAX_OPERATIONS: u64 = 1_000_000;

/// Refuses fragments that call themselves, nest too deep, or expand to too many operations, and
/// properties that are no literals.
pub fn check(proto: &ProtoModel, framework: &Nnef, limits: &Limits) -> Result<()> {
    proto.doc.fragments.iter().try_for_each(check_results)?;
    let all = framework.stdlib.iter().chain(&proto.doc.fragments);
    let bodies: HashMap<&Identifier, &[Assignment]> =
        all.filter_map(|fragment| Some((&fragment.decl.id, fragment.body.as_deref()?))).collect();
    let mut expansion = Expansion { bodies, sizes: HashMap::new(), depth: limits.depth };
    expansion.body(&proto.doc.graph_def.body, 0)?;
    Ok(())
}

/// A fragment's results must be assigned in it or be parameters.
fn check_results(FragmentDef { decl, body }: &FragmentDef) -> Result<()> {
    let Some(body) = body else { return Ok(()) };
    // tract resolves properties where no name has a value.
    let is_literal = |assignment: &Assignment| is_literal(&assignment.right);
    if decl.id.0 == "tract_core_properties" && !body.iter().all(is_literal) {
        return Err(Error::archive("the properties hold more than literals"));
    }
    let assigned = body.iter().flat_map(|assignment| identifiers(&assignment.left));
    let known: HashSet<&Identifier> =
        assigned.chain(decl.parameters.iter().map(|parameter| &parameter.id)).collect();
    match decl.results.iter().find(|result| !known.contains(&result.id)) {
        None => Ok(()),
        Some(result) => Err(Error::archive(format!(
            "fragment {} does not assign its result {}",
            decl.id.0, result.id.0
        ))),
    }
}

fn is_literal(value: &RValue) -> bool {
    match value {
        RValue::Literal(_) => true,
        RValue::Tuple(values) | RValue::Array(values) => values.iter().all(is_literal),
        // tract writes the dtype of integers so.
        RValue::Invocation(call) => {
            call.id.0 == "tract_core_cast" && call.arguments.iter().all(|it| is_literal(&it.rvalue))
        }
        _ => false,
    }
}

/// Names on the left of an assignment.
pub fn identifiers(left: &LValue) -> Box<dyn Iterator<Item = &Identifier> + '_> {
    match left {
        LValue::Identifier(id) => Box::new(std::iter::once(id)),
        LValue::Tuple(parts) | LValue::Array(parts) => Box::new(parts.iter().flat_map(identifiers)),
    }
}

struct Expansion<'a> {
    bodies: HashMap<&'a Identifier, &'a [Assignment]>,
    sizes: HashMap<&'a Identifier, u64>,
    depth: usize,
}

impl<'a> Expansion<'a> {
    fn body(&mut self, body: &'a [Assignment], depth: usize) -> Result<u64> {
        if depth > self.depth {
            return Err(Error::limit(format!("fragments nest deeper than {}", self.depth)));
        }
        let mut size = 0u64;
        for assignment in body {
            size = size.saturating_add(self.value(&assignment.right, depth)?);
        }
        if size > MAX_OPERATIONS {
            let message = format!("the graph has more than {MAX_OPERATIONS} operations");
            return Err(Error::limit(message));
        }
        Ok(size)
    }

    fn invocation(&mut self, invocation: &'a Invocation, depth: usize) -> Result<u64> {
        let mut size = 1u64;
        if let Some((id, body)) = self.bodies.get_key_value(&invocation.id) {
            let (id, body) = (*id, *body);
            size = match self.sizes.get(id) {
                Some(known) => *known,
                None => self.body(body, depth + 1)?,
            };
            self.sizes.insert(id, size);
        }
        for argument in &invocation.arguments {
            size = size.saturating_add(self.value(&argument.rvalue, depth)?);
        }
        Ok(size)
    }

    fn value(&mut self, value: &'a RValue, depth: usize) -> Result<u64> {
        let parts: Vec<&RValue> = match value {
            RValue::Identifier(_) | RValue::Literal(_) => return Ok(0),
            RValue::Invocation(invocation) => return self.invocation(invocation, depth),
            RValue::Binary(left, _, right) => vec![&**left, &**right],
            RValue::Unary(_, value) => vec![&**value],
            RValue::Tuple(values) | RValue::Array(values) => values.iter().collect(),
            RValue::Subscript(value, _) => vec![&**value],
            RValue::Comprehension(comprehension) => vec![&comprehension.yields],
            RValue::IfThenElse(choice) => vec![&choice.cond, &choice.then, &choice.otherwise],
        };
        parts
            .into_iter()
            .try_fold(1u64, |size, part| Ok(size.saturating_add(self.value(part, depth)?)))
    }
}
