//! The part `payments`: from webhook to event, on SQLite and PostgreSQL, beside the server on Node.js.

use banq_testkit::postgres::Cluster;

use crate::figure::Figure;
use crate::load::{Load, Outcome};
use crate::stack::Stack;

const PART: &str = "payments";
const NODE: &str = "Node.js";

/// Payments and rate of each load.
const LOADS: [Load; 4] = [
    Load { payments: 500, rate: Some(100) },
    Load { payments: 1_200, rate: Some(300) },
    Load { payments: 2_500, rate: Some(1_000) },
    Load { payments: 2_500, rate: None },
];

/// Measures every load on every stack.
pub(crate) async fn measure() -> Vec<Figure> {
    let mut figures = Vec::new();
    for load in LOADS {
        // In both orders: what runs second may find a warmer machine.
        let (mut ours, mut node) = (Vec::new(), Vec::new());
        ours.push(run(load, &Stack::Sqlite).await);
        node.push(run(load, &Stack::Node).await);
        node.push(run(load, &Stack::Node).await);
        ours.push(run(load, &Stack::Sqlite).await);
        figures.extend(compared(PART, "SQLite", load, &ours, (NODE, &node)));
    }
    let cluster = Cluster::start();
    for load in [LOADS[0], LOADS[3]] {
        let mut runs = Vec::new();
        for _ in 0..2 {
            runs.push(run(load, &postgres(cluster.database().await)).await);
        }
        figures.extend(compared(PART, "PostgreSQL", load, &runs, (NODE, &[])));
    }
    figures
}

fn postgres(url: String) -> Stack {
    Stack::Postgres { url, servers: 1, nats: None }
}

/// Runs one load, for a look at its cost: on `sqlite`, a copy of a file, `postgres`, the empty PostgreSQL
/// database of a URL, or `node`, at a rate a second or at `full` load.
pub(crate) async fn one(stack: &str, rate: &str, payments: &str) {
    let load = Load { payments: payments.parse().expect("a number of payments"), rate: rate.parse().ok() };
    let cluster = (stack == "postgres").then(Cluster::start);
    let stack = match (stack, &cluster) {
        ("sqlite", _) => Stack::Sqlite,
        ("node", _) => Stack::Node,
        (file, _) if file.ends_with(".sqlite") => Stack::SqliteCopy(file.into()),
        (url, None) if url.starts_with("postgres://") => postgres(url.to_owned()),
        (_, Some(cluster)) => postgres(cluster.database().await),
        _ => panic!("the stack is sqlite, FILE.sqlite, postgres, a URL or node"),
    };
    println!("{:#?}", load.on(&stack).await);
}

/// Runs one load, all of whose events must come.
pub(crate) async fn run(load: Load, stack: &Stack) -> Outcome {
    let outcome = load.on(stack).await;
    assert_eq!(outcome.events, load.payments, "some events did not come: {outcome:?}");
    outcome
}

fn of(runs: &[Outcome], value: impl Fn(&Outcome) -> f64) -> Vec<f64> {
    runs.iter().map(value).collect()
}

fn at(load: Load) -> String {
    load.rate.map_or_else(|| "full load".to_owned(), |rate| format!("{rate}/s"))
}

/// Returns the figures of runs of one load, beside those of a yardstick if it has any.
pub(crate) fn compared(
    part: &'static str,
    name: &str,
    load: Load,
    ours: &[Outcome],
    (yardstick, theirs): (&'static str, &[Outcome]),
) -> Vec<Figure> {
    let what = |figure: &str| format!("{name}, {}: {figure}", at(load));
    let beside = |figure: Figure, value: fn(&Outcome) -> f64| {
        if theirs.is_empty() { figure } else { figure.beside(yardstick, of(theirs, value)) }
    };
    let less = |figure: &str, unit, value: fn(&Outcome) -> f64| {
        beside(Figure::less(part, what(figure), unit, of(ours, value)), value)
    };
    let more = |figure: &str, unit, value: fn(&Outcome) -> f64| {
        beside(Figure::more(part, what(figure), unit, of(ours, value)), value)
    };
    let processor = less("processor time a payment", "ms", |run| run.processor_ms);
    if load.rate.is_none() {
        return vec![
            more("events", "events/s", |run| run.events_per_second),
            processor,
            more("links", "links/s", |run| run.links_per_second),
        ];
    }
    vec![
        less("webhook to event, p50", "ms", |run| run.median),
        less("webhook to event, p99", "ms", |run| run.p99),
        less("p50 of the last tenth", "ms", |run| run.last_median),
        processor,
    ]
}
