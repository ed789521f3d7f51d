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
use super::{archive, arguments, text};
use crate::errors::{Error, Kind, Result};
use crate::limits::Limits;
use crate::workarounds;

/// Loads a model from a tar that is already gunzipped.
pub fn load(bytes: &[u8], limits: &Limits) -> Result<Model> {
    let text = archive::check(bytes, limits)?;
    let unreadable = |e| Error::from_tract(Kind::Archive, "cannot read the archive", &e);
    with_reader(|framework| {
        let mut doc = parse(&text, limits)?;
        arguments::name_subscripts(&mut doc);
        let mut proto = read(framework, bytes, doc).map_err(unreadable)?;
        proto.validate().map_err(unreadable)?;
        fragments::check(&proto, framework, limits)?;
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
        let is_content = archive::has_content(entry.header().entry_type());
        if name == archive::GRAPH || !is_content || archive::is_side_file(name) {
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
    let text = |ids: Vec<Identifier>| ids.into_iter().map(|id| id.0).collect::<Vec<_>>();
    let mut inputs = text(inputs);
    // An external of a fragment is one more input, which tract names: the graph's header does not.
    for outlet in typed.input_outlets()?.iter().skip(inputs.len()) {
        inputs.push(typed.node(outlet.node).name.clone());
    }
    name_nodes(&mut typed, &assigned, &wires);
    let names = Names {
        assigned: Some(assigned.into_iter().map(|id| id.0).collect()),
        inputs,
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
    use tract_core::tract_linalg::block_quant::{BlockQuant, BlockQuantStorage, Q4_0, Q8_1};

    use super::*;
    use crate::run::runnable::Runnable;
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

    const DOUBLED: &str =
        "version 1.0; graph g(x) -> (y) { x = external(shape = [2]); y = x + x; }";

    #[test]
    fn files_that_macos_adds_are_ignored() {
        let side: &[u8] = &[0, 5, 22, 7, 0, 2, 0, 0];
        let graph = (archive::GRAPH, DOUBLED.as_bytes());
        let side_files = [
            ("._graph.nnef", side),
            ("./._w.dat", side),
            ("__MACOSX/graph.nnef", side),
            ("__MACOSX/sub/._w.dat", side),
            (".DS_Store", side),
        ];
        let plain: Vec<_> = side_files.into_iter().chain([graph]).collect();
        let loaded = load(&tar_of(&plain), &Limits::default());
        assert!(loaded.is_ok(), "{loaded:?}");
        // With a resource, tract's own reader reads the archive.
        let resource: Vec<_> = plain.into_iter().chain([("s.json", &b"{}"[..])]).collect();
        let loaded = load(&tar_of(&resource), &Limits::default());
        assert!(loaded.is_ok(), "{loaded:?}");
    }

    #[test]
    fn a_graph_in_a_folder_is_named() {
        let tar = tar_of(&[("model/graph.nnef", DOUBLED.as_bytes())]);
        let error = load(&tar, &Limits::default()).expect_err("it is in a folder");
        assert_eq!(error.kind, Kind::Archive);
        assert!(error.message.contains("model/graph.nnef"), "{error}");
    }

    #[test]
    fn an_operator_without_operands_is_named() {
        for call in ["add()", "add(x)", "relu(exp())", "sin()"] {
            let text = DOUBLED.replace("x + x", call);
            let error = load(&tar_of(&[(archive::GRAPH, text.as_bytes())]), &Limits::default());
            let error = error.expect_err("an operand is missing");
            assert_eq!(error.kind, Kind::Model);
            assert!(error.message.contains("operands"), "{error}");
        }
    }

    #[test]
    fn weights_in_blocks_are_read_and_run() -> TractResult<()> {
        let text = "version 1.0; graph g(x) -> (y) {
            x = external(shape = [1, 64]);
            w = variable(label = 'w', shape = [2, 64]);
            y = matmul(x, w, transposeB = true); }";
        let values: Vec<f32> = (0..128).map(|n| ((n * 37) % 61) as f32 / 30.0 - 1.0).collect();
        let formats: [(Box<dyn BlockQuant>, u16); 2] =
            [(Box::new(Q4_0), 0x3040), (Box::new(Q8_1), 0x3080)];
        for (format, item_type) in formats {
            let blob = format.quant_f32(&values)?;
            let restored = format.dequant_f32(&blob)?;
            let storage = BlockQuantStorage::new(format, 2, 64, Arc::new(blob))?;
            let mut dat = vec![];
            let tensor = storage.into_tensor_with_shape(f32::datum_type(), &[2, 64]);
            tract_nnef::tensors::write_tensor(&mut dat, &tensor)?;
            // tract writes 0x3081 for Q8_1, which it does not read.
            dat[48..50].copy_from_slice(&item_type.to_le_bytes());
            let tar = |dat: &[u8]| tar_of(&[(archive::GRAPH, text.as_bytes()), ("w.dat", dat)]);
            let model = load(&tar(&dat), &Limits::default()).expect("tract reads it");
            for optimize in [true, false] {
                let planned = Runnable::new(&model, optimize);
                if optimize && item_type == 0x3080 {
                    // tract has no kernel for it.
                    assert!(matches!(planned.expect_err("as tract").kind, Kind::Prepare));
                    continue;
                }
                let runnable = planned.expect("it plans");
                let x: Vec<f32> = (0..64).map(|n| n as f32 / 64.0).collect();
                let input = tvec![Tensor::from_shape(&[1, 64], &x)?.into_tvalue()];
                let found = runnable.run(input).expect("it runs");
                let found: Vec<f32> = found[0].try_as_plain_ram()?.as_slice::<f32>()?.to_vec();
                let weights = restored.try_as_plain_ram()?;
                let rows = weights.as_slice::<f32>()?.chunks(64);
                let expected = rows.map(|row| row.iter().zip(&x).map(|(w, x)| w * x).sum::<f32>());
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() < 1e-4, "{found} {expected}");
                }
            }
            dat[48..50].copy_from_slice(&0x3099u16.to_le_bytes());
            let error = load(&tar(&dat), &Limits::default()).expect_err("no such format");
            assert!(error.message.contains("w.dat: block format 0x3099"), "{error}");
        }
        Ok(())
    }

    #[test]
    fn an_input_of_an_unsupported_type_is_named() {
        for generic in ["string", "?"] {
            let text = DOUBLED.replace("external", &format!("external<{generic}>"));
            let tar = tar_of(&[(archive::GRAPH, text.as_bytes())]);
            let error = load(&tar, &Limits::default()).expect_err("tract has no such input");
            assert_eq!(error.kind, Kind::Model);
            assert!(error.message.contains(&format!("external<{generic}>")), "{error}");
        }
    }
}
