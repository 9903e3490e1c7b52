//! The intermediary as part of another program, or of [`crate::Server`].

use std::sync::Arc;

use axum::Router;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    checkout::{link_token::Tokens, service::Service},
    config::{Config, ConfigError},
    domain::order_source::OrderSource,
    health::{
        credentials,
        deployment::{Comparison, Deployment, JoinError},
        host,
        readiness::Readiness,
        startup_line,
    },
    http::{
        failure_log::FailureLog,
        middleware::cors::Origins,
        openapi,
        report_limits::ReportLimits,
        router,
        routes::widget_files::Widget,
        serve::{Connections, Serving},
        state::{AppState, PublicUrl},
    },
    limits::{concurrency::ConcurrencyLimiter, rate::RateLimiter},
    metrics::Metrics,
    provider::Provider,
    start_error::StartError,
    store::{Locked, Notify, ServerLock, Store},
    stream::{heartbeat::Heartbeat, hub::Hub, other_instances},
    worker::{Worker, alerts, notify_shop::Fulfilment, retention::Retention},
};

/// A running intermediary without its own socket: its worker runs, and its [`router`](Self::router) can be nested into
/// another axum program. Dropping it stops the worker.
pub struct Intermediary {
    state: AppState,
    store: Store,
    /// Proves that no other server runs on the same SQLite file.
    lock: ServerLock,
    /// The tasks that a stop waits for.
    tasks: TaskTracker,
}

impl Intermediary {
    /// Opens the database and starts the worker, on the current tokio runtime.
    ///
    /// # Errors
    /// [`StartError`], except the two about listening.
    pub async fn new(config: Config) -> Result<Self, StartError> {
        Self::start(config, None).await
    }

    /// Like [`Intermediary::new`], with prices from the embedding program: `PUT /orders/{orderId}` is refused, and the
    /// page's `funds` are ignored.
    ///
    /// # Errors
    /// As for [`Intermediary::new`].
    pub async fn with_orders(config: Config, orders: impl OrderSource + 'static) -> Result<Self, StartError> {
        Self::start(config, Some(Box::new(orders))).await
    }

    async fn start(config: Config, orders: Option<Box<dyn OrderSource>>) -> Result<Self, StartError> {
        config.check()?;
        let widget = Widget::of(&config).map_err(StartError::WidgetDir)?.map(Arc::new);
        let listened = format!("http://{}", config.listen);
        // A socket address is always a valid URL, and `check` allows the default only in `local`.
        let public_url = config.public_url.clone().or_else(|| Url::parse(&listened).ok());
        let public_url =
            public_url.ok_or_else(|| ConfigError { problems: vec!["BANQ_PUBLIC_URL is missing".into()] })?;
        let fulfilment = Fulfilment::new(&config).map_err(StartError::HttpClient)?;
        let notify = if fulfilment.is_some() { Notify::Shop } else { Notify::None };
        let lock = ServerLock::take(&config.database).await?;
        let store = Store::open(&config.database, notify).await.map_err(StartError::Database)?;
        let store = match &config.nats {
            Some(nats) => store.with_nats(nats).await.map_err(|error| StartError::Nats(error.to_string()))?,
            None => store,
        };
        let link_key = store.link_key().await.map_err(|error| StartError::LinkKey(error.to_string()))?;
        let deployment = match Deployment::join(&store, &config).await {
            Ok(deployment) => deployment,
            Err(error) => {
                store.close().await;
                return Err(error.into());
            }
        };
        startup_line::log(&config);
        for found in host::of_process(&config).into_iter().chain(host::of_settings(&config)) {
            tracing::warn!(fix = found.fix, "{}", found.what);
        }
        let tasks = TaskTracker::new();
        let metrics = Arc::new(Metrics::new(openapi::problem_codes(), config.provider.currency()));
        let stopping = CancellationToken::new();
        let limits = &config.limits;
        let hub = Arc::new(Hub::new(ConcurrencyLimiter::new(limits)));
        let provider = Provider::new(&config, tasks.clone(), {
            let metrics = Arc::clone(&metrics);
            move |observed| metrics.upstream(observed)
        })
        .map_err(StartError::HttpClient)?;
        let worker_ended = CancellationToken::new();
        let readiness =
            Readiness::new(config.tuning.worker_max_sleep, worker_ended.clone(), stopping.clone());
        let state = AppState {
            public_url: PublicUrl::new(&public_url),
            origins: Origins::new(&config, &public_url),
            checkouts: Arc::new(Service::new(
                &config,
                store.clone(),
                provider,
                orders,
                Arc::clone(&hub),
                Arc::clone(&metrics),
                tasks.clone(),
            )),
            hub,
            heartbeat: Arc::new(Heartbeat::new(stopping.clone())),
            connections: Connections::new(limits),
            failure_log: Arc::new(FailureLog::new(
                config.api_key.clone(),
                Arc::clone(&metrics),
                config.tuning.log_interval,
            )),
            report_limits: Arc::new(ReportLimits::new()),
            metrics,
            link_rate: limits.links_per_minute.map(RateLimiter::new).map(Arc::new),
            link_tokens: Arc::new(Tokens::new(link_key, config.link_tokens)),
            readiness: Arc::new(readiness),
            widget,
            stopping,
            config: Arc::new(config),
        };
        // The first request then knows the readiness; an unreachable database only delays the start.
        state.readiness.probe(&store).await;
        let intermediary = Self { state, store, lock, tasks };
        intermediary.spawn(fulfilment, deployment, worker_ended);
        Ok(intermediary)
    }

