//! The golden cases: request files, and the small book they are priced with.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use wharfage_api::{read, request::EstimateRequest, respond, response::EstimateResponse};
use wharfage_core::book::{
    PriceBook, check,
    compile::{self, Compiled},
};

use crate::{parse, root, texts};

/// The tables in `tests/book`, which never change, so that a price update never churns what is expected.
///
/// Their digest would change with the compiled form; the goldens show a fixed word in its place.
pub fn frozen_book() -> PriceBook<'static> {
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let (tables, found) = parse(&texts("tests/book", &[".toml", ".csv"], &[]));
        assert_eq!(found, [], "every table of tests/book parses");
        assert_eq!(check::tables(&tables, None), []);
        compile::compile(&tables).expect("checked tables compile")
    });
    PriceBook::new(&compiled.bytes, "sha256:frozen".to_owned()).expect("tests/book declares an edition")
}

/// The request of a golden case.
pub fn request(file: &Path) -> EstimateRequest {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let read = read::request("request.toml", &text);
    read.unwrap_or_else(|found| panic!("{}: {found:#?}", file.display())).0
}

/// What a request comes to in the frozen book.
pub fn response(request: &EstimateRequest) -> EstimateResponse {
    respond(request, &frozen_book()).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// Every golden request, sorted.
pub fn requests() -> Vec<PathBuf> {
    let all = texts("tests/golden", &["request.toml"], &[]);
    all.into_keys().map(|name| root().join(name)).collect()
}
