//! Reads a request from TOML or JSON, keeping where each value stood, with a diagnostic per mistake.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{self, ObjectPropName},
    common::Ranged,
};
use toml::de::{DeTable, DeValue};
use wharfage_core::{
    diagnostic::{Diagnostic, Label, Place, did_you_mean, quoted},
    text,
    text::Text,
};

use crate::{
    request::{EstimateRequest, Field, FieldKind, WorkloadRequest},
    simulate::SimulateRequest,
};

/// Where the fields of a request stand in a text, by path: `memory`, `workload[1].vcpu`, `region[2]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    /// the text's name
    pub name: String,
    spans: BTreeMap<String, Range<usize>>,
    overruled: BTreeSet<String>,
}

impl Origins {
    /// Turns labels on fields into labels on bytes, where the field stood in the text, and sorts by where they stand.
    pub fn resolve(&self, mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for label in diagnostics.iter_mut().flat_map(|d| &mut d.labels) {
            self.resolve_label(label);
        }
        diagnostics.sort_by_key(first_byte);
        diagnostics
    }

    /// The same for one label.
    pub fn resolve_label(&self, label: &mut Label) {
        if let Place::Field(path) = &label.place
            && let Some(span) = self.span(path)
        {
            label.place = Place::File { name: self.name.clone(), span };
        }
    }

    /// The bytes of a field, or of the workload it is missing from.
    pub fn span(&self, path: &str) -> Option<Range<usize>> {
        let (parent, field) = path.rsplit_once('.').unwrap_or(("", path));
        if self.overruled.contains(unindexed(field)) {
            return None;
        }
        let places = [path, unindexed(path), parent];
        places.iter().find_map(|p| self.spans.get(*p)).cloned()
    }

    /// Forgets fields, by name, that something else overruled.
    pub fn overrule(&mut self, fields: &[&str]) {
        self.overruled.extend(fields.iter().map(|f| (*f).to_owned()));
    }
}

/// A path without the number of its last list: `needs[1]` is in `needs`.
pub fn unindexed(path: &str) -> &str {
    path.strip_suffix(']').and_then(|p| p.rsplit_once('[')).map_or(path, |(list, _)| list)
}

/// Where a diagnostic stands in its text; those that stand in none come first.
fn first_byte(d: &Diagnostic) -> Option<usize> {
    match &d.labels.first()?.place {
        Place::File { span, .. } => Some(span.start),
        Place::Field(_) | Place::Nowhere => None,
    }
}

/// What could be read of a text, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// all that was understood
    pub request: EstimateRequest,
    /// where it stood
    pub origins: Origins,
    /// everything that was not understood
    pub found: Vec<Diagnostic>,
}

impl Reading {
    /// All mistakes of one text, in the order they stand in: those of reading it, and those of what it asks for. What
    /// seems to be absent is left out where something else was not understood: it may be there, misspelled.
    pub fn mistakes(&self, asked: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let absent = |d: &Diagnostic| matches!(d.code, "request/missing" | "request/no-workload");
        let mut all = self.found.clone();
        all.extend(asked.into_iter().filter(|d| self.found.is_empty() || !absent(d)));
        self.origins.resolve(all)
    }
}

/// A request and where its fields stood, or everything wrong with the text.
///
/// `name` is used in messages; a name that ends in `.json`, or a text that starts with `{`, is JSON, all else TOML.
///
/// # Errors
/// Everything that [`reading`] did not understand.
pub fn request(name: &str, text: &str) -> Result<(EstimateRequest, Origins), Vec<Diagnostic>> {
    let read = reading(name, text);
    if read.found.is_empty() { Ok((read.request, read.origins)) } else { Err(read.found) }
}

/// A request as far as the text is understood: one mistake does not hide the others. Only a text that is not TOML (or
/// JSON) at all is not read further.
pub fn reading(name: &str, text: &str) -> Reading {
    let origins = Origins { name: name.to_owned(), ..Origins::default() };
    match tree(name, text) {
        Ok(root) => {
            let mut reader = Reader { origins, found: Vec::new() };
            let request = reader.request(&root);
            reader.found.sort_by_key(first_byte);
            Reading { request, origins: reader.origins, found: reader.found }
        }
        Err(found) => Reading { origins, found, ..Reading::default() },
    }
}

/// Fields by their keys, with their texts.
pub(crate) type Entries = Vec<(String, Vec<String>)>;

