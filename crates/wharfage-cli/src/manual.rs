//! What a shell and `man` want to know of the program, made from the command line itself: completions and manual pages.

use std::path::PathBuf;

use clap::{ArgMatches, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use wharfage_core::{Diagnostic, diagnostic::did_you_mean, text};

use crate::{Exit, args, output, run::Answer};

/// The script that completes `wharfage` in a shell.
pub fn completions(matches: &ArgMatches) -> Answer {
    let shell = matches.get_one::<Shell>("shell").copied().unwrap_or(Shell::Bash);
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "wharfage", &mut script);
    Ok((String::from_utf8_lossy(&script).into_owned(), Exit::Done))
}

/// One manual page as text, or all of them as files of a folder.
pub fn man(matches: &ArgMatches) -> Answer {
    let pages = pages();
    if let Some(folder) = matches.get_one::<PathBuf>("folder") {
        let files: Vec<_> = pages.into_iter().map(|p| (format!("{}.1", p.name), p.text)).collect();
        output::to_folder(folder, &files, matches.get_flag("force"))?;
        return Ok((String::new(), Exit::Done));
    }
    let words = matches.get_many::<String>("command").into_iter().flatten().map(String::as_str);
    let name: Vec<&str> = std::iter::once("wharfage").chain(words).collect();
    let name = name.join("-");
    match pages.iter().find(|p| p.name == name) {
        Some(page) => Ok((page.text.clone(), Exit::Done)),
        None => Err(vec![no_page(&name, &pages)]),
    }
}

/// A manual page.
struct Page {
    /// `wharfage-prices-show`
    name: String,
    /// for roff
    text: String,
}

fn no_page(name: &str, pages: &[Page]) -> Diagnostic {
    let name = name.trim_start_matches("wharfage-").replace('-', " ");
    let names: Vec<String> =
        pages.iter().filter_map(|p| p.name.strip_prefix("wharfage-")).map(|n| n.replace('-', " ")).collect();
    let help = did_you_mean(&name, names.iter().map(String::as_str), "`wharfage --help` lists the commands");
    Diagnostic::error("usage", text!("there is no command `{name}`", name)).help(help)
}

/// A page for the program and for each of its commands.
fn pages() -> Vec<Page> {
    let mut command = args::command();
    command.build();
    let mut all = Vec::new();
    collect(&command, &mut all);
    all
}

fn collect(command: &Command, all: &mut Vec<Page>) {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut text = Vec::new();
    let source = format!("wharfage {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source).manual("wharfage");
    man.render(&mut text).expect("memory takes all of it");
    all.push(Page { name, text: in_ascii(&String::from_utf8_lossy(&text)) });
    command.get_subcommands().filter(|c| !c.is_hide_set()).for_each(|c| collect(c, all));
}

/// Other characters as roff names them, so that no reader has to guess the encoding.
fn in_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(&format!("\\[u{:04X}]", u32::from(c)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page_with_each_of_its_flags() {
        let pages = pages();
        let mut command = args::command();
        command.build();
        let mut commands = vec![command];
        let mut seen = 0;
        while let Some(command) = commands.pop() {
            let name = command.get_display_name().unwrap_or("wharfage");
            let page = pages.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("{name}"));
            // roff writes a hyphen that is no minus as `\-`.
            let text = page.text.replace("\\-", "-");
            assert!(text.contains("\n.SH NAME\n") && text.is_ascii(), "{name}");
            for arg in command.get_arguments() {
                let Some(long) = arg.get_long() else { continue };
                assert!(text.contains(&format!("--{long}")), "{name}: --{long}");
                seen += 1;
            }
            commands.extend(command.get_subcommands().cloned());
        }
        assert!(seen > 100 && pages.len() > 6, "{seen}");
    }
}
