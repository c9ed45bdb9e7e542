//! What no source says: a sentence, and the values that it is assumed with.

use std::fmt;

/// What no source says, and is therefore assumed.
///
/// The sentence and its values are apart, so that another language can put the values elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// English, with `{name}` where values go
    pub template: &'static str,
    /// the values by name: figures with their units, the same in every language
    pub values: Vec<(&'static str, String)>,
}

/// In English.
impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let put = |text: String, (name, value): &(&str, String)| text.replace(&format!("{{{name}}}"), value);
        f.write_str(&self.values.iter().fold(self.template.to_owned(), put))
    }
}

/// An [`Assumption`]: `assumed!("pods are counted every {time}", time = "15 s")`.
macro_rules! assumed {
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
    ($template:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::Assumption {
            template: $template,
            values: vec![$((stringify!($name), assumed!(@value $name $($value)?).to_string())),*],
        }
    };
}

pub(crate) use assumed;

#[cfg(test)]
mod tests {
    #[test]
    fn values_stand_in_their_places() {
        let pods = 3;
        let all = assumed!("{pods} pods for {time}, never {pods} more", pods, time = "15 s");
        assert_eq!(all.to_string(), "3 pods for 15 s, never 3 more");
    }
}
