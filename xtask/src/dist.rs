//! The release bundle: built for size, minified, compressed and measured.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::bundle::Trunk;
use crate::error::Error;
use crate::integrity::{Hashes, LIST, PINNED, without_place};
use crate::names::Names;
use crate::{npm_package, paths, run, size, tools, wasm_std};

const LOADER: &str = "ecommerce.js";
/// The part that opens the link if the widget cannot run. Pages with a running widget do not load it.
const PLAIN: &str = "banq-plain.js";
const WIDGET: [&str; 2] = ["banq-checkout.js", "banq-checkout_bg.wasm"];
/// A separate bundle, which pages with the widget do not load.
const HEADLESS: [&str; 2] = ["banq-headless.js", "banq-headless_bg.wasm"];
/// Without the passes that make the file smaller but its compressed form larger.
const WASM_OPT: [&str; 11] = [
    "-Os",
    "--converge",
    "--low-memory-unused",
    "--one-caller-inline-max-function-size=30",
    "--skip-pass=local-cse",
    "--skip-pass=memory-packing",
    "--skip-pass=precompute-propagate",
    // Places similar functions together, which compresses better.
    "--reorder-functions-by-name",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// The start of the button's rules in the loader: a JavaScript string, which esbuild does not minify.
const BUTTON_BEGINS: &str = "const BUTTON_CSS = `";
const BUTTON_ENDS: &str = "`;";

/// Builds the bundle and prints its size table.
pub(crate) fn bundle() -> Result<(), Error> {
    let bundle = Bundle { dist: paths::dist(), work: paths::target()?.join("widget"), npm: tools::npm()? };
    fs::create_dir_all(&bundle.work).map_err(Error::file(&bundle.work))?;
    bundle.build()?;
    bundle.minify_button()?;
    let loader = bundle.read(LOADER)?;
    bundle.write(LOADER, without_place(&loader)?)?;
    bundle.minify(LOADER, None)?;
    bundle.minify(PLAIN, None)?;
    bundle.minify_languages()?;
    for [glue, wasm] in [WIDGET, HEADLESS] {
        let names = bundle.optimize(wasm)?;
        bundle.minify(glue, Some(&names))?;
    }
    let [glue, wasm] = WIDGET;
    let languages = bundle.languages()?;
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    bundle.pin(&loader, &languages)?;
    let page = bundle.compress(&[LOADER, glue, wasm])?;
    let plain = bundle.compress(&[PLAIN, PINNED, LIST])?;
    let headless = bundle.compress(&HEADLESS)?;
    let languages = bundle.compress(&languages)?;
    println!("{}", size::table("all a page loads", &page));
    println!("{}", size::table("loaded by some pages", &plain));
    println!("{}", size::table("the headless client", &headless));
    println!("{}", size::table("all languages", &languages));
    print!("{}", size::BUDGETS);
    npm_package::fill()?;
    size::check(&page, &headless, &languages)
}

struct Bundle {
    dist: PathBuf,
    /// Cargo's target folder for the bundle, and intermediate files.
    work: PathBuf,
    /// wasm-opt and esbuild.
    npm: PathBuf,
}

impl Bundle {
    /// Builds for size: a standard library compiled for size, panics that abort without texts, which no shopper would
    /// read, and no `Debug`. All are unstable options of a stable compiler.
    fn build(&self) -> Result<(), Error> {
        wasm_std::ensure_source()?;
        let style = self.work.join("widget.css");
        let source = paths::root().join("src/widget.css");
        let mut esbuild = self.esbuild();
        esbuild.arg(&source).arg("--minify").arg(format!("--outfile={}", style.display()));
        run::quietly("minifying widget.css", &mut esbuild)?;
        let mut trunk = Trunk::ensure()?.build(&self.dist, &[]);
        trunk.args(["--release", "--cargo-profile", "widget"]);
        // build.rs takes this file in place of its source.
        trunk.env("BANQ_WIDGET_CSS", &style);
        trunk.env("RUSTC_BOOTSTRAP", "1");
        trunk.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        trunk.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
        // Without reference types and multiple values, the module and its glue together are 1 kB (brotli) smaller.
        let features = "-Ctarget-cpu=mvp -Ctarget-feature=+bulk-memory,+extended-const,+mutable-globals,+nontrapping-fptoint,+sign-ext";
        let flags = format!("-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none {features}");
        trunk.env("RUSTFLAGS", flags);
        // Its own target folder, because its flags differ from those of the tests: each build would invalidate the
        // other's.
        trunk.env("CARGO_TARGET_DIR", &self.work);
        println!("building the widget for its size");
        run::quietly("trunk build for size", &mut trunk)
    }

    /// Runs all passes at once: reading and writing the module again makes it a little larger.
    fn optimize(&self, wasm: &str) -> Result<Names, Error> {
        let mut optimize = Command::new(self.npm.join("wasm-opt"));
        Names::shorten(optimize.args(WASM_OPT), &self.dist.join(wasm))
    }

    /// Writes the loader that knows the hashes of the other files, and the list of all hashes.
    fn pin(&self, loader: &str, languages: &[&str]) -> Result<(), Error> {
        let [glue, wasm] = WIDGET;
        let loaded: Vec<&str> = [glue, wasm, PLAIN].into_iter().chain(languages.iter().copied()).collect();
        self.write(PINNED, Hashes::of(&self.dist, &loaded)?.pin(loader)?)?;
        self.minify(PINNED, None)?;
        let all: Vec<&str> = loaded.into_iter().chain([LOADER, PINNED]).chain(HEADLESS).collect();
        self.write(LIST, Hashes::of(&self.dist, &all)?.list())
    }

    fn read(&self, name: &str) -> Result<String, Error> {
        let path = self.dist.join(name);
        fs::read_to_string(&path).map_err(Error::file(&path))
    }

    fn write(&self, name: &str, text: String) -> Result<(), Error> {
        let path = self.dist.join(name);
        fs::write(&path, text).map_err(Error::file(&path))
    }

    fn minify_button(&self) -> Result<(), Error> {
        let loader = self.read(LOADER)?;
        let (before, rules, after) = button_rules(&loader)
            .ok_or_else(|| Error::Other("www/ecommerce.js has no BUTTON_CSS".to_owned()))?;
        let (source, target) = (self.work.join("button.css"), self.work.join("button.min.css"));
        fs::write(&source, rules).map_err(Error::file(&source))?;
        let mut esbuild = self.esbuild();
        esbuild.arg(&source).arg("--minify").arg(format!("--outfile={}", target.display()));
        run::quietly("minifying the button's rules", &mut esbuild)?;
        let small = fs::read_to_string(&target).map_err(Error::file(&target))?;
        self.write(LOADER, [before, small.trim(), after].concat())
    }

    fn minify(&self, script: &str, names: Option<&Names>) -> Result<(), Error> {
        let path = self.dist.join(script);
        if names.is_some() {
            let glue = self.read(script)?;
            let glue = if script == WIDGET[0] { without_other_starts(&glue)? } else { glue };
            self.write(script, as_methods(&glue))?;
        }
        let mut esbuild = self.esbuild();
        esbuild.arg(&path).args(["--minify", "--target=es2020", "--allow-overwrite"]);
        if script == LOADER {
            esbuild.arg("--define:HASHES=null");
        }
        if script == WIDGET[0] {
            // The loader calls `free`; pages that use the headless client may write `using`.
            esbuild.arg("--define:Symbol.dispose=undefined");
        }
        esbuild.arg(format!("--outfile={}", path.display()));
        if let Some(names) = names {
            names.apply(&mut esbuild)?;
        }
        run::quietly(&format!("minifying {script}"), &mut esbuild)
    }

    /// Returns the names of the language files.
    fn languages(&self) -> Result<Vec<String>, Error> {
        let folder = paths::root().join("www/languages");
        let failed = Error::file(&folder);
        let names = fs::read_dir(&folder).and_then(|entries| {
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        });
        let mut names: Vec<String> = names.map_err(failed)?;
        names.sort_unstable();
        Ok(names)
    }

    /// Takes the indentation out of the language files.
    fn minify_languages(&self) -> Result<(), Error> {
        for name in self.languages()? {
            let text = self.read(&name)?;
            self.write(&name, text.lines().map(str::trim).collect())?;
        }
        Ok(())
    }

    fn esbuild(&self) -> Command {
        let mut esbuild = Command::new(self.npm.join("esbuild"));
        esbuild.arg("--log-level=warning");
        esbuild
    }

    fn compress(&self, names: &[&str]) -> Result<Vec<size::Weighed>, Error> {
        let mut files = Vec::new();
        for name in names {
            let path = self.dist.join(name);
            let file = size::weigh(name, &fs::read(&path).map_err(Error::file(&path))?)?;
            for (ending, bytes) in [("gz", &file.gzip), ("br", &file.brotli)] {
                let path = self.dist.join(format!("{name}.{ending}"));
                fs::write(&path, bytes).map_err(Error::file(&path))?;
            }
            files.push(file);
        }
        Ok(files)
    }
}

/// The parts of wasm-bindgen's glue that the widget's loader does not use, and a long message, by beginning and end,
/// each with its replacement: it starts the module in one way, with the answer of `fetch`. The supported browsers have
/// `encodeInto`.
const OTHER_STARTS: [(&str, &str, &str); 8] = [
    ("function initSync(module) {", "\n}\n", ""),
    ("export { initSync, ", "}", "export { __wbg_init as default }"),
    ("if (module_or_path !== undefined) {", "\n    }\n\n", "({ module_or_path } = module_or_path);\n"),
    ("if (module_or_path === undefined) {", "\n    }\n", ""),
    ("if (typeof module_or_path === 'string'", "\n    }\n", ""),
    ("if (realloc === undefined) {", "\n    }\n", ""),
    ("\"`WebAssembly.instantiateStreaming` failed", "error:\\n\"", "\"serve .wasm as application/wasm\""),
    ("if (!('encodeInto' in cachedTextEncoder)) {", "\n}\n", ""),
];

/// Takes the parts that the loader does not use out of the glue.
fn without_other_starts(glue: &str) -> Result<String, Error> {
    let mut glue = glue.to_owned();
    for (begin, end, instead) in OTHER_STARTS {
        let changed = || Error::Other(format!("wasm-bindgen's glue has changed: no `{begin}`"));
        let from = glue.find(begin).ok_or_else(changed)?;
        let rest = glue.get(from..).ok_or_else(changed)?;
        let to = from + rest.find(end).ok_or_else(changed)? + end.len();
        glue.replace_range(from..to, instead);
    }
    Ok(glue)
}

/// Turns the glue's `name: function() {}` for WebAssembly into methods, which are shorter: they are never called with
/// `new`, and esbuild does not convert them.
fn as_methods(glue: &str) -> String {
    glue.replace(": function(", "(")
}

/// Returns the loader before, in and after the button's rules.
fn button_rules(loader: &str) -> Option<(&str, &str, &str)> {
    let begin = loader.find(BUTTON_BEGINS)? + BUTTON_BEGINS.len();
    let end = begin + loader.get(begin..)?.find(BUTTON_ENDS)?;
    Some((loader.get(..begin)?, loader.get(begin..end)?, loader.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::{as_methods, button_rules, without_other_starts};

    #[test]
    fn the_rules_of_the_button_are_found_in_the_loader() {
        let loader = include_str!("../../www/ecommerce.js");
        let (before, rules, after) = button_rules(loader).unwrap();
        assert_eq!([before, rules, after].concat(), loader);
        assert!(rules.contains(".pay {") && !rules.contains("function"), "{rules}");
    }

    #[test]
    fn a_glue_without_the_known_parts_is_an_error() {
        let error = without_other_starts("export { init as default };").unwrap_err().to_string();
        assert!(error.contains("wasm-bindgen's glue has changed"), "{error}");
    }

    #[test]
    fn only_the_functions_of_the_glues_objects_become_methods() {
        let glue = "a: function(arg0) { return b(function (arg1) { arg1.c(); }, arguments); }, d: (e) => e";
        let methods = "a(arg0) { return b(function (arg1) { arg1.c(); }, arguments); }, d: (e) => e";
        assert_eq!(as_methods(glue), methods);
    }
}
