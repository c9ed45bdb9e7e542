"""Prices request files and prints one JSON list of estimates per file: `python3 price.py REQUEST.toml …`"""

import json
import sys
from fractions import Fraction

import app_runner
import autopilot
import beside
import cloud_run
import commitment
import fargate
import nodes
from common import AWS, NODES_AWS, NODES_GCP, Bill, Book, Infeasible, Place, Request, cents, text

FAMILIES = {
    "ecs-fargate": fargate,
    "ecs-express": fargate,
    "eks-fargate": fargate,
    "app-runner": app_runner,
    "gke-autopilot": autopilot,
    "cloud-run": cloud_run,
    "cloud-run-instance": cloud_run,
    "cloud-run-job": cloud_run,
    "cloud-run-worker-pool": cloud_run,
    **dict.fromkeys(NODES_AWS + NODES_GCP, nodes),
}
# The shapes of demand that a platform takes, where it does not take all of them.
SHAPES = {
    "app-runner": {"replicas", "requests", "instance_time"},
    "cloud-run": {"replicas", "requests", "instance_time"},
    "cloud-run-instance": {"replicas", "requests", "instance_time"},
    "cloud-run-job": {"runs"},
    "cloud-run-worker-pool": {"replicas", "instance_time"},
}
STATUSES = ["priced", "partial", "unpriced", "infeasible"]


def refused(platform, place, w):
    """Is it the wrong shape, or does the platform lack what the workload needs?"""
    if w.shape not in SHAPES.get(platform, {w.shape}):
        return True
    if any(not place.term(f"needs/{platform}.{need}") for need in w.needs):
        return True
    longest = place.term(f"needs/{platform}.timeout-max")
    return w.timeout is not None and longest is not None and w.timeout > longest


def group(request, platform, name, region, purchase):
    """All workloads on one platform: an estimate each, and one for what they share."""
    label = {"platform": platform, "region": region["id"] if region else name, "purchase": purchase}
    bills = []
    place = Place(request, region, purchase)
    for w in request.workloads:
        try:
            if region is None or refused(platform, place, w):
                raise Infeasible
            bills.append((w, FAMILIES[platform].own(platform, place, w)))
        except Infeasible:
            bills.append((w, None))
    on_it = [(w, b) for w, b in bills if b is not None]
    shared, wasted = Bill(), Bill()
    if platform not in NODES_AWS + NODES_GCP:
        for w, bill in on_it:
            for line in bill.lines:
                line.on = None if w.shape in ("runs", "instance_time") else w.on if line.on is None else line.on
        wasted = commitment.cover(place, [b for _, b in on_it])
    try:
        if on_it:
            shared.add(FAMILIES[platform].shared(platform, place, on_it))
    except Infeasible:
        # Each alone could run, all together can't.
        on_it, bills = [], [(w, None) for w, _ in bills]
    for w, bill in on_it:
        bill.add(beside.own(platform, place, w))
    if on_it:
        shared.add(wasted)
        shared.add(beside.shared(platform, place, [w for w, _ in on_it]))
    if len(bills) == 1 and on_it:
        bills[0][1].add(shared)
    named = [(w.name, b) for w, b in bills]
    if len(bills) > 1 and (shared.lines or shared.status != "priced"):
        named.append(("(shared)", shared))
    return label, named


def best(request, platform, name, region):
    """Of all options of a provider the one that is best priced, and then costs least."""
    provider = "aws" if platform in AWS else "gcp"
    groups = [group(request, platform, name, region, option) for option in commitment.OPTIONS[provider]]

    def rank(priced):
        bills = [b for _, b in priced[1]]
        worst = max(STATUSES.index(b.status if b else "infeasible") for b in bills)
        whole = Bill()
        whole.lines = [line for b in bills if b for line in b.lines]
        return worst, *map(Fraction, totals(request, whole))

    return min(groups, key=rank)


def printed(request, bill):
    if bill is None:
        return {"status": "infeasible", "lines": [], "total": None, "total_exact": None}
    lines = [{"sku": line.sku, "cost": text(line.cost)} for line in bill.lines]
    total, exact = totals(request, bill)
    if bill.status == "unpriced":
        total = exact = None
    return {"status": bill.status, "lines": lines, "total": total, "total_exact": exact}


def totals(request, bill):
    """Each sku summed and rounded to the cent, or the sum of all rounded; and the exact sum.

    A bill of nothing is never rounded to less than nothing.
    """
    exact = bill.cost(lambda sku: True)
    skus = dict.fromkeys(line.sku for line in bill.lines)
    invoice = sum((cents(bill.cost(lambda s, sku=sku: s == sku)) for sku in skus), Fraction(0))
    total = cents(exact) if request.rounding == "exact" else invoice
    return text(max(total, Fraction(0)) if exact >= 0 else total), text(exact)


def estimates(request):
    return year(request) if request.year else bills(request)


def year(request):
    """Twelve months' bills, each rounded on its own, and their sums."""
    joined = {}
    for n, month in enumerate(request.months_of_year()):
        for e in bills(month):
            key = e["workload"], e["platform"], e["region"], e["purchase"]
            joined.setdefault(key, [None] * 12)[n] = e
    return [{**dict(zip(("workload", "platform", "region", "purchase"), key)), **sums(request, months)} for key, months in joined.items()]


def sums(request, months):
    known = [m for m in months if m]
    status = max((m["status"] for m in known), key=["priced", "partial", "unpriced", "infeasible"].index)
    if status in ("unpriced", "infeasible"):
        return {"status": status, "lines": [], "months": [], "total": None, "total_exact": None}
    add = lambda field: sum((Fraction(m[field]) for m in known), Fraction(0))
    exact = add("total_exact")
    total = cents(exact) if request.rounding == "exact" else add("total")
    nothing = {"lines": [], "total": "0", "total_exact": "0"}
    return {"status": status, "lines": [], "months": [m or nothing for m in months], "total": text(total), "total_exact": text(exact)}


def bills(request):
    asked = []
    for name, regions in request.places:
        for platform in request.platforms:
            region = regions.get("aws" if platform in AWS else "gcp")
            if region is None and request.every_region:
                continue
            for purchase in request.purchases:
                if purchase == "best":
                    label, named = best(request, platform, name, region)
                else:
                    label, named = group(request, platform, name, region, purchase)
                asked += [{"workload": n, **label, **printed(request, b)} for n, b in named]
    return asked


def main():
    book = Book()
    print(json.dumps([estimates(Request(path, book)) for path in sys.argv[1:]], indent=1))


main()
