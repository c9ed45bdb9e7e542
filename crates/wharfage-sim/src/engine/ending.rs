//! How a run ends, and what came out of it.

use super::{Engine, agenda::Agenda, kind::Kind};
use crate::{outcome::Outcome, time::Nanos};

impl<A: Agenda, K: Kind> Engine<'_, A, K> {
    /// When a run without horizon ends.
    fn end(&self) -> u64 {
        if self.horizon != u64::MAX {
            self.horizon
        } else if self.ends_idle {
            self.hold.last(&self.pool).unwrap_or(self.last_event)
        } else {
            self.last_event
        }
    }

    /// Closes the books.
    pub(super) fn finish(mut self) -> Outcome {
        self.tell(u64::MAX);
        // What no instance would ever take is rejected.
        while let Some(waiting) = self.queue.pop_front() {
            self.books.rejected += u64::from(self.books.counts(waiting.arrived));
        }
        let end = self.end();
        // The last instances idle on where there is no horizon.
        while self.ends_idle && self.sample_at <= end {
            self.decide_or_sample();
        }
        self.books.window.to = end;
        if self.mark <= end && self.mark != u64::MAX {
            self.cross_warm_up();
        }
        self.expire(end);
        let window = self.books.window;
        self.warm.change(end, 0, 0, |from, to| window.part(from, to));
        while let Some((slot, since)) = self.pool.longest_idle() {
            // What is served beyond the horizon ends there.
            self.stop(slot, end.max(since));
        }
        if let Some(fleet) = &mut self.fleet {
            fleet.close(end, &mut self.books);
        }
        let mut books = self.books;
        let waited = books.wait.count;
        books.wait.add_zeros(books.latency.count - waited);
        books.latency.sort();
        books.wait.sort();
        Outcome {
            requests: books.requests,
            served: books.latency.count,
            rejected: books.rejected,
            cold_starts: books.cold_starts,
            waited,
            metered_ns: books.metered.metered_ns,
            billed_ns: books.metered.billed_ns,
            billed_periods: books.metered.periods,
            warm_ns: self.warm.ns,
            node_ns: books.node_ns,
            peak_nodes: self.fleet.map_or(0, |fleet| fleet.peak),
            asked_ns: books.asked_ns,
            latency: books.latency,
            wait: books.wait,
            ledger: books.ledger,
            peak_busy: self.peak_busy,
            peak_held: self.peak_held,
            span_ns: books.window.part(0, end).into(),
            end: Nanos(end),
            cut: self.cut,
            events: self.events,
            series: self.series,
        }
    }
}
