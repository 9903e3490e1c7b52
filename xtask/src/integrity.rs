//! The hashes of the bundle's files: for the loader that checks them, for a page's own `integrity=`, and as the list of
//! scripts that PCI DSS 6.4.3 asks for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha384};

use crate::error::Error;

/// The list of all hashes.
pub(crate) const LIST: &str = "integrity.json";

/// The loader of one version, which runs no file with another hash than it knows.
pub(crate) const PINNED: &str = "banq-pinned.js";

/// The place in the loader's source for the hashes.
const PLACE: &str = "const HASHES = null;";

/// The scripts, and why a page needs each.
const SCRIPTS: [(&str, &str); 5] = [
    ("ecommerce.js", "defines the widget, paints its button, and loads the other files"),
    (PINNED, "the same, for one version: runs the other files only with the hashes that it knows"),
    ("banq-checkout.js", "connects the widget's WebAssembly to the page"),
    ("banq-plain.js", "opens the payment link if the widget cannot run"),
    ("banq-headless.js", "connects the headless client's WebAssembly to the page"),
];

/// The hashes of files, by name.
pub(crate) struct Hashes(BTreeMap<String, String>);

impl Hashes {
    /// Reads files and computes their hashes.
    pub(crate) fn of(folder: &Path, names: &[&str]) -> Result<Self, Error> {
        let hash = |name: &&str| {
            let path = folder.join(name);
            let bytes = fs::read(&path).map_err(Error::file(&path))?;
            Ok(((*name).to_owned(), format!("sha384-{}", STANDARD.encode(Sha384::digest(bytes)))))
        };
        Ok(Self(names.iter().map(hash).collect::<Result<_, Error>>()?))
    }

    /// Returns the source of a loader that knows these hashes. A file without a hash would be run unchecked, so each that
    /// the loader can ask for must have one.
    pub(crate) fn pin(&self, loader: &str) -> Result<String, Error> {
        let parts = split(loader)?;
        let unknown: Vec<String> =
            asked_for(loader)?.into_iter().filter(|name| !self.0.contains_key(name)).collect();
        if !unknown.is_empty() {
            return Err(Error::Other(format!("{PINNED} knows no hash of {}", unknown.join(", "))));
        }
        Ok(parts.join(&format!("const HASHES = {};", json!(self.0))))
    }

    /// Returns the list: the version, which is another one for other bytes, and the hash of each file.
    pub(crate) fn list(&self) -> String {
        let mut all = Sha384::new();
        for (name, hash) in &self.0 {
            all.update(format!("{name} {hash}\n"));
        }
        let first: String = all.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let scripts: serde_json::Map<_, _> = SCRIPTS
            .iter()
            .filter(|(name, _)| self.0.contains_key(*name))
            .map(|(name, purpose)| ((*name).to_owned(), json!(purpose)))
            .collect();
        let version = format!("{}-{first}", env!("CARGO_PKG_VERSION"));
        let list = json!({ "version": version, "integrity": self.0, "scripts": scripts });
        format!("{list:#}\n")
    }
}

/// Returns the source of the loader of no version: a loader in which `HASHES` has no declaration, for esbuild's
/// `--define`.
pub(crate) fn without_place(loader: &str) -> Result<String, Error> {
    Ok(split(loader)?.concat())
}

/// Returns the files that the loader asks for: those that it names, and one for each language but English.
fn asked_for(loader: &str) -> Result<Vec<String>, Error> {
    let named = loader.split(['"', '`']).filter(|text| {
        let letters =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        text.starts_with("banq-")
            && [".js", ".wasm", ".json"].iter().any(|end| text.ends_with(end))
            && letters(text)
    });
    let languages =
        loader.split_once("const LANGUAGE = /(?:^|,)((en|").and_then(|(_, rest)| rest.split_once(')'));
    let (languages, _) =
        languages.ok_or_else(|| Error::Other("www/ecommerce.js has no list of languages".to_owned()))?;
    let mut names: Vec<String> = named.map(str::to_owned).collect();
    names.extend(languages.split('|').map(|code| format!("banq-{code}.json")));
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Returns the loader before and after the place.
fn split(loader: &str) -> Result<[&str; 2], Error> {
    let (before, after) =
        loader.split_once(PLACE).ok_or_else(|| Error::Other(format!("www/ecommerce.js has no `{PLACE}`")))?;
    Ok([before, after])
}

#[cfg(test)]
mod tests {
    use super::{Hashes, PLACE, asked_for, without_place};

    fn hashes(all: &[(&str, &str)]) -> Hashes {
        Hashes(all.iter().map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned())).collect())
    }

    #[test]
    fn the_loader_has_a_place_for_the_hashes() {
        let loader = include_str!("../../www/ecommerce.js");
        let names = asked_for(loader).unwrap();
        for name in ["banq-checkout.js", "banq-checkout_bg.wasm", "banq-plain.js", "banq-pt-br.json"] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
        let mut all: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "sha384-x")).collect();
        let pinned = hashes(&all).pin(loader).unwrap();
        assert!(pinned.contains(r#""banq-checkout.js":"sha384-x""#));
        let (missing, _) = all.pop().unwrap();
        assert!(hashes(&all).pin(loader).unwrap_err().to_string().contains(missing), "not unchecked");
        assert!(!pinned.contains(PLACE) && !without_place(loader).unwrap().contains(PLACE));
    }

    #[test]
    fn a_loader_without_the_place_is_an_error() {
        assert!(hashes(&[]).pin("const OTHER = null;").unwrap_err().to_string().contains("HASHES"));
    }

    #[test]
    fn other_bytes_are_another_version() {
        let version = |hash| {
            let list: serde_json::Value =
                serde_json::from_str(&hashes(&[("ecommerce.js", hash)]).list()).unwrap();
            list["version"].as_str().unwrap().to_owned()
        };
        assert_ne!(version("sha384-a"), version("sha384-b"));
        assert_eq!(version("sha384-a"), version("sha384-a"));
        assert!(version("sha384-a").starts_with(concat!(env!("CARGO_PKG_VERSION"), "-")));
    }

    #[test]
    fn a_hash_is_the_one_that_browsers_compute() {
        let folder = std::env::temp_dir().join(format!("banq-hashes-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.js"), "alert('Hello, world.');").unwrap();
        let hashes = Hashes::of(&folder, &["a.js"]).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        // The example of the Subresource Integrity recommendation.
        let known = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO";
        assert_eq!(hashes.0["a.js"], known);
    }
}
