//! The header by which a page says what it saw last, and the path that names a checkout.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&[u8], &str)| banq_intermediary::fuzzing::stream_request(input.0, input.1));
