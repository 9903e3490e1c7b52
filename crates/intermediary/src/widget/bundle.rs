//! The widget's files in memory: only those that `cargo xtask dist` builds, whatever else is in their folder.

use std::{collections::BTreeMap, fs, io, path::Path, time::SystemTime};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use sha2::{Digest, Sha256};

use crate::widget::page;

/// A file that every build of the widget has.
const LOADER: &str = "ecommerce.js";

/// The loader of one version, which refuses files of others.
const PINNED: &str = "banq-pinned.js";

/// The list that names the version. A build by trunk alone has none.
const LIST: &str = "integrity.json";

/// Returns whether the folder contains a built widget.
pub(crate) fn has_loader(folder: &Path) -> bool {
    folder.join(LOADER).is_file()
}

/// Types by extension. Without its type, tools take a `.d.ts` declaration for a video.
const KINDS: [(&str, &str); 6] = [
    (".js", "text/javascript"),
    (".wasm", "application/wasm"),
    (".json", "application/json"),
    (".css", "text/css"),
    (".html", "text/html; charset=utf-8"),
    (".d.ts", "application/typescript; charset=utf-8"),
];

/// Precompressed forms, the preferred one first.
const ENCODINGS: [(&str, &str); 2] = [(".br", "br"), (".gz", "gzip")];

/// Limits of the files and bytes kept in memory; the widget has some eighty files and a megabyte.
const MOST_FILES: usize = 256;
const MOST_BYTES: u64 = 64 << 20;

/// Why a folder is not the widget's.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The folder does not exist or is not readable.
    #[error("cannot be read ({0})")]
    Io(#[from] io::Error),
    /// The folder has no loader.
    #[error("holds no ecommerce.js")]
    NoLoader,
    /// The folder holds much more than the widget.
    #[error("holds more than {MOST_FILES} files or {} MB of the widget's names", MOST_BYTES >> 20)]
    TooLarge,
}

pub(crate) struct Bundle {
    files: BTreeMap<String, File>,
    /// The folder of this version, `v…/`, whose files never change.
    version: Option<String>,
    seen: Vec<Seen>,
    /// How many other entries the folder has.
    pub(crate) others: usize,
}

pub(crate) struct File {
    pub(crate) kind: &'static str,
    /// When the file was changed; `None` for a file of the program itself.
    pub(crate) modified: Option<SystemTime>,
    plain: Form,
    encoded: Vec<(&'static str, Form)>,
    /// The hashes of a page's inline scripts.
    scripts: Option<String>,
}

/// The bytes of a file in one encoding.
pub(crate) struct Form {
    pub(crate) etag: HeaderValue,
    pub(crate) bytes: Bytes,
}

/// Identifies a version of a file.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    name: String,
    modified: SystemTime,
    length: u64,
    inode: u64,
}

impl Bundle {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`BundleError`]
    pub(crate) fn read(folder: &Path) -> Result<Self, BundleError> {
        let (seen, others) = look(folder)?;
        let bytes: u64 = seen.iter().map(|seen| seen.length).sum();
        if seen.len() > MOST_FILES || bytes > MOST_BYTES {
            return Err(BundleError::TooLarge);
        }
        let read = |seen: &Seen| {
            Ok((seen.name.clone(), Some(seen.modified), fs::read(folder.join(&seen.name))?.into()))
        };
        let files = seen.iter().map(read).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { seen, others, ..Self::of(&files)? })
    }

    /// Makes a bundle of files by name, and when each was changed.
    ///
    /// # Errors
    /// [`BundleError::NoLoader`]
    pub(crate) fn of(files: &[(String, Option<SystemTime>, Bytes)]) -> Result<Self, BundleError> {
        let mut bundle = Self { files: BTreeMap::new(), version: None, seen: Vec::new(), others: 0 };
        for (name, modified, bytes) in files {
            let Some(kind) = kind_of(name) else { continue };
            let plain = Form::new(bytes.clone())?;
            let scripts = kind.starts_with("text/html").then(|| page::script_hashes(bytes));
            let mut encoded = Vec::new();
            for (ending, encoding) in ENCODINGS {
                let name = format!("{name}{ending}");
                if let Some((_, _, bytes)) = files.iter().find(|(other, _, _)| *other == name) {
                    encoded.push((encoding, Form::new(bytes.clone())?));
                }
            }
            bundle.files.insert(name.clone(), File { kind, modified: *modified, plain, encoded, scripts });
        }
        bundle.version = bundle.bytes(LIST).and_then(|list| version_of(list));
        if bundle.has(LOADER) { Ok(bundle) } else { Err(BundleError::NoLoader) }
    }

    pub(crate) fn is_current(&self, folder: &Path) -> bool {
        look(folder).is_ok_and(|(seen, _)| seen == self.seen)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Returns a file as it was built, for comparisons.
    pub(crate) fn bytes(&self, name: &str) -> Option<&Bytes> {
        self.files.get(name).map(|file| &file.plain.bytes)
    }

    /// Returns a file, and whether the path names its version, so that the path always has the same bytes.
    pub(crate) fn file(&self, path: &str) -> Option<(&File, bool)> {
        let name = self.version.as_ref().and_then(|version| path.strip_prefix(version.as_str()));
        let file = match name {
            Some(LOADER) => self.files.get(PINNED),
            Some(name) => self.files.get(name),
            None => self.files.get(path),
        };
        file.map(|file| (file, name.is_some()))
    }
}

