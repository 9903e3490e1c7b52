//! An order that the shop takes back, and money that still comes for it.

use serde_json::{Value, json};

use crate::{
    bulk::change,
    command_line::{run, until},
    world::{API_KEY, On, World},
};

async fn register(world: &World, url: &str, order: &str) -> u16 {
    let request = world.http.put(format!("{url}/orders/{order}")).bearer_auth(API_KEY);
    request.json(&json!({ "funds": "2.50" })).send().await.unwrap().status().as_u16()
}

async fn withdraw(world: &World, url: &str, order: &str) -> Value {
    let request = world.http.delete(format!("{url}/orders/{order}")).bearer_auth(API_KEY);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["data"].clone()
}

#[tokio::test]
async fn money_for_a_withdrawn_order_is_told_and_its_return() {
    for on in [On::Sqlite, On::Postgres] {
        let world = World::new(on).await;
        let server = world.server().await;
        let url = server.url();
        assert_eq!(register(&world, &url, "1").await, 201);
        let (checkout, payment) = world.open(&url, "1").await;
        assert_eq!(withdraw(&world, &url, "1").await["checkout"]["status"], "canceled");
        // The link was open in the phone's app.
        world.banq.accept(payment).await.unwrap();
        world.becomes(&url, &checkout, "paid").await;
        let told = world.shop.told_times(1).await;
        assert_eq!(
            (told[0].kind.as_str(), &told[0].data["status"]),
            ("order.paid_after_withdrawal", &json!("paid"))
        );
        assert_eq!((&told[0].data["orderId"], &told[0].data["funds"]), (&json!("1"), &json!("2.50")));
        // Withdrawn it stays, also after that.
        assert_eq!(withdraw(&world, &url, "1").await["checkout"]["status"], "paid");
        world.banq.reverse(payment, banq_simulator::FailReason::Reversed).await.unwrap();
        let told = world.shop.told_times(2).await;
        assert_eq!(told[1].kind, "order.reversed");

        // On sale again, and sold.
        assert_eq!(register(&world, &url, "1").await, 200);
        let (_, payment) = world.open(&url, "1").await;
        world.banq.accept(payment).await.unwrap();
        assert_eq!(world.shop.told_times(3).await[2].kind, "order.paid");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_payment_under_way_is_told_after_the_withdrawal() {
    let world = World::new(On::Sqlite).await;
    let server = world.server().await;
    let url = server.url();
    assert_eq!(register(&world, &url, "1").await, 201);
    let (_, payment) = world.open(&url, "1").await;
    world.banq.accept_only(payment).await.unwrap();
    assert_eq!(withdraw(&world, &url, "1").await["checkout"]["status"], "processing");
    world.banq.complete(payment).await.unwrap();
    assert_eq!(world.shop.told_times(1).await[0].kind, "order.paid_after_withdrawal");
}

#[tokio::test]
async fn a_link_that_banq_does_not_know_is_heard_of_and_given_up() {
    let world = World::new(On::Sqlite).await;
    let server = world.server_with(|tuning| tuning.dead_after_faults = 2).await;
    let url = server.url();
    assert_eq!(register(&world, &url, "1").await, 201);
    world.open(&url, "1").await;
    // Banq has forgotten the payment.
    change(&world, "UPDATE checkouts SET payment_id = 'banq:00000000-0000-4000-8000-000000000000'").await;
    change(
        &world,
        "INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
         VALUES ('payment', 'banq:00000000-0000-4000-8000-000000000000', 0, 1, 0, 0, 0)",
    )
    .await;
    until(async || run(&world, &["jobs", "list"]).await.out.contains("404, not found").then_some(())).await;
    // Nothing is sold by it: whether it was paid is not known.
    let request = world.http.put(format!("{url}/orders/1")).bearer_auth(API_KEY);
    assert_eq!(request.json(&json!({ "funds": "3.00" })).send().await.unwrap().status(), 200);
    assert_eq!(world.ask(&url, "1").await.unwrap().0, 502);
    assert_eq!(withdraw(&world, &url, "1").await["checkout"]["status"], "canceled");
    assert_eq!(register(&world, &url, "1").await, 200);
    assert_eq!(world.ask(&url, "1").await.unwrap().0, 201);
}
