//! The access token.

use std::time::Duration;

use crate::helpers::{Stack, simulator_config};

#[tokio::test]
async fn one_token_is_fetched_however_many_wait_for_it() {
    let stack = Stack::start().await;
    stack.control.update_scenarios(|scenarios| scenarios.auth.delay_ms = 50);
    let links = futures_util::future::join_all((0..10).map(|_| stack.checkout())).await;
    assert!(links.iter().all(|link| link.status == 201));
    assert_eq!(stack.control.tokens_issued(), 1);
    stack.checkout().await;
    assert_eq!(stack.control.tokens_issued(), 1, "and it is used again");
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end() {
    let token_lifetime = Duration::from_secs(2);
    let stack = Stack::beside(banq_simulator::Config { token_lifetime, ..simulator_config() }).await;
    stack.checkout().await;
    assert_eq!(stack.control.tokens_issued(), 1);
    // Past half of its life, which is when so short a token is renewed; it is still good at Banq's.
    tokio::time::sleep(token_lifetime / 2).await;
    stack.checkout().await;
    assert_eq!(stack.control.tokens_issued(), 2);
    assert!(stack.control.requests().iter().all(|request| request.status != Some(401)));
}

#[tokio::test]
async fn a_token_that_was_ended_early_is_renewed_once_for_all() {
    let stack = Stack::start().await;
    stack.checkout().await;
    for round in 2..6 {
        stack.control.end_tokens();
        let links = futures_util::future::join_all((0..10).map(|_| stack.checkout())).await;
        assert!(links.iter().all(|link| link.status == 201));
        assert_eq!(stack.control.tokens_issued(), round);
    }
    assert_eq!(stack.control.payments().len(), 41);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_token_is_fetched_also_by_threads_that_race_for_it() {
    let stack = Stack::start().await;
    for round in 1..20 {
        futures_util::future::join_all((0..16).map(|_| stack.checkout())).await;
        assert_eq!(stack.control.tokens_issued(), round);
        stack.control.end_tokens();
    }
}
