//! tract's registries of operators, for reading and for writing.

use std::io::Read;
use std::path::Path;

use tract_extra::WithTractExtra;
use tract_nnef::internal::*;
use tract_nnef::resource::GraphNnef;
use tract_nnef_resources::internal::JsonLoader;
use tract_pulse::WithPulse;
use tract_transformers::WithTractTransformers;

use super::{archive, arguments};
use crate::workarounds;

thread_local! {
    /// Reads models. Made once, with all of tract's public registries.
    static READER: Nnef = {
        let (stdlib, mut registry) = workarounds::stdlib();
        workarounds::replace_operators(&mut registry);
        let reader = Nnef {
            registries: vec![registry, tract_nnef::ops::tract_core()],
            stdlib,
            resource_loaders: vec![
                SideFiles.into_boxed(),
                RootGraph.into_boxed(),
                GraphNnefLoader.into_boxed(),
                DatLoader.into_boxed(),
                GraphQuantLoader.into_boxed(),
                TypedModelLoader::new(false).into_boxed(),
                JsonLoader.into_boxed(),
            ],
            allow_extended_identifier_syntax: false,
            extern_all_constants: false,
        };
        arguments::with_argument_checks(with_registries(reader))
    };
    /// Writes models. A separate one: making it takes longer than loading a small archive.
    static WRITER: Nnef = with_registries(tract_nnef::nnef());
}

fn with_registries(framework: Nnef) -> Nnef {
    framework.with_tract_resource().with_pulse().with_tract_extra().with_tract_transformers()
}

/// Calls `body` with the framework that reads models.
pub fn with_reader<R>(body: impl FnOnce(&Nnef) -> R) -> R {
    READER.with(body)
}

/// Calls `body` with the framework that writes models.
pub fn with_writer<R>(body: impl FnOnce(&Nnef) -> R) -> R {
    WRITER.with(body)
}

/// Takes the files that macOS adds, before another loader finds fault with them.
#[derive(Debug)]
struct SideFiles;

impl Resource for SideFiles {}

impl ResourceLoader for SideFiles {
    fn name(&self) -> StaticName {
        "SideFiles".into()
    }

    fn try_load(
        &self,
        path: &Path,
        _: &mut dyn Read,
        _: &Nnef,
    ) -> TractResult<Option<(String, Arc<dyn Resource>)>> {
        let path = path.to_string_lossy();
        // A name that ends in graph.nnef would make its folder a model.
        let ignored = || (format!("{path} (ignored)"), Arc::new(SideFiles) as Arc<dyn Resource>);
        Ok(archive::is_side_file(&path).then(ignored))
    }
}

/// Gives tract's parser an empty graph: `load` has parsed the real one.
struct RootGraph;

impl ResourceLoader for RootGraph {
    fn name(&self) -> StaticName {
        "RootGraph".into()
    }

    fn try_load(
        &self,
        path: &Path,
        _: &mut dyn Read,
        _: &Nnef,
    ) -> TractResult<Option<(String, Arc<dyn Resource>)>> {
        let empty = || GraphNnef("version 1.0; graph g() -> () {}".to_string());
        let root = path == Path::new(archive::GRAPH);
        Ok(root.then(|| (archive::GRAPH.to_string(), Arc::new(empty()) as Arc<dyn Resource>)))
    }
}
