//! The widget that the program contains, if it was built with one.

use axum::body::Bytes;

use super::bundle::Bundle;

/// The files by name; build.rs writes the list.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/widget.rs"));

/// Returns whether the program was built with a widget.
pub(crate) fn is_there() -> bool {
    !FILES.is_empty()
}

/// Returns the widget, or `None` if the program was built without one.
pub(crate) fn bundle() -> Option<Bundle> {
    let files = FILES.iter().map(|(name, bytes)| ((*name).to_owned(), None, Bytes::from_static(bytes)));
    Bundle::of(&files.collect::<Vec<_>>()).ok()
}
