//! Settings from outside: which place wins, how each is named, and what is said of mistakes.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// A folder with a project (`project/wharfage.toml`, a folder `project/deep` below it) and a user's own file.
fn home(project: &str, user: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (path, text) in [("project/wharfage.toml", project), ("settings/wharfage/config.toml", user)] {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::create_dir_all(home.path().join("project/deep")).unwrap();
    home
}

fn wharfage(home: &Path, args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wharfage"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WHARFAGE_")) {
        command.env_remove(name);
    }
    command.args(args).current_dir(home.join("project/deep")).envs(environment.iter().copied());
    command
        .env("XDG_CONFIG_HOME", home.join("settings"))
        .env("APPDATA", home.join("settings"))
        .env("COLUMNS", "")
        .output()
        .unwrap()
}

#[track_caller]
fn answer(home: &Path, args: &[&str], environment: &[(&str, &str)]) -> String {
    let out = wharfage(home, args, environment);
    assert_eq!(out.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

const PROJECT: &str = "# ours\nregion = [\"seoul\", \"tokyo\"]\nrounding = \"exact\"\nperiod = \"720h\"\n";
const USER: &str = "rounding = 'invoice'\nperiod = '24h'\nfree_tier = 'off'\nfx = 'KRW=1385.20'\n";
const REQUEST: &str = "period = '30d'\npurchase = 'spot'\n[[workload]]\nvcpu = 1\nmemory = '2GiB'\nreplicas = 1\n";

#[test]
fn flag_over_request_over_environment_over_project_over_user_over_default() {
    let home = home(PROJECT, USER);
    fs::write(home.path().join("project/deep/request.toml"), REQUEST).unwrap();
    let environment = [("WHARFAGE_REGION", "osaka"), ("WHARFAGE_PURCHASE", "on-demand"), ("WHARFAGE_PERIOD", "1h")];
    let user = home.path().join("settings/wharfage/config.toml");
    let user = user.to_str().unwrap();
    let shown = answer(
        home.path(),
        &["config", "show", "request.toml", "--platform", "ecs-fargate", "--origin", "--format", "csv"],
        &environment,
    );
    let line = |name: &str| shown.lines().find(|l| l.starts_with(&format!("{name},"))).unwrap_or_default().to_owned();
    assert_eq!(line("platform"), "platform,ecs-fargate,flag,,,");
    assert_eq!(line("period"), "period,30d,request,request.toml,1,10");
    assert_eq!(line("purchase"), "purchase,spot,request,request.toml,2,12");
    assert_eq!(line("region"), "region,osaka,environment,WHARFAGE_REGION,,");
    assert_eq!(line("rounding"), "rounding,exact,project,../wharfage.toml,3,12");
    assert_eq!(line("free_tier"), format!("free_tier,off,user,{user},3,13"));
    assert_eq!(line("format"), "format,csv,flag,,,");
    assert_eq!(line("color"), "color,auto,default,,,");
    let table = answer(home.path(), &["config", "show", "--origin"], &[]);
    assert!(table.contains("project: ../wharfage.toml:2:10") && table.contains("seoul,tokyo"), "{table}");
    assert!(!answer(home.path(), &["config", "show"], &[]).contains("wharfage.toml"));
}

#[test]
fn what_is_set_is_what_is_priced() {
    let home = home(PROJECT, USER);
    fs::write(home.path().join("project/deep/request.toml"), REQUEST).unwrap();
    let json = answer(
        home.path(),
        &["estimate", "request.toml", "--platform", "ecs-fargate", "--format", "json"],
        &[("WHARFAGE_PURCHASE", "spot")],
    );
    for part in
        [r#""label": "30d""#, r#""rounding": "exact""#, "ap-northeast-1", "ap-northeast-2", r#""rate": "1385.20""#]
    {
        assert!(json.contains(part), "{part}: {json}");
    }
    let without = answer(home.path(), &["config", "show", "--format", "csv"], &[("WHARFAGE_NO_CONFIG", "1")]);
    assert!(without.contains("region,,default,") && without.contains("rounding,invoice,default,"), "{without}");
}

#[test]
fn how_answers_are_written_may_be_set_too() {
    let home = home("format = \"json\"\nquiet = true\n", "");
    let args = ["prices", "list", "--regions"];
    assert!(answer(home.path(), &args, &[]).starts_with("{\n"));
    assert!(answer(home.path(), &args, &[("WHARFAGE_FORMAT", "csv")]).starts_with("region,provider,"));
    assert!(answer(home.path(), &[&args[..], &["--format", "markdown"]].concat(), &[]).starts_with("### "));
    let usage = wharfage(home.path(), &["estimate", "--regoin", "x"], &[]);
    assert!(String::from_utf8_lossy(&usage.stdout).contains("\"diagnostics\""), "scripts learn of mistakes as JSON");
}

#[test]
fn a_folder_of_tables_is_named_from_the_file_that_names_it() {
    let home = home("prices = \"rates\"\n", "");
    let own = "[[price]]\nkey = \"aws/fargate/linux-x86.vcpu\"\nunit = \"vCPU-Hours\"\nregion = \"ap-northeast-2\"\nvalues = [{ price = \"0.5\" }]\n";
    fs::create_dir(home.path().join("project/rates")).unwrap();
    fs::write(home.path().join("project/rates/own.toml"), own).unwrap();
    let list = answer(home.path(), &["prices", "list", "linux-x86.vcpu", "--region", "seoul"], &[]);
    assert!(list.contains(" 0.5 "), "{list}");
}

#[test]
fn mistakes_are_told_with_file_line_and_column_all_at_once() {
    let home =
        home("regoin = \"seoul\"\nregion = \"atlantis\"\nperiod = \"2 parsecs\"\n", "format = 'jsn'\nfx = ['KRW=x']\n");
    let args = ["estimate", "--platform", "ecs-fargate", "--vcpu", "1", "--memory", "2GiB", "--replicas", "1"];
    let out = wharfage(home.path(), &args, &[("WHARFAGE_PURCHASE", "spott")]);
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2));
    for part in [
        "error[config/unknown-key]: unknown setting `regoin`\n  --> ../wharfage.toml:1:1\n",
        "did you mean `region`?",
        "error[request/unknown-region]: ",
        "  --> ../wharfage.toml:2:10\n",
        "  --> ../wharfage.toml:3:10\n",
        "error[config/unknown-word]: `format` can't be `jsn`\n",
        "config.toml:1:10\n",
        "config.toml:2:7\n",
        "  --> WHARFAGE_PURCHASE\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let help = wharfage(home.path(), &["--help"], &[]);
    assert_eq!(help.status.code(), Some(0), "help is given whatever the settings");
    let flag = wharfage(home.path(), &[&args[..], &["--region", "lemuria"]].concat(), &[]);
    let said = String::from_utf8_lossy(&flag.stderr);
    assert!(said.contains("  --> --region\n") && !said.contains("wharfage.toml:2"), "{said}");
}
