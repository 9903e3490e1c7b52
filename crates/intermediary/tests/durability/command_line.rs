//! What a person sees and does with the program, beside a running server.

use std::time::Duration;

use banq_testkit::{PATIENCE, command, until};
use serde_json::Value;

use crate::app::{On, TestApp};

/// Exit code, stdout and stderr of the program.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Said {
    /// `data` of its one line of JSON.
    pub(crate) fn data(&self) -> Value {
        assert_eq!((self.code, self.out.lines().count()), (0, 1), "{} {}", self.out, self.error);
        serde_json::from_str::<Value>(&self.out).unwrap()["data"].clone()
    }

    /// Its lines for people.
    pub(crate) fn lines(&self) -> Vec<&str> {
        assert_eq!(self.code, 0, "{}", self.error);
        self.out.lines().collect()
    }
}

pub(crate) async fn run(app: &TestApp, arguments: &[&str]) -> Said {
    let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &app.settings());
    let output = tokio::time::timeout(PATIENCE, command.args(arguments).output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), error: text(output.stderr) }
}

#[tokio::test]
async fn a_paid_checkout_is_listed_and_shown_with_its_history() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server().await;
        assert_eq!(run(&app, &["checkouts", "list"]).await.lines(), ["no checkouts"]);
        let (paid, payment) = app.open(&server.url(), "1").await;
        app.banq.accept(payment).await.unwrap();
        app.becomes(&server.url(), &paid, "paid").await;
        let (open, _) = app.open(&server.url(), "2").await;

        let said = run(&app, &["checkouts", "list"]).await;
        let lines = said.lines();
        assert!(lines.len() == 2 && lines[0].contains(&open) && lines[0].contains("pending"), "{lines:?}");
        for word in ["paid", "2.50 USD", &paid, "order 1"] {
            assert!(lines[1].contains(word), "{word:?} in {lines:?}");
        }
        let newest = run(&app, &["checkouts", "list", "--limit", "1", "--json"]).await.data();
        let ids = |data: &Value| -> Vec<String> {
            let all = data["checkouts"].as_array().unwrap();
            all.iter().map(|checkout| checkout["checkoutId"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(&newest), [open]);
        let of_order = run(&app, &["checkouts", "list", "--order", "1", "--json"]).await.data();
        assert_eq!(ids(&of_order), [paid.as_str()]);
        assert_eq!(of_order["checkouts"][0]["status"], "paid");

        let said = run(&app, &["checkouts", "show", &paid]).await;
        let lines = said.lines();
        assert!(lines.contains(&"status    paid") && lines.contains(&"funds     2.50 USD"), "{lines:?}");
        assert!(lines.contains(&&*format!("payment   banq:{payment}")), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("begun") && line.contains("by request")), "{lines:?}");
        let last = lines.last().unwrap();
        assert!(last.contains("status   paid, by webhook "), "{lines:?}");
        let shown = run(&app, &["checkouts", "show", &paid, "--json"]).await.data();
        assert_eq!(shown["checkout"]["checkoutId"], paid);
        let history = shown["history"].as_array().unwrap();
        assert_eq!((&history[0]["change"], &history[0]["version"]), (&"begun".into(), &1.into()));
        assert_eq!(history.last().unwrap()["status"], "paid");
        server.stop().await;
    }
}

#[tokio::test]
async fn replayed_checkout_is_polled_at_once_by_the_operator() {
    let app = TestApp::new(On::Sqlite).await;
    // No webhook comes, and the server's own look only after an hour.
    let server = app.server_with(|tuning| tuning.poll_interval = Duration::from_secs(3_600)).await;
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    assert_eq!(app.status(&server.url(), &checkout).await, "pending");
    let said = run(&app, &["checkouts", "replay", &checkout]).await;
    assert!(said.lines()[0].starts_with("due: "), "{}", said.out);
    app.becomes(&server.url(), &checkout, "paid").await;
    let said = run(&app, &["checkouts", "show", &checkout]).await;
    assert!(said.lines().last().unwrap().ends_with("status   paid, by operator"), "{}", said.out);
}

