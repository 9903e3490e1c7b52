//! Webhooks as Banq writes them, and signatures by a program that is not ours.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::json;
use uuid::Uuid;

/// The body of a webhook with an id of its own.
pub(crate) fn webhook(resource_type: &str, action: &str, resource: &str) -> String {
    json!({
        "accountSpaceId": 1, "action": action, "id": Uuid::new_v4(), "resourceId": resource,
        "resourceType": resource_type, "createdAtUtc": "2021-01-11T12:12:12.5431424+00:00",
    })
    .to_string()
}

/// `openssl dgst -sha256 -hmac SECRET -binary | openssl base64 -A`
pub(crate) fn openssl_signature(secret: &str, body: &[u8]) -> String {
    openssl_mac("-sha256", secret, body)
}

/// The same with any hash.
pub(crate) fn openssl_mac(hash: &str, secret: &str, body: &[u8]) -> String {
    let mac = openssl(&["dgst", hash, "-hmac", secret, "-binary"], body);
    String::from_utf8(openssl(&["base64", "-A"], &mac)).unwrap()
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut program = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs the program openssl");
    program.stdin.take().unwrap().write_all(input).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}
