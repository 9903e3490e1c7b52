//! Trunk's entry point. All code is in the library, whose exports become part of this binary. There is no `main` in
//! WebAssembly: it would only ship the standard library's start-up code for an empty function.
#![cfg_attr(target_arch = "wasm32", no_main)]

// Without a use the linker would drop the library and its exports.
use banq_checkout as _;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
