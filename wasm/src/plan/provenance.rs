//! Which nodes of a model each node of its plan computes.

use std::collections::{HashMap, HashSet};

use tract_core::ops::konst::Const;
use tract_nnef::internal::*;

/// For each node of the plan, by id, the names of the model's nodes that it computes; only names in
/// `assigned`, if given.
///
/// A fused node has the name of the last node of its group; a node split off has that name with a
/// suffix. So a node of the plan computes the model's node of its name, and that node's inputs back
/// to nodes that the plan still has.
pub fn provenance(
    model: &TypedModel,
    plan: &TypedModel,
    assigned: Option<&HashSet<String>>,
) -> TractResult<HashMap<usize, Vec<String>>> {
    let by_name: HashMap<&str, usize> =
        model.nodes().iter().map(|node| (node.name.as_str(), node.id)).collect();
    let order = plan.eval_order()?;
    let named: Vec<(usize, Option<usize>)> =
        order.iter().map(|id| (*id, origin_of(&plan.node(*id).name, &by_name))).collect();
    let computing = named.iter().filter(|(id, _)| !is_layout(&plan.node(*id).name));
    let kept: HashSet<usize> = computing.filter_map(|(_, origin)| *origin).collect();
    let mut provenance = HashMap::new();
    for (id, origin) in named {
        let Some(origin) = origin else { continue };
        if is_layout(&plan.node(id).name) {
            provenance.insert(id, vec![model.node(origin).name.clone()]);
            continue;
        }
        let mut names = vec![];
        let mut seen = HashSet::from([origin]);
        let mut pending = vec![origin];
        while let Some(at) = pending.pop() {
            let node = model.node(at);
            if assigned.is_none_or(|assigned| assigned.contains(&node.name)) {
                names.push(node.name.clone());
            }
            for input in &node.inputs {
                let constant = model.node(input.node).op_is::<Const>();
                if !constant && !kept.contains(&input.node) && seen.insert(input.node) {
                    pending.push(input.node);
                }
            }
        }
        names.reverse();
        provenance.insert(id, names);
    }
    Ok(provenance)
}

/// Whether a node only lays out data for the node it was split off from.
fn is_layout(name: &str) -> bool {
    [".im2col", ".lazyIm2col", ".pack_a", ".pack_b"].iter().any(|suffix| name.ends_with(suffix))
}

fn origin_of(name: &str, by_name: &HashMap<&str, usize>) -> Option<usize> {
    let mut prefix = name;
    loop {
        if let Some(id) = by_name.get(prefix) {
            return Some(*id);
        }
        prefix = &prefix[..prefix.rfind(['.', '_'])?];
    }
}
