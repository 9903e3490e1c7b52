//! The entry point of the headless bundle, as `main.rs` is the widget's.
#![cfg_attr(target_arch = "wasm32", no_main)]

// Without a use the linker would drop the library and its exports.
use banq_checkout as _;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
