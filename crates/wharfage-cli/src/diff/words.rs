//! The words of a comparison that tables and Markdown share: figures with signs, percentages, one sentence for the whole.

use rust_decimal::{Decimal, RoundingStrategy};
use wharfage_api::diff::{Change, Cost, DiffResponse, LineDiff, Place, SideOut, State, Texts, TotalDiff};

use wharfage_core::{
    text,
    text::{Text, Value, listed},
    tr,
};

use crate::table::{
    Look, basis,
    figures::{decimal, grouped, money},
    platform_label,
};

/// `+41.44`, `-3.00`, `0.00`.
pub fn signed(amount: &str) -> String {
    let amount = decimal(amount);
    let sign = if amount > Decimal::ZERO { "+" } else { "" };
    format!("{sign}{}", money(amount))
}

/// A fraction as a percentage: `+12.5 %`. What rounds to nothing is not nothing.
pub fn percent(fraction: &str) -> String {
    let exact = decimal(fraction) * Decimal::ONE_HUNDRED;
    let mut shown = exact.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    shown.rescale(1);
    match (shown.is_zero(), exact.is_zero()) {
        (true, false) => "≈ 0 %".to_owned(),
        (true, true) => "0.0 %".to_owned(),
        _ => format!("{}{} %", if shown > Decimal::ZERO { "+" } else { "" }, grouped(&shown.to_string())),
    }
}

/// A total as one side has it: `41.45`, `at least 40.00`, `no price`, `infeasible`; nothing where it is absent.
pub fn state(look: &Look, s: Option<&State>) -> String {
    let Some(s) = s else { return String::new() };
    match (s.status.as_str(), &s.cost) {
        ("partial", Some(cost)) => look.tell(&text!("at least {figure}", figure = money(decimal(cost)))),
        (_, Some(cost)) => money(decimal(cost)),
        ("infeasible", None) => look.say(tr!("infeasible")).to_owned(),
        (_, None) => look.say("no price").to_owned(),
    }
}

/// Before, after, difference and percentage.
pub fn cost_cells(look: &Look, c: &Cost) -> [String; 4] {
    let optional = |text: &Option<String>, shown: fn(&str) -> String| text.as_deref().map_or_else(String::new, shown);
    [
        state(look, c.before.as_ref()),
        state(look, c.after.as_ref()),
        optional(&c.change, signed),
        optional(&c.fraction, percent),
    ]
}

/// The same of a line.
pub fn line_cells(look: &Look, l: &LineDiff) -> [String; 4] {
    let side = |text: &Option<String>, name: &str| match text {
        Some(text) => money(decimal(text)),
        None if l.no_price.as_deref() == Some(name) => look.say("no price").to_owned(),
        None => String::new(),
    };
    let optional = |text: &Option<String>, shown: fn(&str) -> String| text.as_deref().map_or_else(String::new, shown);
    [
        side(&l.cost.before, "before"),
        side(&l.cost.after, "after"),
        optional(&l.cost.change, signed),
        optional(&l.fraction, percent),
    ]
}

/// What a line's cost is made of, and which part of it changed: `730 → 1460 vCPU-Hours`, `10 GiB at 0.1 → 0.12`.
pub fn quantity(look: &Look, l: &LineDiff) -> String {
    let same_unit = l.unit.before == l.unit.after || l.unit.before.is_none() || l.unit.after.is_none();
    let unit = if same_unit {
        l.unit.after.clone().or_else(|| l.unit.before.clone()).unwrap_or_default()
    } else {
        arrow(&l.unit)
    };
    // `262.8 × 1000000 Requests`: a unit that starts with a number would run into the quantity.
    let times = if unit.starts_with(|c: char| c.is_ascii_digit()) { "× " } else { "" };
    let quantity = format!("{} {times}{unit}", arrow(&l.priced));
    let price = arrow(&l.unit_price);
    let price_matters = l.unit_price.before != l.unit_price.after && !price.starts_with('-');
    if price_matters { look.tell(&text!("{quantity} at {price}", quantity, price)) } else { quantity }
}

/// `before → after`, or the one there is.
fn arrow(t: &Texts) -> String {
    match (&t.before, &t.after) {
        (Some(a), Some(b)) if a != b => format!("{a} → {b}"),
        (a, b) => b.clone().or_else(|| a.clone()).unwrap_or_default(),
    }
}

/// `ECS on Fargate [ecs-fargate], ap-northeast-2, on-demand`
pub fn place(p: &Place) -> String {
    format!("{} [{}], {}, {}", platform_label(&p.platform), p.platform, p.region, p.purchase)
}

/// Where a total is, and where it was.
pub fn places(t: &TotalDiff) -> String {
    match &t.moved_from {
        Some(from) => format!("{} → {}", place(from), place(&t.place)),
        None => place(&t.place),
    }
}

/// One sentence for the whole: `+41.44 USD (+100.0 %): 41.45 → 82.89`, `2 of 16 totals changed: 1 rises, 1 falls`.
pub fn headline(look: &Look, d: &DiffResponse) -> String {
    look.tell(&told(look, d))
}

