"""The people who work at Alder & Finch, and their teams."""

from datetime import date
from decimal import Decimal
from random import Random

from pipelines.demo.model import Team, User

SERVICE_TEAM = "T04"
_TEAMS = (
    Team("T01", "Sales", None, "Europe"),
    Team("T02", "Sales, neighbours", "T01", "Europe"),
    Team("T03", "Sales, overseas", None, "America"),
    Team(SERVICE_TEAM, "Service", None, "Europe"),
)
# role, team, manager, hired, left; U05 sells without a team.
_PEOPLE = (
    ("sales", "T01", "U12", date(2019, 1, 1), None),
    ("sales", "T01", "U01", date(2020, 2, 1), None),
    ("sales", "T02", "U01", date(2021, 3, 1), None),
    ("sales", "T02", "U03", date(2022, 4, 1), None),
    ("sales", None, None, date(2018, 5, 1), None),
    ("sales", "T03", "U12", date(2019, 6, 1), date(2025, 3, 31)),
    ("service", SERVICE_TEAM, "U12", date(2020, 7, 1), None),
    ("service", SERVICE_TEAM, "U07", date(2021, 8, 1), None),
    ("service", SERVICE_TEAM, "U07", date(2022, 9, 1), None),
    ("marketing", None, "U12", date(2018, 10, 1), None),
    ("marketing", None, "U10", date(2019, 11, 1), None),
    ("other", None, None, date(2020, 12, 1), None),
    ("sales", "T03", "U06", date(2022, 1, 17), None),
    ("sales", "T01", "U01", date(2024, 4, 15), None),
)


def make_teams() -> tuple[Team, ...]:
    """Return three sales teams, one of which belongs to another, and one service team."""
    return _TEAMS


def make_users() -> tuple[User, ...]:
    """Return fourteen users: eight of sales, three of service, two of marketing, one other; one of them has left."""
    return tuple(
        User(
            user_id=f"U{n:02}",
            name=f"Colleague {n:02}",
            email=f"colleague{n:02}@example.com",
            team_id=team,
            role=role,
            manager_user_id=manager,
            is_active=left is None,
            hired_on=hired,
            left_on=left,
            weekly_hours=Decimal("40") if n % 4 else Decimal("32.5"),
        )
        for n, (role, team, manager, hired, left) in enumerate(_PEOPLE, start=1)
    )


def on_duty(rng: Random, role: str, day: date) -> str:
    """Return somebody of `role` who is employed on `day`."""
    return rng.choice(
        [
            f"U{n:02}"
            for n, (own, _, _, hired, left) in enumerate(_PEOPLE, start=1)
            if own == role and hired <= day and (left is None or day <= left)
        ]
    )
