//! The texts of one language.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::JsCast;

use crate::messages::Language;

/// The texts of one language, which are in `www/languages`: `Texts { code: "de", json: include_str!("banq-de.json") }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts {
    /// The language's tag, BCP 47.
    pub code: &'static str,
    /// The texts by key, as JSON.
    pub json: &'static str,
}

impl Texts {
    /// Returns the language as the loader gives it; `None` if `json` is no JSON.
    pub(super) fn language(self) -> Option<Language> {
        let language = Object::new();
        let texts = JSON::parse(self.json).ok()?;
        for (name, value) in [("code", self.code.into()), ("tag", self.code.into()), ("texts", texts)] {
            Reflect::set(&language, &name.into(), &value).ok()?;
        }
        Some(language.unchecked_into())
    }
}
