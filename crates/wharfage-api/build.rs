//! Makes sorted tables of the catalogues in `i18n/`, so that the program reads none when it starts.

use std::{collections::BTreeMap, env, error::Error, fs, path::PathBuf};

use polib::po_file;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=i18n");
    let catalogue = po_file::parse(&PathBuf::from("i18n/ko.po"))?;
    let translated = catalogue.messages().filter(|m| m.is_singular() && m.is_translated() && !m.is_fuzzy());
    let mut entries = BTreeMap::new();
    for message in translated {
        entries.insert(message.msgid().to_owned(), message.msgstr()?.to_owned());
    }
    let rows: String = entries.iter().map(|(english, korean)| format!("({english:?}, {korean:?}),\n")).collect();
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("ko.rs"), format!("&[\n{rows}]"))?;
    Ok(())
}
