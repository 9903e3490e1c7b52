//! The layout of the source: no two files, and no two folders, import each other, directly or around a corner.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, ItemMod, ItemUse, Macro, UseTree, visit::Visit};

/// Who imports whom, by module path.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The files of the crate, by their module paths.
fn modules() -> BTreeMap<String, PathBuf> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let module = path.strip_prefix(root).unwrap().with_extension("");
                let module = module.to_str().unwrap().replace('/', "::");
                found.insert(module.trim_end_matches("::mod").to_owned(), path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    walk(&root, &root, &mut found);
    found
}

/// Collects what one file refers to, tests aside.
struct References<'a> {
    /// The module that the file is.
    module: &'a str,
    found: BTreeSet<String>,
}

impl References<'_> {
    /// Resolves a path that starts in this crate.
    fn add(&mut self, path: &[String]) {
        let mut parents: Vec<&str> = self.module.split("::").collect();
        let rest = match path.first().map(String::as_str) {
            Some("crate") => {
                parents.clear();
                &path[1..]
            }
            Some("self") => &path[1..],
            Some("super") => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                parents.truncate(parents.len().saturating_sub(ups));
                &path[ups..]
            }
            _ => return,
        };
        let parts = parents.into_iter().chain(rest.iter().map(String::as_str));
        self.found.insert(parts.collect::<Vec<_>>().join("::"));
    }

    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.add_tree(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.add(&with(name.ident.to_string())),
            UseTree::Rename(rename) => self.add(&with(rename.ident.to_string())),
            UseTree::Glob(_) => self.add(before),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.add_tree(before, item)),
        }
    }
}

impl<'ast> Visit<'ast> for References<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // What a module passes on of its own children is no import.
        if !is_test(&item.attrs) {
            self.add_tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        // The tokens of a macro are no syntax tree: its paths are found by their spelling.
        let text = call.tokens.to_string().replace(' ', "");
        for (at, _) in text.match_indices("crate::") {
            let path = text[at..].split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next();
            self.add(&path.unwrap_or_default().split("::").map(str::to_owned).collect::<Vec<_>>());
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Reads who imports whom; `of` says which node a module belongs to.
fn imports(of: impl Fn(&str) -> String) -> Imports {
    let modules = modules();
    let mut imports = Imports::new();
    for (module, file) in &modules {
        if module.split("::").any(|part| part == "tests" || part == "fuzzing") {
            continue;
        }
        let syntax = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
        let mut references = References { module, found: BTreeSet::new() };
        references.visit_file(&syntax);
        let from = imports.entry(of(module)).or_default();
        for target in references.found {
            // An item of a module counts as that module. A parent's re-export counts as the parent.
            let mut target = target.as_str();
            while !target.is_empty() && !modules.contains_key(target) {
                target = target.rsplit_once("::").map_or("", |(parent, _)| parent);
            }
            // A parent names its children to declare and to re-export them.
            let is_own_child = target.starts_with(&format!("{module}::"));
            if !target.is_empty() && target != module && !is_own_child && of(target) != of(module) {
                from.insert(of(target));
            }
        }
    }
    imports
}

/// Returns the imports that are part of a circle, as `from -> to`.
fn circles(imports: &Imports) -> Vec<String> {
    let reachable = |start: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![start.to_owned()]);
        while let Some(node) = open.pop() {
            for next in imports.get(&node).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> =
        imports.keys().map(|node| (node, reachable(node))).collect();
    let edges = imports.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (from, to)));
    edges
        .filter(|(from, to)| reach.get(to).is_some_and(|reach| reach.contains(*from)))
        .map(|(from, to)| format!("{from} -> {to}"))
        .collect()
}

#[test]
fn files_import_each_other_in_one_direction() {
    let found = circles(&imports(str::to_owned));
    assert!(found.is_empty(), "imports in a circle of files:\n{}", found.join("\n"));
}

#[test]
fn folders_import_each_other_in_one_direction() {
    let folder = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let found = circles(&imports(folder));
    assert!(found.is_empty(), "imports in a circle of folders:\n{}", found.join("\n"));
}

#[test]
fn circle_is_found() {
    let edge = |from: &str, to: &str| (from.to_owned(), BTreeSet::from([to.to_owned()]));
    let imports = Imports::from([edge("a", "b"), edge("b", "c"), edge("c", "b")]);
    assert_eq!(circles(&imports), ["b -> c", "c -> b"]);
}
