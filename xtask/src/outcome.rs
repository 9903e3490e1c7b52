//! Reads passed and failed tests from the output of `cargo test`, and of Node's test runner.

use std::collections::HashMap;
use std::fmt;

use crate::error::Error;

/// Lines of a failed test's output that are repeated at the end: the place of the panic and its message.
const REASON_LINES: usize = 6;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    passed: usize,
    /// `PROGRAM: TEST`, in the order of the output.
    failed: Vec<String>,
    /// The running program, as cargo names it, until its result line.
    running: Option<String>,
    /// Its tests that have been running for over a minute.
    slow: Vec<String>,
    /// Names after the last `failures:`.
    named: Vec<String>,
    in_list: bool,
    /// Of each failed test, the first lines of its panic.
    reasons: HashMap<String, Vec<String>>,
    /// The failed test whose output is being read.
    shown: Option<String>,
}

impl Outcome {
    pub(crate) fn read(&mut self, line: &str) {
        let line = plain(line);
        if let Some(program) = program(&line) {
            self.stopped();
            self.running = Some(program);
        } else if line.starts_with("error: test failed") || line.starts_with("error: doctest failed") {
            self.stopped();
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.result(result);
        } else if line == "failures:" {
            // The line appears once before the tests' output, and again before their names.
            self.named.clear();
            self.shown = None;
            self.in_list = true;
        } else if self.in_list {
            self.failure(&line);
        } else if let Some(test) = line.strip_prefix("test ") {
            if let Some(name) = test.strip_suffix(SLOW) {
                self.slow.push(name.to_owned());
            } else if let Some((name, _)) = test.split_once(" ... ") {
                self.slow.retain(|slow| slow != name.trim_end_matches(" - should panic"));
            }
        }
    }

    /// Reads a line of the Test Anything Protocol, which Node's test runner writes: a failed file or test, or the counts.
    pub(crate) fn read_tap(&mut self, line: &str) {
        if let Some((_, name)) = line.strip_prefix("not ok ").and_then(|line| line.split_once(" - ")) {
            self.failed.push(name.to_owned());
        } else if let Some(passed) = line.strip_prefix("# pass ") {
            self.passed += passed.trim().parse().unwrap_or(0);
        }
    }

    /// Reads a line after `failures:`: a name, or a line of a failed test's output.
    fn failure(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("---- ").and_then(|line| line.strip_suffix(" stdout ----")) {
            self.shown = Some(name.to_owned());
            return;
        }
        if let Some(name) = line.strip_prefix("    ").filter(|name| !name.starts_with(' ')) {
            self.named.push(name.to_owned());
        }
        let Some(shown) = &self.shown else { return };
        let is_panic = line.starts_with("thread '") && line.contains("panicked at");
        if line.starts_with("stack backtrace:") || line.starts_with("note: ") {
            self.shown = None;
        } else if is_panic {
            self.reasons.insert(shown.clone(), vec![line.to_owned()]);
        } else if let Some(reason) = self.reasons.get_mut(shown)
            && reason.len() < REASON_LINES
            && !line.is_empty()
        {
            reason.push(line.to_owned());
        }
    }

    /// Reads a result line: `FAILED. 1 passed; 2 failed; 0 ignored; …`.
    fn result(&mut self, result: &str) {
        let count = |word: &str| {
            let before = result.split(&format!(" {word}")).next();
            before.and_then(|before| before.rsplit(' ').next()?.parse::<usize>().ok()).unwrap_or(0)
        };
        self.passed += count("passed");
        let program = self.running.take().unwrap_or_else(|| "a test program".to_owned());
        let failed = count("failed");
        // The list follows the tests' output, which may look like it, so only the last names count.
        let named = self.named.split_off(self.named.len().saturating_sub(failed));
        let unnamed = failed - named.len();
        let reasons = std::mem::take(&mut self.reasons);
        self.failed.extend(named.into_iter().map(|name| {
            let reason = reasons.get(&name).into_iter().flatten();
            reason.fold(format!("{program}: {name}"), |text, line| text + "\n    " + line)
        }));
        self.shown = None;
        self.slow.clear();
        self.failed.extend((0..unnamed).map(|_| format!("{program}: a test without a name in the output")));
        self.named.clear();
        self.in_list = false;
    }

