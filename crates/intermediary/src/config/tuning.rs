//! Waits and intervals, which only tests change.

use std::time::Duration;

/// How much longer than every wait of ours the retention has to be: Banq sends webhooks again after days, and
/// people look into things after weeks.
const RETENTION_MARGIN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Waits and intervals.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Until a connection to the provider stands.
    pub connect_timeout: Duration,
    /// Until the provider has answered one request.
    pub request_timeout: Duration,
    /// Until the provider has answered, repeats included; a shopper is waiting.
    pub provider_deadline: Duration,
    /// The pause before the first repeat of a request; doubled.
    pub retry_pause: Duration,
    /// The worker's first wait after the provider failed; doubled.
    pub worker_pause: Duration,
    /// The worker's longest such wait.
    pub worker_longest_pause: Duration,
    /// How often the provider is asked about a fresh payment unprompted; an older one is asked about rarer.
    pub poll_interval: Duration,
    /// How long a paid payment is watched for a reversal. US bank debits can be returned for 60 days.
    pub reversal_window: Duration,
    /// How long a link that was given up here is watched, in case it is paid all the same.
    pub late_payment_window: Duration,
    /// How long an instance may work on something before another takes it over. Longer than any one call of
    /// the provider or the shop, and than their clocks differ.
    pub lease: Duration,
    /// The longest sleep of the worker: work of other instances, or of an operator, is found by then.
    pub worker_max_sleep: Duration,
    /// How often work on a webhook may fail for reasons that no outage explains, before it is a dead letter.
    pub dead_after_faults: u32,
    /// Over how long a time those faults must be spread at least: deaths of the process are faults of each job that
    /// was running, and a loop of crashes must not cost an innocent one. Longer than a crash loop that a supervisor
    /// ends by giving up, and about as long as so many pauses take in all.
    pub dead_after_faults_for: Duration,
    /// How long a webhook may wait for an outage to end before it is a dead letter.
    pub dead_after: Duration,
    /// How long the shop may take for its answer, the connection included: within the recommended 15 to 30
    /// seconds of Standard Webhooks.
    pub fulfilment_timeout: Duration,
    /// The pauses after each failed attempt to tell the shop; after the last one it is given up.
    pub fulfilment_pauses: Vec<Duration>,
    /// How often the log says what waits for a person.
    pub alert_interval: Duration,
    /// How long a webhook or a notification may wait before a person is told.
    pub late_after: Duration,
    /// How often what is older than the retention is looked for.
    pub retention_interval: Duration,
    /// How often a stream says that it is alive. Proxies close silent ones, some after 10 s; the page counts one that
    /// is silent for 40 s as held back.
    pub heartbeat: Duration,
    /// How long a request's head may take to arrive, from its first byte or the connection's begin.
    pub header_timeout: Duration,
    /// How long a client may take nothing of what is sent to it.
    pub write_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// How long a stop waits for what is under way.
    pub stop_timeout: Duration,
    /// Whether the provider is asked for a token at the start, so that wrong credentials are known at once.
    pub sign_in: bool,
    /// How often the log says how many requests were refused that have no line of their own.
    pub log_interval: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
            provider_deadline: Duration::from_secs(12),
            retry_pause: Duration::from_millis(200),
            worker_pause: Duration::from_secs(1),
            worker_longest_pause: Duration::from_secs(300),
            poll_interval: Duration::from_secs(60),
            reversal_window: Duration::from_secs(60 * 24 * 60 * 60),
            late_payment_window: Duration::from_secs(7 * 24 * 60 * 60),
            lease: Duration::from_secs(20),
            worker_max_sleep: Duration::from_secs(5),
            dead_after_faults: 10,
            dead_after_faults_for: Duration::from_secs(10 * 60),
            dead_after: Duration::from_secs(3 * 24 * 60 * 60),
            fulfilment_timeout: Duration::from_secs(15),
            fulfilment_pauses: telling_pauses(),
            alert_interval: Duration::from_secs(10 * 60),
            late_after: Duration::from_secs(60 * 60),
            retention_interval: Duration::from_secs(60 * 60),
            heartbeat: Duration::from_secs(8),
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            stop_timeout: Duration::from_secs(15),
            sign_in: true,
            log_interval: Duration::from_secs(60),
        }
    }
}

/// Longer than a long weekend, when the shop is closed: almost seven days in all.
fn telling_pauses() -> Vec<Duration> {
    let first = [10, 60, 600, 3_600, 21_600].map(Duration::from_secs);
    first.into_iter().chain(std::iter::repeat_n(Duration::from_secs(12 * 60 * 60), 13)).collect()
}

impl Tuning {
    /// Within this time everything that is kept may still be needed: for a reversal, a late payment, a webhook
    /// that comes again, a notification that is tried again. With the usual values 90 days.
    pub(super) fn shortest_retention(&self) -> Duration {
        let telling =
            self.fulfilment_pauses.iter().fold(Duration::ZERO, |sum, pause| sum.saturating_add(*pause));
        let waits = [self.reversal_window, self.late_payment_window, self.dead_after, telling];
        let longest = waits.into_iter().max().unwrap_or_default();
        longest.saturating_add(RETENTION_MARGIN)
    }
}
