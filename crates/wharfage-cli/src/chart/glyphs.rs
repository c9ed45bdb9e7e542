//! What a chart is made of: characters, and what each of them shows.

use anstyle::{AnsiColor, Style};

/// The characters that a chart is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// nothing to a whole cell of what runs
    pub running: [char; 9],
    /// a cell of what is idle
    pub idle: char,
    /// the most at once
    pub most: char,
    /// the most is beyond the scale
    pub beyond: char,
    /// an upright axis, the same at a number, the corner, an axis along the foot, the same at a time
    pub axis: [char; 5],
}

/// Eighths of cells.
pub const BLOCKS: Glyphs = Glyphs {
    running: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
    idle: '░',
    most: '·',
    beyond: '▴',
    axis: ['│', '┤', '└', '─', '┴'],
};

/// For terminals that know no more.
pub const ASCII: Glyphs = Glyphs {
    running: [' ', '_', '_', '_', '#', '#', '#', '#', '#'],
    idle: ':',
    most: '\'',
    beyond: '^',
    axis: ['|', '+', '+', '-', '+'],
};

impl Glyphs {
    /// As the locale says: one that names another character set than UTF-8, or a dumb terminal, gets ASCII.
    pub fn of_environment() -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
        let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        if dumb { ASCII } else { Self::of(locale.as_deref()) }
    }

    /// As a locale says; where there is none, nothing speaks against UTF-8.
    fn of(locale: Option<&str>) -> Self {
        let unicode = locale.is_none_or(|l| l.to_ascii_lowercase().replace('-', "").contains("utf8"));
        if unicode { BLOCKS } else { ASCII }
    }
}

/// What a character shows, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// instances that start or are busy
    Running,
    /// instances without a request
    Idle,
    /// the most at once
    Most,
    /// an axis, and numbers at it
    Axis,
    /// what a chart is of
    Title,
}

impl Ink {
    /// Its colour.
    pub const fn style(self) -> Style {
        match self {
            Self::Running => AnsiColor::Cyan.on_default(),
            Self::Idle => AnsiColor::Blue.on_default(),
            Self::Most => AnsiColor::Yellow.on_default(),
            Self::Axis => Style::new().dimmed(),
            Self::Title => Style::new().bold(),
        }
    }
}

/// A line of a chart: texts in their colours.
pub type Inked = Vec<(Ink, String)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_of_another_character_set_gets_ascii() {
        for locale in [None, Some("ko_KR.UTF-8"), Some("C.utf8"), Some("en_US.UTF8@euro")] {
            assert_eq!(Glyphs::of(locale), BLOCKS, "{locale:?}");
        }
        for locale in ["C", "POSIX", "ko_KR.EUC-KR", "en_US"] {
            assert_eq!(Glyphs::of(Some(locale)), ASCII, "{locale}");
        }
    }
}
