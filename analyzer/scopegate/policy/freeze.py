"""Limits on time: no change while it is frozen. The time is the caller's word; no clock is read here."""

from datetime import date, datetime, timedelta

from scopegate.errors import PolicyError
from scopegate.policy.beyond import UNKNOWN, Beyond, listed
from scopegate.policy.limits import DAYS, DatedFreeze, Freeze, TimeLimit, WeeklyFreeze
from scopegate.policy.model import Change


def frozen(change: Change, limit: TimeLimit) -> Beyond | None:
    """Return the windows that the change falls into; where nobody says what time it is, it may be any of them."""
    instances = tuple(touch.instance for touch in change.reach.touches.values() if touch.how in limit.terms.counts)
    if not instances:
        return None
    now = change.context.now
    if now is None:
        return _untold(instances, limit)
    local = in_zone(now, limit.zone)
    windows = [in_words(window) for window in limit.frozen if holds(window, local)]
    if not windows:
        return None
    moment = f"{DAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} {limit.zone}"
    return Beyond(
        rows={limit.kind: dict.fromkeys(windows, instances)},
        agreed="not while frozen",
        message=f"comes at {moment}, while changes are frozen ({listed(windows)})",
        advice="wait until the window is over, then have the gate judge it again",
    )


def in_zone(moment: datetime, zone: str) -> datetime:
    """Return ``moment`` as the clocks in ``zone`` show it.

    Raises:
        PolicyError: there is no such time zone here.
    """
    from zoneinfo import ZoneInfo

    try:
        return moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError) as error:
        raise PolicyError(
            f"The time zone {zone!r} is not in this machine's time zone database, so nobody can tell whether changes "
            "are frozen; name one such as Europe/Berlin, or install the package tzdata."
        ) from error


def holds(window: Freeze, local: datetime) -> bool:
    """Return whether ``window`` holds at the local time ``local``; its last minute or day is still in it."""
    if isinstance(window, DatedFreeze):
        return window.first <= local.date() <= window.last
    minute = local.hour * 60 + local.minute
    today, yesterday = _falls_on(window, local.date()), _falls_on(window, local.date() - timedelta(days=1))
    if window.start < window.end:
        return today and window.start <= minute < window.end
    return (today and minute >= window.start) or (yesterday and minute < window.end)


def in_words(window: Freeze) -> str:
    """Return a window as the policy writes it: ``fri 12:00-24:00``, ``2026-12-20 to 2027-01-03``."""
    if isinstance(window, DatedFreeze):
        return f"{window.first} to {window.last}"
    days = "+".join(DAYS[day] for day in window.days)
    return f"{days} {_clock(window.start)}-{_clock(window.end)}"


def _falls_on(window: WeeklyFreeze, day: date) -> bool:
    return day.weekday() in window.days


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _untold(instances: tuple[int, ...], limit: TimeLimit) -> Beyond:
    return Beyond(
        rows={limit.kind: {UNKNOWN: instances}},
        agreed="not while frozen",
        message="may come while changes are frozen: nobody said what time it is",
        advice="pass the time with --now",
    )
