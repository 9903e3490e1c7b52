//! The program's output for people and for programs.

use std::collections::BTreeMap;

use crate::harness::{Harness, filters, plain, run};
use banq_testkit::within_deadline;

/// Returns the help of a command and of all its subcommands.
async fn help(command: &[String]) -> String {
    let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
    arguments.push("--help");
    let mut all = run(&BTreeMap::new(), &arguments).await;
    let listed = all.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    let names: Vec<String> =
        listed.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    for name in names.into_iter().filter(|name| name != "help") {
        let subcommand: Vec<String> = command.iter().cloned().chain([name]).collect();
        all += "\n";
        all += &Box::pin(help(&subcommand)).await;
    }
    all
}

#[tokio::test]
async fn help_of_each_command_is_as_expected() {
    let help = help(&[]).await;
    let _settings = plain();
    insta::assert_snapshot!("help", help);
}

#[tokio::test]
async fn checkouts_are_listed_and_shown_as_expected() {
    let shop = Harness::open().await;
    let none = run(&shop.settings, &["checkouts", "list"]).await;
    let (checkout, _) = shop.checkout("1").await;
    let mut all = vec![none];
    for arguments in [
        &["checkouts", "list"][..],
        &["checkouts", "list", "--json"],
        &["checkouts", "show", &checkout],
        &["checkouts", "show", &checkout, "--json"],
        &["checkouts", "show", "no-such-checkout"],
        &["checkouts", "show", "no-such-checkout", "--json"],
    ] {
        all.push(run(&shop.settings, arguments).await);
    }
    let _filters = filters();
    insta::assert_snapshot!("checkouts", all.join("\n"));
}

#[tokio::test]
async fn doctor_without_a_running_server_says_what_fails() {
    let shop = Harness::open().await;
    let mut settings = shop.settings.clone();
    settings.insert("BANQ_PUBLIC_URL".to_owned(), shop.server.url());
    within_deadline(shop.server.stop()).await;
    let all = [run(&settings, &["doctor"]).await, run(&settings, &["doctor", "--json"]).await];
    let _filters = filters();
    insta::assert_snapshot!("doctor", all.join("\n"));
}

#[tokio::test]
async fn wrong_configuration_is_explained_in_full() {
    let settings = [
        ("BANQ_ENVIRONMENT", "local"),
        ("BANQ_LISTEN", "nowhere"),
        ("BANQ_PUBLIC_ULR", "http://127.0.0.1:8080"),
        ("BANQ_RETENTION_DAYS", "some"),
    ];
    let settings: BTreeMap<String, String> =
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let all = [
        run(&settings, &[]).await,
        run(&settings, &["doctor"]).await,
        run(&BTreeMap::new(), &["checkouts", "list", "--json"]).await,
    ];
    let _settings = plain();
    insta::assert_snapshot!("configuration", all.join("\n"));
}
