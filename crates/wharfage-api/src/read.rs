//! Reads a request from TOML or JSON, keeping where each value stood, with a diagnostic per mistake.

use std::{collections::BTreeMap, ops::Range};

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{self, ObjectPropName},
    common::Ranged,
};
use toml::de::{DeTable, DeValue};
use wharfage_core::diagnostic::{Diagnostic, Label, Place, did_you_mean};

use crate::request::{EstimateRequest, Field, FieldKind, WorkloadRequest};

/// Where the fields of a request stand in a text, by path: `memory`, `workload[1].vcpu`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    /// the text's name
    pub name: String,
    spans: BTreeMap<String, Range<usize>>,
}

impl Origins {
    /// Turns labels on fields into labels on bytes, where the field stood in the text.
    pub fn resolve(&self, mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for label in diagnostics.iter_mut().flat_map(|d| &mut d.labels) {
            self.resolve_label(label);
        }
        diagnostics
    }

    fn resolve_label(&self, label: &mut Label) {
        if let Place::Field(path) = &label.place
            && let Some(span) = self.span(path)
        {
            label.place = Place::File { name: self.name.clone(), span };
        }
    }

    /// The bytes of a field, or of the workload it is missing from.
    fn span(&self, path: &str) -> Option<Range<usize>> {
        let parent = path.rsplit_once('.').map(|(p, _)| p);
        self.spans.get(path).or_else(|| self.spans.get(parent?)).cloned()
    }

    /// Forgets fields that something else overruled.
    pub fn forget(&mut self, overruled: impl Fn(&str) -> bool) {
        self.spans.retain(|path, _| !overruled(path));
    }
}

/// A request and where its fields stood, or everything wrong with the text.
///
/// `name` is used in messages; a name that ends in `.json`, or a text that starts with `{`, is JSON, all else TOML.
pub fn request(name: &str, text: &str) -> Result<(EstimateRequest, Origins), Vec<Diagnostic>> {
    let text_start = text.trim_start_matches('\u{feff}').trim_start();
    let json = name.ends_with(".json") || text_start.starts_with('{');
    let parsed = if json { json_tree(name, text) } else { toml_tree(name, text) };
    let root = parsed?;
    let mut reader = Reader { origins: Origins { name: name.to_owned(), ..Origins::default() }, found: Vec::new() };
    let request = reader.request(&root);
    if reader.found.is_empty() { Ok((request, reader.origins)) } else { Err(reader.found) }
}

/// A value of either format.
struct Node {
    span: Range<usize>,
    kind: NodeKind,
}

enum NodeKind {
    Text(String),
    List(Vec<Node>),
    Table(Vec<(String, Range<usize>, Node)>),
}

impl NodeKind {
    const fn label(&self) -> &'static str {
        match self {
            Self::Text(_) => "a value",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

fn syntax(name: &str, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("request/syntax", message).at(name, span, "here")
}

fn toml_tree(name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let span = root.span();
        return Ok(toml_table(span, root.get_ref()));
    }
    let say = |e: &toml::de::Error| syntax(name, e.span().unwrap_or(0..0), e.message().replace('\n', "; "));
    Err(errors.iter().map(say).collect())
}

fn toml_table(span: Range<usize>, table: &DeTable<'_>) -> Node {
    let entries = table.iter().map(|(k, v)| (k.get_ref().to_string(), k.span(), toml_node(v.span(), v.get_ref())));
    Node { span, kind: NodeKind::Table(entries.collect()) }
}

fn toml_node(span: Range<usize>, value: &DeValue<'_>) -> Node {
    let kind = match value {
        DeValue::String(s) => NodeKind::Text(s.to_string()),
        DeValue::Integer(i) if i.radix() == 10 => NodeKind::Text(i.as_str().replace('_', "")),
        DeValue::Integer(i) => NodeKind::Text(format!("0?{}", i.as_str())),
        DeValue::Float(f) => NodeKind::Text(f.as_str().replace('_', "")),
        DeValue::Boolean(b) => NodeKind::Text(b.to_string()),
        DeValue::Datetime(d) => NodeKind::Text(d.to_string()),
        DeValue::Array(a) => NodeKind::List(a.iter().map(|v| toml_node(v.span(), v.get_ref())).collect()),
        DeValue::Table(t) => return toml_table(span, t),
    };
    Node { span, kind }
}

fn json_tree(name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        ..ParseOptions::default()
    };
    match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(result) => match result.value {
            Some(value) => Ok(json_node(&value)),
            None => Err(vec![syntax(name, 0..0, "the text is empty")]),
        },
        Err(e) => Err(vec![syntax(name, e.range().start..e.range().end.max(e.range().start), e.kind().to_string())]),
    }
}

fn json_node(value: &ast::Value<'_>) -> Node {
    let span = value.range().start..value.range().end;
    let kind = match value {
        ast::Value::StringLit(s) => NodeKind::Text(s.value.to_string()),
        ast::Value::NumberLit(n) => NodeKind::Text(n.value.to_owned()),
        ast::Value::BooleanLit(b) => NodeKind::Text(b.value.to_string()),
        ast::Value::NullKeyword(_) => NodeKind::List(Vec::new()),
        ast::Value::Array(a) => NodeKind::List(a.elements.iter().map(json_node).collect()),
        ast::Value::Object(o) => NodeKind::Table(o.properties.iter().map(json_entry).collect()),
    };
    Node { span, kind }
}

