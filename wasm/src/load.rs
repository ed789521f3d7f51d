//! From an archive to a model.

use std::collections::BTreeMap;

use tract_extra::WithTractExtra;
use tract_nnef::internal::*;
use tract_nnef::prelude::Framework;
use tract_nnef_resources::internal::JsonLoader;
use tract_pulse::WithPulse;
use tract_transformers::WithTractTransformers;

use crate::archive::{self, Limits};
use crate::constraints::Conditions;
use crate::errors::{Error, Kind, Result};
use crate::model::Model;

thread_local! {
    /// Building the registries parses NNEF's standard library, which takes longer than loading a
    /// small archive: done once.
    static FRAMEWORK: Nnef = tract_nnef::nnef()
        .with_tract_resource()
        .with_pulse()
        .with_tract_extra()
        .with_tract_transformers()
        .with_resource_loader(JsonLoader);
}

/// Lends tract's NNEF with all its public registries.
pub fn with_framework<R>(use_it: impl FnOnce(&Nnef) -> R) -> R {
    FRAMEWORK.with(use_it)
}

/// Builds the model of an archive: a tar, already gunzipped.
pub fn load(bytes: &[u8], limits: &Limits) -> Result<Model> {
    archive::check(bytes, limits)?;
    with_framework(|framework| {
        let proto = framework
            .proto_model_for_read(&mut &*bytes)
            .map_err(|e| Error::from_tract(Kind::Archive, "cannot read the archive", &e))?;
        archive::check_fragments(&proto, &framework.stdlib, limits)?;
        let typed = framework
            .model_for_proto_model(&proto)
            .map_err(|e| Error::from_tract(Kind::Model, "cannot build the model", &e))?;
        Model::new(typed, conditions(&proto.doc.extension))
    })
}

/// Reads `extension tract_assert S+P < 64;` and `extension tract_assert tg: S == 1;`.
fn conditions(extensions: &[(Identifier, String)]) -> Conditions {
    let mut asserts = vec![];
    let mut modes = BTreeMap::<String, Vec<String>>::new();
    for (_, text) in extensions
        .iter()
        .filter(|(name, _)| name.0 == "tract_assert")
    {
        match text.split_once(':') {
            Some((mode, condition)) => {
                modes
                    .entry(mode.trim().to_string())
                    .or_default()
                    .push(condition.trim().to_string());
            }
            None => asserts.push(text.trim().to_string()),
        }
    }
    Conditions {
        asserts,
        modes,
        fixed: Default::default(),
    }
}
