//! The size of a shopper's download, in bytes: the table and the budget.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::error::Error;

/// Budget in bytes (brotli 11) of the loader, which blocks the page's parser.
const LOADER_BUDGET: usize = 3_400;
/// Budget in bytes (brotli 11) of everything: loader, glue, WebAssembly with its stylesheet.
const TOTAL_BUDGET: usize = 94_000;
/// Budget in bytes (brotli 11) of the headless client: glue and WebAssembly.
const HEADLESS_BUDGET: usize = 33_000;
/// Budget in bytes (brotli 11) of each language file.
const LANGUAGE_BUDGET: usize = 2_000;

/// A file and its two precompressed forms.
pub(crate) struct Weighed {
    pub(crate) name: String,
    pub(crate) raw: usize,
    pub(crate) gzip: Vec<u8>,
    pub(crate) brotli: Vec<u8>,
}

/// Compresses a file as much as possible.
pub(crate) fn weigh(name: &str, bytes: &[u8]) -> Result<Weighed, Error> {
    let failed = |cause| Error::File { path: name.into(), cause };
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).map_err(failed)?;
    let gzip = gzip.finish().map_err(failed)?;
    let mut brotli = Vec::new();
    // The better block size differs between files: 0 is brotli's own choice.
    for lgblock in [0, 16] {
        let settings = brotli::enc::BrotliEncoderParams {
            quality: 11,
            lgwin: 22,
            lgblock,
            size_hint: bytes.len(),
            ..Default::default()
        };
        let mut made = Vec::new();
        brotli::BrotliCompress(&mut &*bytes, &mut made, &settings).map_err(failed)?;
        if brotli.is_empty() || made.len() < brotli.len() {
            brotli = made;
        }
    }
    Ok(Weighed { name: name.to_owned(), raw: bytes.len(), gzip, brotli })
}

pub(crate) const BUDGETS: &str = "budget (brotli): loader 3400, all 94000, headless 33000, language 2000\n";

pub(crate) fn table(all: &str, files: &[Weighed]) -> String {
    let mut lines = format!("{:<28}{:>10}{:>10}{:>10}\n", "file", "raw", "gzip", "brotli");
    let row = |name: &str, raw: usize, gzip: usize, brotli: usize| {
        format!("{name:<28}{raw:>10}{gzip:>10}{brotli:>10}\n")
    };
    let mut sum = (0, 0, 0);
    for file in files {
        lines += &row(&file.name, file.raw, file.gzip.len(), file.brotli.len());
        sum = (sum.0 + file.raw, sum.1 + file.gzip.len(), sum.2 + file.brotli.len());
    }
    lines += &row(all, sum.0, sum.1, sum.2);
    lines
}

/// Checks the budgets of the page's first file (the loader), of all its files together, of the headless client, and of
/// each language.
pub(crate) fn check(page: &[Weighed], headless: &[Weighed], languages: &[Weighed]) -> Result<(), Error> {
    let all = |files: &[Weighed]| files.iter().map(|file| file.brotli.len()).sum();
    let largest = languages.iter().map(|file| file.brotli.len()).max().unwrap_or_default();
    for (what, weight, budget) in [
        ("loader", page.first().map_or(0, |file| file.brotli.len()), LOADER_BUDGET),
        ("widget", all(page), TOTAL_BUDGET),
        ("headless client", all(headless), HEADLESS_BUDGET),
        ("largest language", largest, LANGUAGE_BUDGET),
    ] {
        if weight > budget {
            return Err(Error::TooLarge { what, weight, budget, over: weight - budget });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        BUDGETS, HEADLESS_BUDGET, LANGUAGE_BUDGET, LOADER_BUDGET, TOTAL_BUDGET, Weighed, check, table, weigh,
    };

    fn file(brotli: usize) -> Weighed {
        Weighed { name: "file".to_owned(), raw: 1, gzip: vec![0; 2], brotli: vec![0; brotli] }
    }

    #[test]
    fn the_budget_is_kept_to_the_byte() {
        let page = [file(LOADER_BUDGET), file(TOTAL_BUDGET - LOADER_BUDGET)];
        let languages = [file(1), file(LANGUAGE_BUDGET)];
        assert!(check(&page, &[file(HEADLESS_BUDGET - 1), file(1)], &languages).is_ok());
        assert!(check(&page, &[file(HEADLESS_BUDGET), file(1)], &[]).is_err());
        assert!(check(&[file(LOADER_BUDGET + 1)], &[], &[]).is_err());
        assert!(check(&[file(1), file(TOTAL_BUDGET)], &[], &[]).is_err());
        assert!(check(&page, &[], &[file(LANGUAGE_BUDGET + 1)]).is_err());
    }

    #[test]
    fn the_budget_that_is_said_is_the_one_that_is_kept() {
        let expected = format!(
            "budget (brotli): loader {LOADER_BUDGET}, all {TOTAL_BUDGET}, headless {HEADLESS_BUDGET}, \
             language {LANGUAGE_BUDGET}\n"
        );
        assert_eq!(BUDGETS, expected);
    }

    #[test]
    fn the_table_adds_up() {
        let table = table("all a page loads", &[file(10), file(20)]);
        assert!(
            table
                .lines()
                .any(|line| line.split_whitespace().eq(["all", "a", "page", "loads", "2", "4", "30"]))
        );
    }

    #[test]
    fn what_is_weighed_is_what_a_browser_unpacks() {
        let text = "a shopper on a phone ".repeat(50);
        let weighed = weigh("text", text.as_bytes()).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &*weighed.brotli, &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(weighed.brotli.len() < weighed.raw);
    }
}
