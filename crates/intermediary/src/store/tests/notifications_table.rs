//! Walks the tables of docs/fulfilment.md: for every pair of a known state and an answer of the provider, the
//! notification that the shop gets.

use std::collections::{HashMap, HashSet};

use wire::{FailReason, Status};

use super::fixtures::*;
use crate::{
    Amount, Frequency,
    checkout::decision::{Decision, decide},
    domain::{
        checkout::{Checkout, Terms},
        time,
        transition::PaymentState,
    },
    provider::{Observation, OrderReference},
    store::{Applied, Change, PriceSource, Store, Trigger},
};

const DOCUMENT: &str = include_str!("../../../../../docs/fulfilment.md");

/// The text of a cell without a notification.
const NOTHING: &str = "–";

fn saying(status: Status, words: &str) -> Observation {
    Observation {
        state: Ok(status.into()),
        words: words.into(),
        says_success: words.starts_with("Completed"),
        order: OrderReference::Unnamed,
        frequency: None,
        funds: Some(Amount::parse("2.50").unwrap()),
        currency: "USD",
    }
}

fn failed(words: &str) -> Observation {
    let reason = Some(FailReason::InsufficientFunds);
    Observation {
        state: Ok(PaymentState { reason, ..Status::Failed.into() }),
        ..saying(Status::Failed, words)
    }
}

fn unknown(word: &str) -> Observation {
    Observation { state: Err(word.into()), ..saying(Status::Pending, word) }
}

/// A table of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    /// The table of all orders.
    All,
    /// The rows of orders that repeat.
    Repeating,
}

impl Table {
    fn heading(self) -> &'static str {
        match self {
            Self::All => "\n## What the shop is told\n",
            Self::Repeating => "\n## Payments that repeat\n",
        }
    }
}

/// Returns the observations of a column, by its heading; for those that differ, each way to differ.
fn column(heading: &str) -> Vec<Observation> {
    use Status::{Canceled, Declined, Expired, Failed, OnHold, Paid, Pending, Processing, Reversed};
    let waiting = || vec![saying(Pending, "Created"), saying(OnHold, "OnHold")];
    let accepted = || vec![saying(Processing, "Accepted"), saying(Processing, "Resumed")];
    let ended = || {
        [(Declined, "Declined"), (Canceled, "Canceled"), (Expired, "Expired"), (Failed, "Failed")]
            .map(|(status, words)| saying(status, words))
            .into()
    };
    let reversed = || vec![saying(Reversed, "Reversed"), saying(Reversed, "Completed, Reversed")];
    match heading {
        "Created, OnHold" => waiting(),
        "Accepted, Resumed" => accepted(),
        "Completed" => vec![saying(Paid, "Completed")],
        "Completed with a fail reason" => vec![failed("Completed, InsufficientBalance")],
        "Declined, Canceled, Expired, Failed" => ended(),
        "Reversed" => reversed(),
        "an unknown word" => vec![unknown("Wobble")],
        "Created, OnHold: differs" => differing(waiting()),
        "Accepted, Completed: differs" => {
            differing(accepted().into_iter().chain([saying(Paid, "Completed")]).collect())
        }
        "ended: differs" => differing(ended()),
        "Reversed: differs" => differing(reversed()),
        other => panic!("an unknown column: {other}"),
    }
}

/// Returns the observations with another amount, with an order code that has one more blank, without an order, and with
/// another frequency.
fn differing(observations: Vec<Observation>) -> Vec<Observation> {
    let each = |seen: Observation| {
        [
            Observation { funds: Some(Amount::parse("2.49").unwrap()), ..seen.clone() },
            Observation { order: OrderReference::Named("with a blank ".into()), ..seen.clone() },
            Observation { order: OrderReference::Named(String::new()), ..seen.clone() },
            Observation { frequency: Some(Frequency::Weekly), ..seen },
        ]
    };
    observations.into_iter().flat_map(each).collect()
}

/// Returns the ways to each state of a row of [`Table::All`], by its heading, for an order that repeats or not. The rows
/// of [`Table::Repeating`] take the place of some.
fn row(heading: &str, repeats: bool) -> Vec<Vec<Observation>> {
    let ways = row_of_any_order(heading);
    match heading {
        "open" if repeats => Vec::new(),
        "money that differs" if repeats => ways.into_iter().filter(|way| way.len() > 1).collect(),
        _ => ways,
    }
}

fn row_of_any_order(heading: &str) -> Vec<Vec<Observation>> {
    use Status::{Canceled, Declined, Expired, Failed, OnHold, Paid, Pending, Processing, Reversed};
    let paid = || saying(Paid, "Completed");
    let other_amount = || Observation { funds: Some(Amount::parse("1.00").unwrap()), ..paid() };
    let alone = |status| vec![saying(status, "…")];
    match heading {
        "open" => [Pending, Processing, OnHold].map(alone).into(),
        "over without money" => [Declined, Failed, Canceled, Expired].map(alone).into(),
        "paid" => vec![vec![paid()]],
        "paid at another price" => vec![vec![paid()]],
        "paid, in doubt" => vec![vec![paid(), unknown("Wibble")]],
        "money that differs" => vec![
            vec![other_amount()],
            vec![saying(Expired, "Expired"), other_amount()],
            vec![saying(Declined, "Declined"), other_amount()],
        ],
        "reversed" => vec![vec![paid(), saying(Reversed, "Reversed")]],
        "reversed, in doubt" => vec![vec![paid(), saying(Reversed, "Reversed"), unknown("Wibble")]],
        other => panic!("an unknown row: {other}"),
    }
}

