//! Access tokens: random, in memory, and over after a while.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use uuid::Uuid;

/// The tokens that are alive.
#[derive(Default)]
pub(crate) struct Tokens {
    ends: HashMap<String, Instant>,
    issued: usize,
}

impl Tokens {
    /// A new token, good for `lifetime`.
    pub(crate) fn issue(&mut self, lifetime: Duration) -> String {
        let now = Instant::now();
        self.ends.retain(|_, end| *end > now);
        // Two version 4 GUIDs: 244 random bits.
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.ends.insert(token.clone(), now + lifetime);
        self.issued += 1;
        token
    }

    /// Whether it was issued here and is not over.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        self.ends.get(token).is_some_and(|end| *end > Instant::now())
    }

    /// Ends all tokens at once.
    pub(crate) fn end_all(&mut self) {
        self.ends.clear();
    }

    /// How many were ever issued.
    pub(crate) fn issued(&self) -> usize {
        self.issued
    }
}