    /// Starts all background tasks.
    fn spawn(&self, fulfilment: Option<Fulfilment>, deployment: Deployment, worker_ended: CancellationToken) {
        let (state, tasks) = (&self.state, &self.tasks);
        let (tuning, stopping) = (&state.config.tuning, &state.stopping);
        let worker = Arc::new(Worker {
            service: Arc::clone(&state.checkouts),
            fulfilment,
            readiness: Arc::clone(&state.readiness),
            stopping: stopping.clone(),
        });
        // Readiness notices the end of the worker, also by a panic.
        let ended = worker_ended.drop_guard();
        tasks.spawn(async move {
            let _ended = ended;
            worker.run().await;
        });
        tasks.spawn(Arc::clone(&state.heartbeat).run(tuning.heartbeat));
        let (readiness, store) = (Arc::clone(&state.readiness), self.store.clone());
        tasks.spawn(async move { readiness.run(&store).await });
        if tuning.sign_in {
            let (service, stopping) = (Arc::clone(&state.checkouts), stopping.clone());
            tasks.spawn(async move { credentials::run(&service.provider, &stopping).await });
        }
        let (store, hub, stopped) = (self.store.clone(), Arc::clone(&state.hub), stopping.clone());
        let sweep = tuning.watched_sweep;
        tasks.spawn(async move { other_instances::run(&store, &hub, sweep, &stopped).await });
        let retention = Retention {
            store: self.store.clone(),
            metrics: Arc::clone(&state.metrics),
            age: state.config.retention,
            interval: tuning.retention_interval,
        };
        let stopped = stopping.clone();
        tasks.spawn(async move { retention.run(&stopped).await });
        tasks.spawn(alerts::run(self.store.clone(), tuning.clone(), stopping.clone()));
        let comparison = Comparison {
            deployment,
            store: self.store.clone(),
            metrics: Arc::clone(&state.metrics),
            tuning: tuning.clone(),
        };
        tasks.spawn(comparison.run(stopping.clone()));
        let (failure_log, stopped) = (Arc::clone(&state.failure_log), stopping.clone());
        tasks.spawn(async move { failure_log.run(&stopped).await });
    }

    /// Returns every route of the intermediary.
    pub fn router(&self) -> Router {
        router::router(&self.state)
    }

    /// Returns where browsers reach the server, without a slash at the end.
    pub fn public_url(&self) -> &str {
        self.state.public_url.as_str()
    }

    /// Returns the link token of an order, as `PUT /orders/{orderId}` does: the page sends it as `token` beside
    /// `orderId`. The token stays the same as long as the database does.
    pub fn link_token(&self, order_id: &str) -> String {
        self.state.link_tokens.of(order_id)
    }

    /// Ends streams and long polls, and starts to stop. A host program calls this before it waits for its own
    /// connections to end.
    pub fn begin_stop(&self) {
        self.state.stopping.cancel();
    }

    /// Returns the parts that a socket of its own needs.
    pub(crate) fn serving(&self) -> Serving {
        Serving {
            router: self.router(),
            metrics: Arc::clone(&self.state.metrics),
            limits: self.state.config.limits.clone(),
            tuning: self.state.config.tuning.clone(),
            connections: Arc::clone(&self.state.connections),
            stopping: self.state.stopping.clone(),
        }
    }

    /// Stops, and waits for running work for a limited time; the database holds all unfinished work.
    pub async fn stop(self) {
        self.begin_stop();
        self.tasks.close();
        if tokio::time::timeout(self.state.config.tuning.stop_timeout, self.tasks.wait()).await.is_err() {
            tracing::warn!("stopped while work was under way; the next start resumes it");
        }
        self.store.close().await;
        self.lock.release();
    }
}

impl From<Locked> for StartError {
    fn from(locked: Locked) -> Self {
        match locked {
            Locked::Taken(path) => Self::DatabaseTaken(path),
            Locked::Broken { path, cause } => Self::DatabaseLock { path, cause },
        }
    }
}

impl From<JoinError> for StartError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Foreign(error) => Self::Config(error),
            JoinError::Database(error) => Self::Database(error),
        }
    }
}

impl Drop for Intermediary {
    fn drop(&mut self) {
        self.state.stopping.cancel();
    }
}
