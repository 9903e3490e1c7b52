//! The part `instances`: several servers on one PostgreSQL that wake each other by NATS, beside PostgreSQL's `NOTIFY`.

use banq_testkit::{NatsServer, postgres::Cluster};

use crate::figure::Figure;
use crate::load::{Load, Outcome};
use crate::payments::{compared, run};
use crate::stack::Stack;

const PART: &str = "instances";
const NOTIFY: &str = "NOTIFY";

const SERVERS: [usize; 3] = [1, 2, 4];
const STEADY: Load = Load { payments: 300, rate: Some(100) };
const FULL: Load = Load { payments: 1_000, rate: None };

/// Measures each number of servers, woken in both ways.
pub(crate) async fn measure() -> Vec<Figure> {
    let (cluster, nats) = (Cluster::start(), NatsServer::start().await);
    let url = format!("nats://{}", nats.address());
    let on = async |load: Load, servers: usize, nats: Option<&String>| -> Outcome {
        run(load, &Stack::Postgres { url: cluster.database().await, servers, nats: nats.cloned() }).await
    };
    let mut figures = Vec::new();
    for servers in SERVERS {
        for load in [STEADY, FULL] {
            // In both orders: what runs second may find a warmer machine.
            let (mut by_nats, mut by_notify) = (Vec::new(), Vec::new());
            by_nats.push(on(load, servers, Some(&url)).await);
            by_notify.push(on(load, servers, None).await);
            by_notify.push(on(load, servers, None).await);
            by_nats.push(on(load, servers, Some(&url)).await);
            let name = format!("{servers} on PostgreSQL with NATS");
            figures.extend(compared(PART, &name, load, &by_nats, (NOTIFY, &by_notify)));
        }
    }
    figures
}
