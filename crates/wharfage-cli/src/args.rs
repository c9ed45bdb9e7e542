//! The command line, made from the request's own list of fields, so that a flag, a key of a file and a form field are one
//! thing with one help text.

use std::{ffi::OsString, path::PathBuf};

use clap::{Arg, ArgAction, Command, builder::PossibleValuesParser, value_parser};
use clap_complete::Shell;
use wharfage_api::{
    break_even::BreakEvenRequest,
    queue::QueueRequest,
    request::{EstimateRequest, Field, FieldKind, WorkloadRequest},
    settings,
    simulate::SimulateRequest,
};

use crate::{
    config::{self, LANGUAGES, WHEN},
    format::FORMATS,
    hints::Hinted,
};

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
        .subcommand(simulate())
        .subcommand(break_even())
        .subcommand(queue())
        .subcommand(recommend())
        .subcommand(diff())
        .subcommand(prices())
        .subcommand(config())
        .subcommand(completions())
        .subcommand(man())
}

fn break_even() -> Command {
    let command = asking(Command::new("break-even"), &["fx", "explain", "sensitivity"])
        .about("Where one platform's bill overtakes another's while one number of the workload is varied")
        .after_help(
            "Bills are those of `estimate`, compared exactly. Platforms, regions and purchase options may all be rivals; without\n\
             --platform all platforms are. A stated peak grows along with the requests; with --steady there is none.\n\
             With --by simulation each value is simulated as `simulate` would, by default around where the closed forms cross.\n\n\
             Examples:\n  wharfage break-even examples/lesson-microservice.toml --platform cloud-run,ecs-fargate --steady\n  \
             wharfage break-even --platform ecs-fargate,ec2 --region seoul --vcpu 0.5 --memory 1GiB --vary replicas --to 40\n  \
             wharfage break-even job.toml --vary hours --platform ecs-fargate --purchase on-demand,sp-1y-no-upfront\n  \
             wharfage break-even examples/lesson-microservice.toml --platform cloud-run,ecs-fargate --steady --by simulation\n\n\
             Exit codes: 0 done; 1 fewer than two have a bill, or a simulation was stopped; 2 bad input.",
        );
    let simulated = SimulateRequest::FIELDS.iter().filter(|f| !["slo", "every", "bill_quantum"].contains(&f.name));
    BreakEvenRequest::FIELDS.iter().chain(simulated).fold(command, |c, f| c.arg(flag(f)))
}

fn queue() -> Command {
    let command = Command::new("queue").about("The closed forms of queueing theory").after_help(
        "Examples:\n  wharfage queue --arrivals poisson:8/s --service exp:1s --servers 10\n  \
         wharfage queue --arrivals poisson:100/s --service exp:200ms --meet p95=350ms\n  \
         wharfage queue --arrivals poisson:2/s --service lognormal:mean=500ms,cv=2 --servers unlimited",
    );
    common(QueueRequest::FIELDS.iter().fold(command, |c, f| c.arg(flag(f))))
}

fn simulate() -> Command {
    let command = Command::new("simulate")
        .about("Traffic request by request: instances, cold starts, waiting times, and the bill")
        .after_help(
            "With --platform, each is simulated under its own autoscaler and priced; without, a --policy alone.\n\n\
             Examples:\n  wharfage simulate request.toml --region seoul --platform cloud-run,ecs-fargate --horizon 30d\n  \
             wharfage simulate --policy scale-to-zero --preset api --service exp:80ms --cold-start const:2s --idle-after 10m\n  \
             wharfage simulate --policy scale-to-zero,always-on --replicas 3 --arrivals burst:base=5/s,factor=10,every=1h,for=60s \
             --service lognormal:mean=200ms,cv=2 --concurrency 4\n  \
             wharfage simulate --policy always-on --replicas 8 --arrivals trace:requests.csv --service trace",
        );
    let series = Arg::new("series")
        .long("series")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Write the instances of every run over time to a file, as CSV; --every says how often")
        .help_heading("Output");
    let plot = Arg::new("plot")
        .long("plot")
        .value_name("FILE.svg|FILE.png")
        .value_parser(value_parser!(PathBuf))
        .help("Draw the instances of every run over time to a file, as its ending says")
        .help_heading("Output");
    // What is simulated stands first, and the flags that only an estimate has last.
    let command = SimulateRequest::FIELDS.iter().fold(command, |c, f| c.arg(flag(f)));
    asking(command, &["sensitivity", "runs", "tasks", "hours", "canary", "canary_hours"]).arg(series).arg(plot)
}

/// A command that takes a request: a file, and flags but for those named.
fn asking(command: Command, without: &[&str]) -> Command {
    let command = command.arg(request_file());
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
        .value_parser(Hinted::none())
        .help("End with exit code 1 if a total rises by more, such as 10% or 500USD")
        .help_heading("Check");
    common(command).arg(prices_flag()).arg(limit).after_help(
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
    if field.kind == FieldKind::Flag {
        return arg.action(ArgAction::SetTrue);
    }
    // The help says in words what is possible.
    let arg = arg.value_name(field.value).value_parser(Hinted::new(field)).hide_possible_values(true);
    match field.kind {
        FieldKind::List | FieldKind::Table => arg.action(ArgAction::Append),
        _ => arg.action(ArgAction::Set),
    }
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
                .value_parser(WHEN)
                .default_value("auto")
                .help("When to colour; NO_COLOR is respected")
                .help_heading("Output"),
        )
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("LANGUAGE")
                .value_parser(LANGUAGES)
                .help("The language of tables, messages and help [default: WHARFAGE_LANG, or the locale's]")
                .help_heading("Output"),
        )
        .arg(output())
        .arg(switch("force", "Overwrite files that are there"))
        .arg(switch("bom", "Begin CSV with a byte order mark, by which Excel knows UTF-8"))
        .arg(switch("quiet", "Only the answer: no messages on the standard error, no notes under tables"))
}

