"""App Runner: instances that pay for memory while they wait, and for vCPU and memory while they work."""

from fractions import Fraction

from common import Bill, Infeasible, Missing, up


def own(_platform, place, w):
    if w.canary or w.gpu or w.arch == "arm" or w.os == "windows" or (w.concurrency or 0) > 200:
        raise Infeasible
    if place.term("aws/apprunner/offered") == 0:
        raise Infeasible
    vcpu, gib = size(place, w)
    active, kept = times(w)

    bill = Bill()
    idle = max(0, kept - active, w.idle)
    if active:
        bill.charge(place, "aws/apprunner/active.vcpu", vcpu * active, spot=True)
        bill.charge(place, "aws/apprunner/active.memory", gib * active, spot=True)
    if idle:
        bill.charge(place, "aws/apprunner/provisioned.memory", gib * idle, spot=True)
    if w.builds is not None:
        bill.charge(place, "aws/apprunner/build", Fraction(w.builds * 60), beside=True)
    if w.auto_deploy:
        bill.charge(place, "aws/apprunner/deployment", place.request.months, beside=True)
    return bill


def size(place, w):
    """The cheapest pair on the menu that holds both."""
    try:
        v, m = (place.price(f"aws/apprunner/active.{meter}", spot=True) for meter in ("vcpu", "memory"))
    except Missing:
        v = m = Fraction(0)
    sizes = [s for s in place.term("aws/apprunner/sizes") if s[0] >= w.vcpu and s[1] >= w.memory / 1024]
    if not sizes:
        raise Infeasible
    return min(sizes, key=lambda s: (s[0] * v + s[1] * m, s))


def times(w):
    """Active instance time, and the time of the instances that are always provisioned: one at the least.

    Whole seconds; a request that wakes an instance makes it active for a minute at least, and every request is counted
    as if it did.
    """
    on = up(w.on, 1)
    if w.shape == "instance_time":
        return w.full, on
    if w.shape == "replicas":
        return w.replicas * on, on
    each = max(up(w.duration, 1), 60)
    return w.active(each, w.concurrency or 80), max(1, w.min_instances) * on


def shared(_platform, _place, _on_it):
    return Bill()