impl File {
    /// Returns the form that the client prefers, with its encoding.
    pub(crate) fn form_for(&self, headers: &HeaderMap) -> (Option<&'static str>, &Form) {
        let mut best = (0, None, &self.plain);
        for (encoding, form) in &self.encoded {
            let quality = quality(headers, encoding);
            if quality > best.0 {
                best = (quality, Some(*encoding), form);
            }
        }
        (best.1, best.2)
    }

    pub(crate) fn policy(&self, origins: &str) -> Option<HeaderValue> {
        self.scripts.as_ref().and_then(|scripts| page::policy(scripts, origins))
    }
}

impl Form {
    fn new(bytes: Bytes) -> io::Result<Self> {
        let hash = Sha256::digest(&bytes);
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        // Hexadecimal digits are a valid header value.
        let etag = HeaderValue::try_from(format!("\"{hex}\"")).map_err(io::Error::other)?;
        Ok(Self { etag, bytes })
    }
}

/// Returns the folder of the version that a list of hashes names: `v0.1.0-1a2b3c4d/`.
fn version_of(list: &[u8]) -> Option<String> {
    let list: serde_json::Value = serde_json::from_slice(list).ok()?;
    Some(format!("v{}/", list["version"].as_str()?))
}

/// Returns the type of a file that the build makes; `None` for others and for precompressed forms.
fn kind_of(name: &str) -> Option<&'static str> {
    let kind = KINDS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| *kind)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_page = matches!(name, "index.html" | "headless.html" | "gallery.html" | "errors.html");
    let is_code = name.starts_with("banq-") || matches!(name, LOADER | LIST | "ecommerce.d.ts");
    let is_ours = if name.ends_with(".html") { is_page } else { is_code };
    (is_ours && name.bytes().all(plain)).then_some(kind)
}

fn is_ours(name: &str) -> bool {
    let plain = ENCODINGS.iter().find_map(|(ending, _)| name.strip_suffix(ending)).unwrap_or(name);
    kind_of(plain).is_some()
}

/// Returns the widget's files in a folder, by name, and the number of other entries.
fn look(folder: &Path) -> io::Result<(Vec<Seen>, usize)> {
    use std::os::unix::fs::MetadataExt;

    let home = folder.canonicalize()?;
    let (mut seen, mut others) = (Vec::new(), 0);
    for entry in fs::read_dir(&home)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_ours(name));
        // A symbolic link may lead to a version of the file within the folder, as in a mounted volume, and nowhere
        // else.
        let stays = |name: &&str| {
            path.canonicalize().is_ok_and(|target| target.starts_with(&home) && target.ends_with(name))
        };
        let file = name.filter(stays).zip(fs::metadata(&path).ok().filter(fs::Metadata::is_file));
        match file {
            Some((name, file)) => seen.push(Seen {
                name: name.to_owned(),
                modified: file.modified()?,
                length: file.len(),
                inode: file.ino(),
            }),
            None => others += 1,
        }
    }
    seen.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((seen, others))
}

/// Returns a client's quality value of an encoding, in thousandths; 0 if the header does not name it.
fn quality(headers: &HeaderMap, encoding: &str) -> u32 {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut any = 0;
    for part in values.flat_map(|value| value.split(',')) {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1").parse::<f32>().unwrap_or(0.0);
        let weight = (weight.clamp(0.0, 1.0) * 1000.0) as u32;
        if name.trim().eq_ignore_ascii_case(encoding) {
            return weight;
        }
        if name.trim() == "*" {
            any = weight;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_build_makes_are_served() {
        for name in [
            "ecommerce.js",
            "ecommerce.d.ts",
            "index.html",
            "headless.html",
            "banq-checkout.js",
            "banq-checkout_bg.wasm",
            "banq-checkout_bg.wasm.br",
            "banq-headless.js.gz",
            "banq-headless.d.ts",
            "integrity.json",
        ] {
            assert!(is_ours(name), "{name}");
        }
        for name in [
            "",
            ".env",
            ".js",
            "notes.html",
            "id_rsa",
            "banq-secret.txt",
            "banq-checkout.js.map",
            "app.js",
            "ecommerce.js.bak",
            "ecommerce.js.br.gz.x",
            "banq-x/../y.js",
            "banq-\u{e4}.js",
            "index.html~",
        ] {
            assert!(!is_ours(name), "{name}");
        }
    }

    #[test]
    fn an_encoding_is_taken_by_its_weight() {
        let quality = |accepted: &str, encoding: &str| {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_str(accepted).unwrap())];
            super::quality(&headers.into_iter().collect(), encoding)
        };
        assert_eq!((quality("gzip, br", "br"), quality("gzip;q=0.5", "gzip")), (1000, 500));
        assert_eq!((quality("*", "br"), quality("*, br;q=0", "br"), quality("identity", "br")), (1000, 0, 0));
        assert_eq!((quality("br;q=x", "br"), quality("", "br"), quality("BR ; q=1", "br")), (0, 0, 1000));
    }
}
