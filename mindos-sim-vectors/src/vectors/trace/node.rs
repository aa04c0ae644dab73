//! A node whose every step is written down.

use bytes::Bytes;
use mindos_core::crypto::DEFAULT;
use mindos_core::wire::{MAX_PACKET, Tier};
use mindos_core::{Event, Handled, Input, Instant, Node, NodeConfig, Output, PathId, PersistKey, Restored};
use serde_json::{Value as Json, json};

use super::inputs::{self, array, hex_of, number};
use super::outputs;
use crate::inspect::hex;

/// What the node put out, for the host that does it.
pub(super) enum Out {
    Transmit(Bytes),
    OpenPath(PathId),
    Persist(u64),
    Event(Event),
}

/// A node and the deadline that it told last.
pub(super) struct Traced {
    config: Json,
    node: Node,
    /// What came with the last step.
    pub(super) out: Vec<Out>,
    /// When the next timer is due.
    pub(super) deadline: Option<u64>,
}

const KEYS: [PersistKey; 4] = [PersistKey::Sequence, PersistKey::Incarnation, PersistKey::Epoch, PersistKey::Contacts];

impl Traced {
    /// A node as the member `node` of a case tells it.
    pub(super) fn restore(config: &Json) -> Result<Self, String> {
        let locator = Bytes::from(hex_of(config, "locator")?);
        let network = u32::try_from(number(config, "network")?).map_err(|e| format!("network: {e}"))?;
        let mut made = NodeConfig::new(&DEFAULT, array(config, "identity")?, array(config, "seed")?, network, locator);
        made.tier = inputs::code(config, "tier", Tier::ALL, Tier::name)?;
        made.cell = u32::try_from(number(config, "cell")?).map_err(|e| format!("cell: {e}"))?;
        made.probe_interval = mindos_core::Duration(number(config, "probe_interval_us")?);
        made.max_members = number(config, "max_members")? as usize;
        made.max_events = number(config, "max_events")? as usize;
        let mut restored = Restored::new();
        for record in config["restored"].as_array().into_iter().flatten() {
            let key = KEYS.into_iter().find(|k| record["key"] == outputs::key(*k)).ok_or("unknown key of a record")?;
            restored.insert(key, Bytes::from(hex_of(record, "bytes")?));
        }
        let node = Node::new(made, Instant(number(config, "start_us")?), &restored);
        Ok(Self { config: config.clone(), node, out: Vec::new(), deadline: None })
    }

    /// The configuration as it was told.
    pub(super) fn config(&self) -> &Json {
        &self.config
    }

    /// This node's name.
    pub(super) fn id(&self) -> mindos_core::NodeId {
        self.node.id()
    }

    /// The first step: what a node wants that was just made.
    pub(super) fn start(&mut self, at: u64) -> Json {
        self.drain(at, json!({ "type": "start" }), Handled::Accepted)
    }

    /// Gives the node an input, and writes down the step.
    pub(super) fn step(&mut self, at: u64, input: Input) -> Json {
        let told = inputs::write(&input);
        let handled = self.node.handle(Instant(at), input);
        self.drain(at, told, handled)
    }

    fn drain(&mut self, at: u64, input: Json, handled: Handled) -> Json {
        self.out.clear();
        let mut out = Vec::new();
        let mut buf = [0; MAX_PACKET];
        loop {
            match self.node.poll(&mut buf) {
                Output::Idle { deadline, reason } => {
                    self.deadline = deadline.map(|d| d.0);
                    let (handled, error) = outputs::handled(handled);
                    return json!({
                        "at_us": at.to_string(),
                        "in": input,
                        "handled": handled,
                        "error": error,
                        "out": out,
                        "next_timer_us": self.deadline.map(|d| d.to_string()).unwrap_or_default(),
                        "timer": reason,
                    });
                }
                Output::Transmit { path, bytes, class } => {
                    self.out.push(Out::Transmit(Bytes::copy_from_slice(bytes)));
                    out.push(json!({
                        "type": "transmit",
                        "path": path.0.to_string(),
                        "class": outputs::class(class),
                        "bytes": hex(bytes),
                    }));
                }
                Output::OpenPath { path, locator } => {
                    self.out.push(Out::OpenPath(path));
                    out.push(json!({
                        "type": "open-path", "path": path.0.to_string(), "locator": hex(&locator),
                    }));
                }
                Output::Persist { key, bytes, token } => {
                    self.out.push(Out::Persist(token));
                    out.push(json!({
                        "type": "persist",
                        "key": outputs::key(key),
                        "bytes": hex(&bytes),
                        "token": token.to_string(),
                    }));
                }
                Output::Event(event) => {
                    out.push(outputs::event(&event));
                    self.out.push(Out::Event(event));
                }
                other => out.push(json!({ "type": format!("{other:?}") })),
            }
        }
    }
}
