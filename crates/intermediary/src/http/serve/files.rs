//! Checks the limit of open files of this process: every connection is one.

use std::fs;

use crate::config::Limits;

/// The database, the log, and connections to the provider and the shop.
const OTHERS: usize = 100;

/// Returns a warning if the system's limit is below the settings' limits: the process would run out of sockets before
/// it reaches them.
pub(crate) fn shortage(limits: &Limits) -> Option<String> {
    let allowed = read(&fs::read_to_string("/proc/self/limits").ok()?)?;
    let needed = limits.connections.saturating_add(limits.streams).saturating_add(OTHERS);
    (allowed < needed).then(|| {
        format!(
            "this process may open {allowed} files, and BANQ_MAX_CONNECTIONS and BANQ_MAX_STREAMS need {needed}: raise \
             the limit (LimitNOFILE, ulimit -n), or lower the settings"
        )
    })
}

/// Reads the soft limit, which applies; `None` also for "unlimited".
fn read(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_of_open_files_is_read() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max processes             63204                63204                processes \n\
            Max open files            1024                 1048576              files     \n";
        assert_eq!(read(text), Some(1024));
        assert_eq!(read("Max open files            unlimited            unlimited            files"), None);
        assert_eq!(read(""), None);
    }
}
