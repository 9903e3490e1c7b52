//! The Open API client, as another program would use it, against the simulator.

use std::time::{Duration, Instant};

use banq_intermediary::{
    Amount, Secret,
    open_api::{
        FailReason, GetPaid, Login, OpenApi, OpenApiError, OpenApiSettings, PaymentStatus, Schedule,
        Timeouts, TransactionStatus, WebhookConfig,
    },
};
use banq_simulator::{Control, Scenarios, Simulator};
use banq_testkit::{CLIENT_ID, PASSWORD, USERNAME, simulator_config};
use uuid::Uuid;

const ACCOUNT: Uuid = Uuid::from_u128(0x5b1d_3c1e_6a52_4a7b_9d0e_2f6a_1c8e_7b42);

struct Bank {
    simulator: Simulator,
    api: OpenApi,
}

impl Bank {
    async fn open() -> Self {
        let simulator = Simulator::start(simulator_config()).await.unwrap();
        let api = api(&simulator, PASSWORD);
        Self { simulator, api }
    }

    fn control(&self) -> Control {
        self.simulator.control()
    }

    fn wrong(&self, change: impl FnOnce(&mut Scenarios)) {
        self.control().update_scenarios(change);
    }

    fn calls(&self, path: &str) -> usize {
        self.control().requests().iter().filter(|request| request.path.ends_with(path)).count()
    }
}

fn api(simulator: &Simulator, password: &str) -> OpenApi {
    let settings = OpenApiSettings {
        api_url: simulator.api_url().parse().unwrap(),
        auth_url: simulator.auth_url().parse().unwrap(),
        login: Login::Application {
            client_id: CLIENT_ID.into(),
            username: USERNAME.into(),
            password: Secret::new(password),
        },
        timeouts: Timeouts {
            request: Duration::from_millis(500),
            deadline: Duration::from_secs(4),
            retry_pause: Duration::from_millis(10),
            ..Timeouts::default()
        },
        direct: true,
    };
    OpenApi::new(settings).unwrap()
}

fn order(schedule: Schedule) -> GetPaid {
    GetPaid {
        destination: ACCOUNT,
        comment: "Tea".into(),
        funds: Amount::parse("2.50").unwrap(),
        external_order_code: "009221".into(),
        schedule,
    }
}

#[tokio::test]
async fn a_payment_is_asked_for_seen_and_listed() {
    let bank = Bank::open().await;
    let made = bank.api.get_paid_link(Uuid::new_v4(), &order(Schedule::ONCE)).await.unwrap();
    assert!(made.url.unwrap().starts_with("http://127.0.0.1"));
    let id = made.id.unwrap();
    bank.control().fail(id.parse().unwrap(), banq_simulator::FailReason::AccountIsFrozen).await.unwrap();
    let seen = bank.api.payment(&id).await.unwrap();
    assert_eq!(
        (seen.status, seen.fail_reason),
        (Some(PaymentStatus::Failed), Some(FailReason::AccountIsFrozen))
    );
    assert_eq!(seen.funds, Amount::parse("2.5"));
    let payments = bank.api.payments(1, 10).await.unwrap();
    assert_eq!((payments.meta.resource_count, payments.data[0].id.as_ref()), (1, Some(&id)));
    let transactions = bank.api.transactions(1, 10).await.unwrap();
    let transaction = &transactions.data[0];
    assert_eq!(transaction.status, Some(TransactionStatus::Failed));
    let one = bank.api.transaction(transaction.id.as_ref().unwrap()).await.unwrap();
    assert_eq!((one.payment_id, one.fail_reason), (Some(id), Some(FailReason::AccountIsFrozen)));
}

#[tokio::test]
async fn a_recurring_payment_keeps_its_schedule() {
    let bank = Bank::open().await;
    let schedule = Schedule::read("monthly", Some("2021-06-15"), Some("2021-12-15")).unwrap();
    let made = bank.api.get_paid_link(Uuid::new_v4(), &order(schedule)).await.unwrap();
    assert_eq!(made.frequency, Some(schedule.frequency()));
    assert_eq!((made.start_date, made.end_date), (schedule.start(), schedule.end()));
}

#[tokio::test]
async fn the_same_id_makes_one_payment_and_another_path_another() {
    let bank = Bank::open().await;
    let id = Uuid::new_v4();
    let first = bank.api.get_paid_link(id, &order(Schedule::ONCE)).await.unwrap();
    assert_eq!(bank.api.get_paid_link(id, &order(Schedule::ONCE)).await.unwrap(), first);
    let payer = Uuid::new_v4();
    bank.api.get_paid_direct(Uuid::new_v4(), payer, &order(Schedule::ONCE)).await.unwrap();
    assert_eq!(bank.control().payments().len(), 2);
}

