//! Each control action, over HTTP.

use banq_simulator::FailReason;
use uuid::Uuid;

use crate::helpers::Merchant;

/// Does the actions to a new payment and asserts that the last ends in this status.
async fn ends(actions: &[&str], status: &str) -> (Merchant, Uuid) {
    let merchant = Merchant::new().await;
    let id = merchant.link().await;
    for action in actions {
        let (answered, answer) = merchant.act(id, action).await;
        assert_eq!(answered, 200, "{action}: {answer}");
    }
    assert_eq!(merchant.status(id).await, status);
    (merchant, id)
}

#[tokio::test]
async fn accept_completes_the_payment_and_makes_its_transaction() {
    let (merchant, id) = ends(&["accept"], "Completed").await;
    let transaction_id = merchant.control.payment(id).unwrap().transaction_id.unwrap();
    let (_, transaction) = merchant.get(&format!("/api/v1/transactions/{transaction_id}")).await;
    assert_eq!(transaction["data"]["paymentId"], id.to_string());
    assert_eq!(transaction["data"]["status"], "Created");
    assert_eq!(transaction["data"]["failReason"], "None");
}

#[tokio::test]
async fn accept_can_stop_before_the_transaction() {
    ends(&["accept?complete=false"], "Accepted").await;
    ends(&["accept?complete=false", "complete"], "Completed").await;
    ends(&["accept?complete=false", "fail"], "Failed").await;
}

#[tokio::test]
async fn decline_cancel_and_expire_end_it() {
    ends(&["decline"], "Declined").await;
    ends(&["cancel"], "Canceled").await;
    ends(&["expire"], "Expired").await;
}

#[tokio::test]
async fn hold_and_resume_lead_back_to_where_it_was() {
    ends(&["hold"], "OnHold").await;
    ends(&["hold", "resume"], "Created").await;
    ends(&["accept?complete=false", "hold", "resume"], "Accepted").await;
}

#[tokio::test]
async fn fail_takes_each_of_the_vendors_reasons() {
    let merchant = Merchant::new().await;
    for reason in FailReason::ALL {
        let id = merchant.link().await;
        let (status, answer) = merchant.act(id, &format!("fail?reason={reason}")).await;
        assert_eq!((status, answer["data"]["failReason"].as_str()), (200, Some(&*reason.to_string())));
    }
    let id = merchant.link().await;
    assert_eq!(merchant.act(id, "fail").await.1["data"]["failReason"], "ProcessingFailed");
}

#[tokio::test]
async fn reverse_takes_back_what_was_completed() {
    let (merchant, id) = ends(&["accept", "reverse"], "Reversed").await;
    assert_eq!(merchant.control.payment(id).unwrap().fail_reason, Some(FailReason::Reversed));
    let transaction_id = merchant.control.payment(id).unwrap().transaction_id.unwrap();
    let (_, transaction) = merchant.get(&format!("/api/v1/transactions/{transaction_id}")).await;
    assert_eq!(transaction["data"]["status"], "Reversed");
}

#[tokio::test]
async fn impossible_action_is_409_and_changes_nothing() {
    let (merchant, id) = ends(&["decline"], "Declined").await;
    for action in ["accept", "complete", "decline", "cancel", "expire", "hold", "resume", "fail", "reverse"] {
        let (status, answer) = merchant.act(id, action).await;
        assert_eq!(status, 409, "{action}");
        let sentence = format!("A payment that is Declined does not take the action \"{action}\".");
        assert_eq!(answer["message"], sentence);
    }
    assert_eq!(merchant.status(id).await, "Declined");
}

#[tokio::test]
async fn an_unknown_payment_action_or_reason_is_named() {
    let merchant = Merchant::new().await;
    let id = merchant.link().await;
    assert_eq!(merchant.act(Uuid::nil(), "accept").await.0, 404);
    assert_eq!(merchant.act(id, "explode").await.0, 404);
    let (status, answer) = merchant.act(id, "fail?reason=Bored").await;
    assert_eq!(status, 422);
    assert!(answer["message"].as_str().unwrap().contains("InsufficientBalance"));
    assert_eq!(merchant.status(id).await, "Created");
}

#[tokio::test]
async fn the_list_says_what_can_be_done() {
    let merchant = Merchant::new().await;
    merchant.link().await;
    let (_, list) = merchant.get("/simulator/payments").await;
    assert_eq!(list["data"][0]["funds"], 2);
    let actions = list["data"][0]["actions"].as_array().unwrap();
    assert!(actions.iter().any(|action| action == "accept"), "{actions:?}");
}
