//! Every text that people read is in every catalogue, and pages in other languages line up.
//!
//! `i18n/en.pot` lists the texts of the sources, and `i18n/ko.po` has a translation for each. `cargo xtask bless` writes both
//! anew: new texts come with an empty translation, for someone to fill in, and what the sources no longer say goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use expect_test::expect_file;
use polib::{message::MessageView, po_file};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use wharfage_api::{language::catalogue, respond_in};
use wharfage_cli::table::{Look, draw};
use wharfage_core::text::{Catalogue, Language, Piece, pieces};
use wharfage_tests::{
    collect::{Collected, collected},
    golden::{frozen_book, request},
    parse, program, root, texts,
};

static SOURCES: LazyLock<Collected> = LazyLock::new(collected);

fn folder() -> PathBuf {
    root().join("crates/wharfage-api/i18n")
}

/// English and its translation, as a file of translations has them.
fn translations(name: &str) -> BTreeMap<String, String> {
    let catalogue = po_file::parse(&folder().join(name)).unwrap();
    let entry = |m: &dyn MessageView| (m.msgid().to_owned(), m.msgstr().unwrap_or_default().to_owned());
    catalogue.messages().map(entry).collect()
}

/// The texts of the sources, by the first file that has them, each with what `translated` has for it.
fn po(head: &str, translated: &BTreeMap<String, String>) -> String {
    let mut entries: Vec<(&BTreeSet<String>, &String)> = SOURCES.iter().map(|(text, files)| (files, text)).collect();
    entries.sort_by_key(|(files, text)| (files.first(), *text));
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
    let mut out = head.to_owned();
    for (files, english) in entries {
        let translation = translated.get(english).map_or("", String::as_str);
        out.push('\n');
        files.iter().for_each(|file| writeln!(out, "#: {file}").unwrap());
        writeln!(out, "msgid {}\nmsgstr {}", quoted(english), quoted(translation)).unwrap();
    }
    out
}

const HEAD: &str = "msgid \"\"\nmsgstr \"\"\n\"MIME-Version: 1.0\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\
                    \"Content-Transfer-Encoding: 8bit\\n\"\n";

#[test]
fn the_template_lists_every_text_of_the_sources() {
    assert!(SOURCES.len() > 800, "texts are found: {}", SOURCES.len());
    let head = format!("# Every text that people read: `cargo xtask bless` collects them from the sources.\n{HEAD}");
    expect_file![folder().join("en.pot")].assert_eq(&po(&head, &BTreeMap::new()));
}

#[test]
fn korean_says_every_text_and_no_other() {
    let korean = translations("ko.po");
    let head = format!(
        "# Korean. The texts are collected by `cargo xtask bless`; the terms are the lesson's.\n{HEAD}\"Language: ko\\n\"\n"
    );
    let whole = po(&head, &korean);
    let missing: Vec<&String> = SOURCES.keys().filter(|text| korean.get(*text).is_none_or(String::is_empty)).collect();
    expect_file![folder().join("ko.po")].assert_eq(&whole);
    assert!(missing.is_empty(), "`cargo xtask bless` adds them to ko.po, to be translated: {missing:#?}");
}

#[test]
fn translations_have_the_values_of_their_english() {
    let places = |text: &str| -> BTreeSet<String> {
        let place = |piece: Piece<'_>| match piece {
            Piece::Place(name) => Some(name.to_owned()),
            Piece::Words(_) => None,
        };
        pieces(text).filter_map(place).collect()
    };
    for (english, korean) in translations("ko.po").into_iter().filter(|(_, korean)| !korean.is_empty()) {
        assert_eq!(places(&english), places(&korean), "{english}\n{korean}");
        let ends = |text: &str| (text.starts_with(' '), text.ends_with(' '), text.ends_with('\n'));
        assert_eq!(ends(&english), ends(&korean), "{english}\n{korean}");
        // A particle that depends on the sound before it can't follow a value, unless that ends in a unit.
        for (at, _) in korean.match_indices('}') {
            let particle = ["은 ", "는 ", "을 ", "를 ", "과 ", "와 "].iter().any(|p| korean[at + 1..].starts_with(p));
            let unit = ["{memory", "{target", "{share"].iter().any(|name| korean[..at].ends_with(name));
            assert!(!particle || unit, "{korean}: write 은(는), 을(를), 와(과)");
        }
    }
}

fn korean(width: Option<u16>) -> Look {
    Look { width, colour: false, quiet: false, markdown: false, words: catalogue(Language::Ko) }
}

/// Every golden request, by its folder.
fn requests() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join("tests/golden")]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("request.toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn page(file: &Path, look: &Look) -> String {
    let request = request(file);
    let response = respond_in(look.words, &request, &frozen_book()).unwrap_or_else(|found| panic!("{found:#?}"));
    draw(request.command.as_deref().unwrap_or("estimate"), &response, look)
}

