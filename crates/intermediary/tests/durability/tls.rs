//! PostgreSQL over TLS.

use banq_intermediary::{Config, Server};
use banq_testkit::postgres::Cluster;
use sqlx::{Connection, PgConnection};

use crate::app::TestApp;

#[tokio::test]
async fn postgresql_tls_needs_the_right_certificate() {
    let cluster = Cluster::start_with_tls();
    let app = TestApp::over(cluster.database().await).await;
    let plain = app.settings()["BANQ_DATABASE_URL"].clone();
    let (ca, stranger) = (cluster.file("ca.crt"), cluster.file("stranger.crt"));
    let config = |host: &str, parameters: &str| {
        let mut settings = app.settings();
        let url = format!("{}?{parameters}", plain.replace("127.0.0.1", host));
        settings.insert("BANQ_DATABASE_URL".into(), url);
        Config::from_map(&settings).unwrap()
    };

    let server =
        Server::start(config("localhost", &format!("sslmode=verify-full&sslrootcert={ca}"))).await.unwrap();
    let ready = app.http.get(format!("{}/readyz", server.url())).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    let mut admin = PgConnection::connect(&plain).await.unwrap();
    let connections = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'banq-intermediary'";
    let encrypted: Vec<bool> = sqlx::query_scalar(connections).fetch_all(&mut admin).await.unwrap();
    assert!(!encrypted.is_empty() && encrypted.iter().all(|encrypted| *encrypted), "{encrypted:?}");
    server.stop().await;

    for (host, parameters, why) in [
        ("localhost", format!("sslmode=verify-full&sslrootcert={stranger}"), "UnknownIssuer"),
        ("localhost", "sslmode=verify-full".to_owned(), "UnknownIssuer"),
        ("localhost", format!("sslmode=verify-ca&sslrootcert={stranger}"), "UnknownIssuer"),
        // The certificate is another host's.
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ca}"), "NotValidForName"),
    ] {
        let refused = Server::start(config(host, &parameters)).await.unwrap_err();
        let refused = format!("{refused:?}");
        assert!(
            refused.contains("InvalidCertificate") && refused.contains(why),
            "{host} {parameters}: {refused}"
        );
    }
    let server =
        Server::start(config("127.0.0.1", &format!("sslmode=verify-ca&sslrootcert={ca}"))).await.unwrap();
    server.stop().await;
}
