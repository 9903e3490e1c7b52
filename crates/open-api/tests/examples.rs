//! The examples do what they say, against the simulator.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{path::PathBuf, process::Stdio, time::Duration};

use banq_simulator::Simulator;
use tokio::process::Command;

/// Whatever is waited for comes within this time, or never.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program that cargo built of an example. It lies beside the folder of this test's own program.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    let path = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is missing: `cargo build -p banq-open-api --examples` makes it",
        path.display()
    );
    path
}

/// Runs `payment_link`; whether it succeeded, and what it printed and complained about.
async fn payment_link(settings: &[(&str, &str)]) -> (bool, String, String) {
    let mut command = Command::new(example("payment_link"));
    command.env_clear().envs(settings.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("waited in vain").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn payment_link_prints_the_link_and_the_status_of_a_new_payment() {
    let listen = ([127, 0, 0, 1], 0).into();
    let config = banq_simulator::Config { listen, ..banq_simulator::Config::default() };
    let simulator = Simulator::start(config).await.unwrap();
    let (api_url, auth_url) = (simulator.api_url(), simulator.auth_url());
    let settings = [("BANQ_API_URL", api_url.as_str()), ("BANQ_AUTH_URL", auth_url.as_str())];

    // Everything else by its default.
    let (succeeded, printed, complaint) = payment_link(&settings).await;
    assert!(succeeded, "{complaint}");
    let payments = simulator.control().payments();
    let [payment] = payments.as_slice() else { panic!("{} payments", payments.len()) };
    assert_eq!(printed, format!("link: {}\nstatus: Created\n", payment.url));
    assert_eq!(payment.external_order_code.as_deref(), Some("A7Q2-9XKD"));
    assert_eq!((payment.funds.to_string().as_str(), payment.comment.as_str()), ("2.5", "Two coffees"));

    // The link that was printed is the one that a shopper pays.
    simulator.control().accept(payment.id).await.unwrap();

    // The variables count: other credentials are refused, and no link is made.
    let (succeeded, printed, complaint) =
        payment_link(&[settings[0], settings[1], ("BANQ_PASSWORD", "hunter2")]).await;
    assert!(!succeeded && printed.is_empty(), "{printed}");
    assert!(complaint.contains("Credentials") && !complaint.contains("hunter2"), "{complaint}");
    assert_eq!(simulator.control().payments().len(), 1);
}
