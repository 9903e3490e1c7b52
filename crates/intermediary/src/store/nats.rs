//! Wakes the other instances by NATS: a message on the subject of a checkout that changed.
//!
//! PostgreSQL's `NOTIFY` queues up the commits of its transactions; this does not. But a message is sent after its
//! commit, and NATS loses what it cannot deliver at once. So whenever messages may have been lost, and now and then
//! without a reason, the instances read again what their pages watch (see [`super::changes`]).

use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber, connection::State};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::{sync::watch, task::unconstrained, time::timeout};

use crate::config::{NatsConfig, NatsLogin};

/// The first part of the subjects, and PostgreSQL's channel of notifications about changed checkouts.
pub(super) const CHANNEL: &str = "banq_checkouts";

/// How long the client waits for NATS before it tries again.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that leaves two pings in a row without an answer is given up.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// How many messages may wait for this instance to take them. What is more is lost, and noticed.
const WAITING: usize = 8_192;

/// How long a stop waits until the last messages are sent.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The last part of a subject that tells the others that messages of this instance were lost. No checkout has this id.
const LOSS: &str = "loss";

/// NATS cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NatsError {
    /// The address is no server's.
    #[error("the address is not understood: {0}")]
    Address(#[from] std::io::Error),
    /// No connection, or no login.
    #[error("{}", reason(.0))]
    Connect(#[from] async_nats::ConnectError),
    /// A message that was sent did not come back.
    #[error("a message that was sent did not arrive: may this login publish and subscribe to {CHANNEL}.*?")]
    NoMessage,
}

/// A connection to NATS that reconnects by itself.
pub(super) struct Nats {
    client: Client,
    link: Arc<Link>,
}

/// The state of the connection, as its events tell it.
struct Link {
    /// Whether messages are sent and received. Its receivers are also woken when it stays the same, but messages may
    /// have been lost.
    is_usable: watch::Sender<bool>,
    /// Whether the log says already why it is not.
    is_reported: AtomicBool,
}

/// A subscription to the subjects of all checkouts.
pub(super) struct NatsListener {
    nats: Arc<Nats>,
    subscriber: Subscriber,
    is_usable: watch::Receiver<bool>,
}

/// Connects, and sends a message to itself.
///
/// # Errors
/// NATS cannot be reached, refuses the login, or does not deliver the message.
pub(crate) async fn check(config: &NatsConfig) -> Result<(), NatsError> {
    let client = options(config).connect(ServerAddr::from_url(config.address().clone())?).await?;
    let arrived = timeout(CONNECT_TIMEOUT, async {
        let mut subscriber = client.subscribe(all()).await.ok()?;
        client.publish(subject("check"), "".into()).await.ok()?;
        subscriber.next().await
    });
    arrived.await.ok().flatten().map(drop).ok_or(NatsError::NoMessage)
}

/// Returns the options that every connection has.
fn options(config: &NatsConfig) -> ConnectOptions {
    let options = ConnectOptions::new()
        .name("banq-intermediary")
        .require_tls(config.uses_tls())
        .connection_timeout(CONNECT_TIMEOUT)
        .ping_interval(PING_INTERVAL)
        .subscription_capacity(WAITING);
    match config.login() {
        NatsLogin::None => options,
        NatsLogin::Token(token) => options.token(token.expose().to_owned()),
        NatsLogin::User { name, password } => {
            options.user_and_password(name.clone(), password.expose().to_owned())
        }
    }
}

/// Returns the subject of a checkout.
fn subject(id: &str) -> String {
    format!("{CHANNEL}.{id}")
}

/// Returns the subjects of all checkouts.
fn all() -> String {
    subject("*")
}

/// Returns the error with its causes. The client's messages contain no login.
fn reason(error: &async_nats::ConnectError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

impl Nats {
    /// Connects in the background, again and again until it succeeds.
    ///
    /// # Errors
    /// The address cannot be used.
    pub(super) async fn connect(config: &NatsConfig) -> Result<Self, NatsError> {
        let link = Arc::new(Link::new());
        let events = Arc::clone(&link);
        let options = options(config)
            .retry_on_initial_connect()
            // What this instance changed, it publishes to its own pages directly.
            .no_echo()
            .event_callback(move |event| {
                events.note(&event);
                std::future::ready(())
            });
        let client = options.connect(ServerAddr::from_url(config.address().clone())?).await?;
        Ok(Self { client, link })
    }

    /// Returns whether a message that is sent now will probably arrive.
    pub(super) fn is_usable(&self) -> bool {
        *self.link.is_usable.borrow() && self.client.connection_state() == State::Connected
    }

    /// Sends the message that a checkout changed, without waiting. A message for which there is no room is lost: the
    /// connection has stalled. The others read again when it ends, and from time to time.
    pub(super) fn send(&self, id: &str) {
        let sent = self.client.publish(subject(id), "".into());
        if !matches!(unconstrained(sent).now_or_never(), Some(Ok(()))) {
            tracing::debug!(checkout = id, "NATS took no message");
        }
    }

    /// Subscribes to all checkouts.
    pub(super) async fn listen(self: &Arc<Self>) -> Option<NatsListener> {
        let is_usable = self.link.is_usable.subscribe();
        let subscriber = timeout(CONNECT_TIMEOUT, self.client.subscribe(all())).await;
        let subscriber = subscriber.ok()?.ok()?;
        Some(NatsListener { nats: Arc::clone(self), subscriber, is_usable })
    }

    /// Waits until what was sent has left.
    pub(super) async fn close(&self) {
        if self.is_usable() {
            let _ = timeout(CLOSE_TIMEOUT, self.client.flush()).await;
        }
    }
}

impl NatsListener {
    /// Waits for the next message, and returns the checkout's id; returns `None` if messages may have been lost.
    pub(super) async fn next(&mut self) -> Option<String> {
        tokio::select! {
            Some(message) = self.subscriber.next() => {
                message.subject.rsplit_once('.').map(|(_, id)| id.to_owned())
            }
            Ok(()) = self.is_usable.changed() => {
                if *self.is_usable.borrow() {
                    // The others may have lost messages of this instance too.
                    self.nats.send(LOSS);
                }
                None
            }
            // The client has ended, which it does only with its last clone.
            else => std::future::pending().await,
        }
    }

    pub(super) fn is_usable(&self) -> bool {
        self.nats.is_usable()
    }
}

impl Link {
    fn new() -> Self {
        Self { is_usable: watch::Sender::new(false), is_reported: AtomicBool::new(false) }
    }

    fn note(&self, event: &Event) {
        match event {
            Event::Connected => {
                tracing::info!("connected to NATS, which wakes the other instances");
                self.is_reported.store(false, Ordering::Relaxed);
                self.is_usable.send_replace(true);
            }
            Event::SlowConsumer(_) => self.is_usable.send_modify(|_| ()),
            Event::Disconnected => self.lose("the connection to it ended"),
            // For example, the login may not publish or subscribe: messages would be lost without a sign.
            Event::ServerError(error) => self.lose(&error.to_string()),
            Event::ClientError(error) => self.report(&error.to_string()),
            // The NATS server will end the connection, or this server ends.
            Event::LameDuckMode | Event::Draining | Event::Closed => {}
        }
    }

    fn lose(&self, reason: &str) {
        self.report(reason);
        self.is_usable.send_replace(false);
    }

    /// Logs why NATS cannot be used: once until it is connected again.
    fn report(&self, error: &str) {
        if !self.is_reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                error,
                "NATS cannot be used; PostgreSQL wakes the other instances until it can (BANQ_NATS_URL)"
            );
        }
    }
}
