"""What was known of projects and decisions at an earlier day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pipelines.demo.model import ProjectTask, ReportDecision, ReportPublication
from pipelines.demo.past_rows import before


def task_at(task: ProjectTask, day: date) -> ProjectTask:
    """Return a task with its plan; of what was done of it nothing is known before the day it was booked on."""
    if task.booked_on is None or task.booked_on <= day:
        return task
    return replace(task, percent_complete=Decimal(0), actual_cost=None, booked_hours=None, booked_on=None)


def publication_at(publication: ReportPublication, day: date) -> ReportPublication:
    """Return a publication that nobody has looked at after `day`."""
    return before(publication, day, "first_viewed_on")


def decision_at(decision: ReportDecision, day: date) -> ReportDecision:
    """Return a decision without what was done about it after `day`."""
    then = before(decision, day, "done_on")
    return replace(then, outcome=None) if then != decision else then
