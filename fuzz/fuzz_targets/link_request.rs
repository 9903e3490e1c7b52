//! The body of a request for a link.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| banq_intermediary::fuzzing::link_request(body));
