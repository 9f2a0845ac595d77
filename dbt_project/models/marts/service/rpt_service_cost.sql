with

spent as (
    select
        team_id as team,
        category,
        happened_on as spent_on,
        {{ cents_of('amount') }} as cents
    from {{ ref('fct_service_cost_days') }}
    where exclusion is null
),

tickets as (
    select
        coalesce(team_id, '(unknown)') as team,
        occurred_on
    from {{ ref('fct_ticket_flows') }}
    where exclusion is null and flow = 'created'
),

{{ periods_between('spent', 'spent_on', compared=true) }},

handled as (
    select
        p.period_grain,
        p.period_start,
        tickets.team,
        count(*) as tickets
    from tickets
    inner join {{ ref('dim_period_day') }} as p on tickets.occurred_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, tickets.team
),

measures as (
    select
        p.period_grain,
        p.period_start,
        spent.team,
        spent.category,
        {{ measured('cost_cents', 'sum(spent.cents)') }}
    from spent
    inner join {{ ref('dim_period_day') }} as p on spent.spent_on = p.date_day
    group by p.period_grain, p.period_start, spent.team, spent.category
),

{{ member_grid('spent', 'spent_on', ['team', 'category']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.team,
        grid.category,
        {{ compared('cost_cents') }}
    {{ from_grid(['team', 'category']) }}
),

counted as (
    select
        filled.*,
        coalesce(handled.tickets, 0) as tickets
    from filled
    left join handled
        on filled.period_grain = handled.period_grain
        and filled.period_start = handled.period_start
        and filled.team = handled.team
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        team,
        category,
        {{ amount_of_cents('cost_cents') }} as cost,
        {{ amount_of_cents('cost_cents_previous') }} as cost_previous,
        {{ amount_of_cents('cost_cents_last_year') }} as cost_last_year,
        cost_cents_growth as cost_growth,
        cost_cents_growth_yoy as cost_growth_yoy,
        tickets,
        {{ ratio('cost_per_ticket', amount_of_cents('cost_cents'), 'tickets') }}
    from counted
)

select * from final
