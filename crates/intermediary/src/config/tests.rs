use std::collections::BTreeMap;

use super::{Config, Database, Environment, source::from_toml};
use crate::Secret;

const LOCAL: [(&str, &str); 6] = [
    ("BANQ_ENVIRONMENT", "local"),
    ("BANQ_CLIENT_ID", "client"),
    ("BANQ_USERNAME", "user"),
    ("BANQ_PASSWORD", "hunter2"),
    ("BANQ_ACCOUNT_GUID", "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42"),
    ("BANQ_WEBHOOK_SECRET", "s"),
];

const PRODUCTION: [(&str, &str); 5] = [
    ("BANQ_ENVIRONMENT", "production"),
    ("BANQ_WEBHOOK_SECRET", "0123456789abcdef"),
    ("BANQ_API_KEY", "fedcba9876543210"),
    ("BANQ_PUBLIC_URL", "https://pay.shop.example/"),
    ("BANQ_ALLOWED_ORIGINS", "https://shop.example, https://www.shop.example"),
];

fn map<'a>(settings: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> BTreeMap<String, String> {
    settings.into_iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn local(changes: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    Config::from_map(&map(LOCAL.iter().chain(changes))).map_err(|error| error.problems)
}

pub(crate) fn production(changes: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    Config::from_map(&map(LOCAL.iter().chain(&PRODUCTION).chain(changes))).map_err(|error| error.problems)
}

#[test]
fn a_local_configuration_needs_little() {
    let config = local(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database, Database::Sqlite("banq-intermediary.sqlite".into()));
    assert_eq!((config.link_lifetime.as_secs(), config.allow_client_amounts), (900, false));
    assert!(local(&[("BANQ_ALLOW_CLIENT_AMOUNTS", "true")]).unwrap().allow_client_amounts);
}

#[test]
fn each_fault_of_a_list_of_origins_is_named() {
    let origins = "https://*.shop.example,http://www.shop.example";
    let problems = production(&[("BANQ_ALLOWED_ORIGINS", origins)]).unwrap_err();
    let of_origins = problems.iter().filter(|problem| problem.starts_with("BANQ_ALLOWED_ORIGINS"));
    assert_eq!(of_origins.count(), 2, "{problems:?}");
}

#[test]
fn origins_are_a_list() {
    let config = production(&[]).unwrap();
    assert_eq!(config.environment, Environment::Production);
    assert_eq!(config.allowed_origins, ["https://shop.example", "https://www.shop.example"]);
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let problems = Config::from_map(&BTreeMap::new()).unwrap_err().problems;
    for (name, _) in LOCAL {
        assert!(
            problems.iter().any(|problem| problem.starts_with(&format!("{name} is missing: "))),
            "{name}"
        );
    }
    assert_eq!(problems.len(), LOCAL.len(), "{problems:?}");
}

#[test]
fn unreadable_values_are_named_and_never_quoted() {
    for (name, value) in [
        ("BANQ_ENVIRONMENT", "Wibble"),
        ("BANQ_API_URL", "wibble"),
        ("BANQ_AUTH_URL", "https://user:wibble@h/"),
        ("BANQ_PUBLIC_URL", "ftp://wibble"),
        ("BANQ_ACCOUNT_GUID", "wibble"),
        ("BANQ_ACCOUNT_SPACE_ID", "wibble"),
        ("BANQ_ALLOW_CLIENT_AMOUNTS", "wibble"),
        ("BANQ_LISTEN", "wibble"),
        ("BANQ_DATABASE_URL", "mysql://wibble"),
        ("BANQ_DATABASE_URL", "postgres://host:wibble/a"),
        ("BANQ_DATABASE_URL", "sqlite::memory:"),
        ("BANQ_LINK_LIFETIME_SECONDS", "0"),
        ("BANQ_RETENTION_DAYS", "wibble"),
        ("BANQ_RETENTION_DAYS", "-1"),
        ("BANQ_RETENTION_DAYS", "65536"),
        ("BANQ_PASSWORD", " "),
        ("BANQ_MAX_STREAMS", "0"),
        ("BANQ_MAX_CONNECTIONS", "-1"),
        ("BANQ_LINKS_PER_MINUTE", "wibble"),
        ("BANQ_TRUSTED_PROXIES", "127.0.0.1, wibble"),
    ] {
        let problems = local(&[(name, value)]).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(name) && !problems[0].contains("wibble"), "{problems:?}");
    }
}

