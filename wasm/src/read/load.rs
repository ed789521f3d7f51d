//! Loads a model from an archive.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use tract_nnef::ast::parse::parse_document;
use tract_nnef::ast::{Document, ProtoModel};
use tract_nnef::internal::*;
use tract_nnef::tensors::read_tensor;

use super::conditions::Conditions;
use super::fragments::{self, identifiers};
use super::framework::with_reader;
use super::model::{Model, Names};
use super::{archive, text};
use crate::errors::{Error, Kind, Result};
use crate::limits::Limits;
use crate::workarounds;

/// Loads a model from a tar that is already gunzipped.
pub fn load(bytes: &[u8], limits: &Limits) -> Result<Model> {
    let text = archive::check(bytes, limits)?;
    let unreadable = |e| Error::from_tract(Kind::Archive, "cannot read the archive", &e);
    with_reader(|framework| {
        let doc = parse(&text, limits)?;
        let mut proto = read(framework, bytes, doc).map_err(unreadable)?;
        proto.validate().map_err(unreadable)?;
        fragments::check(&proto, &framework.stdlib, limits)?;
        let conditions = Conditions::read(&proto.doc.extension);
        let (typed, names) = build(framework, &mut proto)
            .map_err(|e| Error::from_tract(Kind::Model, "cannot build the model", &e))?;
        Model::new(typed, names, conditions)
    })
}

fn parse(text: &str, limits: &Limits) -> Result<Document> {
    if let Some(parser) = workarounds::parser() {
        return parser(archive::GRAPH, text, limits.depth);
    }
    text::check(text, limits)?;
    parse_document(text).map_err(|e| Error::from_tract(Kind::Archive, "cannot read graph.nnef", &e))
}

/// Reads the archive whose graph is `doc`. tract's reader is used only for an archive with more
/// files than a graph and tensors: it parses an empty text and looks for models in folders, code
/// that a browser has to compile first.
fn read(framework: &Nnef, bytes: &[u8], doc: Document) -> TractResult<ProtoModel> {
    match read_tensors(bytes)? {
        Some(tensors) => {
            Ok(ProtoModel { doc, tensors, quantization: None, resources: HashMap::new() })
        }
        None => Ok(ProtoModel { doc, ..framework.proto_model_for_read(&mut &*bytes)? }),
    }
}

/// The tensors of an archive; None if it has other files beside its graph.
fn read_tensors(bytes: &[u8]) -> TractResult<Option<HashMap<Identifier, Arc<Tensor>>>> {
    let mut tensors = HashMap::new();
    for entry in tar::Archive::new(bytes).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8(entry.path_bytes().into_owned())?;
        let name = path.strip_prefix("./").unwrap_or(&path);
        if name == archive::GRAPH || !archive::has_content(entry.header().entry_type()) {
            continue;
        }
        let label = name.strip_suffix(".dat").filter(|label| !label.ends_with(['/', '.']));
        let Some(label) = label.filter(|label| !label.is_empty()) else { return Ok(None) };
        let tensor = read_tensor(&mut entry as &mut dyn Read);
        let tensor = tensor.with_context(|| format!("reading tensor {name:?}"))?;
        tensors.insert(Identifier(label.to_string()), tensor.into_arc_tensor());
    }
    Ok(Some(tensors))
}

/// Builds the model with each assigned name as an output, to find its wire, and gives that wire's
/// node the name. Then restores the graph's outputs.
fn build(framework: &Nnef, proto: &mut ProtoModel) -> TractResult<(TypedModel, Names)> {
    let graph = &mut proto.doc.graph_def;
    let outputs = graph.results.clone();
    let inputs = graph.parameters.clone();
    let mut assigned: Vec<Identifier> = vec![];
    for assignment in &graph.body {
        assigned.extend(identifiers(&assignment.left).cloned());
    }
    assigned
        .extend(outputs.iter().filter(|id| !assigned.contains(id)).cloned().collect::<Vec<_>>());
    graph.results = assigned.clone();
    let mut typed = framework.model_for_proto_model(proto)?;
    let wires: HashMap<Identifier, OutletId> =
        assigned.iter().cloned().zip(typed.output_outlets()?.to_vec()).collect();
    typed.outlet_labels.clear();
    let selected: Vec<OutletId> = outputs.iter().map(|id| wires[id]).collect();
    typed.select_output_outlets(&selected)?;
    for (outlet, id) in selected.iter().zip(&outputs) {
        typed.set_outlet_label(*outlet, id.0.clone())?;
    }
    name_nodes(&mut typed, &assigned, &wires);
    let text = |ids: Vec<Identifier>| ids.into_iter().map(|id| id.0).collect::<Vec<_>>();
    let names = Names {
        assigned: Some(assigned.into_iter().map(|id| id.0).collect()),
        inputs: text(inputs),
        outputs: text(outputs),
    };
    Ok((typed, names))
}

/// Gives the node of each assigned wire its assigned name. If another node has that name, an
/// intermediate step, that node gets a free one.
fn name_nodes(
    model: &mut TypedModel,
    assigned: &[Identifier],
    wires: &HashMap<Identifier, OutletId>,
) {
    let mut by_name: HashMap<String, usize> =
        model.nodes().iter().map(|node| (node.name.clone(), node.id)).collect();
    let mut named = HashSet::new();
    for id in assigned {
        let outlet = wires[id];
        if outlet.slot != 0 || !named.insert(outlet.node) {
            continue;
        }
        if let Some(other) = by_name.get(&id.0).copied().filter(|other| *other != outlet.node) {
            let mut candidates = (0..).map(|n| format!("{}_{n}", id.0));
            let free = candidates.find(|name| !by_name.contains_key(name));
            let free = free.expect("an infinite iterator");
            model.node_mut(other).name = free.clone();
            by_name.insert(free, other);
        }
        model.node_mut(outlet.node).name = id.0.clone();
        by_name.insert(id.0.clone(), outlet.node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tar_of;

    #[test]
    fn a_contiguous_file_can_hold_a_tensor() {
        let text = "version 1.0;
            graph test(x) -> (y) {
              x = external<scalar>(shape = [2]);
              w = variable<scalar>(label = \"w\", shape = [2]);
              y = x + w;
            }";
        let mut dat = vec![];
        tract_nnef::tensors::write_tensor(&mut dat, &tensor1(&[1f32, 2.0])).expect("in memory");
        let mut tar = tar_of(&[("w.dat", &dat), (archive::GRAPH, text.as_bytes())]);
        let mut header = tar::Header::from_byte_slice(&tar[..512]).clone();
        header.set_entry_type(tar::EntryType::Continuous);
        header.set_cksum();
        tar[..512].copy_from_slice(header.as_bytes());
        let loaded = load(&tar, &Limits::default());
        assert!(loaded.is_ok(), "{loaded:?}");
    }
}
