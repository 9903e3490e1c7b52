//! `/widget/…`: the widget's files.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::helpers::{TestApp, client, within_deadline};

/// A folder like the one that the build makes.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("widget")).unwrap();
    write("secret.txt", "not for the world");
    write("widget/ecommerce.js", "the loader");
    write("widget/ecommerce.js.br", "the loader in brotli");
    write("widget/ecommerce.js.gz", "the loader in gzip");
    write("widget/banq-app.wasm", "\0asm");
    write("widget/banq-app.css", "the style");
    folder
}

pub(crate) async fn serving(folder: &Path) -> TestApp {
    let widget = folder.join("widget");
    TestApp::with(|config| config.widget_dir = Some(widget)).await
}

#[tokio::test]
async fn the_files_come_with_their_types_and_for_every_origin() {
    let folder = folder();
    let app = serving(folder.path()).await;
    for (name, kind) in [
        ("ecommerce.js", "text/javascript"),
        ("banq-app.wasm", "application/wasm"),
        ("banq-app.css", "text/css"),
    ] {
        let answer = app.get(&format!("/widget/{name}"), &[("origin", "https://any.example")]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn a_browser_that_can_brotli_gets_the_precompressed_file() {
    let folder = folder();
    let app = serving(folder.path()).await;
    for (accepted, encoding, text) in [
        ("gzip, deflate, br", Some("br"), "the loader in brotli"),
        ("gzip", Some("gzip"), "the loader in gzip"),
        ("identity", None, "the loader"),
        ("br;q=0", None, "the loader"),
    ] {
        let answer = app.get("/widget/ecommerce.js", &[("accept-encoding", accepted)]).await;
        assert_eq!((answer.header("content-encoding"), &*answer.text), (encoding, text), "{accepted}");
        assert_eq!(answer.header("content-type"), Some("text/javascript"));
    }
}

#[tokio::test]
async fn a_file_that_is_the_same_is_not_sent_again() {
    let folder = folder();
    let app = serving(folder.path()).await;
    let first = app.get("/widget/ecommerce.js", &[]).await;
    let modified = first.header("last-modified").unwrap();
    let again = app.get("/widget/ecommerce.js", &[("if-modified-since", modified)]).await;
    assert_eq!((again.status, &*again.text), (304, ""));
}

#[tokio::test]
async fn a_versions_path_has_the_files_that_never_change() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join("widget").join(name), text).unwrap();
    write("integrity.json", r#"{ "version": "0.1.0-1a2b3c4d", "integrity": {} }"#);
    write("banq-pinned.js", "the loader with hashes");
    let app = serving(folder.path()).await;
    let forever = Some("public, max-age=31536000, immutable");
    for (path, text, cached) in [
        ("/widget/v0.1.0-1a2b3c4d/ecommerce.js", "the loader with hashes", forever),
        ("/widget/v0.1.0-1a2b3c4d/banq-app.css", "the style", forever),
        ("/widget/ecommerce.js", "the loader", Some("no-cache")),
        ("/widget/banq-pinned.js", "the loader with hashes", Some("no-cache")),
    ] {
        let answer = app.get(path, &[]).await;
        assert_eq!((&*answer.text, answer.header("cache-control")), (text, cached), "{path}");
    }
    for path in [
        "/widget/v0.1.0-ffffffff/ecommerce.js",
        "/widget/v0.1.0-1a2b3c4d/",
        "/widget/v0.1.0-1a2b3c4d/nothing.js",
        "/widget/v0.1.0-1a2b3c4d/..%2f..%2fsecret.txt",
        "/widget/v0.1.0-1a2b3c4d/v0.1.0-1a2b3c4d/ecommerce.js",
    ] {
        let answer = app.get(path, &[]).await;
        assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")), "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_404_problem() {
    let folder = folder();
    let app = serving(folder.path()).await;
    for path in ["/widget/nothing.js", "/widget/ecommerce.js/x"] {
        let answer = app.get(path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json["code"], "not_found");
    }
}

#[tokio::test]
async fn without_a_folder_there_is_no_widget() {
    let app = TestApp::start().await;
    app.get("/widget/ecommerce.js", &[]).await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_folders_address_leads_to_the_files() {
    let folder = folder();
    let app = serving(folder.path()).await;
    let answer = within_deadline(client().get(format!("{}/widget", app.url)).send()).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (307, &"widget/".parse().unwrap()));
}
