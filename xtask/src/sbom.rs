//! The software bills of materials of the server and of the widget, as CycloneDX.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::tools::CARGO_CYCLONEDX;
use crate::{paths, run};

/// The name under which the tool writes a list into the folder of each package; git ignores it.
const SCRATCH: &str = "banq-sbom.cdx";

struct Subject {
    package: &'static str,
    /// The folder of the package.
    folder: &'static str,
    options: &'static [&'static str],
    file: &'static str,
}

const SUBJECTS: [Subject; 2] = [
    Subject {
        package: "banq-intermediary",
        folder: "crates/intermediary",
        options: &[],
        file: "banq-intermediary.cdx.json",
    },
    Subject {
        package: "banq-checkout",
        folder: "",
        options: &["--no-default-features", "--features", "widget", "--target", "wasm32-unknown-unknown"],
        file: "banq-checkout-widget.cdx.json",
    },
];

/// Writes both lists into `target/sbom`, and compares them with what cargo builds. Returns the files.
pub(crate) fn write() -> Result<Vec<PathBuf>, Error> {
    let folder = paths::target()?.join("sbom");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    SUBJECTS.iter().map(|subject| write_one(subject, &folder)).collect()
}

fn write_one(subject: &Subject, folder: &Path) -> Result<PathBuf, Error> {
    let root = paths::root();
    let mut tool = run::command("cargo", &[&CARGO_CYCLONEDX.folder()?]);
    tool.args(["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5", "--no-build-deps"]);
    tool.args(["--override-filename", SCRATCH]).args(subject.options);
    tool.arg("--manifest-path").arg(root.join(subject.folder).join("Cargo.toml"));
    // The time of the source in place of the present, so that the same source has the same list.
    let mut git = run::command("git", &[]);
    let time = run::answer(git.args(["log", "-1", "--format=%ct"])).filter(|time| !time.is_empty());
    let made = run::quietly(
        &format!("cargo cyclonedx for {}", subject.package),
        tool.env("SOURCE_DATE_EPOCH", time.as_deref().unwrap_or("0")),
    );
    let scratch = root.join(subject.folder).join(format!("{SCRATCH}.json"));
    let text = made.and_then(|()| fs::read_to_string(&scratch).map_err(Error::file(&scratch)));
    clear(&root);
    // The path of this machine says nothing to a reader.
    let text = text?.replace(&format!("file://{}", root.display()), "file:///banq-checkout");
    let list: Value = serde_json::from_str(&text)
        .map_err(|cause| Error::Other(format!("{}: {cause}", scratch.display())))?;
    let built = built(subject)?;
    let missing = missing(&list, &built);
    if !missing.is_empty() {
        let names = missing.join(", ");
        return Err(Error::Other(format!("{} does not name these with a licence: {names}", subject.file)));
    }
    let file = folder.join(subject.file);
    fs::write(&file, text).map_err(Error::file(&file))?;
    println!("{}: {} packages", file.display(), built.len());
    Ok(file)
}

/// Removes what the tool wrote beside each `Cargo.toml` of the workspace.
fn clear(root: &Path) {
    let mut metadata = run::cargo();
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata = run::answer(&mut metadata).unwrap_or_default();
    let metadata: Value = serde_json::from_str(&metadata).unwrap_or_default();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifests = packages.filter_map(|package| package["manifest_path"].as_str()).map(PathBuf::from);
    for manifest in manifests.chain([root.join("Cargo.toml")]) {
        // Most have none.
        let _ = fs::remove_file(manifest.with_file_name(format!("{SCRATCH}.json")));
    }
}

/// Returns the packages that cargo builds into the subject, as `name version`.
fn built(subject: &Subject) -> Result<BTreeSet<String>, Error> {
    let mut tree = run::cargo();
    tree.args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}", "-p"]);
    let tree = run::answer(tree.arg(subject.package).args(subject.options));
    let tree = tree.ok_or_else(|| Error::Other(format!("cargo tree failed for {}", subject.package)))?;
    Ok(names(&tree))
}

/// Reads lines such as `serde v1.0.228 (*)`.
fn names(tree: &str) -> BTreeSet<String> {
    let lines = tree.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
    });
    lines.collect()
}

/// Returns the packages that the list does not name, or whose licence it does not say.
fn missing(list: &Value, built: &BTreeSet<String>) -> Vec<String> {
    let components = list["components"].as_array().into_iter().flatten();
    let named: BTreeSet<String> = components
        .chain([&list["metadata"]["component"]])
        .filter(|component| component["licenses"].as_array().is_some_and(|licenses| !licenses.is_empty()))
        .filter_map(|component| {
            Some(format!("{} {}", component["name"].as_str()?, component["version"].as_str()?))
        })
        .collect();
    built.difference(&named).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{missing, names};

    #[test]
    fn what_is_built_has_a_name_and_a_licence() {
        let built =
            names("shop v0.1.0 (/somewhere)\naxum v0.8.9\naxum v0.8.9 (*)\nyew v0.23.0\nserde v1.0.0\n");
        assert_eq!(built.len(), 4);
        let licence = json!([{ "expression": "MIT" }]);
        let list = json!({
            "metadata": { "component": { "name": "shop", "version": "0.1.0", "licenses": licence } },
            "components": [
                { "name": "axum", "version": "0.8.9", "licenses": licence },
                { "name": "yew", "version": "0.22.0", "licenses": licence },
                { "name": "serde", "version": "1.0.0" },
            ]
        });
        assert_eq!(missing(&list, &built), ["serde 1.0.0", "yew 0.23.0"]);
    }
}
