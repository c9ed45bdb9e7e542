//! The same page as GitHub's Markdown, fit for a pull request's comment: a title, pipe tables, long lists folded.
//!
//! # Invariants
//! No text of the user's, such as a workload's name, becomes markup, a mention or another cell.

use unicode_width::UnicodeWidthStr;

use super::cells::{Column, Tone, clean};

/// Widest cell of sentences, in columns; what is longer is cut.
const WIDEST_TEXT: usize = 100;

/// Parts a block from what stands before it by one empty line.
fn part(out: &mut String) {
    out.truncate(out.trim_end_matches('\n').len());
    if !out.is_empty() {
        out.push_str("\n\n");
    }
}

/// Adds a paragraph; what is strong is a heading where the page begins, else bold.
pub fn paragraph(out: &mut String, tone: Tone, lead: &str, text: &str) {
    part(out);
    let text = escaped(&clean(&format!("{lead}{text}")));
    match (tone, out.is_empty()) {
        (Tone::Strong, true) => out.push_str(&format!("### {text}\n")),
        (Tone::Strong, false) => out.push_str(&format!("**{text}**\n")),
        _ => out.push_str(&format!("{text}\n")),
    }
}

/// Adds a table; rows that stand out are bold.
pub fn grid(out: &mut String, columns: &[Column], head: &[String], rows: &[(Tone, Vec<String>)]) {
    part(out);
    out.push_str(&row(head.iter().map(|t| escaped(&t.replace('\n', " ")))));
    out.push_str(&row(columns.iter().map(|c| if *c == Column::Number { "--:" } else { "---" }.to_owned())));
    for (tone, cells) in rows {
        let strong = matches!(tone, Tone::Strong | Tone::Good);
        let cell = |(text, column): (&String, &Column)| {
            let text = escaped(&if *column == Column::Text { cut(text) } else { text.clone() });
            if strong && !text.is_empty() { format!("**{text}**") } else { text }
        };
        out.push_str(&row(cells.iter().zip(columns).map(cell)));
    }
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Adds sentences under a title: one as a paragraph, several folded.
pub fn section(out: &mut String, title: &str, sentences: &[String]) {
    match sentences {
        [] => {}
        [one] => {
            part(out);
            out.push_str(&format!("**{}:** {}\n", escaped(title), escaped(&clean(one))));
        }
        many => fold(out, &format!("{title} ({})", many.len()), |out| {
            for text in many {
                out.push_str(&format!("- {}\n", escaped(&clean(text))));
            }
        }),
    }
}

/// Adds lines as they are, such as a picture of characters.
pub fn fenced(out: &mut String, lines: impl Iterator<Item = String>) {
    part(out);
    out.push_str("```text\n");
    lines.for_each(|l| out.push_str(&format!("{}\n", l.trim_end())));
    out.push_str("```\n");
}

/// Adds what is only seen on a click.
pub fn fold(out: &mut String, title: &str, inside: impl FnOnce(&mut String)) {
    part(out);
    out.push_str(&format!("<details><summary>{}</summary>\n\n", escaped(title)));
    inside(out);
    part(out);
    out.push_str("</details>\n");
}

fn cut(text: &str) -> String {
    if text.width() <= WIDEST_TEXT {
        return text.to_owned();
    }
    let mut shown = String::new();
    for c in text.chars() {
        shown.push(c);
        if shown.width() >= WIDEST_TEXT {
            break;
        }
    }
    shown.trim_end().to_owned() + "…"
}

/// A text that Markdown shows as it is. A `_` within a word means nothing to it, and addresses keep theirs.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.trim();
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention would call people.
            '@' => out.push_str("&#64;"),
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => out.push('_'),
            '|' | '\\' | '*' | '_' | '[' | ']' | '~' => out.extend(['\\', c]),
            '#' | '+' | '-' if at == 0 && (after == ' ' || after == '#') => out.extend(['\\', c]),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{
        super::{draw, samples::*},
        *,
    };

    fn page(command: &str, request: &str) -> String {
        let response = response(&format!("command = '{command}'\n{request}"));
        draw(command, &response, &markdown())
    }

    #[test]
    fn names_are_no_markup_no_mention_and_no_cell() {
        #[rustfmt::skip]
        let cases = [
            ("a|b", "a\\|b"), ("<img src=x>", "&lt;img src=x&gt;"), ("@team", "&#64;team"), ("*x*", "\\*x\\*"),
            ("snake_case", "snake_case"), ("_x_", "\\_x\\_"), ("[a](b)", "\\[a\\](b)"), ("# x", "\\# x"), ("-73.00", "-73.00"),
            ("https://a.b/c_d?e=1&f", "https://a.b/c_d?e=1&amp;f"),
        ];
        for (text, want) in cases {
            assert_eq!(escaped(text), want);
        }
    }

    #[test]
    fn a_comparison_has_a_heading_a_table_and_folded_notes() {
        let text = page("compare", &format!("region = 'seoul'\n{}", TRAFFIC.replace("'web'", "'a|b @c'")));
        assert!(text.starts_with("### a\\|b &#64;c on 16 platforms, cheapest first\n\n"), "{text}");
        assert!(text.contains("\n\n| platform | "), "{text}");
        assert!(text.contains(" | **◀ cheapest** |\n"), "{text}");
        assert!(text.contains("\n\n<details><summary>infeasible (") && text.contains("\n\n**not priced:** "), "{text}");
        let open = text.matches("<details>").count();
        assert!(open > 1 && open == text.matches("</details>").count(), "{text}");
    }

    #[test]
    fn each_row_of_a_table_has_as_many_cells_as_its_head() {
        let all = format!("{TRAFFIC}{REPLICAS}{RUNS}");
        for head in HEADS.iter().filter(|h| !h.contains("all")) {
            for (command, more) in [("compare", ""), ("estimate", "platform = 'ecs-fargate,eks-fargate,cloud-run'\n")] {
                let text = page(command, &format!("{head}{more}{all}"));
                for table in text.split("\n\n").filter(|b| b.starts_with("| ")) {
                    let cells = |l: &str| l.replace("\\|", "").matches('|').count();
                    let first = cells(table.lines().next().unwrap());
                    assert!(table.lines().all(|l| cells(l) == first), "{table}");
                }
                assert!(!text.contains("\n\n\n") && !text.contains('─'), "{text}");
            }
        }
    }

    #[test]
    fn explanations_are_folded_below_their_table() {
        let text = page("estimate", &format!("platform = 'ecs-fargate'\nregion = 'seoul'\nexplain = true\n{TRAFFIC}"));
        assert!(text.contains("<details><summary>how each line comes about</summary>\n\n**vCPU**\n\n"), "{text}");
        assert!(text.contains("2 tasks × 0.5 vCPU × 2628000 s × "), "{text}");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(cut("short"), "short");
        assert!(cut(&"가나 ".repeat(60)).width() <= WIDEST_TEXT + 1);
        assert!(cut(&"x".repeat(200)).ends_with("x…"));
    }
}