#[test]
fn outside_local_nothing_weak_starts() {
    for (name, value) in [
        ("BANQ_ALLOW_CLIENT_AMOUNTS", "true"),
        ("BANQ_API_URL", "http://api.banq.com/api/"),
        ("BANQ_AUTH_URL", "http://banq-prod.auth0.com/oauth/token"),
        ("BANQ_PUBLIC_URL", "http://pay.shop.example"),
        ("BANQ_WEBHOOK_SECRET", "0123456789abcde"),
        ("BANQ_API_KEY", "short"),
        ("BANQ_WEBHOOK_SECRET_PREVIOUS", "short"),
        ("BANQ_METRICS_TOKEN", "short"),
        ("BANQ_ALLOWED_ORIGINS", "http://shop.example"),
        ("BANQ_API_KEY", "0123456789abcdef"),
        ("BANQ_METRICS_TOKEN", "fedcba9876543210"),
        ("BANQ_TRUSTED_PROXIES", "127.0.0.1, 0.0.0.0/0"),
        ("BANQ_TRUSTED_PROXIES", "::/0"),
        ("BANQ_DATABASE_URL", "postgres://shop:hunter3@db.example/shop"),
        ("BANQ_DATABASE_URL", "postgres://shop:hunter3@10.0.0.7/shop?sslmode=prefer"),
    ] {
        for environment in ["sandbox", "production"] {
            let problems = production(&[(name, value), ("BANQ_ENVIRONMENT", environment)]).unwrap_err();
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with(name) && !problems[0].contains("hunter3"), "{problems:?}");
        }
    }
    let mut settings = map(LOCAL.iter().chain(&PRODUCTION));
    settings.retain(|name, _| name != "BANQ_API_KEY" && name != "BANQ_PUBLIC_URL");
    let problems = Config::from_map(&settings).unwrap_err().problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn a_comment_behind_a_secret_is_not_taken_for_part_of_it() {
    let secret = "c2l4dGVlbiByYW5kb20gYnl0ZXM=    # openssl rand -base64 32";
    let problems = production(&[("BANQ_WEBHOOK_SECRET", secret)]).unwrap_err();
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(problem.starts_with("BANQ_WEBHOOK_SECRET has a comment behind it"), "{problem}");
    assert!(!problem.contains("c2l4"));
}

#[test]
fn contradictions_are_reported_beside_unreadable_values() {
    let problems = production(&[("BANQ_ALLOW_CLIENT_AMOUNTS", "true"), ("BANQ_LISTEN", "x")]).unwrap_err();
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn an_origin_is_exact_or_refused() {
    for origin in [
        "*",
        "shop.example",
        "https://shop.example/",
        "https://shop.example/a",
        "https://*.shop.example",
        "null",
        "https://shop.example:443",
        "HTTPS://shop.example",
        "file:///a",
    ] {
        let problems = local(&[("BANQ_ALLOWED_ORIGINS", origin)]).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(&format!("BANQ_ALLOWED_ORIGINS: {origin:?} ")), "{problems:?}");
    }
    let foreign = local(&[("BANQ_ALLOWED_ORIGINS", "https://käse.example, https://shop.example,")]).unwrap();
    assert_eq!(foreign.allowed_origins, ["https://xn--kse-qla.example", "https://shop.example"]);
    assert!(local(&[("BANQ_ALLOWED_ORIGINS", "http://127.0.0.1:8000,https://shop.example")]).is_ok());
}