fn output() -> Arg {
    Arg::new("output")
        .short('o')
        .long("output")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Write to a file, whole or not at all")
        .help_heading("Output")
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
            common(
                Command::new("show")
                    .about("One key or term: every region, with source and basis; --history has every day"),
            )
            .arg(Arg::new("key").value_name("KEY").required(true).help("Such as aws/fargate/linux-x86.vcpu"))
            .arg(
                Arg::new("history")
                    .long("history")
                    .action(ArgAction::SetTrue)
                    .help("Every reading over time, not only what is in force"),
            )
            .arg(Arg::new("region").long("region").value_name("NAME").help("Only this region, by id, city or alias"))
            .arg(prices_flag()),
        )
        .subcommand(prices_diff())
        .subcommand(prices_check())
        .subcommand(
            common(
                Command::new("coverage").about("Which platform has its prices where, and what the tables leave out"),
            )
            .arg(prices_flag()),
        )
}

fn prices_diff() -> Command {
    let side = |id: &'static str, name: &'static str, help: &'static str| {
        Arg::new(id).value_name(name).required(true).help(help)
    };
    common(Command::new("diff").about("Which figures in force differ between two days, editions or folders of tables"))
        .arg(side("before", "A", "A day such as 2026-09-10, an edition such as lesson, or a folder of your own tables"))
        .arg(side("after", "B", "What it is compared with, named likewise"))
        .arg(Arg::new("pattern").value_name("TEXT").num_args(0..).help("Only keys that contain all of these words"))
        .arg(Arg::new("region").long("region").value_name("NAME").help("Only this region, by id, city or alias"))
        .arg(
            Arg::new("request")
                .long("request")
                .value_name("FILE")
                .help("Say what the difference does to this request's totals"),
        )
        .arg(prices_flag())
        .after_help(
            "Examples:\n  wharfage prices diff 2026-09-10 2026-10-01 fargate spot\n  \
             wharfage prices diff 2026-11-22 ./our-rates --request request.toml",
        )
}

fn prices_check() -> Command {
    common(Command::new("check").about("Everything that is wrong with a folder of your own tables"))
        .arg(Arg::new("folder").value_name("DIR").required(true).help("The folder, as --prices takes it"))
        .after_help("Exit codes: 0 fine, warnings or none; 1 something is wrong; 2 the folder can't be read.")
}

fn config() -> Command {
    let fields = settings::fields().chain(config::OWN.iter().filter(|f| f.name == "prices"));
    let show = Command::new("show")
        .about("Each setting and its value")
        .arg(request_file())
        .arg(switch("origin", "Say where each value comes from, with file and line"));
    Command::new("config")
        .about("What is set once, in files and in the environment")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(common(fields.fold(show, |c, f| c.arg(flag(f)))))
        .after_help(
            "A flag overrules a request file, which overrules the environment (WHARFAGE_REGION=seoul), which overrules\n\
             wharfage.toml in the working directory or the nearest folder above it, which overrules the user's own\n\
             file (~/.config/wharfage/config.toml). Both files have lines such as region = \"seoul\".\n\
             WHARFAGE_NO_CONFIG=1 leaves the files out.",
        )
}

fn request_file() -> Arg {
    Arg::new("file")
        .value_name("FILE")
        .help("A request in TOML or JSON, or - for the standard input; flags overrule it")
}

fn completions() -> Command {
    Command::new("completions")
        .about("The script that completes wharfage in a shell")
        .arg(
            Arg::new("shell").value_name("SHELL").required(true).value_parser(value_parser!(Shell)).help("Which shell"),
        )
        .arg(output())
        .arg(switch("force", "Overwrite files that are there"))
        .after_help(
            "Examples:\n  wharfage completions bash -o ~/.local/share/bash-completion/completions/wharfage\n  \
             wharfage completions fish -o ~/.config/fish/completions/wharfage.fish\n  \
             wharfage completions powershell >> $PROFILE",
        )
}

fn man() -> Command {
    Command::new("man")
        .about("Manual pages, one a command")
        .arg(
            Arg::new("command")
                .value_name("COMMAND")
                .num_args(0..)
                .help("The command whose page is printed, such as prices show [default: wharfage itself]"),
        )
        .arg(
            Arg::new("folder")
                .short('o')
                .long("output")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("command")
                .help("Write all pages as files of a folder, which is made if there is none")
                .help_heading("Output"),
        )
        .arg(switch("force", "Overwrite pages that are there"))
        .after_help("Examples:\n  wharfage man estimate | man -l -\n  wharfage man -o ~/.local/share/man/man1")
}

/// Did the arguments or the settings ask for JSON, as far as can be told before they are understood?
pub fn asks_for_json(arguments: &[OsString]) -> bool {
    let texts: Vec<_> = arguments.iter().filter_map(|a| a.to_str()).collect();
    let set = config::layers().get("format").is_some_and(|(texts, _)| texts == ["json"]);
    set || texts.contains(&"--format=json") || texts.windows(2).any(|w| w == ["--format", "json"])
}
