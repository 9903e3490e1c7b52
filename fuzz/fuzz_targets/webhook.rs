//! A webhook's signature header and body, as anybody may send them, and as if they were signed.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&[u8], &[u8])| banq_intermediary::fuzzing::webhook(input.0, input.1));
