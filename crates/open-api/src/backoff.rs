//! Computes the pause before a retry.

use std::time::Duration;

/// Returns `base` doubled `attempt` times, at most `longest`, of which a random part between half and all: calls that
/// failed together must not retry together.
pub fn delay(base: Duration, attempt: u32, longest: Duration) -> Duration {
    let whole = base.saturating_mul(2_u32.saturating_pow(attempt)).min(longest);
    // Without randomness the whole pause is used.
    let random = getrandom::u32().unwrap_or(u32::MAX);
    whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_within_half_and_whole() {
        let (base, longest) = (Duration::from_secs(1), Duration::from_secs(300));
        for (attempt, whole) in [(0, 1), (1, 2), (4, 16), (9, 300), (u32::MAX, 300)] {
            let wait = delay(base, attempt, longest);
            assert!(wait >= Duration::from_secs(whole) / 2, "{attempt}: {wait:?}");
            assert!(wait <= Duration::from_secs(whole), "{attempt}: {wait:?}");
        }
    }
}