/// The top level of a text in which each key is one of `fields`; `unknown` says what is wrong with another.
pub(crate) fn top_level(
    name: &str,
    text: &str,
    fields: &[Field],
    unknown: fn(&[Field], &str) -> Diagnostic,
) -> (Entries, Origins, Vec<Diagnostic>) {
    let origins = Origins { name: name.to_owned(), ..Origins::default() };
    let root = match tree(name, text) {
        Ok(root) => root,
        Err(found) => return (Vec::new(), origins, found),
    };
    let mut reader = Reader { origins, found: Vec::new() };
    let mut all = Vec::new();
    let NodeKind::Table(entries) = &root.kind else { return (all, reader.origins, reader.found) };
    for (key, at, value) in entries {
        if !fields.iter().any(|f| f.name == key) {
            reader.found.push(unknown(fields, key).at(name, at.clone(), "not a setting"));
        } else if let Some(texts) = reader.field(fields, "", key, at, value) {
            all.push((key.clone(), texts));
        }
    }
    reader.duplicates(entries);
    reader.found.sort_by_key(first_byte);
    (all, reader.origins, reader.found)
}

fn tree(name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    // Editors may put a byte order mark first. The formats' readers see spaces instead, so that places stay right.
    let plain = text.strip_prefix('\u{feff}').map(|rest| format!("{:1$}{rest}", "", '\u{feff}'.len_utf8()));
    let text = plain.as_deref().unwrap_or(text);
    if text.trim().is_empty() {
        let help = "write a region and a [[workload]], or copy one of examples/";
        return Err(vec![
            Diagnostic::error("request/empty", "the request is empty").at(name, 0..0, "nothing here").help(help),
        ]);
    }
    let json = name.ends_with(".json") || text.trim_start().starts_with('{');
    if json { json_tree(name, text) } else { toml_tree(name, text) }
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
    fn label(&self) -> Text {
        match self {
            Self::Text(_) => "a value".into(),
            Self::List(_) => "a list".into(),
            Self::Table(_) => "a table".into(),
        }
    }
}

fn toml_tree(name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let span = root.span();
        return Ok(toml_table(span, root.get_ref()));
    }
    Err(errors.iter().map(|e| toml_error(name, text, e)).collect())
}

/// The parser's messages are `what, expected what`; the commonest mistakes are told in the words of a request.
fn toml_error(name: &str, text: &str, e: &toml::de::Error) -> Diagnostic {
    let span = e.span().unwrap_or(0..0);
    let meant = text.get(span.start..).unwrap_or("").lines().next().unwrap_or("");
    let syntax = |message: Text, label: Text, help: Text| {
        Diagnostic::error("request/syntax", message).at(name, span.clone(), label).help(help)
    };
    let (what, expected) = e.message().split_once(", expected ").unwrap_or((e.message(), ""));
    match what {
        "duplicate key" => {
            let key = text.get(span.clone()).unwrap_or("a key");
            twice(name, key, span)
        }
        "string values must be quoted" => {
            let value = meant.split('#').next().unwrap_or("").trim_end_matches([',', ']', ' ', '\t']);
            let help = text!("write \"{value}\"", value = quoted(value));
            syntax("a text must be in quotes".into(), "not in quotes".into(), help)
        }
        "key with no value" => {
            let help = "write key = \"value\"; a heading is written [[workload]]";
            syntax("a key has no value".into(), "expected `=` and a value".into(), help.into())
        }
        _ => {
            let label =
                if expected.is_empty() { "not understood".into() } else { text!("expected {what}", what = expected) };
            let help =
                "a request is TOML: lines such as region = \"seoul\", and [[workload]] above each workload's lines";
            let message = match what {
                "cannot recurse further; max recursion depth met" | "recursion limit" => {
                    "brackets nest too deeply".into()
                }
                _ => Text::known(what.replace('\n', "; ")),
            };
            syntax(message, label, help.into())
        }
    }
}

fn twice(name: &str, key: &str, span: Range<usize>) -> Diagnostic {
    let message = text!("`{key}` is given twice", key = quoted(key));
    Diagnostic::error("request/duplicate-key", message).at(name, span, "again here").help("keep one")
}

fn toml_table(span: Range<usize>, table: &DeTable<'_>) -> Node {
    let entries = table.iter().map(|(k, v)| (k.get_ref().to_string(), k.span(), toml_node(v.span(), v.get_ref())));
    Node { span, kind: NodeKind::Table(entries.collect()) }
}

fn toml_node(span: Range<usize>, value: &DeValue<'_>) -> Node {
    let kind = match value {
        DeValue::String(s) => NodeKind::Text(s.to_string()),
        DeValue::Integer(i) if i.radix() == 10 => NodeKind::Text(i.as_str().replace('_', "")),
        DeValue::Integer(i) => NodeKind::Text(format!("{}{}", radix_prefix(i.radix()), i.as_str())),
        DeValue::Float(f) => NodeKind::Text(f.as_str().replace('_', "")),
        DeValue::Boolean(b) => NodeKind::Text(b.to_string()),
        DeValue::Datetime(d) => NodeKind::Text(d.to_string()),
        DeValue::Array(a) => NodeKind::List(a.iter().map(|v| toml_node(v.span(), v.get_ref())).collect()),
        DeValue::Table(t) => return toml_table(span, t),
    };
    Node { span, kind }
}

