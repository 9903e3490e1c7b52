//! The intermediary's edges, from outside: connections, streams, limits, what it shows of itself.

mod connections;
mod helpers;
mod streams;