fn told(look: &Look, d: &DiffResponse) -> Text {
    if let [only] = d.totals.as_slice() {
        return one(look, only, &d.currency);
    }
    let changed: Vec<&TotalDiff> = d.totals.iter().filter(|t| t.change != Change::Unchanged).collect();
    if changed.is_empty() {
        return text!("no change in {n} totals", n = d.totals.len());
    }
    let by = |wanted: fn(&TotalDiff) -> bool| changed.iter().filter(|t| wanted(t)).count();
    let rise = |t: &TotalDiff| {
        t.change == Change::Changed && t.cost.change.as_ref().is_some_and(|c| decimal(c) > Decimal::ZERO)
    };
    let fall = |t: &TotalDiff| {
        t.change == Change::Changed && t.cost.change.as_ref().is_some_and(|c| decimal(c) < Decimal::ZERO)
    };
    let other =
        |t: &TotalDiff| t.change == Change::Changed && t.cost.change.as_ref().is_none_or(|c| decimal(c).is_zero());
    let parts = [
        (by(rise), tr!("{n} up")),
        (by(fall), tr!("{n} down")),
        (by(other), tr!("{n} in another way")),
        (by(|t| t.change == Change::Added), tr!("{n} new")),
        (by(|t| t.change == Change::Removed), tr!("{n} gone")),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| Text::new(what, vec![("n", n.into())]));
    text!("{n} of {all} totals changed: {how}", n = changed.len(), all = d.totals.len(), how = listed(parts))
}

fn one(look: &Look, t: &TotalDiff, currency: &str) -> Text {
    let c = &t.cost;
    let [before, after, change, percent] = cost_cells(look, c);
    let percent = if percent.is_empty() { percent } else { format!(" ({percent})") };
    match (&c.before, &c.after) {
        (Some(_), Some(_)) if change == "0.00" && t.change != Change::Unchanged => {
            text!("the total stays {figure} {currency}", figure = after, currency)
        }
        (Some(_), Some(_)) if change == "0.00" => {
            text!("no change: {figure} {currency}", figure = after, currency)
        }
        (Some(_), Some(_)) if change.is_empty() && before == after => text!("no change: {figure}", figure = after),
        (Some(_), Some(_)) if change.is_empty() => Text::plain(format!("{before} → {after}")),
        (Some(_), Some(_)) => Text::plain(format!("{change} {currency}{percent}: {before} → {after}")),
        (None, _) => text!("new: {figure} {currency}", figure = after, currency),
        (_, None) => text!("gone: {figure} {currency}", figure = before, currency),
    }
}

/// What the sides are (their files, and what was done with them), and at which prices; those once where they are the same.
pub fn sides(look: &Look, d: &DiffResponse) -> Vec<(&'static str, String)> {
    let [before, after] =
        [&d.before, &d.after].map(|s| look.tell(&basis(&d.currency, &s.period, &s.prices, &s.rounding)));
    if before == after {
        let side = |s| look.tell(&side(s));
        return vec![
            (look.say(tr!("before")), side(&d.before)),
            (look.say(tr!("after")), side(&d.after)),
            (look.say(tr!("both")), after),
        ];
    }
    [(tr!("before"), &d.before, before), (tr!("after"), &d.after, after)]
        .map(|(name, s, basis)| (look.say(name), format!("{}, {basis}", look.tell(&side(s)))))
        .to_vec()
}

fn side(s: &SideOut) -> Text {
    let what: Text = match (s.kind.as_str(), s.flags.as_slice()) {
        ("response", _) => "an answer as it was kept".into(),
        (_, []) => "priced now".into(),
        (_, flags) => text!("priced now with {flags}", flags = flags.join(" ")),
    };
    text!("{name}, {what}", name = &s.name, what)
}

/// What a limit says: which totals are beyond it, or that none is. One without a figure is not known to be within.
pub fn limit(look: &Look, d: &DiffResponse) -> Option<String> {
    let t = d.threshold.as_ref()?;
    let unknown = |p: &Place| d.totals.iter().any(|t| t.place == *p && t.cost.change.is_none());
    let named = |all: Vec<&Place>| -> Vec<String> {
        let one = |p: &Place| {
            let (platform, region, purchase) = (&p.platform, &p.region, &p.purchase);
            look.tell(&text!("{platform} in {region}, {purchase}", platform, region, purchase))
        };
        all.into_iter().map(one).collect()
    };
    let (unknown, beyond): (Vec<&Place>, Vec<&Place>) = t.crossed.iter().partition(|p| unknown(p));
    let parts = [(tr!("beyond {limit}"), named(beyond)), ("not known to be within {limit}", named(unknown))];
    let how = |how| look.tell(&Text::new(how, vec![("limit", Value::from(&t.limit))]));
    let parts = parts.iter().filter(|(_, all)| !all.is_empty()).map(|(template, all)| match d.totals.as_slice() {
        [_] => how(template),
        _ => format!("{}: {}", how(template), all.join("; ")),
    });
    let said: Vec<String> = parts.collect();
    Some(if said.is_empty() { how(tr!("within {limit}")) } else { said.join("; ") })
}

/// What rounding leaves between the lines' differences and the total's.
pub fn rounding(cost: &Cost, lines: &[LineDiff]) -> Option<String> {
    let total = decimal(cost.change.as_deref()?);
    let lines: Decimal = lines.iter().filter_map(|l| l.cost.change.as_deref()).map(decimal).sum();
    Some(total - lines).filter(|gap| !gap.is_zero()).map(|gap| gap.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_their_sign_and_percentages_one_place() {
        #[rustfmt::skip]
        let cases = [("1", "+100.0 %"), ("-0.125", "-12.5 %"), ("0", "0.0 %"), ("0.0000001", "≈ 0 %"), ("48.05349", "+4,805.3 %")];
        for (fraction, want) in cases {
            assert_eq!(percent(fraction), want);
        }
        assert_eq!([signed("41.44"), signed("-1234.5"), signed("0.00")], ["+41.44", "-1,234.50", "0.00"]);
    }
}
