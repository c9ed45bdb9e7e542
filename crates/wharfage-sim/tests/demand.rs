//! Models of demand against what is asked of them; what is known of the numbers they lead to is in `validation`.

use wharfage_sim::{Arrivals, Law, Nanos};

#[test]
fn renewal_gaps_have_the_mean_and_variation_that_are_asked_for() {
    let mean = Nanos::from_micros(50_000);
    for (law, cv) in [
        (Law::Gamma { mean, cv: 0.5 }, 0.5),
        (Law::Gamma { mean, cv: 2.0 }, 2.0),
        (Law::Hyperexponential { mean, cv: 3.0 }, 3.0),
        (Law::lognormal(mean, 1.5), 1.5),
    ] {
        let mut source = Arrivals::Renewal(law.clone()).source(2, 0);
        let (n, mut before) = (1_000_000, 0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let at = source.next_at();
            let gap = (at - before) as f64;
            (sum, squares, before) = (sum + gap, squares + gap * gap, at);
        }
        let got = sum / f64::from(n);
        let got_cv = (squares / f64::from(n) / (got * got) - 1.0).sqrt();
        assert!((got / mean.as_f64() - 1.0).abs() < 0.015, "{law:?}: {got}");
        assert!((got_cv / cv - 1.0).abs() < 0.03, "{law:?}: {got_cv}");
    }
}