const fn radix_prefix(radix: u32) -> &'static str {
    match radix {
        2 => "0b",
        8 => "0o",
        _ => "0x",
    }
}

fn json_tree(name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    if let Some(span) = too_deep(text) {
        return Err(vec![json_error(name, span, "brackets nest too deeply")]);
    }
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        ..ParseOptions::default()
    };
    match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(result) => match result.value {
            Some(value) => Ok(json_node(&value)),
            None => Err(vec![json_error(name, 0..0, "nothing but comments")]),
        },
        Err(e) => {
            let range = e.range();
            Err(vec![json_error(name, range.start..range.end.max(range.start), &e.kind().to_string())])
        }
    }
}

/// Brackets within brackets that a reader still follows.
const DEPTH_MAX: usize = 64;

/// The first bracket that nests too deeply, outside texts.
fn too_deep(text: &str) -> Option<Range<usize>> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Some(at..at + 1);
        }
    }
    None
}

fn json_error(name: &str, span: Range<usize>, says: &str) -> Diagnostic {
    let mut chars = says.chars();
    let message: String = chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect();
    let help = "a request in JSON is an object such as {\"region\": \"seoul\", \"workload\": [{\"vcpu\": \"0.5\"}]}";
    Diagnostic::error("request/syntax", Text::known(message)).at(name, span, "not understood").help(help)
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
    fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<Text>,
        label: &'static str,
        help: impl Into<Text>,
    ) {
        self.found.push(Diagnostic::error(code, message).at(&self.origins.name, span, label).help(help));
    }

    fn request(&mut self, root: &Node) -> EstimateRequest {
        let mut request = EstimateRequest::default();
        let NodeKind::Table(entries) = &root.kind else {
            let message = text!("a request is a table, not {what}", what = root.kind.label());
            self.error(
                "request/shape",
                root.span.clone(),
                message,
                "not a table",
                "write keys such as region = \"seoul\"",
            );
            return request;
        };
        // Its keys would be told as unknown one by one.
        if let Some((_, span, _)) = entries.iter().find(|(key, ..)| key == "estimates") {
            let help = "price the request it came from; `wharfage diff` compares it with another";
            self.error(
                "request/answer",
                span.clone(),
                "this is an answer that was kept, not a request",
                "an answer",
                help,
            );
            return request;
        }
        for (key, span, value) in entries {
            if key == "workload" {
                request.workload = self.workloads(value);
            } else if key == "simulate" {
                request.simulate = Some(Box::new(self.simulate(value)));
            } else if let Some(texts) = self.field(EstimateRequest::FIELDS, "", key, span, value) {
                request.set(key, texts);
            }
        }
        self.duplicates(entries);
        request
    }

    fn simulate(&mut self, value: &Node) -> SimulateRequest {
        let mut simulate = SimulateRequest::default();
        self.origins.spans.insert("simulate".to_owned(), value.span.clone());
        let NodeKind::Table(entries) = &value.kind else {
            let message = text!("`simulate` is a table, not {what}", what = value.kind.label());
            let help = "write [simulate] and its keys below, such as arrivals = \"poisson:100/s\"";
            self.error("request/shape", value.span.clone(), message, "not a table", help);
            return simulate;
        };
        for (key, span, value) in entries {
            if let Some(texts) = self.field(SimulateRequest::FIELDS, "simulate.", key, span, value) {
                simulate.set(key, texts);
            }
        }
        self.duplicates(entries);
        simulate
    }

    fn workloads(&mut self, value: &Node) -> Vec<WorkloadRequest> {
        let rows: Vec<&Node> = match &value.kind {
            NodeKind::List(rows) => rows.iter().collect(),
            NodeKind::Table(_) => vec![value],
            NodeKind::Text(_) => Vec::new(),
        };
        if rows.is_empty() {
            let help = "write [[workload]] and its keys below";
            self.error("request/shape", value.span.clone(), "`workload` is a list of tables", "not a list", help);
        }
        rows.into_iter().enumerate().map(|(n, row)| self.workload(n, row)).collect()
    }

    fn workload(&mut self, n: usize, row: &Node) -> WorkloadRequest {
        let mut workload = WorkloadRequest::default();
        let path = format!("workload[{n}]");
        self.origins.spans.insert(path.clone(), row.span.clone());
        let NodeKind::Table(entries) = &row.kind else {
            let message = text!("a workload is a table, not {what}", what = row.kind.label());
            self.error(
                "request/shape",
                row.span.clone(),
                message,
                "not a table",
                "write [[workload]] and its keys below",
            );
            return workload;
        };
        for (key, span, value) in entries {
            if let Some(texts) = self.field(WorkloadRequest::FIELDS, &format!("{path}."), key, span, value) {
                workload.set(key, texts);
            }
        }
        self.duplicates(entries);
        workload
    }

    /// JSON allows a key twice; then one of them is not what was meant.
    fn duplicates(&mut self, entries: &[(String, Range<usize>, Node)]) {
        let mut seen = BTreeSet::new();
        for (key, span, _) in entries {
            if !seen.insert(key.as_str()) {
                self.found.push(twice(&self.origins.name, key, span.clone()));
            }
        }
    }

    fn field(
        &mut self,
        fields: &[Field],
        path: &str,
        key: &str,
        at: &Range<usize>,
        value: &Node,
    ) -> Option<Vec<String>> {
        let Some(field) = fields.iter().find(|f| f.name == key) else {
            self.unknown(fields, path, key, at);
            return None;
        };
        let texts = match &value.kind {
            NodeKind::Text(t) => vec![t.clone()],
            NodeKind::List(items) if items.is_empty() => return None,
            NodeKind::List(items) if matches!(field.kind, FieldKind::List | FieldKind::Table) => {
                self.texts(&format!("{path}{key}"), key, items)?
            }
            NodeKind::Table(entries) if field.kind == FieldKind::Table => {
                let mut texts = Vec::new();
                self.pairs(&format!("{path}{key}"), "", entries, &mut texts);
                texts
            }
            other => {
                let message = text!("`{key}` takes one value, not {what}", key, what = other.label());
                let label = if field.kind == FieldKind::List { "not texts" } else { "not one value" };
                self.error(
                    "request/shape",
                    value.span.clone(),
                    message,
                    label,
                    text!("`{key}`: {help}", key, help = Text::from(field.help)),
                );
                return None;
            }
        };
        self.origins.spans.insert(format!("{path}{key}"), value.span.clone());
        Some(texts)
    }

    fn texts(&mut self, path: &str, key: &str, items: &[Node]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for (n, item) in items.iter().enumerate() {
            if let NodeKind::Text(t) = &item.kind {
                self.origins.spans.insert(format!("{path}[{n}]"), item.span.clone());
                texts.push(t.clone());
            } else {
                let message = text!("`{key}` is a list of values, not of {what}", key, what = item.kind.label());
                self.error(
                    "request/shape",
                    item.span.clone(),
                    message,
                    "not a value",
                    "write each as a text in quotes",
                );
                return None;
            }
        }
        Some(texts)
    }

    /// Keys and values of a table, as texts `key=value`; those of a table within it as `table.key=value`.
    fn pairs(&mut self, path: &str, within: &str, entries: &[(String, Range<usize>, Node)], texts: &mut Vec<String>) {
        self.duplicates(entries);
        for (key, _, value) in entries {
            match &value.kind {
                NodeKind::Text(text) => {
                    self.origins.spans.insert(format!("{path}[{}]", texts.len()), value.span.clone());
                    texts.push(format!("{within}{key}={text}"));
                }
                NodeKind::Table(entries) if within.is_empty() => {
                    self.pairs(path, &format!("{key}."), entries, texts);
                }
                other => {
                    let message = text!("`{key}` takes one value, not {what}", key, what = other.label());
                    let help = "write it like stable-window = \"120s\"";
                    self.error("request/shape", value.span.clone(), message, "not one value", help);
                }
            }
        }
    }

    fn unknown(&mut self, fields: &[Field], path: &str, key: &str, at: &Range<usize>) {
        let top = path.is_empty();
        let dashed = key.replace('-', "_");
        let has = |fields: &[Field]| fields.iter().any(|f| f.name == dashed);
        let help = if has(fields) {
            text!("keys are written with underscores: `{key}`", key = dashed)
        } else if has(WorkloadRequest::FIELDS) {
            text!("`{key}` belongs in a workload, below [[workload]]", key = dashed)
        } else if has(EstimateRequest::FIELDS) {
            text!("`{key}` belongs at the top, above the first [[workload]]", key = dashed)
        } else if has(SimulateRequest::FIELDS) {
            text!("`{key}` belongs below [simulate]", key = dashed)
        } else {
            let tables: &[&str] = if top { &["workload", "simulate"] } else { &[] };
            let known = fields.iter().map(|f| f.name).chain(tables.iter().copied());
            let help = "the keys are the flags of `wharfage estimate --help`, with underscores";
            let simulate = "the keys are the flags of `wharfage simulate --help`, with underscores";
            did_you_mean(&dashed, known, if path == "simulate." { simulate } else { help })
        };
        let message = text!("unknown key `{key}`", key = quoted(key));
        self.error("request/unknown-key", at.clone(), message, "not a key here", help);
    }
}