#[test]
fn a_file_has_the_same_names_in_lower_case() {
    let (settings, problems) = from_toml(
        "banq_environment = \"local\"\nbanq_allow_client_amounts = true\nbanq_account_space_id = 7\n\
         banq_allowed_origins = [\"https://a.example\", \"https://b.example\"]",
    )
    .unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(settings["BANQ_ALLOW_CLIENT_AMOUNTS"], "true");
    assert_eq!(settings["BANQ_ACCOUNT_SPACE_ID"], "7");
    assert_eq!(settings["BANQ_ALLOWED_ORIGINS"], "https://a.example,https://b.example");
    let (_, problems) = from_toml("banq_wibble = 1\nBANQ_LISTEN = \"x\"\nbanq_listen = 1.5").unwrap();
    assert_eq!(problems.len(), 3, "{problems:?}");
    let (_, problems) = from_toml("banq_webhook_secrets = \"hunter2\"").unwrap();
    assert!(problems[0].ends_with("did you mean banq_webhook_secret?"), "{problems:?}");
    let broken = from_toml("banq_password = \"hunter2").unwrap_err().to_string();
    assert!(!broken.contains("hunter2"), "{broken}");
}

#[test]
fn what_may_still_be_needed_is_not_deleted() {
    let days = |days: u64| std::time::Duration::from_secs(days * 24 * 60 * 60);
    assert_eq!(local(&[]).unwrap().retention, days(400));
    assert_eq!(production(&[("BANQ_RETENTION_DAYS", "90")]).unwrap().retention, days(90));
    for too_small in ["0", "89"] {
        let problems = local(&[("BANQ_RETENTION_DAYS", too_small)]).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].starts_with("BANQ_RETENTION_DAYS is too small: set it to at least 90"),
            "{problems:?}"
        );
    }
    let mut config = local(&[]).unwrap();
    config.tuning.reversal_window = days(371);
    assert!(config.check().unwrap_err().problems[0].contains("at least 401"));
}

#[test]
fn instances_share_postgresql_and_its_password_is_not_printed() {
    let url = "postgres://shop:hunter3@db.example/shop?sslmode=verify-full";
    let config = local(&[("BANQ_DATABASE_URL", url)]).unwrap();
    assert_eq!(config.database, Database::Postgres(Secret::new(url)));
    assert!(!format!("{config:?}").contains("hunter3"));
    let safe = [url, "postgres://shop@10.0.0.7/shop?sslmode=require", "postgres://shop@127.0.0.1/shop"];
    for url in safe {
        assert!(production(&[("BANQ_DATABASE_URL", url)]).is_ok(), "{url}");
    }
    assert!(local(&[("BANQ_DATABASE_URL", "postgres://shop@db.example/shop")]).is_ok());
}

#[test]
fn fulfilment_needs_both_an_address_and_a_secret() {
    let url = ("BANQ_FULFILMENT_URL", "https://shop.example/paid?by=banq");
    let secret = ("BANQ_FULFILMENT_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assert!(production(&[]).unwrap().fulfilment.is_none());
    let fulfilment = production(&[url, secret]).unwrap().fulfilment.unwrap();
    assert_eq!(fulfilment.url.as_str(), url.1);
    for (settings, named) in [
        (vec![url], "BANQ_FULFILMENT_SECRET is missing"),
        (vec![secret], "BANQ_FULFILMENT_URL is missing"),
        (vec![url, ("BANQ_FULFILMENT_SECRET", "hunter2")], "BANQ_FULFILMENT_SECRET must be"),
        (
            vec![secret, ("BANQ_FULFILMENT_URL", "http://shop.example/")],
            "BANQ_FULFILMENT_URL must start with https://",
        ),
        (vec![secret, ("BANQ_FULFILMENT_URL", "ftp://shop.example/")], "BANQ_FULFILMENT_URL must be"),
    ] {
        let problems = production(&settings).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(named) && !problems[0].contains("hunter2"), "{problems:?}");
    }
    assert!(local(&[secret, ("BANQ_FULFILMENT_URL", "http://127.0.0.1:9000/")]).is_ok());
}

