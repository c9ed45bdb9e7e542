"""Commitments: which lines they reach, at what rates, in which hours, and what is paid for in vain.

A commitment is billed for every hour. Unless an amount is said, it is what runs in every hour, whole. A stated amount
goes to what saves the largest share of its list price first, hour by hour; hours in which less runs waste the rest.
"""

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from common import Bill, Line, Missing, half_even, number

AWS_TERMS = [f"sp-{years}y-{paid}-upfront" for years in (1, 3) for paid in ("no", "all")]
AWS_TERMS += [f"ri-{years}y-{kind}" for kind in ("standard", "convertible") for years in (1, 3)]
GCP_TERMS = [f"{kind}-{years}y" for kind in ("cud", "flex-cud") for years in (1, 3)]
OPTIONS = {"aws": ["on-demand", "spot", *AWS_TERMS], "gcp": ["on-demand", "spot", *GCP_TERMS]}

MACHINES = {"aws/ec2/": "aws", "gcp/compute-engine/": "gcp"}
# The smallest amounts that are counted: of a vCPU-second, a GiB-second, a machine-second, a request.
SMALLEST = {
    **dict.fromkeys(["vcpu", "cpu"], Fraction(1, 10**9)),
    "memory": Fraction(1, 1024 * 10**6),
    "requests": Fraction(1),
}


def kind(purchase):
    """sp, ri, cud or flex; None for what commits to nothing."""
    first = purchase.split("-")[0]
    return first if first in ("sp", "ri", "cud", "flex") else None


def machine_of(key):
    """A machine type, where a key is a machine's."""
    return next((key.removeprefix(start) for start in MACHINES if key.startswith(start)), None)


def reaches(purchase, key):
    """Compute only: no storage, licence, fee or load balancer; and each provider's own."""
    service, meter = key.rpartition(".")[::2]
    aws_pods = key.startswith("aws/fargate/") and meter in ("vcpu", "memory")
    pods = service.startswith(("gcp/autopilot/", "gcp/cloud-run/")) and meter in ("cpu", "memory")
    google = key.startswith("gcp/compute-engine/") or pods
    return {
        "sp": key.startswith("aws/ec2/") or aws_pods,
        "ri": key.startswith("aws/ec2/"),
        "cud": google or key == "gcp/cloud-run/requests",
        "flex": google,
    }[kind(purchase)]


# Rates


def rates(place, key, price):
    """What a covered unit of a line is billed as: (sku, price, how much of it, is it committed?)"""
    option = place.purchase
    machine = machine_of(key)
    if kind(option) == "cud" and machine:
        return by_resource(place, key, price, machine)
    return [(f"{key}.{option}", rate(place, key, price), Fraction(1), True)]


def rate(place, key, price):
    option = place.purchase
    if kind(option) in ("sp", "ri"):
        try:
            return place.price(f"{key}.{option}")
        except Missing:
            if not key.startswith("aws/fargate/"):
                raise
            family = key.split("/")[2].split(".")[0]
            return price * (1 - place.price(f"aws/fargate/{family}.discount.{option}"))
    if kind(option) == "cud":
        service = key.split("/")[1]
        return price * (1 - place.price(f"gcp/commitment/{service}-{option}"))
    return price * (1 - flexible_share(place, key))


def flexible_share(place, key):
    """The general share, or that of a machine family or a way of billing; nothing saved is not sold."""
    option = place.purchase
    share = place.price(f"gcp/commitment/{option}")
    of = key.split("/")[2].split(".")[0]
    machine = machine_of(key)
    if machine:
        family = machine.split("-")[0]
        has_gpu = any(s["type"] == machine and s["gpu"] for s in place.request.book.shapes)
        not_sold = place.term(f"gcp/commitment/none.{machine}")
        if not_sold or (has_gpu and not place.term(f"gcp/commitment/flex-cud.gpu.{family}")):
            raise Missing(key)
        special = place.term(f"gcp/commitment/{option}.{family}")
    elif key.startswith("gcp/autopilot/"):
        if not place.term(f"gcp/commitment/flex-cud.autopilot.{key.split('/')[2].rpartition('.')[0]}"):
            raise Missing(key)
        special = None
    else:
        special = place.term(f"gcp/commitment/{option}.cloud-run-{of.removesuffix('-idle')}")
    share = share if special is None else special
    if share == 0:
        raise Missing(key)
    return share


def by_resource(place, key, price, machine):
    """Google's machines by vCPU and memory of the family; the rest of the machine at list price."""
    shape = next((s for s in place.request.book.shapes if s["type"] == machine), None)
    if shape is None:
        raise Missing(key)
    billed = place.term(f"{key}.billed-vcpu")
    amounts = {"vcpu": Fraction(shape["vcpu"]) if billed is None else billed, "memory": Fraction(shape["memory_gib"])}
    parts, rest = [], price
    for meter, amount in amounts.items():
        sku = f"gcp/compute-engine/{machine.split('-')[0]}.{meter}"
        rest -= amount * place.price(sku)
        parts.append((f"{sku}.{place.purchase}", place.price(f"{sku}.{place.purchase}"), amount, True))
    return parts + ([(key, rest, Fraction(1), False)] if rest else [])


