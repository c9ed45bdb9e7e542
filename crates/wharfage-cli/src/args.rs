//! The command line, made from the request's own list of fields, so that a flag, a key of a file and a form field are one
//! thing with one help text.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command, builder::PossibleValuesParser, value_parser};
use wharfage_api::request::{EstimateRequest, Field, FieldKind, WorkloadRequest};

const FORMATS: [&str; 2] = ["table", "json"];
const DIFF_FORMATS: [&str; 3] = ["table", "json", "markdown"];

/// Fields that are not flags: the subcommand says them.
const NO_FLAG: [&str; 3] = ["schema", "command", "name"];

/// The whole command line.
pub fn command() -> Command {
    Command::new("wharfage")
        .version(env!("CARGO_PKG_VERSION"))
        .about("What containers cost on AWS and Google Cloud: exact, offline, with every figure's source")
        .after_help(
            "Start with:\n  wharfage compare --region seoul --vcpu 0.5 --memory 1GiB --requests 100/s --duration 80ms\n  \
             wharfage estimate --platform ecs-fargate --region seoul --vcpu 0.5 --memory 1GiB --replicas 2 --explain",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .subcommand(asking(
            Command::new("compare").about("The workload on every platform, cheapest first").after_help(
                "Examples:\n  wharfage compare request.toml --region seoul,tokyo\n  \
                 wharfage compare --region all --platform ecs-fargate --vcpu 1 --memory 2GiB --replicas 3 --purchase on-demand,spot",
            ),
            &["sensitivity"],
        ))
        .subcommand(asking(
            Command::new("estimate").about("One or some platforms, every line").after_help(
                "Examples:\n  wharfage estimate --platform cloud-run --region tokyo --vcpu 1 --memory 512MiB --requests 5M/month --duration 200ms\n  \
                 wharfage estimate request.toml --platform gke-autopilot --region frankfurt --format json\n\n\
                 Exit codes: 0 done; 1 nothing feasible; 2 bad input; 3 a platform is partial or unpriced.",
            ),
            &[],
        ))
        .subcommand(recommend())
        .subcommand(diff())
        .subcommand(prices())
}

/// A command that takes a request: a file, and flags but for those named.
fn asking(command: Command, without: &[&str]) -> Command {
    let command = command.arg(
        Arg::new("file")
            .value_name("FILE")
            .help("A request in TOML or JSON, or - for the standard input; flags overrule it"),
    );
    let fields = EstimateRequest::FIELDS.iter().chain(WorkloadRequest::FIELDS);
    let fields = fields.filter(|f| !NO_FLAG.contains(&f.name) && !without.contains(&f.name));
    let command = fields.fold(command, |c, f| c.arg(flag(f)));
    common(command).arg(prices_flag())
}

fn recommend() -> Command {
    let words: Vec<String> =
        wharfage_api::recommend::WISHES.iter().map(|(word, means)| format!("  {word:14} {means}")).collect();
    asking(Command::new("recommend"), &["fx", "explain", "sensitivity"])
        .about("Which platforms suit, in order, why, why not the others, and what each would cost")
        .after_help(format!(
            "Without a file, needs or a workload it asks, if it is in a terminal; an empty answer means no preference.\n\n\
             Besides what a platform must offer, --needs takes what should be suited:\n{}\n\n\
             Examples:\n  wharfage recommend --needs serverless,simple --region us-east-1\n  \
             wharfage recommend request.toml --needs kubernetes,portable\n\n\
             Exit codes: 0 done; 1 nothing fits; 2 bad input.",
            words.join("\n")
        ))
}

/// Fields that a comparison of two answers has no use for.
const NO_DIFF_FLAG: [&str; 3] = ["fx", "explain", "sensitivity"];

fn diff() -> Command {
    let file = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).value_name(value).required(true).help(help)
    };
    let command = Command::new("diff")
        .about("Two requests or answers: what changed, by line and in total")
        .arg(file(
            "before",
            "BEFORE",
            "A request (TOML or JSON), or what --format json printed; - is the standard input",
        ))
        .arg(file("after", "AFTER", "The same, to compare with it"));
    let fields =
        EstimateRequest::FIELDS.iter().filter(|f| !NO_FLAG.contains(&f.name) && !NO_DIFF_FLAG.contains(&f.name));
    let command = fields.fold(command, |c, f| c.arg(flag(f)));
    let limit = Arg::new("fail_above")
        .long("fail-above")
        .value_name("N%|NUSD")
        .allow_hyphen_values(true)
        .value_parser(not_a_flag)
        .help("End with exit code 1 if a total rises by more, such as 10% or 500USD")
        .help_heading("Check");
    common(command)
        .arg(prices_flag())
        .arg(limit)
        .mut_arg("format", |a| a.value_parser(PossibleValuesParser::new(DIFF_FORMATS)))
        .after_help(
            "Flags such as --region, --as-of and --prices are laid over both requests; an answer stays as it was kept.\n\n\
             Examples:\n  wharfage diff before.toml after.toml --region seoul\n  \
             wharfage diff baseline.json request.toml --fail-above 10% --format markdown\n\n\
             Exit codes: 0 done; 1 a total is beyond --fail-above; 2 bad input.",
        )
}

