//! The program `wharfage`; its parts are in the library beside it.

fn main() -> std::process::ExitCode {
    wharfage_cli::main()
}
