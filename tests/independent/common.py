"""What every platform's bill needs: the request's grammar, the frozen book, exact charges.

Part of a second, independent computation of the goldens. It is written from the providers' billing rules and the
project's conventions, not from the Rust sources, uses the standard library alone, and computes in exact fractions.
"""

import csv
import re
import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

BOOK = Path(__file__).resolve().parent.parent / "book"

NODES_AWS = ["ec2", "ecs-ec2", "ecs-managed-instances", "eks-ec2", "eks-auto"]
NODES_GCP = ["gke-standard", "compute-engine"]
AWS = ["ecs-fargate", "ecs-express", "eks-fargate", "app-runner", *NODES_AWS]
GCP = ["gke-autopilot", "cloud-run", "cloud-run-instance", "cloud-run-job", "cloud-run-worker-pool", *NODES_GCP]
PLATFORMS = AWS + GCP


class Missing(Exception):
    """A price that the book has not."""


class Infeasible(Exception):
    """The platform can't run the workload."""


# Numbers as people write them


def number(text):
    """A TOML number or text as an exact fraction."""
    return Fraction(str(text).strip())


def vcpu(text):
    text = str(text)
    return number(text[:-1]) / 1000 if text.endswith("m") else number(text)


def mib(text):
    """Memory or disk in MiB. GB means GiB."""
    digits, unit = re.fullmatch(r"([0-9.]+)\s*([KMGT])i?B?", text.strip()).groups()
    return number(digits) * {"M": 1, "G": 1024, "T": 1024 * 1024}[unit]