    /// Records a program that ended without a result line: a signal or the program itself ended it.
    fn stopped(&mut self) {
        let during: String = self.slow.drain(..).map(|name| format!("\n    while {name} ran")).collect();
        let running = self.running.take();
        self.failed.extend(running.map(|program| format!("{program}: stopped before its end{during}")));
        self.reasons.clear();
        self.shown = None;
        self.named.clear();
        self.in_list = false;
    }
}

#[derive(Default)]
pub(crate) struct Steps {
    passed: usize,
    failed: Vec<String>,
}

impl Steps {
    /// Adds a finished step. A step that failed without a failed test counts as a failure itself.
    pub(crate) fn add(&mut self, name: &str, mut outcome: Outcome, result: Result<(), Error>) {
        outcome.stopped();
        self.passed += outcome.passed;
        if let Err(error) = result
            && outcome.failed.is_empty()
        {
            outcome.failed.push(error.to_string());
        }
        self.failed.extend(outcome.failed.into_iter().map(|what| format!("{name}: {what}")));
    }

    pub(crate) fn passed(&self) -> bool {
        self.failed.is_empty()
    }
}

/// Lists all failures, and the counts on the last line.
impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.failed.is_empty() {
            writeln!(f, "\n== what failed")?;
        }
        for failed in &self.failed {
            writeln!(f, "{failed}")?;
        }
        writeln!(f, "{} passed, {} failed", self.passed, self.failed.len())
    }
}

/// Returns the program that cargo is about to run: `Running tests/e2e/main.rs (…)`, `Running unittests src/lib.rs (…)`
/// or `Doc-tests banq_checkout`.
fn program(line: &str) -> Option<String> {
    let line = line.trim_start();
    if line.starts_with("Doc-tests ") {
        return Some(line.to_owned());
    }
    let (source, file) = line.strip_prefix("Running ")?.strip_suffix(')')?.rsplit_once(" (")?;
    if !source.starts_with("unittests ") {
        return Some(source.to_owned());
    }
    // Every package has a src/lib.rs, so the name comes from the file, FOLDER/NAME-HASH.
    let name = file.rsplit(['/', '\\']).next()?;
    let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
    Some(format!("{name} {source}"))
}

/// The end of the line about a test that has not ended yet.
const SLOW: &str = " has been running for over 60 seconds";

fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Steps};
    use crate::error::Error;

    const OUTPUT: &str = "\
   Compiling banq-checkout-e2e v0.1.0
     Running unittests src/lib.rs (target/debug/deps/banq_checkout-1)

running 2 tests
test one ... ok
test two ... ok

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s

     Running tests/e2e/main.rs (target/debug/deps/e2e-2)

running 3 tests
test engines::webkit::paid ... FAILED
test time::late ... FAILED
test time::early ... ok

failures:

---- engines::webkit::paid stdout ----
    left: 1
failures:
    not a name

---- time::late stdout ----
starting

thread 'time::late' (12) panicked at tests/e2e/time.rs:9:5:
waited in vain
stack backtrace:
   0: begin_unwind

failures:
    engines::webkit::paid
    time::late

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9.01s

error: test failed, to rerun pass `-p banq-checkout-e2e --test e2e`
   Doc-tests banq_simulator

