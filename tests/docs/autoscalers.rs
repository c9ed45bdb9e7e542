//! `docs/autoscalers.md`: every key of `--autoscaler`, from the tables that stand beside the autoscalers.

use wharfage_api::simulate::{AutoscalerKey, autoscaler_keys};

use crate::markdown::{GENERATED, table};

/// The page.
pub fn page() -> String {
    let keys = autoscaler_keys();
    let mut names: Vec<&str> = keys.iter().map(|key| key.autoscaler).collect();
    names.dedup();
    let sections = names.into_iter().map(|name| {
        let rows: Vec<[String; 4]> = keys.iter().filter(|key| key.autoscaler == name).map(row).collect();
        format!("## `{name}`\n\n{}\n", table(["key", "default", "can be", "what it is"], &rows))
    });
    [GENERATED.to_owned(), INTRO.to_owned(), sections.collect::<String>().trim_end().to_owned(), "\n".to_owned()]
        .concat()
}

fn row(key: &AutoscalerKey) -> [String; 4] {
    [format!("`{}`", key.key), format!("`{}`", key.default), key.range.to_string(), key.help.to_owned()]
}

const INTRO: &str = "# Parameters of autoscalers

`wharfage simulate` runs each platform under its own autoscaler, or those that `--policy` names. Where providers publish no figure, or users
set their own, it is a parameter: `--autoscaler KEY=VALUE,…`, and what is set stands among the assumptions of a run.

A key goes to every autoscaler of the request that has it; `hpa.tolerance=0.2` goes to one. A request file has a table:

```toml
[simulate.autoscaler]
tolerance = 0.2
[simulate.autoscaler.knative]
stable-window = \"2m\"
```

`break-even --by simulation` and `simulate --slo` take them too. The least and most instances, `--cold-start`, `--node-start` and
`--node-idle-after` have flags of their own; `--target-utilisation` and `--idle-after` are overruled by a key.

";