fn flag(field: &Field) -> Arg {
    let arg = Arg::new(field.name)
        .long(field.name.replace('_', "-"))
        .help(sentence(field.help))
        .help_heading(field.heading)
        // A negative number is a value that the grammar refuses with a reason, not an unknown flag.
        .allow_hyphen_values(field.kind != FieldKind::Flag);
    match field.kind {
        FieldKind::Flag => arg.action(ArgAction::SetTrue),
        FieldKind::List => arg.action(ArgAction::Append).value_name(field.value).value_parser(not_a_flag),
        FieldKind::One => arg.action(ArgAction::Set).value_name(field.value).value_parser(not_a_flag),
    }
}

fn not_a_flag(text: &str) -> Result<String, &'static str> {
    if text.starts_with("--") { Err("it is a flag, and the value before it is missing") } else { Ok(text.to_owned()) }
}

fn sentence(help: &str) -> String {
    // `vCPU` and `EKS` are written one way wherever they stand.
    if help.split(' ').next().is_some_and(|word| word.contains(char::is_uppercase)) {
        return help.to_owned();
    }
    let mut chars = help.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn prices_flag() -> Arg {
    Arg::new("prices")
        .long("prices")
        .value_name("EDITION|DIR")
        .help("Price with another edition (lesson), or with your own tables laid over the built-in ones")
        .help_heading("Price")
}

fn common(command: Command) -> Command {
    command
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(FORMATS))
                .default_value("table")
                .help("How the answer is written")
                .help_heading("Output"),
        )
        .arg(
            Arg::new("color")
                .long("color")
                .value_name("WHEN")
                .value_parser(["auto", "always", "never"])
                .default_value("auto")
                .help("When to colour; NO_COLOR is respected")
                .help_heading("Output"),
        )
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("FILE")
                .value_parser(value_parser!(std::path::PathBuf))
                .help("Write to a file, whole or not at all")
                .help_heading("Output"),
        )
        .arg(switch("force", "Overwrite the file of --output"))
        .arg(switch("quiet", "Only the answer: no messages on the standard error, no notes under tables"))
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help).help_heading("Output")
}

fn prices() -> Command {
    let as_of =
        || Arg::new("as_of").long("as-of").value_name("DATE").help("As of a day [default: the edition's own date]");
    Command::new("prices")
        .about("What the price tables hold")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            common(Command::new("list").about("Keys, regions and prices in force"))
                .arg(
                    Arg::new("pattern")
                        .value_name("TEXT")
                        .num_args(0..)
                        .help("Only keys that contain all of these words, such as fargate spot"),
                )
                .arg(
                    Arg::new("region").long("region").value_name("NAME").help("Only this region, by id, city or alias"),
                )
                .arg(as_of())
                .arg(
                    Arg::new("regions")
                        .long("regions")
                        .action(ArgAction::SetTrue)
                        .help("List the regions and their names instead"),
                )
                .arg(prices_flag()),
        )
        .subcommand(
            common(Command::new("show").about("One key or term: every region, day, source and basis"))
                .arg(Arg::new("key").value_name("KEY").required(true).help("Such as aws/fargate/linux-x86.vcpu"))
                .arg(
                    Arg::new("region").long("region").value_name("NAME").help("Only this region, by id, city or alias"),
                )
                .arg(prices_flag()),
        )
        .subcommand(
            common(
                Command::new("coverage").about("Which platform has its prices where, and what the tables leave out"),
            )
            .arg(prices_flag()),
        )
}

/// Did the arguments ask for JSON, as far as can be told before they are understood?
pub fn asks_for_json(arguments: &[OsString]) -> bool {
    let texts: Vec<_> = arguments.iter().filter_map(|a| a.to_str()).collect();
    texts.contains(&"--format=json") || texts.windows(2).any(|w| w == ["--format", "json"])
}
