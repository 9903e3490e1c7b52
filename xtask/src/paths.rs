//! Where things are.

use std::path::{Path, PathBuf};

/// The workspace.
pub(crate) fn root() -> PathBuf {
    // Cargo says where it found this package; the program itself may have been built for another clone that shares
    // the target folder.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    // xtask/ is a folder of the workspace: it always has a parent.
    Path::new(&own).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The widget's release bundle.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |set| root().join(set))
}

/// The tools that this project installs: `BANQ_TOOLS`, or a folder in the user's cache, so that a fresh clone
/// finds what an earlier one has built.
pub(crate) fn tools() -> PathBuf {
    let set = std::env::var_os("BANQ_TOOLS").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    set.or_else(|| Some(cache.or(home)?.join("banq-checkout").join("tools")))
        .unwrap_or_else(|| root().join(".tools"))
}