/// Columns at which the words of a line begin or end, wide characters counted as two.
fn widest(page: &str) -> usize {
    page.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

#[test]
fn korean_pages_fit_and_their_tables_line_up() {
    let mut seen = 0;
    for file in requests() {
        for width in [80, 160] {
            let page = page(&file, &korean(Some(width)));
            assert!(widest(&page) <= usize::from(width), "{}:\n{page}", file.display());
            seen += aligned(&page, &file.display().to_string());
        }
    }
    assert!(seen > 500, "tables are found: {seen} rows");
}

/// The figures of a table's last column end where its title ends, counting wide characters as two.
fn aligned(page: &str, name: &str) -> usize {
    let lines: Vec<&str> = page.lines().collect();
    let mut seen = 0;
    for (n, _) in lines.iter().enumerate().filter(|(_, l)| l.starts_with('─')) {
        let head = lines[n - 1];
        // An input may move nothing one way: then its last cell is empty.
        let Some(title) = ["합계", "USD"].into_iter().find(|t| head.ends_with(t) && !head.starts_with("입력"))
        else {
            continue;
        };
        let end = head.width();
        let ends = ["합계 ", "─", "가정 ", "주의 ", "미포함 "];
        let body = lines[n + 1..].iter().take_while(|l| !l.is_empty() && !ends.iter().any(|e| l.starts_with(e)));
        // What is left of a name that takes two lines has no figures.
        let figures = |l: &&&str| !l.starts_with(' ') && l.contains(|c: char| c.is_ascii_digit());
        for row in body.filter(figures) {
            let mut column = 0;
            let at_end = row.chars().find(|c| {
                column += c.width().unwrap_or(0);
                column >= end
            });
            let ends = at_end.is_some_and(|c| c.is_ascii_digit() || "음–".contains(c));
            assert!(ends && column == end, "{name}: {title} ends at {end}: {row}");
            seen += 1;
        }
    }
    seen
}

/// Runs of English words, which are no ids, flags, names or units, nor commands in quotation marks.
fn english(line: &str) -> Option<String> {
    let line: String = line.split('`').step_by(2).collect();
    let plain = |w: &&str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase() || b",;:'".contains(&b));
    let words: Vec<&str> = line.split_whitespace().collect();
    words.windows(3).find(|w| w.iter().all(plain)).map(|w| w.join(" "))
}

