//! A model's graph as plain data.

use serde::Serialize;
use tract_core::ops::scan::{OptScan, Scan};
use tract_nnef::internal::*;

use crate::read::facts::{self, Fact};

/// One output of one node.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outlet {
    /// The node's id.
    pub node: usize,
    /// Index of its output.
    pub output: usize,
}

impl From<&OutletId> for Outlet {
    fn from(outlet: &OutletId) -> Outlet {
        Outlet { node: outlet.node, output: outlet.slot }
    }
}

/// A wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wire {
    /// Its fact.
    #[serde(flatten)]
    pub fact: Fact,
    /// Whether its value is known before a run.
    pub constant: bool,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GraphNode {
    /// Id, as in traces of the unoptimised plan.
    pub id: usize,
    /// Name.
    pub name: String,
    /// Operator.
    pub op: String,
    /// Its input wires.
    pub inputs: Vec<Outlet>,
    /// Its output wires.
    pub outputs: Vec<Wire>,
    /// The operator's own description.
    pub info: Vec<String>,
    /// The graph of one step of a scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Graph>,
}

/// Nodes, each after the nodes it needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Graph {
    /// Nodes.
    pub nodes: Vec<GraphNode>,
    /// The graph's inputs.
    pub inputs: Vec<Outlet>,
    /// The graph's outputs.
    pub outputs: Vec<Outlet>,
}

/// A model's graph.
pub fn graph(model: &TypedModel) -> TractResult<Graph> {
    let order = model.eval_order()?;
    Ok(Graph {
        nodes: order.into_iter().map(|id| node(model.node(id))).collect::<TractResult<_>>()?,
        inputs: model.input_outlets()?.iter().map(Outlet::from).collect(),
        outputs: model.output_outlets()?.iter().map(Outlet::from).collect(),
    })
}

fn node(node: &TypedNode) -> TractResult<GraphNode> {
    let body = match (node.op_as::<Scan>(), node.op_as::<OptScan>()) {
        (Some(scan), _) => Some(graph(&scan.body)?),
        (_, Some(scan)) => Some(graph(scan.plan.model())?),
        _ => None,
    };
    let wire = |outlet: &tract_core::model::Outlet<TypedFact>| Wire {
        fact: facts::describe(&outlet.fact),
        constant: outlet.fact.konst.is_some(),
    };
    Ok(GraphNode {
        id: node.id,
        name: node.name.clone(),
        op: node.op.name().into_owned(),
        inputs: node.inputs.iter().map(Outlet::from).collect(),
        outputs: node.outputs.iter().map(wire).collect(),
        info: node.op.info()?,
        body,
    })
}
