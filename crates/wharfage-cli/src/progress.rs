//! What is seen of a long run: how far it is, on the standard error, and an end where Ctrl-C asks for one.

use std::{
    io::IsTerminal,
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use clap::ArgMatches;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wharfage_api::simulate::Watch;
use wharfage_core::text;

use crate::{
    Exit,
    chart::{BLOCKS, Glyphs},
    table::Look,
};

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// From one look at a run to the next.
const BETWEEN: Duration = Duration::from_millis(100);

/// Does `work`, which looks at the watch that it is given.
///
/// The first Ctrl-C asks it to end with what is known so far, the second ends the program, as the first does where there is
/// nothing to ask. A bar is shown where somebody sees the standard error and `--quiet` is not given.
pub fn watched<T>(matches: &ArgMatches, work: impl FnOnce(&Watch) -> T) -> T {
    let watch = Arc::new(Watch::new());
    let idle = Arc::new(AtomicBool::new(false));
    let (asked, stopped) = (Arc::clone(&watch), Arc::clone(&idle));
    // Without a handler Ctrl-C ends the program at once, which loses nothing that was written.
    let _ = ctrlc::set_handler(move || {
        if stopped.swap(true, Ordering::Relaxed) {
            process::exit(Exit::Interrupted as i32);
        }
        asked.stop();
    });
    let (working, ended) = mpsc::channel();
    let seen = !matches.get_flag("quiet") && std::io::stderr().is_terminal();
    thread::scope(|scope| {
        if seen {
            let (look, watch) = (Look::for_messages(matches), &watch);
            scope.spawn(move || show(watch, &look, &ended));
        }
        let done = work(&watch);
        idle.store(true, Ordering::Relaxed);
        drop(working);
        done
    })
}

/// Shows how far a run is until `ended` is closed.
fn show(watch: &Watch, look: &Look, ended: &Receiver<()>) {
    let start = Instant::now();
    if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(WHOLE), ProgressDrawTarget::stderr());
    bar.set_style(style(look));
    loop {
        let done = watch.done().clamp(0.0, 1.0);
        bar.set_position((done * WHOLE as f64) as u64);
        bar.set_message(said(look, done, watch.requests(), start.elapsed()));
        if ended.recv_timeout(BETWEEN) != Err(RecvTimeoutError::Timeout) {
            return bar.finish_and_clear();
        }
    }
}

/// Parts of a bar.
const WHOLE: u64 = 10_000;

fn style(look: &Look) -> ProgressStyle {
    // Short of the edge of a terminal of 80 columns, so that the `^C` it echoes does not break the line.
    let template = if look.colour { concat!("{bar:28.cyan/dim} ", "{msg}") } else { concat!("{bar:28} ", "{msg}") };
    let signs = if Glyphs::of_environment() == BLOCKS { "█▉▊▋▌▍▎▏ " } else { "#- " };
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    style.progress_chars(signs)
}

/// `42 %, 12.3 million requests/s, 8 s left`
fn said(look: &Look, done: f64, requests: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let percent = format!("{:.0}", done * 100.0);
    let rate = format!("{:.1}", requests as f64 / seconds / 1e6);
    if done <= 0.0 {
        return look.tell(&text!("{percent} %, {rate} million requests/s", percent, rate));
    }
    let left = left(seconds * (1.0 - done) / done);
    look.tell(&text!("{percent} %, {rate} million requests/s, {left} left", percent, rate, left))
}

/// `8 s`, `2 min 30 s`, `1 h 5 min`
fn left(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use wharfage_core::text::Catalogue;

    use super::*;

    #[test]
    fn progress_says_how_far_how_fast_and_how_long() {
        let look = Look { width: None, colour: false, quiet: false, markdown: false, words: &Catalogue::ENGLISH };
        let said = |done, requests, seconds| said(&look, done, requests, Duration::from_secs(seconds));
        assert_eq!(said(0.25, 20_000_000, 2), "25 %, 10.0 million requests/s, 6 s left");
        assert_eq!(said(0.0, 0, 1), "0 %, 0.0 million requests/s");
        assert_eq!(left(150.0), "2 min 30 s");
        assert_eq!(left(3_900.0), "1 h 5 min");
    }
}