#[test]
fn formulas_count_in_korean() {
    let mut seen = 0;
    for file in requests() {
        let page = page(&file, &korean(None));
        for formula in page.lines().filter(|l| l.starts_with("    ") && l.contains(" × ") && l.contains(" = ")) {
            let counted = formula.split(" × ").map(|f| f.trim().split_once(' ').map_or("", |(_, what)| what.trim()));
            for what in counted.filter(|what| !what.contains("USD")) {
                let english = what.len() > 4 && what.bytes().all(|b| b.is_ascii_lowercase() || b" -".contains(&b));
                assert!(!english, "{}: `{what}` belongs among estimate::COUNTED: {formula}", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "formulas are found: {seen}");
}

#[test]
fn no_english_sentence_is_left_on_a_korean_page() {
    // Notes of the tables and titles of sources are quoted as they are.
    let (tables, _) = parse(&texts("tests/book", &[".toml", ".csv"], &[]));
    let notes: BTreeSet<&str> = tables.prices.iter().filter_map(|row| row.dated.note.as_deref()).collect();
    for file in requests() {
        let page = page(&file, &korean(None));
        let lines: Vec<&str> = page.lines().collect();
        // The head of a table may name workloads.
        let sentences = lines.windows(2).filter(|pair| !pair[1].starts_with('─')).map(|pair| pair[0]);
        for line in sentences.filter(|l| !l.contains("출처 ") && !l.starts_with("여기에서는 차이 없음: ")) {
            let own = notes.iter().fold(line.to_owned(), |line, note| line.replace(note, ""));
            assert_eq!(english(&own), None, "{}: {line}", file.display());
        }
    }
}

/// What the program prints in Korean, at 80 and 160 columns.
#[rustfmt::skip]
const CASES: [(&str, &str); 10] = [
    ("help", "--help"),
    ("help-compare", "compare --help"),
    ("help-prices", "prices list --help"),
    ("help-queue", "queue --help"),
    ("queue", "queue --arrivals poisson:8/s --service exp:1s --meet blocked=1%"),
    ("simulate", "simulate --policy cloud-run,knative,hpa,keda,ecs-target-tracking,app-runner --arrivals constant:10/s --service const:80ms --horizon 10m"),
    ("error-in-a-file", "compare request.toml"),
    ("error-in-flags", "estimate --platform fargate --region soul --vcpu half --memory 1 --replicas 1"),
    ("usage-unknown", "compare --reigon seoul"),
    ("usage-value", "compare --format xml"),
];

const MISTAKEN: &str = "region = \"서울이\"\nperiod = '0h'\n\n[[workload]]\nname = \"웹\"\nvcpu = \"0.5\"\nmemroy = \"1GiB\"\nreplicas = \"둘\"\n";

#[test]
fn the_program_speaks_korean() {
    for (name, args) in CASES {
        for columns in [80, 160] {
            let folder = program::scratch(&format!("i18n/{name}"));
            fs::write(folder.join("request.toml"), MISTAKEN).unwrap();
            let args: Vec<&str> = args.split(' ').collect();
            let mut command = program::command(&folder, &args);
            let output = command.env("COLUMNS", columns.to_string()).env("LC_ALL", "ko_KR.UTF-8").output().unwrap();
            let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
            assert!(widest(&text) <= columns || name.starts_with("error"), "{name}: {text}");
            expect_file![root().join(format!("tests/i18n/{name}.{columns}.txt"))].assert_eq(&text);
        }
    }
}

#[test]
fn pages_are_korean_as_expected() {
    for name in ["compare/all-platforms", "compare/several-workloads", "compare/several-regions", "ecs-fargate/explain"]
    {
        let file = root().join("tests/golden").join(name).join("request.toml");
        for columns in [80, 160] {
            let shown = format!("tests/i18n/{}.{columns}.txt", name.replace('/', "-"));
            expect_file![root().join(shown)].assert_eq(&page(&file, &korean(Some(columns))));
        }
    }
}

/// What a command prints in Korean, no wider than so many columns.
fn in_korean(args: &str, columns: usize) -> String {
    let args: Vec<&str> = args.split(' ').chain(["--lang", "ko"]).collect();
    let output = program::command(&root(), &args).env("COLUMNS", columns.to_string()).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && widest(&page) <= columns, "{args:?}: {page}");
    page
}

#[test]
fn tables_of_prices_are_korean_too() {
    let commands = [
        "prices list",
        "prices list fargate spot --region 서울",
        "prices show aws/fargate/linux-x86.vcpu --region 서울",
        "prices show aws/fargate/increment",
    ];
    for args in commands {
        for columns in [80, 200] {
            let page = in_korean(args, columns);
            let title = page.lines().next().unwrap();
            assert!(title.contains(" 기준(") && title.ends_with("판)"), "{title}");
            // Titles of sources are quoted as they are, and the hint has commands that may wrap.
            for line in page.lines().filter(|l| !l.starts_with(['[', ' ']) && !l.contains('`')) {
                assert_eq!(english(line), None, "{args:?}: {line}");
            }
        }
    }
}

#[test]
fn simulations_are_korean_too() {
    let on = "examples/lesson-microservice.toml --region 서울 --platform cloud-run,ecs-fargate,eks-fargate,eks-auto,ecs-ec2,gke-autopilot,gke-standard";
    let commands = [
        format!("simulate {on} --horizon 1m"),
        format!("simulate {on} --horizon 1m --policy always-on --cpu-time 5ms"),
        format!("break-even {on} --steady"),
        format!("break-even {on} --steady --by simulation --horizon 1m --from 1/s --to 3/s --step 1/s"),
    ];
    for args in commands {
        for columns in [80, 200] {
            let page = in_korean(&args, columns);
            for line in page.lines().filter(|l| !l.contains('`')) {
                assert_eq!(english(line), None, "{args:?}: {line}");
            }
        }
    }
}

#[test]
fn the_flag_wins_over_its_variable_and_that_over_the_locale() {
    let about = |args: &[&str], set: &[(&str, &str)]| {
        let mut command = program::command(&root(), args);
        let output = command.envs(set.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().next().unwrap_or_default().to_owned()
    };
    let korean = catalogue(Language::Ko).find("What the price tables hold").unwrap();
    let english = "What the price tables hold";
    let help = ["prices", "--help"];
    #[rustfmt::skip]
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], english),
        (&[("LANG", "ko_KR.UTF-8")], korean),
        (&[("LANG", "ko_KR.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], english),
        (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "ko_KR.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], korean),
        (&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")], english),
        (&[("LC_ALL", "ko_KR.UTF-8"), ("WHARFAGE_LANG", "en")], english),
        (&[("WHARFAGE_LANG", "ko")], korean),
        (&[("LANG", "fr_FR.UTF-8")], english),
    ];
    for (set, want) in cases {
        assert_eq!(about(&help, set), want, "{set:?}");
    }
    assert_eq!(
        about(&["prices", "list", "--lang", "ko", "--help"], &[("WHARFAGE_LANG", "en")]),
        "적용 중인 키, 리전, 가격"
    );
    assert_eq!(
        about(&["prices", "list", "--lang=en", "--help"], &[("LC_ALL", "ko")]),
        "Keys, regions and prices in force"
    );
}

#[test]
fn json_is_english_whatever_the_language() {
    let args = "compare --region seoul --vcpu 1 --memory 2GiB --requests 10/s --duration 100ms --format json";
    let ran = |more: &str| {
        let args: Vec<&str> = args.split(' ').chain(more.split_whitespace()).collect();
        program::run(&root(), &args).stdout
    };
    assert_eq!(ran(""), ran("--lang ko"));
    assert_eq!(ran("--vcpu none"), ran("--vcpu none --lang ko"));
    assert_ne!(Catalogue::ENGLISH.say("Memory"), catalogue(Language::Ko).say("Memory"));
}
