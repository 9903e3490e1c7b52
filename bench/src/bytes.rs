//! The part `bytes`: what a page loads, compressed by brotli, beside the page in hand-written JavaScript.

use std::path::Path;

use crate::figure::Figure;
use crate::program::given;

/// The loader first.
const FILES: [&str; 3] = ["ecommerce.js", "banq-checkout.js", "banq-checkout_bg.wasm"];

/// Reads the sizes of the built files.
pub(crate) fn measure() -> Vec<Figure> {
    let dist = given("BANQ_E2E_DIST");
    let twin = size(&given("BANQ_BENCH_TWIN"), "pay.js");
    let sizes = FILES.map(|name| size(&dist, name));
    let figure =
        |what, bytes| Figure::less("bytes", what, "bytes", vec![bytes]).beside("JavaScript", vec![twin]);
    vec![figure("before the button is there", sizes[0]), figure("all that a page loads", sizes.iter().sum())]
}

fn size(folder: &Path, name: &str) -> f64 {
    let file = folder.join(format!("{name}.br"));
    std::fs::metadata(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).len() as f64
}
