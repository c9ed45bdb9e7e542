//! `wharfage prices` from outside: what is printed, how wide, where it goes, and how it ends.

use std::{
    fs,
    process::{Command, Output},
};

use unicode_width::UnicodeWidthStr;

fn prices(args: &[&str], columns: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_wharfage");
    Command::new(program)
        .arg("prices")
        .args(args)
        .env("COLUMNS", columns)
        .env("WHARFAGE_NO_CONFIG", "1")
        .output()
        .unwrap()
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
    let cases: [(&[&str], &str, &str); 8] = [
        (&["diff", "2026-09-10", "2026-11-22", "x86.vcpu.spot"], "+  aws/fargate", r#""changes""#),
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

/// A folder with one table of one's own.
fn own_tables(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("own.toml"), text).unwrap();
    folder
}

const OWN: &str = "[[price]]\nkey = \"aws/fargate/linux-x86.vcpu\"\nunit = \"vCPU-Hours\"\nregion = \"eu-west-1\"\n\
                   values = [{ price = \"0.03\" }]\n";

#[test]
fn two_days_or_tables_of_ones_own_are_compared_and_what_it_does_to_a_request() {
    let days = answer(&["diff", "2026-09-10", "2026-10-01", "x86.vcpu.spot", "--region", "ireland"]);
    assert!(days.contains("1 changed, 0 added, 0 removed, 0 the same") && days.contains("~  aws/fargate/"), "{days}");
    let folder = own_tables(OWN);
    let request = folder.path().join("request.json");
    let workload = "[{\"vcpu\": 1, \"memory\": \"2GiB\", \"replicas\": 1}]";
    let text = format!("{{\"region\": \"ireland\", \"platform\": \"ecs-fargate\", \"workload\": {workload}}}");
    fs::write(&request, text).unwrap();
    let (path, request) = (folder.path().to_str().unwrap(), request.to_str().unwrap());
    let args = ["diff", "2026-11-22", path, "--request", request];
    let own = answer(&args);
    assert!(own.contains("1 changed, 0 added, 0 removed") && own.contains("-25.89"), "{own}");
    assert!(own.contains("ecs-fargate") && own.contains("36.04") && own.contains("28.39"), "{own}");
    let csv = answer(&[&args[..], &["--format", "csv"]].concat());
    assert!(
        csv.lines().nth(1).unwrap().starts_with("price,changed,aws/fargate/linux-x86.vcpu,eu-west-1,0.04048,0.03,"),
        "{csv}"
    );
    assert!(csv.lines().last().unwrap().starts_with("total,priced → priced,,eu-west-1,36.04,28.39,,-7.65,"), "{csv}");
    assert!(answer(&["diff", path, path, "fargate"]).contains("0 changed, 0 added, 0 removed"));
    let much = answer(&["diff", "lesson", "2026-11-22"]);
    assert!(much.contains("aws/ec2") && much.lines().count() < 60, "{much}");
}

#[test]
fn what_is_compared_must_be_known_and_all_mistakes_are_told() {
    let out = prices(&["diff", "2026-13-01", "nowhere"], "");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2));
    assert!(said.contains("2026-13-01") && said.contains("`nowhere` is neither"), "{said}");
    let future = prices(&["diff", "2026-11-22", "2027-01-01"], "");
    assert!(String::from_utf8_lossy(&future.stderr).contains("request/as-of-future"));
}

#[test]
fn a_folder_of_tables_is_fine_or_all_that_is_wrong_is_told() {
    let check = |text: &str, more: &[&str]| {
        let folder = own_tables(text);
        prices(&[&["check", folder.path().to_str().unwrap()], more].concat(), "")
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let fine = check(OWN, &[]);
    assert_eq!((fine.status.code(), text(&fine.stderr)), (Some(0), String::new()));
    assert!(text(&fine.stdout).ends_with("1 row in 1 file, fine\n"), "{}", text(&fine.stdout));

    let strange = check(&OWN.replace("x86", "x68"), &[]);
    assert_eq!(strange.status.code(), Some(0), "a warning is no mistake");
    assert!(
        text(&strange.stderr).contains("warning[price/unknown-key]") && text(&strange.stderr).contains("own.toml:2:7")
    );

    let wrong =
        OWN.replace("vCPU-Hours", "GiB-Hours") + &OWN.replace("0.03", "a lot").replace("eu-west-1", "us-east-1");
    let found = check(&wrong, &["--format", "csv"]);
    assert_eq!(found.status.code(), Some(1));
    let (csv, said) = (text(&found.stdout), text(&found.stderr));
    assert!(
        csv.contains("error,price/unit-mismatch,") && csv.contains("own.toml,3,8,") && csv.contains("own.toml,10,"),
        "{csv}"
    );
    assert!(said.contains("own.toml:3:8") && said.contains("own.toml:10:"), "{said}");
    assert!(text(&check(&wrong, &["--format", "json"]).stdout).contains("\"fine\": false"));
    assert_eq!(prices(&["check", "no-such-folder"], "").status.code(), Some(2));
}

#[test]
fn one_key_is_shown_as_it_is_in_force_or_over_time() {
    let key = ["show", "aws/fargate/linux-x86.vcpu.spot", "--region", "ireland"];
    let now = answer(&key);
    assert_eq!(now.lines().filter(|l| l.starts_with("eu-west-1")).count(), 1, "{now}");
    assert!(now.contains("readings of other days: --history"), "{now}");
    let history = answer(&[&key[..], &["--history"]].concat());
    let rows: Vec<&str> = history.lines().filter(|l| l.starts_with("eu-west-1")).collect();
    assert!(rows.len() > 3 && rows.iter().filter(|r| r.contains("in force")).count() == 1, "{history}");
    assert!(rows.iter().any(|r| r.contains(" +0.12 ")) && rows.iter().any(|r| r.contains(" -3.12 ")), "{history}");
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