#[test]
fn a_configuration_prints_without_its_secrets() {
    let printed = format!("{:?}", production(&[]).unwrap());
    assert!(printed.contains("***"));
    for secret in ["hunter2", "0123456789abcdef", "fedcba9876543210"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn one_machine_has_no_limit_per_address_unless_it_is_set() {
    let limits = local(&[]).unwrap().limits;
    assert_eq!((limits.streams_per_address, limits.links_per_minute), (usize::MAX, None));
    let limits =
        local(&[("BANQ_MAX_STREAMS_PER_ADDRESS", "3"), ("BANQ_LINKS_PER_MINUTE", "5")]).unwrap().limits;
    assert_eq!((limits.streams_per_address, limits.links_per_minute.unwrap().get()), (3, 5));
    let limits = production(&[("BANQ_TRUSTED_PROXIES", "127.0.0.1, fd00::/8")]).unwrap().limits;
    assert_eq!((limits.streams_per_address, limits.links_per_minute.unwrap().get()), (100, 60));
    for (address, trusted) in
        [("127.0.0.1", true), ("::ffff:127.0.0.1", true), ("fd12::1", true), ("10.0.0.1", false)]
    {
        assert_eq!(limits.trusts(address.parse().unwrap()), trusted, "{address}");
    }
    assert_eq!(production(&[("BANQ_LINKS_PER_MINUTE", "0")]).unwrap().limits.links_per_minute, None);
}

#[test]
fn link_tokens_are_optional_by_default() {
    assert_eq!(local(&[]).unwrap().link_tokens, crate::LinkTokens::Optional);
    let required = ("BANQ_LINK_TOKENS", "required");
    assert_eq!(local(&[required]).unwrap().link_tokens, crate::LinkTokens::Required);
    let problems = local(&[("BANQ_LINK_TOKENS", "yes")]).unwrap_err();
    assert_eq!(problems, ["BANQ_LINK_TOKENS must be optional or required"]);
    // An order priced by the page has no token.
    let problems = local(&[required, ("BANQ_ALLOW_CLIENT_AMOUNTS", "true")]).unwrap_err();
    assert!(problems.len() == 1 && problems[0].contains("BANQ_ALLOW_CLIENT_AMOUNTS"), "{problems:?}");
}

#[test]
fn nats_needs_postgresql_and_tls_to_another_machine() {
    let postgres = ("BANQ_DATABASE_URL", "postgres://shop@127.0.0.1/shop");
    let (near, far) =
        (("BANQ_NATS_URL", "nats://127.0.0.1"), ("BANQ_NATS_URL", "nats://a:hunter3@nats.example"));
    let problems = local(&[near]).unwrap_err();
    assert!(
        problems.len() == 1 && problems[0].starts_with("BANQ_NATS_URL needs a PostgreSQL"),
        "{problems:?}"
    );
    assert!(local(&[postgres, near]).unwrap().nats.is_some());
    assert!(local(&[postgres, far]).is_ok() && production(&[postgres, near]).is_ok());
    let problems = production(&[postgres, far]).unwrap_err();
    assert!(problems.len() == 1 && problems[0].contains("without TLS"), "{problems:?}");
    assert!(!problems[0].contains("hunter3"));
    assert!(production(&[postgres, ("BANQ_NATS_URL", "tls://a:hunter3@nats.example")]).is_ok());
    let problems = local(&[postgres, ("BANQ_NATS_URL", "nats://a:hunter3/x@nats.example")]).unwrap_err();
    assert!(problems.len() == 1 && !problems[0].contains("hunter3"), "{problems:?}");
}