#[tokio::test]
async fn the_merchants_ids_and_webhooks_are_found_and_set() {
    let bank = Bank::open().await;
    let me = bank.api.me().await.unwrap();
    assert_eq!((me.banq_accounts[0].guid, me.account_spaces[0].id), (ACCOUNT, 1));
    let mut config = WebhookConfig {
        url: "http://127.0.0.1:9/hook".into(),
        enabled: true,
        retry_count: 2,
        shared_secret: Some(Secret::new("s")),
    };
    assert!(matches!(bank.api.webhook_config(1).await, Err(OpenApiError::NotFound(_))));
    assert!(matches!(bank.api.update_webhook_config(1, &config).await, Err(OpenApiError::NotFound(_))));
    bank.api.create_webhook_config(1, Uuid::new_v4(), &config).await.unwrap();
    config.retry_count = 7;
    bank.api.update_webhook_config(1, &config).await.unwrap();
    let known = bank.api.webhook_config(1).await.unwrap();
    assert_eq!((known.url.as_deref(), known.retry_count), (Some("http://127.0.0.1:9/hook"), Some(7)));
    assert_eq!(known.web_hook_types, ["payment", "transaction"]);
}

#[tokio::test]
async fn documented_status_is_its_own_error_with_the_servers_message() {
    let bank = Bank::open().await;
    for (status, is) in [
        (
            400,
            (|error| matches!(error, OpenApiError::BadRequest(text) if text.contains("on purpose")))
                as fn(&_) -> bool,
        ),
        (401, |error| matches!(error, OpenApiError::Credentials(text) if text.contains("on purpose"))),
        (403, |error| matches!(error, OpenApiError::Forbidden(text) if text.contains("on purpose"))),
        (404, |error| matches!(error, OpenApiError::NotFound(text) if text.contains("on purpose"))),
        (422, |error| matches!(error, OpenApiError::Unprocessable(text) if text.contains("on purpose"))),
        (429, |error| matches!(error, OpenApiError::RateLimited(None))),
        (500, |error| matches!(error, OpenApiError::ServerError { status: 500, .. })),
        (503, |error| matches!(error, OpenApiError::ServerError { status: 503, .. })),
        (302, |error| matches!(error, OpenApiError::InvalidResponse(_))),
    ] {
        bank.wrong(|scenarios| {
            scenarios.api.fail_next = 10;
            scenarios.api.status = status;
        });
        let error = bank.api.me().await.unwrap_err();
        assert!(is(&error), "{status}: {error:?}");
    }
    bank.wrong(|scenarios| {
        scenarios.api.fail_next = 0;
        scenarios.api.html = true;
    });
    assert!(matches!(bank.api.me().await, Err(OpenApiError::InvalidResponse(_))));
    bank.wrong(|scenarios| *scenarios = Scenarios::default());
    bank.wrong(|scenarios| scenarios.api.delay_ms = 10_000);
    assert!(matches!(bank.api.me().await, Err(OpenApiError::Timeout)));
    let wrong = api(&bank.simulator, "wrong").sign_in().await;
    assert!(matches!(wrong, Err(OpenApiError::Credentials(text)) if text.contains("invalid_grant")));
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_a_refusal_is_not() {
    let bank = Bank::open().await;
    bank.wrong(|scenarios| scenarios.api.fail_next = 2);
    bank.api.me().await.unwrap();
    assert_eq!(bank.calls("/users/me"), 3);
    bank.wrong(|scenarios| {
        scenarios.api.fail_next = 1;
        scenarios.api.status = 422;
    });
    bank.api.get_paid_link(Uuid::new_v4(), &order(Schedule::ONCE)).await.unwrap_err();
    assert_eq!(bank.calls("/get-paid-link"), 1);
}

#[tokio::test]
async fn retry_after_of_503_is_obeyed_up_to_the_deadline() {
    let bank = Bank::open().await;
    for status in [429, 503] {
        bank.wrong(|scenarios| {
            scenarios.api.fail_next = 1;
            scenarios.api.status = status;
            scenarios.api.retry_after = 1;
        });
        let started = Instant::now();
        bank.api.me().await.unwrap();
        assert!(started.elapsed() >= Duration::from_secs(1), "{status}");
    }
    bank.wrong(|scenarios| {
        scenarios.api.fail_next = 1;
        scenarios.api.retry_after = 60;
    });
    let before = bank.calls("/users/me");
    assert_eq!(bank.api.me().await.unwrap_err().retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(bank.calls("/users/me"), before + 1, "it did not come back before its time");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let bank = Bank::open().await;
    bank.api.me().await.unwrap();
    bank.control().end_tokens();
    bank.api.me().await.unwrap();
    assert_eq!(bank.control().tokens_issued(), 2);
    bank.wrong(|scenarios| scenarios.api.unauthorized_next = 10);
    assert!(matches!(bank.api.me().await, Err(OpenApiError::Credentials(_))));
    assert_eq!(bank.control().tokens_issued(), 3);
}

#[tokio::test]
async fn an_id_cannot_choose_another_address() {
    let bank = Bank::open().await;
    for id in ["", "..", "../users/me", "a?b", "a/b", "a%2f"] {
        assert!(matches!(bank.api.payment(id).await, Err(OpenApiError::BadRequest(_))), "{id}");
    }
    assert_eq!(bank.control().requests().len(), 0);
}
