//! docs/accessibility.md names the tests that hold what it says.

use std::path::Path;

/// The tests in backticks: `folder::file::name`, or `file::name` of this folder.
fn named(document: &str) -> Vec<Vec<&str>> {
    let quoted = document.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|text| text.contains("::")).map(|text| text.split("::").collect());
    paths.collect()
}

#[test]
fn each_test_that_the_document_names_exists() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(tests.join("../docs/accessibility.md")).unwrap();
    let named = named(&document);
    assert!(named.len() > 30, "{named:?}");
    for path in named {
        let (name, file) = path.split_last().unwrap();
        let file = file.join("/");
        let here = ["e2e/accessibility", "e2e"].map(|folder| tests.join(folder).join(&file));
        let source = here.iter().find_map(|path| std::fs::read_to_string(path.with_extension("rs")).ok());
        let source = source.unwrap_or_else(|| panic!("no file of {path:?}"));
        let is_known = source.contains(&format!("fn {name}(")) || source.contains(&format!("mod {name};"));
        assert!(is_known, "no test {path:?}");
    }
}

/// The success criteria of WCAG 2.2, A and AA.
const CRITERIA: usize = 55;

#[test]
fn every_criterion_has_its_row() {
    let document = include_str!("../../../docs/accessibility.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let number = |first: &str| first.split([' ', '–']).next().unwrap_or_default().to_owned();
    let criteria = rows
        .filter(|(first, _)| number(first).split('.').filter(|part| part.parse::<u8>().is_ok()).count() == 3);
    let mut count = 0;
    for (first, rest) in criteria {
        // 1.2.1–1.2.5
        count += if first.contains('–') { 5 } else { 1 };
        assert!(
            ["Yes", "None", "Read", "page"].contains(&rest.trim().split(' ').next().unwrap_or_default()),
            "{first}"
        );
        assert!(!rest.trim().starts_with("Yes") || rest.contains('`'), "{first}: which test?");
    }
    assert_eq!(count, CRITERIA);
}
