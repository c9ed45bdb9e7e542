//! The command line's help in another language.
//!
//! clap writes some words itself (`Usage`, `Options`, `default`); where the language is not English they are written here.

use clap::{Arg, ArgAction, Command, builder::StyledStr};
use wharfage_api::simulate::autoscaler_keys;
use wharfage_core::{text, text::Catalogue, tr};

/// The same commands, with every text of their help in the catalogue's language.
pub fn localized(command: Command, words: &Catalogue) -> Command {
    let command = if *words == Catalogue::ENGLISH { command } else { translated(command, words) };
    command.mut_subcommand("simulate", |simulate| {
        let after = simulate.get_after_help().map(ToString::to_string).unwrap_or_default();
        simulate.after_help(format!("{after}\n\n{}", keys(words)))
    })
}

/// The keys of `--autoscaler`, with their defaults.
fn keys(words: &Catalogue) -> String {
    let mut out = words.say("Keys of --autoscaler, with their defaults:").to_owned();
    let mut of = "";
    for key in autoscaler_keys() {
        if key.autoscaler != of {
            of = key.autoscaler;
            out += &format!("\n  {of}:");
        }
        out += &format!("\n    {}={}: {}", key.key, key.default, words.say(key.help));
    }
    out
}

fn translated(command: Command, words: &Catalogue) -> Command {
    let mut english = command.clone();
    english.build();
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let version = version.help("print the version").help_heading("Options");
    one(command.disable_version_flag(true).arg(version), &mut english, words)
}

/// A command and those below it; `english` is the same, built.
fn one(command: Command, english: &mut Command, words: &Catalogue) -> Command {
    let usage = english.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let usage = usage.replace("OPTIONS", words.say(tr!("OPTIONS"))).replace("COMMAND", words.say(tr!("COMMAND")));
    let say = |text: &StyledStr| said(&text.to_string(), words);
    let (about, after) = (command.get_about().map(say), command.get_after_help().map(say));
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let help = help.help("print this help").help_heading("Options");
    let command = command
        .about(about.unwrap_or_default())
        .after_help(after.unwrap_or_default())
        .override_usage(usage)
        .help_template(format!(
            "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
            words.say(tr!("Usage"))
        ))
        .subcommand_help_heading(words.say(tr!("Commands")).to_owned())
        .disable_help_flag(true)
        .arg(help)
        .mut_args(|arg| argument(arg, words));
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| match english.find_subcommand_mut(&name) {
        Some(english) => command.mut_subcommand(&name, |sub| one(sub, english, words)),
        None => command,
    })
}

/// An argument's help, with the default and the possible values as clap would write them behind it.
fn argument(arg: Arg, words: &Catalogue) -> Arg {
    let heading = match (arg.get_help_heading(), arg.is_positional()) {
        (Some(heading), _) => said(heading, words),
        (None, true) => words.say(tr!("Arguments")).to_owned(),
        (None, false) => words.say(tr!("Options")).to_owned(),
    };
    let mut help = arg.get_help().map_or_else(String::new, |text| said(&text.to_string(), words));
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let defaults: Vec<_> = arg.get_default_values().iter().filter_map(|v| v.to_str()).collect();
    if takes_value && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        help += &format!(" [{}]", words.tell(&text!("default: {values}", values = defaults.join(", "))));
    }
    let possible: Vec<_> = arg.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
    if takes_value && !possible.is_empty() && !arg.is_hide_possible_values_set() {
        help += &format!(" [{}]", words.tell(&text!("possible values: {values}", values = possible.join(", "))));
    }
    let arg = arg.help(help).help_heading(heading);
    if takes_value { arg.hide_default_value(true).hide_possible_values(true) } else { arg }
}

/// What the catalogue says for a text, or for one that begins with a small letter in the list of fields.
fn said(english: &str, words: &Catalogue) -> String {
    let mut letters = english.chars();
    let small: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
    words.find(english).or_else(|| words.find(&small)).unwrap_or(english).to_owned()
}
