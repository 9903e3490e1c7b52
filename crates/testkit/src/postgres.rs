//! A PostgreSQL of the tests' own: a private cluster in a temporary folder, on a free port of loopback.
//!
//! It ends with the process that started it, however that ends: a shell between them waits for the end of its
//! input, which is this process. PostgreSQL refuses to run as root, so root starts it as another user.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{Connection, Executor, PgConnection};

use crate::free_port;

/// `$1`: the folder of the programs; `$2`: the port; `$3`: `tls` for that, with certificates beside the data; `$4`:
/// further settings of the server.
/// On its input it is told to `kill` the server, as a fault would, and to `start` it again.
const SCRIPT: &str = r#"
set -e
umask 077
cd /
programs=$1
port=$2
extra=${4:+-c $4}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$programs/initdb" --pgdata "$dir/data" --username postgres --auth trust --encoding UTF8 --no-locale --no-sync \
    >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
tls=
if [ "$3" = tls ]; then
    exec 3>&2 2>"$dir/openssl.log"
    cd "$dir"
    for name in ca stranger; do
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name of the tests" \
            -keyout $name.key -out $name.crt
    done
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
    echo subjectAltName=DNS:localhost >server.ext
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext \
        -out server.crt
    chmod 644 ca.crt stranger.crt
    chmod 755 "$dir"
    cd /
    exec 2>&3
    tls="-c ssl=on -c ssl_cert_file=$dir/server.crt -c ssl_key_file=$dir/server.key"
fi
run() {
    "$programs/postgres" -D "$dir/data" -k "$dir" -h 127.0.0.1 -p "$port" -c max_connections=200 $tls $extra \
        >>"$dir/postgres.log" 2>&1 </dev/null &
    server=$!
}
start() {
    run
    tries=0
    until "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ]; then cat "$dir/postgres.log" >&2; exit 1; fi
        sleep 0.1
        # What was killed leaves memory behind that is in use for a moment.
        kill -0 $server 2>/dev/null || run
    done
    echo "ready $dir"
}
start
while read -r order; do
    case $order in
        # Whatever has become of it meanwhile.
        revive) if kill -0 $server 2>/dev/null && "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; then
                echo "ready $dir"
            else
                kill -KILL $server 2>/dev/null || true
                wait $server 2>/dev/null || true
                start
            fi ;;
        kill) kill -KILL $server; wait $server 2>/dev/null || true; echo "killed" ;;
        start) start ;;
    esac
done
kill -INT $server 2>/dev/null || true
wait $server || true
"#;

/// A running cluster; it ends when this is dropped.
pub struct Cluster {
    port: u16,
    /// Its data, its socket, and with TLS `ca.crt` and `stranger.crt`.
    folder: PathBuf,
    _shell: Child,
    /// Its end is what the shell waits for.
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The URL of a new, empty database.
pub async fn database() -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::begin("")).database().await
}

impl Cluster {
    fn begin(tls: &str) -> Self {
        Self::begin_with(tls, None, Vec::new())
    }

    fn begin_with(tls: &str, folder: Option<&std::path::Path>, environment: Vec<(String, String)>) -> Self {
        let programs = programs();
        let port = free_port();
        let mut command = match user() {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--", "sh"]);
                command
            }
            None => Command::new("sh"),
        };
        command.args(["-c", SCRIPT, "sh"]).arg(&programs).arg(port.to_string()).arg(tls);
        if let Some(folder) = folder {
            command.arg("max_connections=25 -c fsync=off").env("TMPDIR", folder);
        }
        command.envs(environment);
        // In a group of its own: Ctrl-C ends the tests, and their end ends the cluster, in order.
        command.process_group(0);
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, answers) = (shell.stdin.take().unwrap(), BufReader::new(shell.stdout.take().unwrap()));
        let mut cluster = Self { port, folder: PathBuf::new(), _shell: shell, orders, answers };
        let answer = cluster.answer();
        let folder = answer.strip_prefix("ready ").expect("PostgreSQL did not start; its log is above");
        cluster.folder = folder.into();
        cluster
    }

    /// The URL of a new, empty database.
    pub async fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let base = format!("postgres://postgres@127.0.0.1:{}", self.port);
        let mut admin = PgConnection::connect(&format!("{base}/postgres")).await.unwrap();
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        format!("{base}/{name}")
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Cluster {
    /// One of the test's own, which it can kill.
    pub fn start() -> Self {
        Self::begin("")
    }

    /// One whose files are below `folder`, whose programs have this in their environment, which takes 25
    /// connections, and does not wait for the disk: only processes die here, never the machine.
    pub fn start_in(folder: &std::path::Path, environment: Vec<(String, String)>) -> Self {
        Self::begin_with("", Some(folder), environment)
    }

    /// Starts it again if it ended by itself; it answers when this returns.
    pub fn revive(&mut self) {
        writeln!(self.orders, "revive").unwrap();
        assert!(self.answer().starts_with("ready "), "PostgreSQL did not start again; its log is above");
    }

    /// One that speaks TLS, as `localhost`.
    pub fn start_with_tls() -> Self {
        Self::begin("tls")
    }

    /// Where a file of its is.
    pub fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Kills it, as a fault or the system would: nothing is written any more, nobody is told.
    pub fn kill(&mut self) {
        writeln!(self.orders, "kill").unwrap();
        assert_eq!(self.answer(), "killed");
    }

    /// Starts what was killed again, on the same port; it answers when this returns.
    pub fn restart(&mut self) {
        writeln!(self.orders, "start").unwrap();
        assert!(self.answer().starts_with("ready "), "PostgreSQL did not start again; its log is above");
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
