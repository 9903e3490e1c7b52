//! Ways out of the widget's folder, and other tricks with addresses.

use super::status;
use crate::{
    helpers::{Raw, TestApp},
    widget::{folder, serving},
};

/// Sends the target as it is; no client would.
async fn get(app: &TestApp, target: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    Raw::exchange(&app.url, request).await
}

async fn assert_no_way_out(targets: &[&str]) {
    let folder = folder();
    let app = serving(folder.path()).await;
    assert_eq!(status(&get(&app, "/widget/banq-app.css").await), 200);
    for target in targets {
        let answer = get(&app, target).await;
        assert!([400, 404, 414, 431].contains(&status(&answer)), "{target}: {answer}");
        for secret in ["not for the world", "root:", "[package]"] {
            assert!(!answer.contains(secret), "{target}: {answer}");
        }
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn dots_do_not_lead_out_of_the_folder() {
    assert_no_way_out(&[
        "/widget/../secret.txt",
        "/widget/../../../../../../etc/passwd",
        "/widget/./../secret.txt",
        "/widget/x/../../secret.txt",
        "/widget/....//secret.txt",
        "/widget/..;/secret.txt",
    ])
    .await;
}

#[tokio::test]
async fn encoded_dots_and_slashes_do_not_lead_out_of_the_folder() {
    assert_no_way_out(&[
        "/widget/..%2fsecret.txt",
        "/widget/%2e%2e/secret.txt",
        "/widget/%2e%2e%2fsecret.txt",
        "/widget/.%2e/secret.txt",
        "/widget%2f..%2fsecret.txt",
        "/widget/..%5csecret.txt",
        "/widget/..\\secret.txt",
    ])
    .await;
}

#[tokio::test]
async fn badly_encoded_dots_do_not_lead_out_of_the_folder() {
    assert_no_way_out(&[
        "/widget/%252e%252e%252fsecret.txt",
        "/widget/..%252fsecret.txt",
        "/widget/%c0%ae%c0%ae/secret.txt",
        "/widget/..%c0%afsecret.txt",
        "/widget/%uff0e%uff0e/secret.txt",
        "/widget/%",
        "/widget/%2",
        "/widget/%zz",
    ])
    .await;
}

#[tokio::test]
async fn absolute_paths_do_not_lead_out_of_the_folder() {
    assert_no_way_out(&[
        "/widget//etc/passwd",
        "/widget/%2fetc%2fpasswd",
        "/widget/%2Fetc/passwd",
        "/widget///etc/passwd",
        "/widget/file:///etc/passwd",
        "/widget/c:%5cboot.ini",
        "//etc/passwd",
        "/etc/passwd",
    ])
    .await;
}

#[tokio::test]
async fn an_encoded_nul_is_404_and_no_fault() {
    assert_no_way_out(&[
        "/widget/%00",
        "/widget/banq-app.css%00",
        "/widget/banq-app.css%00.js",
        "/widget/%00/../x",
    ])
    .await;
}

#[tokio::test]
async fn names_that_are_too_long_are_refused_and_no_fault() {
    let (long, longer) = ("a".repeat(300), "a/".repeat(3000));
    assert_no_way_out(&[
        &format!("/widget/{long}"),
        &format!("/widget/{longer}"),
        &format!("/{}", "a".repeat(20_000)),
    ])
    .await;
}

#[tokio::test]
async fn an_address_in_absolute_form_is_only_a_path() {
    let folder = folder();
    let app = serving(folder.path()).await;
    for target in ["http://attacker.example/widget/banq-app.css", "http://127.0.0.1:1/widget/banq-app.css"] {
        let answer = get(&app, target).await;
        assert!(answer.contains("the style"), "served from here, not fetched from there: {answer}");
    }
    for target in ["file:///etc/passwd", "http://attacker.example/", "attacker.example:443"] {
        let answer = get(&app, target).await;
        assert!([400, 404].contains(&status(&answer)), "{target}: {answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn double_slashes_redirect_nowhere() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("widget/attacker.example")).unwrap();
    let app = serving(folder.path()).await;
    for target in [
        "//attacker.example",
        "//attacker.example/..",
        "/widget//attacker.example",
        "//attacker.example/%2f..",
        "/\\attacker.example",
        "/widget/\\attacker.example",
        "//widget",
    ] {
        let answer = get(&app, target).await;
        let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
        let leads_away =
            location.is_some_and(|to| to.starts_with("//") || to.contains("://") || to.contains('\\'));
        assert!(!leads_away, "{target}: {answer}");
        assert!(status(&answer) < 500, "{target}: {answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_folder_is_not_listed() {
    let folder = folder();
    let app = serving(folder.path()).await;
    for target in ["/widget/", "/widget/?list", "/widget/.", "/widget/*"] {
        let answer = get(&app, target).await;
        assert!([307, 404].contains(&status(&answer)), "{target}: {answer}");
        assert!(!answer.contains("ecommerce.js"), "{answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_checkouts_address_leads_nowhere_else() {
    let app = TestApp::start().await;
    for target in [
        "/checkouts/../healthz",
        "/checkouts/..%2fhealthz",
        "/checkouts/%2e%2e",
        "/checkouts//events",
        "/checkouts/",
        "/checkouts/%00",
        "/checkouts/%ff",
        "/checkouts/x/events/..",
    ] {
        let answer = get(&app, target).await;
        assert_eq!(status(&answer), 404, "{target}: {answer}");
    }
    app.assert_healthy().await;
}
