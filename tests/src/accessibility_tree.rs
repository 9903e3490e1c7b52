//! What a screen reader is given: Chromium's accessibility tree.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::Browser;

/// Roles that say nothing by themselves.
const PLAIN: [&str; 5] = ["InlineTextBox", "generic", "none", "paragraph", "RootWebArea"];

/// The properties that a screen reader says, or acts on.
const STATES: [&str; 7] = ["atomic", "busy", "disabled", "expanded", "focused", "live", "modal"];

/// One thing of the page, as it is perceived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Perceived {
    /// How many things it is within.
    pub depth: usize,
    /// Its role; `StaticText` is a text by itself.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its description and its states.
    pub states: Vec<String>,
}

impl Browser {
    /// What is perceived of the page, in its order; Chromium only.
    pub async fn perceived(&self) -> Vec<Perceived> {
        let tree = self.cdp("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().unwrap();
        let by_id: HashMap<&str, &Value> =
            nodes.iter().map(|node| (node["nodeId"].as_str().unwrap(), node)).collect();
        let mut found = Vec::new();
        // Each with its depth, and the name of the control or heading that it is within: a text of it is not said again.
        let mut left = vec![(&nodes[0], 0, String::new())];
        while let Some((node, depth, within)) = left.pop() {
            let text = |field: &str| node[field]["value"].as_str().unwrap_or_default().to_owned();
            let (role, name) = (text("role"), text("name"));
            let is_said = node["ignored"] == false
                && !PLAIN.contains(&&*role)
                && !(role == "StaticText" && (name.trim().is_empty() || within.contains(name.trim())));
            let inner = match (is_said, &*role) {
                (false, _) => (depth, within),
                (true, "dialog") => (depth + 1, String::new()),
                (true, _) => (depth + 1, name.clone()),
            };
            if is_said {
                found.push(Perceived { depth, role, name, states: states(node) });
            }
            let children = node["childIds"].as_array().into_iter().flatten().rev();
            let children = children.filter_map(|child| by_id.get(child.as_str().unwrap()));
            left.extend(children.map(|child| (*child, inner.0, inner.1.clone())));
        }
        found
    }
}

/// `description "…"`, `focused`, `live: polite`
fn states(node: &Value) -> Vec<String> {
    let description = node["description"]["value"].as_str().filter(|text| !text.is_empty());
    let mut states: Vec<String> =
        description.map(|text| format!("description {text:?}")).into_iter().collect();
    for property in node["properties"].as_array().into_iter().flatten() {
        let name = property["name"].as_str().unwrap();
        if !STATES.contains(&name) {
            continue;
        }
        match &property["value"]["value"] {
            Value::Bool(true) => states.push(name.to_owned()),
            Value::Bool(false) if name == "expanded" => states.push("collapsed".to_owned()),
            Value::String(value) if name == "live" => states.push(format!("{name}: {value}")),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {}
        }
    }
    states
}
