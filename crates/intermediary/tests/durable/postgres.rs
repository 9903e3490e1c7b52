//! A PostgreSQL of the tests' own: a private cluster in a temporary folder, on a free port of loopback.
//!
//! It ends with the process that started it, however that ends: a shell between them waits for the end of its
//! input, which is this process. PostgreSQL refuses to run as root, so root starts it as another user.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{Connection, Executor, PgConnection};

/// `$1`: the folder of the programs; `$2`: the port.
const SCRIPT: &str = r#"
set -e
umask 077
cd /
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1/initdb" --pgdata "$dir/data" --username postgres --auth trust --encoding UTF8 --no-locale --no-sync \
    >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
"$1/postgres" -D "$dir/data" -k "$dir" -h 127.0.0.1 -p "$2" -c max_connections=200 \
    >"$dir/postgres.log" 2>&1 </dev/null &
server=$!
tries=0
until "$1/pg_isready" -q -h 127.0.0.1 -p "$2"; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 $server 2>/dev/null; then cat "$dir/postgres.log" >&2; exit 1; fi
    sleep 0.1
done
echo ready
cat >/dev/null
kill -INT $server
wait $server || true
"#;

/// A running cluster.
struct Cluster {
    port: u16,
    _shell: Child,
    /// Its end is what the shell waits for.
    _alive: ChildStdin,
}

/// The URL of a new, empty database.
pub(crate) async fn database() -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let base = format!("postgres://postgres@127.0.0.1:{}", cluster.port);
    let mut admin = PgConnection::connect(&format!("{base}/postgres")).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    format!("{base}/{name}")
}

impl Cluster {
    fn start() -> Self {
        let programs = programs();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = match user() {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--", "sh"]);
                command
            }
            None => Command::new("sh"),
        };
        command.args(["-c", SCRIPT, "sh"]).arg(&programs).arg(port.to_string());
        // In a group of its own: Ctrl-C ends the tests, and their end ends the cluster, in order.
        command.process_group(0);
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let alive = shell.stdin.take().unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "PostgreSQL did not start; its log is above");
        Self { port, _shell: shell, _alive: alive }
    }
}

/// The folder of initdb and postgres: `BANQ_POSTGRES_BIN`, or where Debian puts them (outside of `PATH`).
fn programs() -> PathBuf {
    let set = std::env::var_os("BANQ_POSTGRES_BIN").map(PathBuf::from);
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        set.into_iter().chain(debian.map(|version| version.path().join("bin"))).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path));
    let found =
        found.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file());
    found.expect("PostgreSQL is not installed: run `cargo xtask setup`, or set BANQ_POSTGRES_BIN")
}

/// The user to run as, if this is root: Debian's own for it, or else the one that owns nothing.
fn user() -> Option<&'static str> {
    let id = |arguments: &[&str]| Command::new("id").args(arguments).output().ok();
    let is_root = id(&["-u"]).is_some_and(|output| output.stdout == b"0\n");
    let has_own = id(&["-u", "postgres"]).is_some_and(|output| output.status.success());
    is_root.then_some(if has_own { "postgres" } else { "nobody" })
}
