//! `/widget/…`: tags, parts, and what is no file of the widget.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    time::{Duration, SystemTime},
};

use banq_intermediary::{Config, Server};
use reqwest::{Method, Response, StatusCode};
use tempfile::TempDir;

use crate::helpers::{TestApp, settings_for, within_deadline};

/// A folder like the one that the build makes.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("ecommerce.js", "the loader"),
        ("ecommerce.js.br", "the loader in brotli"),
        ("ecommerce.js.gz", "the loader in gzip"),
        ("ecommerce.d.ts", "declare"),
        ("banq-checkout_bg.wasm", "\0asm"),
        ("index.html", "<!doctype html>the demo"),
        ("headless.html", "<!doctype html>without"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

async fn serving(folder: &Path) -> TestApp {
    TestApp::with(&[("BANQ_WIDGET_DIR", &folder.display().to_string())], |_| {}).await
}

async fn ask(app: &TestApp, method: Method, name: &str, headers: &[(&'static str, &str)]) -> Response {
    let request = app.http.request(method, app.url(&format!("/widget/{name}")));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    within_deadline(request.send()).await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn changed_file_of_the_same_date_is_sent_again() {
    let folder = folder();
    let loader = folder.path().join("ecommerce.js");
    let date = SystemTime::now() - Duration::from_secs(3600);
    let put = |text: &str| {
        fs::write(&loader, text).unwrap();
        fs::File::options().write(true).open(&loader).unwrap().set_modified(date).unwrap();
    };
    put("the first");
    let app = serving(folder.path()).await;
    let first = ask(&app, Method::GET, "ecommerce.js", &[]).await;
    let (tag, modified) = (header(&first, "etag").to_owned(), header(&first, "last-modified").to_owned());
    assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
    let known = [("if-none-match", tag.as_str()), ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")];
    assert_eq!(ask(&app, Method::GET, "ecommerce.js", &known).await.status(), StatusCode::NOT_MODIFIED);
    put("the other"); // as long as the first
    fs::rename(&loader, folder.path().join("away")).unwrap();
    put("the other");
    let known = [("if-none-match", tag.as_str()), ("if-modified-since", modified.as_str())];
    let again = ask(&app, Method::GET, "ecommerce.js", &known).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_ne!(header(&again, "etag"), tag);
    assert_eq!(again.text().await.unwrap(), "the other");
}

#[tokio::test]
async fn each_form_of_a_file_has_its_tag_and_varies() {
    let folder = folder();
    let app = serving(folder.path()).await;
    let mut tags = Vec::new();
    for (accepted, encoding) in [("br", "br"), ("gzip", "gzip"), ("identity", "")] {
        let response = ask(&app, Method::GET, "ecommerce.js", &[("accept-encoding", accepted)]).await;
        assert_eq!(header(&response, "content-encoding"), encoding);
        assert_eq!(header(&response, "vary"), "accept-encoding", "{accepted}");
        let tag = header(&response, "etag").to_owned();
        assert!(!tags.contains(&tag));
        let known = [("accept-encoding", accepted), ("if-none-match", &tag)];
        let again = ask(&app, Method::GET, "ecommerce.js", &known).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!((header(&again, "etag"), header(&again, "vary")), (&*tag, "accept-encoding"));
        assert_eq!(header(&again, "cache-control"), "no-cache");
        tags.push(tag);
    }
    let other = [("accept-encoding", "identity"), ("if-none-match", &*tags[0])];
    assert_eq!(ask(&app, Method::GET, "ecommerce.js", &other).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn heads_and_parts_of_files_are_served() {
    let folder = folder();
    let app = serving(folder.path()).await;
    let head = ask(&app, Method::HEAD, "ecommerce.js", &[("range", "bytes=0-2")]).await;
    assert_eq!((head.status(), header(&head, "content-length")), (StatusCode::OK, "10"));
    assert_eq!(header(&head, "content-type"), "text/javascript");
    let tag = header(&head, "etag").to_owned();
    assert_eq!(head.text().await.unwrap(), "");
    let part = [("range", "bytes=4-"), ("if-range", &*tag)];
    let part = ask(&app, Method::GET, "ecommerce.js", &part).await;
    assert_eq!(
        (part.status(), header(&part, "content-range")),
        (StatusCode::PARTIAL_CONTENT, "bytes 4-9/10")
    );
    assert_eq!(part.text().await.unwrap(), "loader");
    let beyond = ask(&app, Method::GET, "ecommerce.js", &[("range", "bytes=10-")]).await;
    assert_eq!(
        (beyond.status(), header(&beyond, "content-range")),
        (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */10")
    );
    assert_eq!(ask(&app, Method::POST, "ecommerce.js", &[]).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn only_the_bundles_own_files_are_served() {
    let (folder, outside) = (folder(), tempfile::tempdir().unwrap());
    let secret = outside.path().join("banq-secret.js");
    fs::write(&secret, "not for the world").unwrap();
    fs::write(outside.path().join("id_rsa"), "not for the world").unwrap();
    let here = |name: &str| folder.path().join(name);
    for name in
        [".env", ".banq-hidden.js", "notes.html", "backup.js", "id_rsa", "shop.sqlite", "banq-notes.txt"]
    {
        fs::write(here(name), "not for the world").unwrap();
    }
    fs::create_dir(here("banq-folder.js")).unwrap();
    fs::create_dir(here("deeper")).unwrap();
    fs::write(here("deeper/banq-deep.js"), "not for the world").unwrap();
    symlink(&secret, here("banq-secret.js")).unwrap();
    symlink(outside.path().join("id_rsa"), here("banq-key.js")).unwrap();
    symlink(here("id_rsa"), here("banq-other.js")).unwrap();
    symlink(outside.path(), here("banq-home")).unwrap();
    let app = serving(folder.path()).await;
    for name in [
        ".env",
        ".banq-hidden.js",
        "notes.html",
        "backup.js",
        "id_rsa",
        "shop.sqlite",
        "banq-notes.txt",
        "banq-folder.js",
        "banq-folder.js/",
        "deeper/",
        "deeper/banq-deep.js",
        "banq-secret.js",
        "banq-key.js",
        "banq-other.js",
        "banq-home/id_rsa",
        "ecommerce.js.br",
    ] {
        let response = ask(&app, Method::GET, name, &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
    }
    for (name, kind) in [
        ("ecommerce.js", "text/javascript"),
        ("ecommerce.d.ts", "application/typescript; charset=utf-8"),
        ("banq-checkout_bg.wasm", "application/wasm"),
        ("index.html", "text/html; charset=utf-8"),
        ("headless.html", "text/html; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
    ] {
        let response = ask(&app, Method::GET, name, &[]).await;
        assert_eq!((response.status(), header(&response, "content-type")), (StatusCode::OK, kind), "{name}");
    }
}

#[tokio::test]
async fn links_within_the_folder_are_followed() {
    // As a volume is mounted whose files are exchanged all at once.
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("..version")).unwrap();
    fs::write(folder.path().join("..version/ecommerce.js"), "the loader").unwrap();
    symlink("..version", folder.path().join("..data")).unwrap();
    symlink("..data/ecommerce.js", folder.path().join("ecommerce.js")).unwrap();
    let app = serving(folder.path()).await;
    assert_eq!(ask(&app, Method::GET, "ecommerce.js", &[]).await.text().await.unwrap(), "the loader");
    assert_eq!(ask(&app, Method::GET, "..data/ecommerce.js", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn folder_without_the_loader_is_refused_at_start() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("index.html"), "my page").unwrap();
    let mut settings = settings_for("http://127.0.0.1:9", home.path());
    settings.insert("BANQ_WIDGET_DIR".into(), home.path().display().to_string());
    let start = async |settings: &_| {
        let started = Server::start(Config::from_map(settings).unwrap()).await;
        started.map(drop).map_err(|error| error.to_string())
    };
    let refused = start(&settings).await.unwrap_err();
    assert_eq!(
        refused,
        "BANQ_WIDGET_DIR holds no ecommerce.js: set it to the folder that `cargo xtask dist` made, or unset it"
    );
    settings.insert("BANQ_WIDGET_DIR".into(), home.path().join("nowhere").display().to_string());
    assert!(start(&settings).await.unwrap_err().starts_with("BANQ_WIDGET_DIR cannot be read"));
    settings.insert("BANQ_WIDGET_DIR".into(), home.path().display().to_string());
    symlink("index.html", home.path().join("ecommerce.js")).unwrap();
    assert!(start(&settings).await.unwrap_err().starts_with("BANQ_WIDGET_DIR holds no ecommerce.js"));
}