#[tokio::test]
async fn dead_letters_are_listed_and_replayed_once() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.dead_after_faults = 2).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    assert_eq!(run(&app, &["dead-letters", "list"]).await.lines(), ["no dead letters"]);
    app.confuse_banq().await;
    app.banq.accept(payment).await.unwrap();
    let listed = || async {
        let data = run(&app, &["dead-letters", "list", "--json"]).await.data();
        data["deadLetters"].as_array().unwrap().iter().find(|letter| !letter["paymentId"].is_null()).cloned()
    };
    let number = until(listed).await["number"].to_string();
    let said = run(&app, &["dead-letters", "list"]).await;
    let line = said.lines().into_iter().find(|line| line.starts_with(&format!("{number}  "))).unwrap();
    assert!(line.contains("  waiting  ") && line.contains("cannot be understood"), "{line}");
    app.banq.update_scenarios(|scenarios| scenarios.api.html = false);
    assert!(run(&app, &["dead-letters", "replay", &number]).await.lines()[0].starts_with("due: "));
    app.becomes(&server.url(), &checkout, "paid").await;
    let again = run(&app, &["dead-letters", "replay", &number]).await;
    assert_eq!(again.code, 4);
    assert!(again.error.contains(&format!("there is no waiting dead letter {number}")), "{}", again.error);
    assert!(run(&app, &["dead-letters", "list"]).await.out.contains("  replayed 20"));
}

#[tokio::test]
async fn notifications_are_listed_by_state_and_replayed_by_id() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server_with(|tuning| tuning.fulfilment_pauses = vec![]).await;
        app.shop.answer([500]);
        let (checkout, payment) = app.open(&server.url(), "1").await;
        app.banq.accept(payment).await.unwrap();
        let listed = || async {
            let data = run(&app, &["notifications", "list", "--state", "dead", "--json"]).await.data();
            data["notifications"].as_array().unwrap().first().cloned()
        };
        let dead = until(listed).await;
        assert_eq!((&dead["checkoutId"], &dead["event"]), (&checkout.into(), &"order.paid".into()));
        let id = dead["id"].as_str().unwrap();
        let said = run(&app, &["notifications", "list"]).await;
        assert!(said.lines()[0].contains(id) && said.out.contains("answered 500"), "{}", said.out);
        assert_eq!(
            run(&app, &["notifications", "list", "--state", "delivered"]).await.lines(),
            ["no notifications"]
        );
        assert!(run(&app, &["notifications", "replay", id]).await.lines()[0].starts_with("due: "));
        let told = app.shop.told_times(2).await;
        assert_eq!((told[1].id.as_str(), told[1].answered.as_u16()), (id, 204));
        server.stop().await;
    }
}

#[tokio::test]
async fn what_there_is_not_is_said_with_an_exit_code_of_its_own() {
    let app = TestApp::new(On::Sqlite).await;
    let unmade = run(&app, &["checkouts", "list"]).await;
    assert_eq!(unmade.code, 1);
    assert!(unmade.error.contains("BANQ_DATABASE_URL: there is no file "), "{}", unmade.error);
    let server = app.server().await;
    let stranger = "0123456789abcdef0123456789abcdef";
    for (arguments, text) in [
        (["checkouts", "show", stranger], "there is no checkout 0123"),
        (["checkouts", "replay", stranger], "there is no checkout 0123"),
        (["checkouts", "show", "../../etc"], "there is no checkout ../../etc"),
        (["dead-letters", "replay", "7"], "there is no waiting dead letter 7"),
        (["notifications", "replay", "msg_0"], "there is no notification msg_0"),
    ] {
        let said = run(&app, &arguments).await;
        assert_eq!((said.code, said.out.as_str()), (4, ""), "{arguments:?} {}", said.error);
        assert!(said.error.contains(text), "{arguments:?} {}", said.error);
        let said = run(&app, &[&arguments[..], &["--json"]].concat()).await;
        let body: Value = serde_json::from_str(&said.out).unwrap();
        assert!(said.code == 4 && body["error"].as_str().unwrap().contains(text), "{body}");
    }
    for arguments in [
        &["checkouts", "show"][..],
        &["checkouts", "list", "--limit", "many"],
        &["dead-letters", "replay", "first"],
        &["notifications", "list", "--state", "lost"],
    ] {
        assert_eq!(run(&app, arguments).await.code, 2, "{arguments:?}");
    }
    server.stop().await;
}
