//! One conversation: what the switcher said, what we said, what was learnt.

use std::time::{Duration, Instant};

use returnfeed_switchers::{Fault, Output, Session};
use returnfeed_tally::InputFact;

pub(crate) struct Talk<S> {
    pub(crate) session: S,
    pub(crate) now: Instant,
    sent: Vec<Vec<u8>>,
    pub(crate) connected: Option<String>,
    pub(crate) inputs: Option<Vec<InputFact>>,
    /// How many times the inputs were said.
    pub(crate) said: usize,
}

impl<S: Session> Talk<S> {
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    pub(crate) fn begin(session: impl FnOnce(Instant) -> S) -> Self {
        let now = Instant::now();
        let mut talk =
            Self { session: session(now), now, sent: Vec::new(), connected: None, inputs: None, said: 0 };
        talk.drain();
        talk
    }

    pub(crate) fn hear(&mut self, data: impl AsRef<[u8]>) -> Result<(), Fault> {
        let heard = self.session.handle_input(data.as_ref(), self.now);
        self.drain();
        heard
    }

    /// Lets time pass, waking the session whenever it asked to be.
    pub(crate) fn pass(&mut self, time: Duration) -> Result<(), Fault> {
        let until = self.now + time;
        while let Some((at, _)) = self.session.poll_timeout().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            self.session.handle_timeout(self.now)?;
            self.drain();
        }
        self.now = until;
        Ok(())
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(data) => self.sent.push(data),
                Output::Connected(software) => self.connected = Some(software),
                Output::Inputs(inputs) => {
                    self.inputs = Some(inputs);
                    self.said += 1;
                }
            }
        }
    }

    /// What was sent since this was asked last.
    pub(crate) fn sent(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.sent)
    }

    pub(crate) fn sent_text(&mut self) -> Vec<String> {
        self.sent().into_iter().map(|data| String::from_utf8(data).unwrap()).collect()
    }

    /// Labels of the inputs on programme, and of those on preview.
    pub(crate) fn buses(&self) -> (Vec<String>, Vec<String>) {
        let on = |bus: fn(&InputFact) -> bool| {
            let inputs = self.inputs.iter().flatten();
            inputs.filter(|input| bus(input)).map(InputFact::label).collect()
        };
        (on(|input| input.programme), on(|input| input.preview))
    }
}

pub(crate) fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}
