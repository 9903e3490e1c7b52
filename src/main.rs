//! Trunk's entry. Everything is in the library, whose exports end up in this binary. There is no `main`
//! in WebAssembly: the standard library's preparations for it would be shipped for an empty function.
#![cfg_attr(target_arch = "wasm32", no_main)]

// Without a use the linker would drop the library and its exports.
use banq_checkout as _;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
