//! A measured figure beside the same figure of its yardstick, and the table and the JSON of all.

use serde::Serialize;

/// One line of the result.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figure {
    /// The part of the measurement, such as `payments`.
    pub part: &'static str,
    /// What is measured, such as `SQLite, full load`.
    pub what: String,
    /// The unit, such as `ms`.
    pub unit: &'static str,
    /// Whether a higher value is better.
    pub more_is_better: bool,
    /// This project's value: the median of [`Figure::runs`].
    pub ours: f64,
    /// Each run's value, in the order of the runs.
    pub runs: Vec<f64>,
    /// What it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yardstick: Option<Yardstick>,
}

/// The same figure of another program, from the same run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Yardstick {
    /// Its name, such as `Node.js`.
    pub name: &'static str,
    /// Its value: the median of [`Yardstick::runs`].
    pub value: f64,
    /// Each run's value.
    pub runs: Vec<f64>,
}

impl Figure {
    /// A figure of which less is better, such as a time.
    pub(crate) fn less(
        part: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        runs: Vec<f64>,
    ) -> Self {
        Self {
            part,
            what: what.into(),
            unit,
            more_is_better: false,
            ours: median(&runs),
            runs,
            yardstick: None,
        }
    }

    /// A figure of which more is better, such as a rate.
    pub(crate) fn more(
        part: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        runs: Vec<f64>,
    ) -> Self {
        Self { more_is_better: true, ..Self::less(part, what, unit, runs) }
    }

    /// Compares it with another program's runs.
    pub(crate) fn beside(self, name: &'static str, runs: Vec<f64>) -> Self {
        Self { yardstick: Some(Yardstick { name, value: median(&runs), runs }), ..self }
    }

    /// This project's value divided by the yardstick's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.yardstick
            .as_ref()
            .filter(|yardstick| yardstick.value > 0.0)
            .map(|yardstick| self.ours / yardstick.value)
    }
}

/// Returns the middle value, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    match (sorted.get(low), sorted.get(high)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => f64::NAN,
    }
}

/// Returns the value that this share of the sorted values does not exceed.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// Returns the value with as many digits as it deserves.
pub(crate) fn short(value: f64) -> String {
    let digits = if value.abs() >= 100.0 { 0 } else { usize::from(value.abs() < 10.0) + 1 };
    format!("{value:.digits$}")
}

/// Returns the table that is printed.
pub(crate) fn table(figures: &[Figure]) -> String {
    let rows: Vec<[String; 6]> = figures
        .iter()
        .map(|figure| {
            let yardstick = figure.yardstick.as_ref();
            [
                figure.part.to_owned(),
                figure.what.clone(),
                format!("{} {}", short(figure.ours), figure.unit),
                yardstick
                    .map(|yardstick| format!("{} {}", short(yardstick.value), figure.unit))
                    .unwrap_or_default(),
                yardstick.map(|yardstick| yardstick.name.to_owned()).unwrap_or_default(),
                figure.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            ]
        })
        .collect();
    let head = ["part", "figure", "ours", "beside", "of", "ours / theirs"].map(str::to_owned);
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or_default()
        })
        .collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join(" | ");
    format!("{}| {rule} |\n{}", line(&head), rows.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{Figure, median, quantile, table};

    #[test]
    fn the_median_is_the_middle_of_the_runs_in_any_order() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_quantile_is_a_value_that_was_measured() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(
            (quantile(&sorted, 0.5), quantile(&sorted, 0.99), quantile(&sorted, 1.0)),
            (51.0, 100.0, 100.0)
        );
    }

    #[test]
    fn the_table_has_each_figure_beside_its_yardstick() {
        let figure = Figure::more("payments", "full load", "events/s", vec![900.0, 1_100.0])
            .beside("Node.js", vec![800.0]);
        let alone = Figure::less("bytes", "loader", "bytes", vec![3_394.0]);
        let table = table(&[figure, alone]);
        assert!(table.contains("| 1000 events/s | 800 events/s | Node.js | 1.25"), "{table}");
        assert!(table.contains("| 3394 bytes    |"), "{table}");
    }
}
