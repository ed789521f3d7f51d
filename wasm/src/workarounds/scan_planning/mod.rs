//! Declutter without changes of axes on copies of a scan's body: `proposal.md`.

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

/// Replaces two of tract's passes.
fn replace(model: &TypedModel, declutter: &mut Optimizer) {
    // A test checks the index.
    declutter.passes[DECLUTTER] = Box::<DeclutterNodes>::default();
    if scans_along_first_axis(model) {
        // A test checks that the last pass is `ChangeAxes`.
        declutter.passes.pop();
        declutter.passes.push(Box::<ChangeAxesOutsideScans>::default());
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

/// Index of tract's pass that declutters each node.
const DECLUTTER: usize = 4;

/// tract's pass, but a scan is skipped once it had nothing to declutter.
///
/// A scan tries each change of axes on a copy of its body, each time: a fifth of the time to plan a
/// VAD.
#[derive(Clone, Default)]
struct DeclutterNodes {
    /// The next node.
    from: usize,
    /// Names of finished scans. Shared, because tract clones its passes for each round.
    finished: Arc<Mutex<HashSet<String>>>,
}

/// Short, because tract prints a pass with each of its changes.
impl fmt::Debug for DeclutterNodes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("DeclutterNodes")
    }
}

impl TypedPass for DeclutterNodes {
    fn reset(&mut self) -> TractResult<()> {
        self.from = 0;
        Ok(())
    }

    fn next(
        &mut self,
        session: &mut OptimizerSession,
        model: &TypedModel,
    ) -> TractResult<Option<TypedModelPatch>> {
        // Locked only briefly: a scan runs these passes on its body.
        let finished = || self.finished.lock().expect("no pass panics");
        for node in &model.nodes()[self.from..] {
            if finished().contains(&node.name) {
                continue;
            }
            let found = node.op.declutter_with_session(session, model, node);
            if let Some(mut patch) = found.with_context(|| format!("decluttering {node}"))? {
                patch.push_context(format!("decluttering {node}"));
                self.from = node.id + usize::from(patch.dont_apply_twice.is_some());
                return Ok(Some(patch));
            }
            if node.op_is::<Scan>() {
                finished().insert(node.name.clone());
            }
        }
        Ok(None)
    }
}

/// tract's `ChangeAxes`, without the wires of scans.
///
/// To try a change on such a wire, tract copies the scan's body and changes it: more than half of
/// the time to plan a VAD. The only gain would be a scan along its first axis.
#[derive(Clone, Default)]
struct ChangeAxesOutsideScans {
    tried: HashSet<AxisChange>,
    /// The next node.
    from: usize,
}

impl fmt::Debug for ChangeAxesOutsideScans {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("ChangeAxesOutsideScans")
    }
}

impl TypedPass for ChangeAxesOutsideScans {
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

/// A node's suggested changes, and the removal of each axis of length 1 of its outputs.
fn candidates(node: &TypedNode) -> TractResult<Vec<AxisChange>> {
    let suggested = node.op.suggested_axis_changes()?;
    let mut all: Vec<AxisChange> = suggested
        .into_iter()
        .map(|(io, op)| AxisChange { outlet: io.as_outlet(node), op })
        .collect();
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
    fn replaced_passes_are_at_their_index() {
        let passes = Optimizer::declutter().passes;
        let names: Vec<_> = passes.iter().map(|pass| format!("{pass:?}")).collect();
        assert_eq!(names[DECLUTTER], "declutter");
        assert_eq!(names.iter().filter(|name| *name == "declutter").count(), 1);
        assert_eq!(names.last().map(String::as_str), Some("ChangeAxes"));
        assert_eq!(names.iter().filter(|name| *name == "ChangeAxes").count(), 1);
    }
}
