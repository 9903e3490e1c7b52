//! Shortens the names that the WebAssembly and its glue share. wasm-bindgen's names end in hashes, which do not
//! compress: 3.6 kB (brotli) in both files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::{paths, run};

/// Properties of the glue's own objects, which no other code reads.
const GLUE_ONLY: &str = "_wbg_cb_unref|__wbg_ptr|__destroy_into_raw|cnt";

pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// Renames the imports and exports of `wasm`, after the other passes of this wasm-opt.
    pub(crate) fn shorten(wasm_opt: &mut Command, wasm: &Path) -> Result<Self, Error> {
        wasm_opt.arg("--minify-imports-and-exports-and-modules").arg(wasm).arg("-o").arg(wasm);
        let table = run::answer(wasm_opt)
            .ok_or_else(|| Error::Other("wasm-opt could not shorten the names".to_owned()))?;
        let names = read(&table);
        if names.is_empty() {
            return Err(Error::Other("wasm-opt did not say which names it shortened".to_owned()));
        }
        Ok(Self(names))
    }

    /// Makes esbuild, which can tell properties from other names, write the same names into the glue.
    pub(crate) fn apply(&self, esbuild: &mut Command) -> Result<(), Error> {
        let cache = paths::target()?.join("widget").join("names.json");
        fs::write(&cache, self.json()).map_err(Error::file(&cache))?;
        esbuild.arg(format!("--mangle-props=^(?:{}|{GLUE_ONLY})$", self.alternatives()));
        esbuild.args(["--mangle-quoted", &format!("--mangle-cache={}", cache.display())]);
        Ok(())
    }

    fn json(&self) -> String {
        let lines: Vec<String> = self.0.iter().map(|(old, new)| format!("\"{old}\":\"{new}\"")).collect();
        format!("{{{}}}", lines.join(",\n"))
    }

    /// Returns a regular expression that matches exactly the old names.
    fn alternatives(&self) -> String {
        let mut pattern = String::new();
        for name in self.0.keys() {
            pattern += if pattern.is_empty() { "" } else { "|" };
            for character in name.chars() {
                let plain = character.is_ascii_alphanumeric() || character == '_';
                // Writing to a string cannot fail.
                let _ = if plain { write!(pattern, "{character}") } else { write!(pattern, "\\{character}") };
            }
        }
        pattern
    }
}

/// Reads wasm-opt's table: `["module", "import", "short"]` and `["export", "short"]`, one per line. wasm-opt renames
/// the only imported module to `a`.
fn read(table: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for line in table.lines().filter(|line| line.trim_start().starts_with("[\"")) {
        let words: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        if let [.., old, new] = words[..] {
            names.insert(old.to_owned(), new.to_owned());
        }
        if let [module, _, _] = words[..] {
            names.insert(module.to_owned(), "a".to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Names, read};

    const TABLE: &str = "{\n \"imports\": [\n  [\"./x_bg.js\", \"__wbg_get_d717\", \"$a\"]\n ],\n\"exports\": [\n  \
                         [\"memory\", \"b\"]\n ]\n}";

    #[test]
    fn imports_exports_and_their_module_are_renamed() {
        let names = Names(read(TABLE));
        assert_eq!(names.json(), "{\"./x_bg.js\":\"a\",\n\"__wbg_get_d717\":\"$a\",\n\"memory\":\"b\"}");
    }

    #[test]
    fn no_other_name_fits_the_pattern() {
        assert_eq!(Names(read(TABLE)).alternatives(), "\\.\\/x_bg\\.js|__wbg_get_d717|memory");
    }
}
