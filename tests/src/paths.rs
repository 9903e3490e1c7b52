//! Where the tests find what was built, and keep what they make.

use std::path::{Path, PathBuf};

/// Cargo's target folder: `BANQ_E2E_TARGET`, as xtask says it, or found from where this test itself was built.
pub(crate) fn target() -> PathBuf {
    let set = std::env::var_os("BANQ_E2E_TARGET").map(PathBuf::from);
    set.unwrap_or_else(|| target_of(&std::env::current_exe().unwrap()))
}

/// The intermediary's program, which one test kills.
pub(crate) fn intermediary() -> PathBuf {
    let program = target().join("debug").join("banq-intermediary");
    assert!(program.exists(), "no {}: run `cargo build -p banq-intermediary`", program.display());
    program
}

/// The folder of the built widget.
pub(crate) fn dist() -> PathBuf {
    let folder = std::env::var_os("BANQ_E2E_DIST")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist"), PathBuf::from);
    assert!(
        folder.join("ecommerce.js").exists(),
        "no widget in {}: run `cargo xtask dist`",
        folder.display()
    );
    folder
}

/// The folder of the widget as trunk alone builds it: `BANQ_E2E_PLAIN`, as xtask says it, or where xtask puts it.
pub(crate) fn plain_dist() -> PathBuf {
    let folder = std::env::var_os("BANQ_E2E_PLAIN").map_or_else(|| target().join("plain"), PathBuf::from);
    assert!(
        folder.join("ecommerce.js").exists(),
        "no widget in {}: run `trunk build --dist {0}`",
        folder.display()
    );
    folder
}

/// The folder of a built example page: in `BANQ_E2E_EXAMPLES`, as xtask says it, or where xtask puts it.
pub(crate) fn example(name: &str) -> PathBuf {
    let folder = std::env::var_os("BANQ_E2E_EXAMPLES")
        .map_or_else(|| target().join("examples"), PathBuf::from)
        .join(name);
    assert!(
        folder.join("index.html").exists(),
        "no page in {}: run `cargo xtask test native`, which builds it",
        folder.display()
    );
    folder
}

/// The folder of an example that is built where it is.
pub(crate) fn source_of_example(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    assert!(
        folder.join("node_modules").exists(),
        "run `cargo xtask test frameworks`, which builds {}",
        folder.display()
    );
    folder
}

/// `TARGET/PROFILE/deps/TEST-HASH`
fn target_of(test: &Path) -> PathBuf {
    test.ancestors().nth(3).unwrap().to_path_buf()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::target_of;

    #[test]
    fn the_target_folder_is_found_wherever_it_is() {
        let test = Path::new("/somewhere/else/debug/deps/e2e-0123456789abcdef");
        assert_eq!(target_of(test), Path::new("/somewhere/else"));
    }
}