/// Returns the ways to each state of a row of [`Table::Repeating`], by its heading.
fn row_of_repeating(heading: &str) -> Vec<Vec<Observation>> {
    use Status::{OnHold, Paid, Processing};
    let accepted = || saying(Processing, "Accepted");
    let held = || saying(OnHold, "OnHold");
    let other_amount =
        || Observation { funds: Some(Amount::parse("1.00").unwrap()), ..saying(Paid, "Completed") };
    match heading {
        "open, not agreed" => vec![vec![], vec![held()]],
        "agreed" => vec![vec![accepted()], vec![accepted(), held()]],
        "open, money that differs" => vec![vec![other_amount()], vec![accepted(), other_amount()]],
        other => panic!("an unknown row: {other}"),
    }
}

/// Reads a table: row, column, cell.
fn read(table: Table) -> Vec<(String, String, String)> {
    let section = DOCUMENT.split(table.heading()).nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("a text");
    let mut lines = section.lines().filter(|line| line.starts_with('|'));
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let head = cells(lines.next().expect("a head"));
    let rows = lines.skip(1).map(cells);
    rows.flat_map(|row| {
        let name = row[0].clone();
        assert_eq!(row.len(), head.len(), "{row:?}");
        let pairs: Vec<_> = head[1..].iter().cloned().zip(row[1..].iter().cloned()).collect();
        pairs.into_iter().map(move |(column, cell)| (name.clone(), column, cell))
    })
    .collect()
}

/// Decides and applies, like a question to the provider. Returns the events of which the shop is notified.
async fn look(store: &Store, id: &Checkout, seen: &Observation) -> (Checkout, Vec<String>) {
    let checkout = store.checkout(&id.id).await.unwrap().unwrap();
    let mut seen = seen.clone();
    match &seen.order {
        OrderReference::Unnamed => seen.order = OrderReference::Named(checkout.order_code.clone()),
        OrderReference::Named(code) if code.is_empty() => seen.order = OrderReference::Unnamed,
        OrderReference::Named(_) | OrderReference::OurOwn => {}
    }
    let before = events(store, &checkout).await;
    let Decision { state, outcome, evidence } = decide(&checkout, &seen, time::now());
    let change = Change {
        checkout: &checkout,
        state,
        job: None,
        settles: &[],
        outcome,
        trigger: &Trigger::Sweep,
        price: PriceSource::Registered,
        evidence: Some(&evidence),
        watch: None,
    };
    let Applied::Done(changed) = store.apply(change).await.unwrap() else { panic!("overtaken") };
    let mut told = events(store, &checkout).await;
    for (event, times) in before {
        let left = told.get_mut(&event).unwrap();
        *left -= times;
    }
    let told = told.into_iter().flat_map(|(event, times)| vec![event; times]).collect();
    (changed.checkout, told)
}

async fn events(store: &Store, checkout: &Checkout) -> HashMap<String, usize> {
    let mut events = HashMap::new();
    for told in store.notifications_of(&checkout.id).await.unwrap() {
        *events.entry(told.event).or_default() += 1;
    }
    events
}

pub(super) async fn the_tables_of_the_document_are_true(place: Place) {
    let store = place.instance().await;
    let mut number = 0;
    for (table, terms, size) in [
        (Table::All, terms("2.50"), (8, 11)),
        (Table::All, monthly("2.50"), (8, 11)),
        (Table::Repeating, monthly("2.50"), (3, 11)),
    ] {
        let cells = read(table);
        let rows: HashSet<_> = cells.iter().map(|(row, _, _)| row).collect();
        let columns: HashSet<_> = cells.iter().map(|(_, column, _)| column).collect();
        assert_eq!((rows.len(), columns.len()), size, "the whole table");
        for cell in &cells {
            let ways = match table {
                Table::All => row(&cell.0, terms.repeats()),
                Table::Repeating => row_of_repeating(&cell.0),
            };
            for way in ways {
                for seen in column(&cell.1) {
                    number += 1;
                    check(&store, number, &terms, cell, &way, &seen).await;
                }
            }
        }
    }
}

/// Checks a cell for a new order that comes to the state of the row by this way.
async fn check(
    store: &Store,
    number: u32,
    terms: &Terms,
    (row, column, cell): &(String, String, String),
    way: &[Observation],
    seen: &Observation,
) {
    let order = format!("o{number}");
    store.register(&order, terms).await.unwrap();
    let mut checkout = open_on(store, &order, &format!("p{number}"), terms).await;
    if row == "paid at another price" {
        let dearer = Terms { funds: Amount::parse("200").unwrap(), ..terms.clone() };
        store.register(&order, &dearer).await.unwrap();
    }
    for step in way {
        checkout = look(store, &checkout, step).await.0;
    }
    let what = format!("{row} ({:?}, {:?}), {column}: {seen:?}", checkout.state, terms.schedule);
    let (after, told) = look(store, &checkout, seen).await;
    let expected: Vec<String> = (cell != NOTHING).then(|| format!("order.{cell}")).into_iter().collect();
    assert_eq!(told, expected, "{what}");
    // Once, however often the provider is asked.
    let (_, again) = look(store, &after, seen).await;
    assert_eq!(again, Vec::<String>::new(), "again: {what}");
}
