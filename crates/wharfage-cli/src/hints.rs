//! Values that a shell offers behind a flag. Any text is accepted all the same: the request's own grammar judges it, with a
//! reason.

use std::ffi::OsStr;

use clap::{
    Arg, Command, Error,
    builder::{PossibleValue, TypedValueParser},
};
use wharfage_api::request::Field;
use wharfage_core::{platform::Platform, purchase::Purchase};

/// Takes any text that is not a flag, and offers some.
#[derive(Debug, Clone)]
pub struct Hinted(Vec<&'static str>);

impl Hinted {
    /// Offers nothing.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// What a field's help says of its values: `on|off`, or ids.
    pub fn new(field: &Field) -> Self {
        Self(match field.name {
            "platform" => Platform::IDS.to_vec(),
            "purchase" => Purchase::ALL.iter().map(|p| p.id()).chain(["best"]).collect(),
            _ => field.value.split('|').filter(|_| field.value.contains('|')).filter(|w| is_word(w)).collect(),
        })
    }
}

/// `alb`, but not `TYPE:SIZE`.
fn is_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn not_a_flag(text: &str) -> Result<String, &'static str> {
    if text.starts_with("--") { Err("it is a flag, and the value before it is missing") } else { Ok(text.to_owned()) }
}

impl TypedValueParser for Hinted {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        not_a_flag.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        if self.0.is_empty() {
            return None;
        }
        Some(Box::new(self.0.iter().map(|w| PossibleValue::new(*w))))
    }
}

#[cfg(test)]
mod tests {
    use wharfage_api::request::{EstimateRequest, WorkloadRequest};

    use super::*;

    #[test]
    fn words_of_the_help_are_offered_and_placeholders_are_not() {
        let of = |name: &str| {
            let mut fields = EstimateRequest::FIELDS.iter().chain(WorkloadRequest::FIELDS);
            Hinted::new(fields.find(|f| f.name == name).unwrap()).0
        };
        assert_eq!(of("rounding"), ["invoice", "exact"]);
        assert_eq!(of("load_balancer"), ["alb", "nlb", "on", "off"]);
        assert_eq!(of("node_disk"), ["none"]);
        assert!(of("platform").contains(&"ecs-fargate") && of("vcpu").is_empty());
    }
}
