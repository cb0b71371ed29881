//! An input that listens, and how to wait for what it hears.

use std::time::{Duration, Instant};

use returnfeed_engine::inputs::{self, Heard, InputEvent, InputSpec};
use returnfeed_tally::InputFact;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, channel};
use tokio_util::sync::CancellationToken;

/// How long a test waits for what must come: many times what a busy machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) struct Listener {
    heard: Receiver<Heard>,
    /// The newest of each kind.
    pub(crate) software: Option<String>,
    pub(crate) lost: Option<String>,
    inputs: Vec<InputFact>,
    cancel: CancellationToken,
    runtime: Runtime,
}

impl Listener {
    pub(crate) fn to(spec: &str) -> Self {
        let spec = InputSpec::parse(spec).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (sender, heard) = channel(1);
        let cancel = CancellationToken::new();
        runtime.spawn(inputs::run(spec, sender, cancel.clone()));
        Self { heard, software: None, lost: None, inputs: Vec::new(), cancel, runtime }
    }

    /// Takes what was heard until this holds.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            let event = self.next(deadline);
            self.take(event.unwrap_or_else(|| {
                panic!("{what} never came; on the buses: {:?}, lost: {:?}", self.buses(), self.lost)
            }));
        }
    }

    /// Takes what was heard until these are on the buses, and returns every state of them on the way.
    pub(crate) fn until_buses(&mut self, programme: &[&str], preview: &[&str]) -> Vec<Buses> {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let wanted: Buses = (owned(programme), owned(preview));
        let mut way = vec![self.buses()];
        let deadline = Instant::now() + PATIENCE;
        while way.last() != Some(&wanted) {
            let event = self.next(deadline);
            self.take(event.unwrap_or_else(|| panic!("{wanted:?} never came; on the way: {way:?}")));
            if way.last() != Some(&self.buses()) {
                way.push(self.buses());
            }
        }
        way
    }

    fn next(&mut self, deadline: Instant) -> Option<InputEvent> {
        let received = async { tokio::time::timeout_at(deadline.into(), self.heard.recv()).await };
        Some(self.runtime.block_on(received).ok()??.1)
    }

    /// Names on programme, names on preview.
    pub(crate) fn buses(&self) -> Buses {
        let on = |bus: fn(&InputFact) -> bool| {
            self.inputs.iter().filter(|input| bus(input)).map(InputFact::label).collect()
        };
        (on(|input| input.programme), on(|input| input.preview))
    }

    fn take(&mut self, event: InputEvent) {
        match event {
            InputEvent::Connected { software } => (self.software, self.lost) = (Some(software), None),
            InputEvent::Inputs(inputs) => self.inputs = inputs,
            InputEvent::Lost { reason, .. } => (self.lost, self.inputs) = (Some(reason), Vec::new()),
        }
    }
}

pub(crate) type Buses = (Vec<String>, Vec<String>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
