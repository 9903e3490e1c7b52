//! Trunk's entry. Everything is in the library, whose exports end up in this binary.

// Without a use the linker would drop the library and its exports.
use banq_checkout as _;

fn main() {}