def machine_price(place, key, always):
    """What a machine costs as it is bought: committed if it always runs; else at list price, if it is sold so at all."""
    price = place.price(key)
    if not reaches(place.purchase, key):
        raise Missing(key)
    parts = rates(place, key, price)
    return sum(rate * amount for _, rate, amount, _ in parts) if always else price


# Hours


class Want:
    """A line that can be covered."""

    def __init__(self, place, bill, line):
        self.bill, self.line = bill, line
        self.parts = rates(place, line.key, line.price)
        self.on = place.request.time if line.on is None else min(line.on, place.request.time)
        self.always = line.on is not None and line.on >= place.request.time
        self.committed = self.cost_of(line.quantity, True)
        self.list = line.cost - self.cost_of(line.quantity, False)
        self.covered = self.unused = Fraction(0)
        # The share saved, to 12 places, of the part that is committed.
        self.saving = floor((self.list - self.committed) * 10**12 / self.list) if self.list else 0

    def cost_of(self, quantity, committed):
        parts = (half_even(price * amount * quantity) for _, price, amount, c in self.parts if c == committed)
        return sum(parts, Fraction(0))


def cover(place, bills):
    """Splits the lines of an account's bills; what is wasted comes back. Each line then knows its uncovered share."""
    wasted = Bill()
    if kind(place.purchase) is None:
        return wasted
    wants = []
    for bill in bills:
        found, absent = [], False
        for line in bill.lines:
            if line.key and reaches(place.purchase, line.key):
                try:
                    found.append(Want(place, bill, line))
                except Missing:
                    absent = True
        if absent or (bill.lines and not found):
            bill.status = "unpriced"
        wants += found
    if not wants or any(bill.status == "unpriced" for bill in bills):
        return wasted
    commit = place.request.commit
    unused = False
    if commit is None:
        for want in wants:
            want.covered = want.line.quantity if want.always else Fraction(0)
    else:
        budget = half_even(commit * place.request.time / 3600)
        order = sorted(wants, key=lambda w: (-w.saving, w.committed))
        if kind(place.purchase) == "ri":
            reserve(place, order, budget)
        else:
            unused = spend(place, order, budget)
    paid = split(wants, bills, wasted)
    if unused and budget > paid:
        service = "aws/savings-plan" if kind(place.purchase) == "sp" else "gcp/commitment"
        wasted.lines.append(Line(f"{service}/{place.purchase}.unused", budget - paid))
    return wasted


def spend(place, order, budget):
    """Dollars, hour by hour: hours in which the same lines run are alike. Is there an hour with some left?"""
    time, start, unused = place.request.time, Fraction(0), False
    for end in sorted({w.on for w in order if w.on} | {time}):
        left = budget * (end - start) / time
        for w in order:
            if w.on < end:
                continue
            share = (end - start) / w.on
            cost = w.committed * share
            covered = Fraction(1) if left >= cost else left / cost
            w.covered += w.line.quantity * share * covered
            left -= cost * covered
        unused |= left > 0
        start = end
    return unused


def reserve(place, order, budget):
    """Whole machines of each type, for all of the period; the last type takes what is left."""
    time, left = place.request.time, budget
    for w in order:
        one = half_even(w.committed / w.line.quantity * time)
        if not one:
            continue
        machines = ceil(w.line.quantity / w.on)
        bought = floor(left / one)
        if w is not order[-1]:
            bought = min(bought, machines)
        left -= bought * one
        w.covered = min(min(bought, machines) * w.on, w.line.quantity)
        w.unused = bought * time - w.covered


def split(wants, bills, wasted):
    """Lines become what is covered of them and what is not; what the covered parts cost."""
    paid = Fraction(0)
    for bill in bills:
        mine = {id(w.line): w for w in wants if w.bill is bill}
        lines = []
        for line in bill.lines:
            want = mine.get(id(line))
            if want is None:
                lines.append(line)
                continue
            smallest = SMALLEST.get(line.key.replace("/", ".").split(".")[-1], Fraction(1, 10**12))
            covered = smallest * round(want.covered / smallest)
            line.left = 1 - covered / line.quantity if line.quantity else Fraction(1)
            if covered:
                for sku, price, amount, committed in want.parts:
                    cost = half_even(price * amount * covered)
                    at_list = half_even(line.price * covered)
                    lines.append(Line(sku, cost, line.key, at_list=at_list))
                    paid += cost if committed else 0
            if covered < line.quantity:
                cost = half_even(line.price * (line.quantity - covered))
                lines.append(replace(line, cost=cost, at_list=None))
        bill.lines = lines
    for w in wants:
        for sku, price, amount, committed in w.parts if w.unused else []:
            if committed:
                wasted.lines.append(Line(sku, half_even(price * amount * w.unused)))
    return paid
