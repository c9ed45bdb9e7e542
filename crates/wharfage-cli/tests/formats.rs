//! CSV, Markdown, completions and manual pages from outside.

use std::{
    fs,
    process::{Command, Output},
};

fn wharfage(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wharfage"))
        .args(args)
        .env("COLUMNS", "60")
        .env("WHARFAGE_NO_CONFIG", "1")
        .output()
        .unwrap()
}

#[track_caller]
fn answer(args: &[&str]) -> String {
    let out = wharfage(args);
    assert_eq!(out.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

const COMPARE: [&str; 9] = ["compare", "--region", "seoul", "--vcpu", "1", "--memory", "2GiB", "--replicas", "1"];

#[test]
fn every_answer_has_a_csv_whose_rows_end_in_crlf_and_a_markdown_with_a_table() {
    let cases: [&[&str]; 6] = [
        &COMPARE,
        &["prices", "list"],
        &["prices", "list", "fargate", "spot"],
        &["prices", "list", "--regions"],
        &["prices", "show", "aws/fargate/linux-x86.vcpu"],
        &["prices", "coverage"],
    ];
    for args in cases {
        let csv = answer(&[args, &["--format", "csv"]].concat());
        assert!(csv.lines().count() > 1 && csv.matches('\n').count() == csv.matches("\r\n").count(), "{args:?}");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert!(reader.records().all(|r| r.is_ok()), "{args:?}: every row has the head's columns");
        let marked = answer(&[args, &["--format", "csv", "--bom"]].concat());
        assert_eq!(marked.strip_prefix('\u{feff}'), Some(csv.as_str()), "{args:?}");
        let markdown = answer(&[args, &["--format", "markdown"]].concat());
        assert!(markdown.starts_with("### ") && markdown.contains("\n\n| "), "{args:?}: {markdown}");
        assert!(!markdown.contains('\u{1b}'), "{args:?}");
    }
}

#[test]
fn each_shell_gets_a_script_that_knows_commands_flags_and_words() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = answer(&["completions", shell]);
        for word in ["compare", "coverage", "ephemeral-storage"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        // The other two complete flags only.
        let offers_values = ["bash", "zsh", "fish"].contains(&shell);
        assert!(!offers_values || (script.contains("gke-autopilot") && script.contains("markdown")), "{shell}");
    }
    assert_eq!(wharfage(&["completions", "tcsh"]).status.code(), Some(2));
}

#[test]
fn shells_that_are_installed_read_their_scripts() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let path = folder.path().join(shell);
        answer(&["completions", shell, "-o", path.to_str().unwrap()]);
        let Ok(out) = Command::new(shell).arg("-n").arg(&path).output() else { continue };
        assert!(out.status.success(), "{shell}: {}", String::from_utf8_lossy(&out.stderr));
    }
    let again = wharfage(&["completions", "bash", "-o", folder.path().join("bash").to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten");
}

#[test]
fn manual_pages_are_printed_one_by_one_or_written_all_at_once_and_never_over_others() {
    let page = answer(&["man", "prices", "show"]);
    assert!(page.contains(".SH NAME\nwharfage\\-prices\\-show"), "{page}");
    assert!(answer(&["man"]).contains(".TH wharfage 1"));
    let unknown = wharfage(&["man", "prices", "shwo"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `prices show`?"));

    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let to = |more: &[&str]| wharfage(&[&["man", "-o", pages.to_str().unwrap()], more].concat()).status.code();
    assert_eq!(to(&[]), Some(0));
    let names: Vec<_> = fs::read_dir(&pages).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.len() > 6 && names.iter().all(|n| n.starts_with("wharfage") && n.ends_with(".1")), "{names:?}");
    fs::remove_file(pages.join("wharfage-compare.1")).unwrap();
    assert_eq!(to(&[]), Some(2));
    assert!(!pages.join("wharfage-compare.1").exists(), "none is written where one is there already");
    assert_eq!(to(&["--force"]), Some(0));
    assert!(pages.join("wharfage-compare.1").exists());
}
