//! The access token.

use std::time::Duration;

use crate::helpers::{TestApp, simulator_config};

#[tokio::test]
async fn one_token_is_fetched_however_many_wait_for_it() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| scenarios.auth.delay_ms = 50);
    let links = futures_util::future::join_all((0..10).map(|_| app.checkout())).await;
    assert!(links.iter().all(|link| link.status == 201));
    assert_eq!(app.control.tokens_issued(), 1);
    app.checkout().await;
    assert_eq!(app.control.tokens_issued(), 1, "and it is used again");
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end() {
    let token_lifetime = Duration::from_secs(2);
    let app = TestApp::beside(banq_simulator::Config { token_lifetime, ..simulator_config() }).await;
    app.checkout().await;
    assert_eq!(app.control.tokens_issued(), 1);
    // Past half of its life, which is when so short a token is renewed; it is still good at Banq's.
    tokio::time::sleep(token_lifetime / 2).await;
    app.checkout().await;
    assert_eq!(app.control.tokens_issued(), 2);
    assert!(app.control.requests().iter().all(|request| request.status != Some(401)));
}

#[tokio::test]
async fn a_token_that_was_ended_early_is_renewed_once_for_all() {
    let app = TestApp::start().await;
    app.checkout().await;
    for round in 2..6 {
        app.control.end_tokens();
        let links = futures_util::future::join_all((0..10).map(|_| app.checkout())).await;
        assert!(links.iter().all(|link| link.status == 201));
        assert_eq!(app.control.tokens_issued(), round);
    }
    assert_eq!(app.control.payments().len(), 41);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_token_is_fetched_also_by_threads_that_race_for_it() {
    let app = TestApp::start().await;
    for round in 1..20 {
        futures_util::future::join_all((0..16).map(|_| app.checkout())).await;
        assert_eq!(app.control.tokens_issued(), round);
        app.control.end_tokens();
    }
}