SECONDS = {"us": Fraction(1, 1_000_000), "ms": Fraction(1, 1000), "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "day": 86400}


def seconds(text):
    """A time such as 1h30m, in seconds."""
    parts = re.findall(r"([0-9.]+)(us|ms|min|[smhd])", text)
    assert "".join(n + u for n, u in parts) == text, text
    return sum(number(n) * SECONDS[u] for n, u in parts)


def hours(text):
    """Plain hours, or a time with its unit; in seconds."""
    text = str(text)
    return seconds(text) if text[-1].isalpha() else number(text) * 3600


SCALES = {"k": 1000, "M": 1_000_000}


def rate(text):
    """Requests, and the seconds they are per; None stands for a month."""
    amount, per = text.split("/")
    amount = number(amount.rstrip("kM")) * SCALES.get(amount[-1], 1)
    return amount, None if per == "month" else Fraction(SECONDS[per])


def whole_number(text):
    """A whole number, with a magnitude or without."""
    text = str(text)
    return int(number(text.rstrip("kM")) * SCALES.get(text[-1], 1))


def share(text):
    text = str(text)
    return number(text[:-1]) / 100 if text.endswith("%") else number(text)


def listed(value):
    """A list, or one text with commas."""
    texts = value if isinstance(value, list) else [str(value)]
    return [t.strip() for text in texts for t in text.split(",")]


def up(amount, step):
    """Rounded up to a whole number of steps."""
    return ceil(Fraction(amount) / step) * Fraction(step)


# Money


def half_even(amount, places=12):
    """Exact amounts stay; others are rounded half-even."""
    return Fraction(round(amount * 10**places), 10**places)


def cents(amount):
    """Half-up to the cent, credits like charges."""
    sign = -1 if amount < 0 else 1
    return sign * Fraction((abs(amount) * 100 + Fraction(1, 2)).__floor__(), 100)


def text(amount):
    """An amount that ends, as a decimal text."""
    shown = Decimal(amount.numerator) / Decimal(amount.denominator)
    assert Fraction(shown) == amount, amount
    return format(shown, "f")


# The book


class Book:
    """Prices and terms of tests/book."""

    def __init__(self):
        self.prices, self.terms, self.regions, self.shapes = {}, {}, [], []
        for path in sorted(BOOK.rglob("*.toml")):
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
            for row in tables.get("price", []):
                self.prices.setdefault((row["key"], row["region"]), []).extend(
                    {**value, "unit": row["unit"]} for value in row["values"]
                )
            for row in tables.get("term", []):
                self.terms[row["key"], row["region"]] = row["values"]
            self.regions += tables.get("region", [])
            if "edition" in tables:
                self.day, self.month_hours = date.fromisoformat(tables["edition"]), tables["month_hours"]
        for path in sorted(p for p in BOOK.rglob("*.csv") if p.name != "shapes.csv"):
            for row in csv.DictReader(path.open(encoding="utf-8")):
                dates = {k: date.fromisoformat(row[k]) for k in ("from", "until") if row[k]}
                value = {"price": row["price"], "unit": row["unit"], **dates}
                self.prices.setdefault((row["key"], row["region"]), []).append(value)
        self.shapes = list(csv.DictReader((BOOK / "gcp/shapes.csv").open(encoding="utf-8")))
        self.aws_shapes = list(csv.DictReader((BOOK / "aws/shapes.csv").open(encoding="utf-8")))

    def term(self, key, region, day):
        """A threshold: one number, or rows of numbers."""
        row = in_force(self.terms.get((key, region)) or self.terms.get((key, "global"), []), day)
        if row is None:
            return None
        return number(row["value"]) if "value" in row else [[number(n) for n in r] for r in row["rows"]]


def in_force(rows, day):
    """The value in force on a day: the last that began, unless it has ended."""
    begun = [r for r in rows if r.get("from", date.min) <= day]
    last = max(begun, key=lambda r: r.get("from", date.min), default=None)
    return last if last and day < last.get("until", date.max) else None


# Seconds (of a vCPU, a GiB, a machine …), requests, minutes or months in the unit a price is for.
UNITS = {
    "vCPU-Hours": 3600,
    "GiB-Hours": 3600,
    "vCPU-Seconds": 1,
    "GiB-Seconds": 1,
    "GPU-Seconds": 1,
    "GPU-Hours": 3600,
    "Hours": 3600,
    "Cluster-Hours": 3600,
    "Instance-Hours": 3600,
    "1000000 Requests": 1_000_000,
    "Minutes": 60,
    "Application-Months": 1,
    "USD-Months": 1,
    "GiB": 1,
    "TiB": 1024,
    "GiB-Months": 730 * 3600,
    "VM-Hours": 3600,
    "Address-Hours": 3600,
    "LCU-Hours": 3600,
    "NLCU-Hours": 3600,
    "Rule-Hours": 3600,
    "1000000 Events": 1_000_000,
    "Fraction": 1,
}


class Place:
    """One region on one day, as one request buys there."""

    def __init__(self, request, region, purchase):
        self.request, self.region, self.purchase = request, region, purchase

    def term(self, key):
        return self.request.book.term(key, self.region["id"], self.request.day)

    def price(self, key, spot=False):
        """Dollars per second, GiB, request, minute or month."""
        if spot and self.purchase == "spot":
            key += ".spot"
        scopes = [self.region["id"], *(self.region[k] for k in ("tier", "egress_area") if k in self.region), "global"]
        all_rows = [self.request.book.prices.get((key, scope), []) for scope in scopes]
        for rows in all_rows:
            row = in_force(rows, self.request.day)
            if row:
                return number(row["price"]) / UNITS[row["unit"]]
        if self.request.first_seen:
            later = [r for rows in all_rows for r in rows if r.get("from", date.min) > self.request.day]
            if later and len(later) == sum(map(len, all_rows)):
                first = min(later, key=lambda r: r["from"])
                return number(first["price"]) / UNITS[first["unit"]]
        raise Missing(key)


@dataclass
class Line:
    """A sku and its cost; of a charge also the key of its list price, how much, and dollars for each."""

    sku: str
    cost: Fraction
    key: str = None
    quantity: Fraction = None
    price: Fraction = None
    # How long it is on in the period; None where it runs here and there.
    on: Fraction = None
    # What it would cost without a commitment, and the share that one leaves.
    at_list: Fraction = None
    left: Fraction = Fraction(1)


class Bill:
    """Lines, and how well everything is priced."""

    def __init__(self):
        self.lines, self.status = [], "priced"
        # How long the charges that follow are on, where that is not the workload's own time.
        self.on = None

    def charge(self, place, key, quantity, spot=False, beside=False):
        """A line for a quantity. A price that is missing for compute is worse than one missing beside it."""
        try:
            price = place.price(key, spot)
        except Missing:
            if quantity != 0:
                worse = "partial" if beside else "unpriced"
                self.status = max(self.status, worse, key=["priced", "partial", "unpriced"].index)
            return
        sku = key + (".spot" if spot and place.purchase == "spot" else "")
        self.lines.append(Line(sku, half_even(price * quantity), key, Fraction(quantity), price, self.on))

    def credit(self, sku, available, against):
        self.lines.append(Line(sku, -min(available, against)))

    def cost(self, wanted):
        return sum((line.cost for line in self.lines if wanted(line.sku)), Fraction(0))

    def add(self, other):
        self.lines += other.lines
        self.status = max(self.status, other.status, key=["priced", "partial", "unpriced"].index)


# Requests


class Request:
    """A request file."""

    def __init__(self, path, book, month=None):
        """All of it; or a month of a year, as (label, the year's share gone at its start, and at its end)."""
        raw = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        self.raw, self.book, self.path = raw, book, path
        self.day = date.fromisoformat(str(raw["as_of"])) if "as_of" in raw else book.day
        self.first_seen = raw.get("as_of_first_seen", False)
        self.free_tier = raw.get("free_tier", "on") == "on"
        self.commit = number(raw["commit"].removesuffix("/h").removesuffix("USD")) if "commit" in raw else None
        self.rounding = raw.get("rounding", "invoice")
        label = str(raw.get("period", f"{book.month_hours}h"))
        self.year = label if month is None and re.fullmatch(r"\d{4}", label) else None
        self.time = period(month[0] if month else label)
        self.platforms = listed(raw["platform"]) if "platform" in raw else PLATFORMS
        self.purchases = listed(raw.get("purchase", "on-demand"))
        self.workloads = [Workload(w, self) for w in raw["workload"]]
        for w in self.workloads if month else []:
            w.take_part(*month[1:])
        self.every_region = "all" in listed(raw["region"])
        self.places = self.find_places()

    @property
    def months(self):
        """A period as long as some month is one month; others are parts or multiples of 730 h."""
        hours = self.time / 3600
        return Fraction(1) if 672 <= hours <= 744 else hours / self.book.month_hours

    def months_of_year(self):
        """The year's months as requests of their own."""
        hours = [period(f"{self.year}-{n:02}") for n in range(1, 13)]
        gone = [sum(hours[:n]) / self.time for n in range(13)]
        return [Request(self.path, self.book, (f"{self.year}-{n + 1:02}", *gone[n : n + 2])) for n in range(12)]

    def find_places(self):
        """(name, {provider: region}) of each place asked for."""
        names = listed(self.raw["region"])
        if self.every_region:
            return [(r["id"], {r["provider"]: r}) for r in self.book.regions]
        return [(name, self.find_place(name.lower())) for name in names]

    def find_place(self, name):
        by_id = [r for r in self.book.regions if r["id"] == name]
        city = by_id[0]["city"] if by_id else None
        found = {}
        for r in self.book.regions:
            names = [r["id"], r["city"], r["city_ko"], *r["aliases"]]
            if r["city"] == city or (not city and name in [n.lower() for n in names]):
                found[r["provider"]] = r
        return found


def period(text):
    if re.fullmatch(r"\d{4}", text):
        return sum(period(f"{text}-{n:02}") for n in range(1, 13))
    month = re.fullmatch(r"(\d{4})-(\d{2})", text)
    return Fraction(monthrange(*map(int, month.groups()))[1] * 86400) if month else seconds(text)


# What a workload may say of things beside its compute, besides build minutes.
BESIDE = [
    *("egress", "inter_zone", "nat", "image", "logs", "events", "public_ipv4", "service_connect", "with"),
    *("pulls", "pull_from", "event_data", "exec_logs"),
    *("load_balancer", "lb_rules", "lb_connections", "lb_active", "lb_bytes"),
]


class Workload:
    """One workload's numbers."""

    def __init__(self, raw, request):
        get = raw.get
        self.name, self.request = get("name", "workload"), request
        self.vcpu = vcpu(raw["vcpu"]) if "vcpu" in raw else None
        for field in ("memory", "init_memory", "ephemeral_storage"):
            setattr(self, field, mib(raw[field]) if field in raw else None)
        self.arch, self.os, self.gpu = get("arch", "x86"), get("os", "linux"), None
        if "gpu" in raw:
            model, _, count = raw["gpu"].partition(":")
            self.gpu = (model, int(count or 1))
        self.zonal = get("gpu_zonal_redundancy") == "on"
        self.shape = next(s for s in ("replicas", "requests", "runs", "instance_time") if s in raw)
        self.replicas, self.runs, self.tasks = get("replicas"), get("runs"), get("tasks", 1)
        self.duration = seconds(raw["duration"]) if "duration" in raw else Fraction(0)
        # Seconds of instances that were metered: at the full rate, and at the idle rate where there is one.
        self.full, self.idle = (seconds(str(get(field, "0s"))) for field in ("instance_time", "idle_time"))
        self.served, self.most = whole_number(get("request_count", 0)), whole_number(get("most_instances", 0))
        self.requests = rate(raw["requests"]) if "requests" in raw else None
        self.peak = rate(raw["peak"]) if "peak" in raw else self.requests
        self.concurrency, self.min_instances = get("concurrency"), get("min_instances", 0)
        self.target = share(get("target_utilisation", "0.6"))
        self.stated_hours = "hours" in raw
        self.on = hours(raw["hours"]) if self.stated_hours else request.time
        self.canary = share(raw["canary"]) if "canary" in raw else None
        self.canary_time = min(hours(raw["canary_hours"]), self.on) if self.canary else Fraction(0)
        self.bursting = get("k8s_bursting", "on") == "on"
        self.k8s_class, self.extended = get("class", "general"), get("k8s_support") == "extended"
        self.control_plane, self.nodes = get("control_plane"), get("nodes")
        self.daemonsets = [(vcpu(c), mib(m)) for c, m in (d.split("/") for d in listed(get("daemonset", [])))]
        self.builds, self.auto_deploy = get("builds"), get("auto_deploy") == "on"
        self.needs = listed(get("needs", []))
        self.timeout = seconds(raw["timeout"]) if "timeout" in raw else None
        self.node_type, self.node_disk, self.zones = get("node_type"), get("node_disk"), get("zones")
        self.burstable, self.gke_location = get("burstable") == "on", get("gke_location", "zonal")
        self.beside = {part: get(part) for part in BESIDE}
        for part in ("egress", "inter_zone", "nat", "image", "logs", "event_data", "exec_logs"):
            self.beside[part] = mib(raw[part]) if part in raw else None
        for part in ("events", "pulls"):
            if part in raw:
                self.beside[part] = number(raw[part].rstrip("kM")) * SCALES.get(raw[part][-1], 1)

    def take_part(self, start, end):
        """What is said for the year becomes the month's part of it, from one share of the year to another.

        Data goes by 1/16 GiB and time by the second if they are whole numbers of them.
        """

        def part(total, step, fine):
            step = fine if total % step else step
            return ((total / step * end).__floor__() - (total / step * start).__floor__()) * step

        if self.stated_hours:
            self.on = part(self.on, Fraction(1), Fraction(1, 1_000_000))
        if self.canary:
            self.canary_time = part(self.canary_time, Fraction(1), Fraction(1, 1_000_000))
        for field in ("full", "idle"):
            setattr(self, field, part(getattr(self, field), Fraction(1), Fraction(1, 1_000_000)))
        self.served = int(part(Fraction(self.served), 1, 1))
        for field in ("runs", "builds"):
            if getattr(self, field) is not None:
                setattr(self, field, int(part(Fraction(getattr(self, field)), 1, 1)))
        for field, step in (("egress", 64), ("inter_zone", 64), ("nat", 64), ("logs", 64), ("exec_logs", 64), ("event_data", 64),
                            ("events", 1), ("pulls", 1)):
            if self.beside[field] is not None:
                self.beside[field] = part(Fraction(self.beside[field]), step, 1)

    def request_count(self, requests=None):
        """Requests of the period, rounded up to whole ones; a monthly count arrives while the fleet is on."""
        amount, per = requests or self.requests
        return ceil(amount * (self.request.months if per is None else self.on / per))

    def instances(self, requests, concurrency, part=1):
        """max(1, ⌈part of the rate × duration ÷ (concurrency × target)⌉)"""
        amount, per = requests
        per_second = Fraction(self.request_count(requests)) / self.on if per is None else amount / per
        return max(1, ceil(part * per_second * self.duration / (concurrency * self.target)))

    def always_on(self, concurrency, part=1):
        """Replicas sized for the peak, or for a part of it."""
        return max(self.instances(self.peak, concurrency, part), self.min_instances)

    def count(self, concurrency, part=1):
        """Instances that are on all the time, for all of the traffic or for a revision's part of it."""
        return ceil(part * self.replicas) if self.shape == "replicas" else self.always_on(concurrency, part)

    @property
    def metered(self):
        """All instance time that was metered; without an idle rate all of it costs the same."""
        return self.full + self.idle

    def at_once(self):
        """Instances that were metered, at most at once: no fewer than carry their time."""
        return max(self.most, ceil(self.metered / self.request.time))

    def active(self, each, concurrency):
        """Instance time with a request in flight, at most; each request counts as long as `each`."""
        fleet = self.instances(self.requests, concurrency) * self.on
        return min(self.request_count() * each, fleet)
