//! Models decluttered without trying axes on copies of a recurrence's body again and again:
//! `proposal.md`.

use std::collections::HashSet;
use std::fmt;
use std::sync::Mutex;

use tract_core::ops::change_axes::AxisChange;
use tract_core::ops::scan::{InputMapping, Scan, ScanInfo};
use tract_core::optim::change_axes::change_axes;
use tract_core::optim::{Optimizer, OptimizerSession, TypedPass};
use tract_nnef::internal::*;

use super::hooks::Hook;

inventory::submit! { Hook::Passes(replace) }

/// tract's passes, without the search for better axes inside recurrences that need none, and
/// without asking a recurrence again that had nothing to change.
fn replace(model: &TypedModel, declutter: &mut Optimizer) {
    // A test says where it is.
    declutter.passes[NODE_BY_NODE] = Box::<NodeByNode>::default();
    if scans_along_first_axis(model) {
        // The last of tract's passes is its search (a test says so).
        declutter.passes.pop();
        declutter.passes.push(Box::<AxesBesideScans>::default());
    }
}

fn scans_along_first_axis(model: &TypedModel) -> bool {
    model.nodes().iter().filter_map(|node| node.op_as::<Scan>()).all(|scan| {
        let first = |info: &ScanInfo| info.axis == 0;
        let inputs = scan.input_mapping.iter().all(|mapping| match mapping {
            InputMapping::Scan(info) => first(info),
            _ => true,
        });
        inputs
            && scan.output_mapping.iter().all(|mapping| mapping.scan.iter().all(|(_, i)| first(i)))
    })
}

/// Where tract asks each node what would be simpler.
const NODE_BY_NODE: usize = 4;

/// Asks each node what would be simpler, as tract does, but a recurrence only until it has nothing
/// to change.
///
/// A recurrence tries every change of axes on a copy of its body, each time it is asked: a fifth of
/// the time it takes to plan a VAD.
#[derive(Clone, Default)]
struct NodeByNode {
    /// Node to go on from.
    from: usize,
    /// Recurrences by name; tract clones its passes for each round.
    settled: Arc<Mutex<HashSet<String>>>,
}

/// tract writes a pass down with every change it makes.
impl fmt::Debug for NodeByNode {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("NodeByNode")
    }
}

impl TypedPass for NodeByNode {
    fn reset(&mut self) -> TractResult<()> {
        self.from = 0;
        Ok(())
    }

    fn next(
        &mut self,
        session: &mut OptimizerSession,
        model: &TypedModel,
    ) -> TractResult<Option<TypedModelPatch>> {
        // Not held meanwhile: a recurrence runs these passes on its body.
        let settled = || self.settled.lock().expect("no pass panics");
        for node in &model.nodes()[self.from..] {
            if settled().contains(&node.name) {
                continue;
            }
            let found = node.op.declutter_with_session(session, model, node);
            if let Some(mut patch) = found.with_context(|| format!("simplifying {node}"))? {
                patch.push_context(format!("simplifying {node}"));
                self.from = node.id + usize::from(patch.dont_apply_twice.is_some());
                return Ok(Some(patch));
            }
            if node.op_is::<Scan>() {
                settled().insert(node.name.clone());
            }
        }
        Ok(None)
    }
}

/// tract's search for axes that can be moved or left out, stopping at recurrences.
///
/// To try a change on a wire of a recurrence, tract copies its body and changes that: more than
/// half of the time it takes to plan a VAD. All there is to gain is a body that goes along its first
/// axis.
#[derive(Clone, Default)]
struct AxesBesideScans {
    tried: HashSet<AxisChange>,
    /// Node to go on from.
    from: usize,
}

impl fmt::Debug for AxesBesideScans {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("AxesBesideScans")
    }
}

impl TypedPass for AxesBesideScans {
    fn reset(&mut self) -> TractResult<()> {
        *self = Self::default();
        Ok(())
    }

    fn next(
        &mut self,
        _: &mut OptimizerSession,
        model: &TypedModel,
    ) -> TractResult<Option<TypedModelPatch>> {
        let mut locked = [model.input_outlets()?, model.output_outlets()?].concat();
        for scan in model.nodes().iter().filter(|node| node.op_is::<Scan>()) {
            locked.extend(&scan.inputs);
            locked.extend((0..scan.outputs.len()).map(|slot| OutletId::new(scan.id, slot)));
        }
        let mut explored = HashSet::new();
        for node in &model.nodes()[self.from..] {
            for change in candidates(node)? {
                if locked.contains(&change.outlet) || !self.tried.insert(change.clone()) {
                    continue;
                }
                let found = change_axes(model, &change, &locked, &[], &mut explored)
                    .with_context(|| format!("trying {change:?} from {node}"))?;
                if let Some((patch, _)) = found {
                    self.from = node.id;
                    return Ok(Some(patch));
                }
            }
        }
        Ok(None)
    }
}

/// What a node would like best, and each axis of its outputs that has one value only.
fn candidates(node: &TypedNode) -> TractResult<Vec<AxisChange>> {
    let wished = node.op.suggested_axis_changes()?;
    let mut all: Vec<AxisChange> =
        wished.into_iter().map(|(io, op)| AxisChange { outlet: io.as_outlet(node), op }).collect();
    for (slot, output) in node.outputs.iter().enumerate() {
        let shape = output.fact.shape.iter().enumerate();
        all.extend(shape.filter(|(_, dim)| dim.is_one()).map(|(axis, _)| AxisChange {
            outlet: OutletId::new(node.id, slot),
            op: AxisOp::Rm(axis),
        }));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracts_own_passes_are_where_they_are_replaced() {
        let passes = Optimizer::declutter().passes;
        let names: Vec<_> = passes.iter().map(|pass| format!("{pass:?}")).collect();
        assert_eq!(names[NODE_BY_NODE], "declutter");
        assert_eq!(names.iter().filter(|name| *name == "declutter").count(), 1);
        assert_eq!(names.last().map(String::as_str), Some("ChangeAxes"));
        assert_eq!(names.iter().filter(|name| *name == "ChangeAxes").count(), 1);
    }
}
