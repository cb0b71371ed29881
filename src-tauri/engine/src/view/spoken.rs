//! A sentence of the engine, as the page gets it.

use serde::Serialize;

use crate::sentence::Sentence;

/// A sentence by its code, with its facts, and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Spoken {
    /// Which; the page's catalogue has the other languages.
    pub code: &'static str,
    /// What fills it.
    pub facts: Vec<String>,
    /// In English.
    pub text: String,
}

impl<S: Into<Sentence>> From<S> for Spoken {
    fn from(said: S) -> Self {
        let said: Sentence = said.into();
        Self { code: said.code(), facts: said.facts().to_vec(), text: said.to_string() }
    }
}
