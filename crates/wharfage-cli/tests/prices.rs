//! `wharfage prices` from outside: what is printed, how wide, where it goes, and how it ends.

use std::{
    fs,
    process::{Command, Output},
};

use unicode_width::UnicodeWidthStr;

fn prices(args: &[&str], columns: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_wharfage");
    Command::new(program).arg("prices").args(args).env("COLUMNS", columns).output().unwrap()
}

/// What is printed where all goes well.
fn answer(args: &[&str]) -> String {
    let out = prices(args, "");
    assert_eq!(out.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    assert!(out.stderr.is_empty());
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn each_command_answers_in_words_and_in_json() {
    #[rustfmt::skip]
    let cases: [(&[&str], &str, &str); 7] = [
        (&["list"],                                                "aws/ec2",                  r#""services""#),
        (&["list", "fargate", "spot", "--region", "seoul"],        "linux-x86.vcpu.spot",      r#""figures""#),
        (&["list", "--regions", "서울"],                           "asia-northeast3",          r#""city_ko": "서울""#),
        (&["show", "aws/fargate/linux-x86.vcpu"],                  "in force",                 r#""in_force": true"#),
        (&["show", "gcp/cloud-run/increment"],                     "Milliseconds",             r#""kind": "term""#),
        (&["show", "aws/ec2/m5.large", "--region", "seoul"],       "m5.large: 2 vCPU, 8 GiB",  r#""memory_gib": "8""#),
        (&["coverage"],                                            " data only",               r#""accounting""#),
    ];
    for (args, text, json) in cases {
        assert!(answer(args).contains(text), "{args:?}: {text}");
        let with_format = [args, &["--format", "json"]].concat();
        let answer = answer(&with_format);
        assert!(answer.starts_with("{\n  \"schema\": 1,\n") && answer.contains(json), "{args:?}: {json}");
    }
}

#[test]
fn no_line_is_wider_than_the_page() {
    #[rustfmt::skip]
    let cases: [&[&str]; 7] = [
        &["list"], &["list", "fargate", "spot"], &["list", "--regions"], &["show", "aws/fargate/linux-x86.vcpu.spot"],
        &["show", "aws/fargate/sizes.ecs.linux"], &["show", "gcp/compute-engine/a2-highgpu-1g"], &["coverage"],
    ];
    for args in cases {
        let out = String::from_utf8(prices(args, "80").stdout).unwrap();
        let widest = out.lines().max_by_key(|l| l.width()).unwrap();
        assert!(widest.width() <= 80, "{args:?}: {widest}");
    }
}

#[test]
fn another_edition_and_tables_of_ones_own_are_listed_too() {
    let lesson = answer(&["list", "linux-x86.vcpu", "--prices", "lesson", "--region", "seoul"]);
    assert!(lesson.contains("edition lesson"), "{lesson}");
    let folder = tempfile::tempdir().unwrap();
    let own = "[[price]]\nkey = \"aws/fargate/linux-x86.vcpu\"\nunit = \"vCPU-Hours\"\nregion = \"eu-west-1\"\n\
               values = [{ price = \"0.5\" }]\n";
    fs::write(folder.path().join("own.toml"), own).unwrap();
    let path = folder.path().to_str().unwrap();
    let shown = answer(&["show", "aws/fargate/linux-x86.vcpu", "--prices", path, "--region", "ireland"]);
    let in_force: Vec<&str> = shown.lines().filter(|l| l.contains("in force")).collect();
    assert!(matches!(in_force.as_slice(), [one] if one.contains(" 0.5 ")), "{shown}");
    assert!(answer(&["coverage", "--prices", path]).contains("ecs-fargate"));
}

#[test]
fn an_answer_goes_to_a_file_whole_and_overwrites_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.json");
    let args = ["list", "--format", "json", "-o", path.to_str().unwrap()];
    assert_eq!(answer(&args), "");
    assert!(fs::read_to_string(&path).unwrap().ends_with("}\n"));
    assert_eq!(prices(&args, "").status.code(), Some(2));
    assert_eq!(answer(&[&args[..], &["--force"]].concat()), "");
}

#[test]
fn unknown_names_end_with_two_and_near_ones() {
    #[rustfmt::skip]
    let cases: [(&[&str], &str, &str); 4] = [
        (&["show", "aws/ec2/m5.larg"],                "prices/unknown-key",     "m5.large"),
        (&["list", "spott"],                          "prices/no-match",        "spot"),
        (&["list", "--region", "seol"],               "request/unknown-region", "eoul"),
        (&["list", "fargate", "--as-of", "tomorrow"], "request/value",          "--as-of"),
    ];
    for (args, code, near) in cases {
        let out = prices(args, "");
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(said.contains(code) && said.contains(near) && out.stdout.is_empty(), "{args:?}: {said}");
        let out = prices(&[args, &["--format", "json"]].concat(), "");
        assert!(String::from_utf8_lossy(&out.stdout).contains("\"diagnostics\""), "{args:?}");
    }
}
