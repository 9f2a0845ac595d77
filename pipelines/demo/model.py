"""The demo company: the rows of each of its entities, and how an entity is named, keyed and written."""

from dataclasses import dataclass, fields

from pipelines.demo.rows_care import Campaign, CampaignCost, CampaignMember, SurveyResponse, Ticket, Touchpoint
from pipelines.demo.rows_crm import (
    Account,
    Activity,
    Contact,
    Lead,
    Opportunity,
    OpportunityStageChange,
    Stage,
    Team,
    User,
)
from pipelines.demo.rows_market import CompetitorObservation, MarketSize
from pipelines.demo.rows_office import Cost, Project, ProjectTask, ReportDecision, ReportPublication
from pipelines.demo.rows_sales import (
    ExchangeRate,
    Invoice,
    Order,
    OrderLine,
    Payment,
    Product,
    ReturnLine,
    Subscription,
    Target,
)
from pipelines.demo.rows_service import BusinessSchedule, Holiday, ServiceCost, SlaPolicy, TicketEvent


@dataclass(frozen=True)
class Company:
    """Everything the sources of the demo hold, before some rows are spoilt."""

    users: tuple[User, ...]
    teams: tuple[Team, ...]
    products: tuple[Product, ...]
    campaigns: tuple[Campaign, ...]
    exchange_rates: tuple[ExchangeRate, ...]
    accounts: tuple[Account, ...]
    contacts: tuple[Contact, ...]
    orders: tuple[Order, ...]
    order_lines: tuple[OrderLine, ...]
    return_lines: tuple[ReturnLine, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    subscriptions: tuple[Subscription, ...]
    leads: tuple[Lead, ...]
    stages: tuple[Stage, ...]
    opportunities: tuple[Opportunity, ...]
    opportunity_stage_changes: tuple[OpportunityStageChange, ...]
    activities: tuple[Activity, ...]
    targets: tuple[Target, ...]
    campaign_members: tuple[CampaignMember, ...]
    campaign_costs: tuple[CampaignCost, ...]
    touchpoints: tuple[Touchpoint, ...]
    tickets: tuple[Ticket, ...]
    survey_responses: tuple[SurveyResponse, ...]
    ticket_events: tuple[TicketEvent, ...]
    sla_policies: tuple[SlaPolicy, ...]
    business_schedules: tuple[BusinessSchedule, ...]
    holidays: tuple[Holiday, ...]
    service_costs: tuple[ServiceCost, ...]
    costs: tuple[Cost, ...]
    projects: tuple[Project, ...]
    project_tasks: tuple[ProjectTask, ...]
    report_publications: tuple[ReportPublication, ...]
    report_decisions: tuple[ReportDecision, ...]
    market_sizes: tuple[MarketSize, ...]
    competitor_observations: tuple[CompetitorObservation, ...]


ENTITIES: dict[str, type] = {
    "account": Account,
    "activity": Activity,
    "campaign": Campaign,
    "campaign_cost": CampaignCost,
    "campaign_member": CampaignMember,
    "competitor_observation": CompetitorObservation,
    "contact": Contact,
    "exchange_rate": ExchangeRate,
    "invoice": Invoice,
    "lead": Lead,
    "market_size": MarketSize,
    "opportunity": Opportunity,
    "opportunity_stage_change": OpportunityStageChange,
    "order": Order,
    "order_line": OrderLine,
    "payment": Payment,
    "product": Product,
    "return_line": ReturnLine,
    "stage": Stage,
    "subscription": Subscription,
    "survey_response": SurveyResponse,
    "target": Target,
    "team": Team,
    "ticket": Ticket,
    "touchpoint": Touchpoint,
    "user": User,
    "business_schedule": BusinessSchedule,
    "holiday": Holiday,
    "service_cost": ServiceCost,
    "sla_policy": SlaPolicy,
    "ticket_event": TicketEvent,
    "cost": Cost,
    "project": Project,
    "project_task": ProjectTask,
    "report_publication": ReportPublication,
    "report_decision": ReportDecision,
}
_LONG_KEYS = {
    ExchangeRate: ("from_currency", "to_currency", "valid_from"),
    Stage: ("pipeline", "stage"),
    BusinessSchedule: ("schedule_id", "weekday", "opens", "valid_from"),
    Holiday: ("schedule_id", "date"),
}


def plural(entity: str) -> str:
    """Return the field of Company that holds the rows of `entity`."""
    return f"{entity[:-1]}ies" if entity.endswith("y") and not entity.endswith("ay") else f"{entity}s"


def rows_of(company: Company, entity: str) -> tuple:
    """Return the rows of `entity`, in the order of its file."""
    return getattr(company, plural(entity))


def columns_of(entity: str) -> tuple[str, ...]:
    """Return the columns of the file of `entity`, in order."""
    return tuple(field.name for field in fields(ENTITIES[entity]))


def key_names(kind: type) -> tuple[str, ...]:
    """Return the columns that identify a row of the class `kind`."""
    return _LONG_KEYS.get(kind) or (fields(kind)[0].name,)


def key_of(row: object) -> str:
    """Return the key of a row as the known answers write it: an id, or the parts of a longer key joined with |."""
    return "|".join(str(getattr(row, name)) for name in key_names(type(row)))
