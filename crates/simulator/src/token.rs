//! Access tokens: random, in memory, with a lifetime.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use uuid::Uuid;

#[derive(Default)]
pub(crate) struct Tokens {
    ends: HashMap<String, Instant>,
    issued: usize,
}

impl Tokens {
    /// Returns a new token, valid for `lifetime`.
    pub(crate) fn issue(&mut self, lifetime: Duration) -> String {
        let now = Instant::now();
        self.ends.retain(|_, end| *end > now);
        // Two version 4 GUIDs: 244 random bits.
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.ends.insert(token.clone(), now + lifetime);
        self.issued += 1;
        token
    }

    /// Returns whether the token was issued here and has not expired.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        self.ends.get(token).is_some_and(|end| *end > Instant::now())
    }

    pub(crate) fn end_all(&mut self) {
        self.ends.clear();
    }

    pub(crate) fn issued(&self) -> usize {
        self.issued
    }
}
