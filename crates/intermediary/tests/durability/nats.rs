//! Instances that wake each other by NATS: what happens to it costs time, and nothing else.

use std::time::Duration;

use banq_intermediary::{
    Config, NatsConfig, Server,
    doctor::{Check, Doctor, Outcome},
};
use banq_testkit::{NatsServer, Program, command, postgres::Cluster, until};

use crate::app::{On, TestApp};

const PASSWORD: &str = "correct horse battery staple";

fn address(nats: &NatsServer) -> String {
    format!("nats://{}", nats.address())
}

/// The configuration of an instance with this `BANQ_NATS_URL`. Only NATS tells it of changes in time.
fn config(app: &TestApp, url: &str) -> Config {
    let mut config = app.config();
    config.nats = Some(NatsConfig::parse(url).unwrap());
    config.tuning.watched_sweep = Duration::from_secs(3_600);
    config
}

async fn becomes_connected(app: &TestApp, url: &str, is_connected: bool) {
    let expected = f64::from(u8::from(is_connected));
    until(async || (app.metric(url, "banq_nats_connected ").await == expected).then_some(())).await;
}

/// Starts an instance, and waits until it can use NATS.
async fn instance(app: &TestApp, nats: &NatsServer) -> Server {
    let server = Server::start(config(app, &address(nats))).await.unwrap();
    becomes_connected(app, &server.url(), true).await;
    server
}

/// Has an order paid at one instance and seen at another.
async fn pays(app: &TestApp, here: &str, there: &str, order: &str) {
    app.send_webhooks_to(here);
    let (checkout, payment) = app.open(here, order).await;
    let mut stream = app.stream(there, &checkout).await;
    stream.until("pending").await;
    app.banq.accept(payment).await.unwrap();
    stream.until("paid").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_are_seen_at_another_instance_while_nats_dies_and_returns() {
    let (app, mut nats) = (TestApp::new(On::Postgres).await, NatsServer::start().await);
    let (here, there) = (instance(&app, &nats).await, instance(&app, &nats).await);
    let (here, there) = (here.url(), there.url());
    pays(&app, &here, &there, "alive").await;
    let mut orders = 1;
    for round in 0..3 {
        nats.kill();
        // Before the instances know, and after.
        pays(&app, &here, &there, &format!("just-dead-{round}")).await;
        becomes_connected(&app, &here, false).await;
        becomes_connected(&app, &there, false).await;
        pays(&app, &there, &here, &format!("dead-{round}")).await;
        let revival = async { nats.restart().await };
        let payment = format!("returning-{round}");
        tokio::join!(revival, pays(&app, &here, &there, &payment));
        becomes_connected(&app, &here, true).await;
        becomes_connected(&app, &there, true).await;
        pays(&app, &there, &here, &format!("back-{round}")).await;
        orders += 4;
    }
    app.shop.told_times(orders).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_without_nats_sees_what_one_with_it_changes() {
    let (app, nats) = (TestApp::new(On::Postgres).await, NatsServer::start().await);
    let here = instance(&app, &nats).await;
    let there = app.server().await;
    pays(&app, &there.url(), &here.url(), "without-to-with").await;
    let sweeping = app.server_with(|tuning| tuning.watched_sweep = Duration::from_millis(500)).await;
    pays(&app, &here.url(), &sweeping.url(), "with-to-without").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_is_cut_off_from_nats_sees_what_others_change() {
    let (app, nats) = (TestApp::new(On::Postgres).await, NatsServer::start().await);
    let here = instance(&app, &nats).await;
    // It has a server of its own, because the others stay connected.
    let mut other_nats = NatsServer::start().await;
    let there = instance(&app, &other_nats).await;
    other_nats.kill();
    becomes_connected(&app, &there.url(), false).await;
    // Each is seen by a look of its own.
    for order in ["1", "2", "3"] {
        pays(&app, &here.url(), &there.url(), order).await;
    }
}

/// What `doctor` says of NATS.
async fn examined(app: &TestApp, server: &Server, url: &str) -> Check {
    let mut config = config(app, url);
    config.public_url = Some(server.url().parse().unwrap());
    let checks = Doctor::new(config).unwrap().examine(&[]).await;
    checks.into_iter().find(|check| check.name == "nats").expect("it was examined")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_login_stops_nothing_and_is_told() {
    let app = TestApp::new(On::Postgres).await;
    let mut nats = NatsServer::start_with(&["--user", "shop", "--pass", PASSWORD]).await;
    let wrong = format!("nats://shop:wrong@{}", nats.address());
    let here = Server::start(config(&app, &wrong)).await.unwrap();
    let there = Server::start(config(&app, &wrong)).await.unwrap();
    pays(&app, &here.url(), &there.url(), "1").await;
    becomes_connected(&app, &here.url(), false).await;
    let check = examined(&app, &here, &wrong).await;
    assert_eq!(check.outcome, Outcome::Fail);
    assert!(check.detail.contains("authorization violation"), "{check:?}");
    let right = format!("nats://shop:{}@{}", PASSWORD.replace(' ', "%20"), nats.address());
    let check = examined(&app, &here, &right).await;
    assert_eq!(check.outcome, Outcome::Ok, "{check:?}");
    nats.kill();
    let check = examined(&app, &here, &right).await;
    assert_eq!(check.outcome, Outcome::Fail);
    assert!(check.detail.contains("refused"), "{check:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_over_tls_needs_the_right_certificate_and_no_login_is_logged() {
    let cluster = Cluster::start_with_tls();
    let app = TestApp::over(cluster.database().await).await;
    let (certificate, key) = (cluster.file("server.crt"), cluster.file("server.key"));
    let tls = ["--tls", "--tlscert", &certificate, "--tlskey", &key];
    let nats = NatsServer::start_with(&[&tls[..], &["--user", "shop", "--pass", "hunter3"]].concat()).await;
    let program = |host: &str, authority: &str| {
        let mut settings = app.settings();
        let url = format!("tls://shop:hunter3@{host}:{}", nats.port());
        let authority = cluster.file(authority);
        for (name, value) in
            [("BANQ_NATS_URL", &*url), ("BANQ_LISTEN", "127.0.0.1:0"), ("SSL_CERT_FILE", &*authority)]
        {
            settings.insert(name.into(), value.into());
        }
        settings.insert("RUST_LOG".into(), "trace".into());
        command(env!("CARGO_BIN_EXE_banq-intermediary"), &settings)
    };
    let server = Program::start_with_log(program("localhost", "ca.crt")).await;
    becomes_connected(&app, &server.url, true).await;
    let log = server.terminate().await;
    assert!(log.contains("connected to NATS") && !log.contains("hunter3"), "{log}");

    for (host, authority, check) in [
        ("localhost", "ca.crt", "ok   nats: delivers messages"),
        ("localhost", "stranger.crt", "FAIL nats: IO error: invalid peer certificate: UnknownIssuer"),
        // The certificate is another host's.
        (
            "127.0.0.1",
            "ca.crt",
            "FAIL nats: IO error: invalid peer certificate: certificate not valid for name",
        ),
    ] {
        let examined = program(host, authority).arg("doctor").output().await.unwrap();
        let said = String::from_utf8([examined.stdout, examined.stderr].concat()).unwrap();
        assert!(said.lines().any(|line| line.starts_with(check)), "{host} {authority}: {said}");
        assert!(!said.contains("hunter3"), "{said}");
    }
}
