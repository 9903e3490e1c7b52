//! Delivers a checkout's newest state to the pages that wait for it.

pub(crate) mod event_stream;
pub(crate) mod heartbeat;
pub(crate) mod hub;
pub(crate) mod other_instances;
pub(crate) mod sse_event;
