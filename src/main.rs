//! Trunk's entry. Everything is in the library, whose exports end up in this binary.

// Without a use the linker would drop the library and its exports.
use banq_checkout as _;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {}