fn json_entry(p: &ast::ObjectProp<'_>) -> (String, Range<usize>, Node) {
    let (key, range) = match &p.name {
        ObjectPropName::String(s) => (s.value.to_string(), s.range),
        ObjectPropName::Word(w) => (w.value.to_owned(), w.range),
    };
    (key, range.start..range.end, json_node(&p.value))
}

struct Reader {
    origins: Origins,
    found: Vec<Diagnostic>,
}

impl Reader {
    fn error(&mut self, code: &'static str, span: Range<usize>, message: String, label: &str, help: String) {
        self.found.push(Diagnostic::error(code, message).at(&self.origins.name, span, label).help(help));
    }

    fn request(&mut self, root: &Node) -> EstimateRequest {
        let mut request = EstimateRequest::default();
        let NodeKind::Table(entries) = &root.kind else {
            let message = format!("a request is a table, not {}", root.kind.label());
            self.error("request/shape", root.span.clone(), message, "here", "write keys such as region = \"seoul\"".into());
            return request;
        };
        for (key, span, value) in entries {
            if key == "workload" {
                request.workload = self.workloads(value);
            } else if let Some(texts) = self.field(EstimateRequest::FIELDS, "", key, span, value) {
                request.set(key, texts);
            }
        }
        self.duplicates("", entries);
        request
    }

    fn workloads(&mut self, value: &Node) -> Vec<WorkloadRequest> {
        let rows: Vec<&Node> = match &value.kind {
            NodeKind::List(rows) => rows.iter().collect(),
            NodeKind::Table(_) => vec![value],
            NodeKind::Text(_) => Vec::new(),
        };
        if rows.is_empty() {
            let help = "write [[workload]] and its keys below".to_owned();
            self.error("request/shape", value.span.clone(), "`workload` is a list of tables".into(), "not that", help);
        }
        rows.into_iter().enumerate().map(|(n, row)| self.workload(n, row)).collect()
    }

    fn workload(&mut self, n: usize, row: &Node) -> WorkloadRequest {
        let mut workload = WorkloadRequest::default();
        let path = format!("workload[{n}]");
        self.origins.spans.insert(path.clone(), first_line(&row.span));
        let NodeKind::Table(entries) = &row.kind else {
            let message = format!("a workload is a table, not {}", row.kind.label());
            self.error("request/shape", row.span.clone(), message, "here", "write [[workload]] and its keys below".into());
            return workload;
        };
        for (key, span, value) in entries {
            if let Some(texts) = self.field(WorkloadRequest::FIELDS, &format!("{path}."), key, span, value) {
                workload.set(key, texts);
            }
        }
        self.duplicates(&path, entries);
        workload
    }

    /// JSON allows a key twice; then one of them is not what was meant.
    fn duplicates(&mut self, _path: &str, entries: &[(String, Range<usize>, Node)]) {
        for (n, (key, span, _)) in entries.iter().enumerate() {
            if entries[..n].iter().any(|(k, ..)| k == key) {
                let message = format!("`{key}` is given twice");
                self.error("request/duplicate-key", span.clone(), message, "again here", "keep one".into());
            }
        }
    }

    fn field(&mut self, fields: &[Field], path: &str, key: &str, at: &Range<usize>, value: &Node) -> Option<Vec<String>> {
        let Some(field) = fields.iter().find(|f| f.name == key) else {
            self.unknown(fields, path, key, at);
            return None;
        };
        let texts = match &value.kind {
            NodeKind::Text(t) => vec![t.clone()],
            NodeKind::List(items) if items.is_empty() => return None,
            NodeKind::List(items) if field.kind == FieldKind::List => self.texts(key, items)?,
            other => {
                let message = format!("`{key}` takes one value, not {}", other.label());
                self.error("request/shape", value.span.clone(), message, "here", field.help.to_owned());
                return None;
            }
        };
        self.origins.spans.insert(format!("{path}{key}"), value.span.clone());
        Some(texts)
    }

    fn texts(&mut self, key: &str, items: &[Node]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for item in items {
            if let NodeKind::Text(t) = &item.kind {
                texts.push(t.clone());
            } else {
                let message = format!("`{key}` is a list of values, not of {}", item.kind.label());
                self.error("request/shape", item.span.clone(), message, "here", "write a text".into());
                return None;
            }
        }
        Some(texts)
    }

    fn unknown(&mut self, fields: &[Field], path: &str, key: &str, at: &Range<usize>) {
        let elsewhere = if path.is_empty() { WorkloadRequest::FIELDS } else { EstimateRequest::FIELDS };
        let dashed = key.replace('-', "_");
        let help = if fields.iter().any(|f| f.name == dashed) {
            format!("keys are written with underscores: `{dashed}`")
        } else if elsewhere.iter().any(|f| f.name == dashed) {
            let where_to = if path.is_empty() { "under a [[workload]]" } else { "above the first [[workload]]" };
            format!("`{dashed}` belongs {where_to}")
        } else {
            did_you_mean(&dashed, fields.iter().map(|f| f.name), "see `wharfage estimate --help` for the keys")
        };
        self.error("request/unknown-key", at.clone(), format!("unknown key `{key}`"), "not a key here", help);
    }
}

fn first_line(span: &Range<usize>) -> Range<usize> {
    span.start..span.end
}