running 1 test
test crates/simulator/src/lib.rs - (line 9) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";

    fn read(output: &str) -> Outcome {
        let mut outcome = Outcome::default();
        output.lines().for_each(|line| outcome.read(line));
        outcome
    }

    #[test]
    fn tap_counts_passed_tests_and_names_failed_ones() {
        let mut outcome = Outcome::default();
        for line in [
            "ok 1 - loads once",
            "    not ok 1 - a part of it",
            "not ok 2 - retries",
            "# pass 101",
            "# fail 1",
        ] {
            outcome.read_tap(line);
        }
        let expected = Outcome { passed: 101, failed: vec!["retries".to_owned()], ..Outcome::default() };
        assert_eq!(outcome, expected);
    }

    #[test]
    fn unit_tests_are_named_with_their_package() {
        let line = "     Running unittests src/lib.rs (target/debug/deps/banq_wire-0f1e)";
        assert_eq!(super::program(line).as_deref(), Some("banq_wire unittests src/lib.rs"));
        assert_eq!(super::program("Running is fun"), None);
    }

    fn failed() -> Result<(), Error> {
        Err(Error::Failed { what: "cargo test".to_owned(), status: "exit status: 101".to_owned() })
    }

    #[test]
    fn every_program_is_counted_and_every_failed_test_named() {
        let mut steps = Steps::default();
        steps.add("native", read(OUTPUT), failed());
        assert!(!steps.passed());
        assert_eq!(
            steps.to_string(),
            "\n== what failed\n\
             native: tests/e2e/main.rs: engines::webkit::paid\n\
             native: tests/e2e/main.rs: time::late\n    thread 'time::late' (12) panicked at tests/e2e/time.rs:9:5:\n    \
             waited in vain\n\
             4 passed, 2 failed\n"
        );
    }

    #[test]
    fn steps_that_pass_end_with_the_counts_alone() {
        let mut steps = Steps::default();
        let passed: String = OUTPUT.lines().take(8).map(|line| format!("{line}\n")).collect();
        steps.add("fmt", Outcome::default(), Ok(()));
        steps.add("native", read(&passed), Ok(()));
        assert!(steps.passed());
        assert_eq!(steps.to_string(), "2 passed, 0 failed\n");
    }

    #[test]
    fn a_step_without_a_failed_test_counts_itself() {
        let mut steps = Steps::default();
        steps.add("clippy", Outcome::default(), failed());
        steps.add("native", read(OUTPUT), failed());
        let text = steps.to_string();
        assert!(text.contains("\nclippy: cargo test failed with exit status: 101\n"), "{text}");
        assert!(text.ends_with("\n4 passed, 3 failed\n"), "{text}");
    }

    #[test]
    fn a_program_that_stops_without_a_result_is_named() {
        let output = "     Running tests/limits_and_cli/main.rs (target/debug/deps/limits_and_cli-3)\n\n\
                      running 9 tests\ntest one ... ok\n\
                      test two has been running for over 60 seconds\n\
                      test src/a.rs - three (line 9) has been running for over 60 seconds\ntest two ... ok\n\
                      error: test failed, to rerun pass `-p banq-intermediary --test limits_and_cli`\n\
                      \x20    Running tests/durability/main.rs (target/debug/deps/durability-4)\n";
        let mut steps = Steps::default();
        steps.add("native", read(output), failed());
        assert_eq!(
            steps.to_string(),
            "\n== what failed\n\
             native: tests/limits_and_cli/main.rs: stopped before its end\n    while src/a.rs - three (line 9) ran\n\
             native: tests/durability/main.rs: stopped before its end\n\
             0 passed, 2 failed\n"
        );
    }

    #[test]
    fn colours_do_not_hide_a_result() {
        let coloured = "\u{1b}[1m\u{1b}[32m     Running\u{1b}[0m tests/a.rs (target/debug/deps/a-1)\n\
                        failures:\n    \u{1b}[31mmine\u{1b}[0m\n\
                        test result: \u{1b}[31mFAILED\u{1b}[0m. 3 passed; 1 failed; 0 ignored\n";
        let outcome = read(coloured);
        assert_eq!((outcome.passed, outcome.failed), (3, vec!["tests/a.rs: mine".to_owned()]));
    }

    #[test]
    fn failures_of_the_browser_runner_are_named() {
        let output = "     Running tests/component.rs (target/wasm32-unknown-unknown/debug/deps/component.wasm)\n\
                      failures:\n\n---- component::seven output ----\n    panicked\n\nfailures:\n\n    \
                      component::seven\n\ntest result: FAILED. 11 passed; 1 failed; 0 ignored; 0 filtered out\n";
        let outcome = read(output);
        assert_eq!(
            (outcome.passed, outcome.failed),
            (11, vec!["tests/component.rs: component::seven".to_owned()])
        );
    }
}
