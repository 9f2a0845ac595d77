with

users as (
    select distinct
        source,
        user_id
    from {{ ref('dim_user') }}
),

-- one row per event with whom it is credited to, each by its own date
events as (
    select
        'order' as kind,
        source,
        owner_user_id as user_id,
        team_id,
        ordered_on as happened_on,
        customer_number,
        revenue as amount
    from {{ ref('fct_orders') }}
    where exclusion is null
    union all
    select
        outcome as kind,
        source,
        owner_user_id as user_id,
        team_id,
        closed_on as happened_on,
        customer_number,
        amount
    from {{ ref('fct_opportunities') }}
    where exclusion is null and outcome <> 'open' and closed_on is not null
    union all
    select
        'activity' as kind,
        source,
        user_id,
        team_id,
        occurred_on as happened_on,
        customer_number,
        cast(null as decimal(38, 2)) as amount
    from {{ ref('fct_activities') }}
    where exclusion is null
    union all
    select
        case when is_satisfied then 'satisfied' else 'unsatisfied' end as kind,
        source,
        user_id,
        team_id,
        coalesce(responded_on, sent_on) as happened_on,
        customer_number,
        cast(null as decimal(38, 2)) as amount
    from {{ ref('fct_survey_responses') }}
    where
        exclusion is null
        and survey_kind = 'csat'
        and is_answered
        and coalesce(responded_on, sent_on) is not null
),

credited as (
    select
        'user' as level,
        coalesce(users.user_id, '(unknown)') as member,
        events.*
    from events
    left join users
        on events.source = users.source and events.user_id = users.user_id
    union all
    select
        'team' as level,
        coalesce(team_id, '(unknown)') as member,
        *
    from events
),

{{ periods_between('credited', 'happened_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        credited.level,
        credited.member,
        {{ measured('revenue', "sum(case when credited.kind = 'order' then credited.amount else 0 end)",
            'decimal(38, 2)') }},
        {{ measured('won', "count(case when credited.kind = 'won' then 1 end)") }},
        count(*) filter (where p.comparison = 'current' and credited.kind = 'lost') as lost,
        cast(
            sum(credited.amount) filter (where p.comparison = 'current' and credited.kind = 'won') as decimal(38, 2)
        ) as won_amount,
        count(*) filter (where p.comparison = 'current' and credited.kind = 'activity') as activities,
        count(distinct credited.customer_number)
        filter (where p.comparison = 'current' and credited.kind = 'order') as customers,
        count(*) filter (where p.comparison = 'current' and credited.kind = 'satisfied') as satisfied,
        count(*) filter (where p.comparison = 'current' and credited.kind in ('satisfied', 'unsatisfied')) as answers
    from credited
    inner join {{ ref('dim_period_day') }} as p on credited.happened_on = p.date_day
    group by p.period_grain, p.period_start, credited.level, credited.member
),

{{ member_grid('credited', 'happened_on', ['level', 'member']) }},

known_members as (
    select
        'user' as level,
        user_id as member
    from users
    union
    select
        'team' as level,
        team_id as member
    from {{ ref('dim_user') }}
    where team_id is not null
    union
    select
        'team' as level,
        team_id as member
    from {{ ref('dim_team') }}
),

targets as (
    select
        targets.period_grain,
        targets.period_start,
        targets.level,
        targets.member_id as member,
        targets.amount
    from {{ ref('fct_period_targets') }} as targets
    inner join known_members
        on targets.level = known_members.level and targets.member_id = known_members.member
    where targets.metric = 'revenue'
),

-- who was to sell something and did nothing at all is listed, too
listed as (
    select
        period_grain,
        period_start,
        level,
        member
    from grid
    union
    select
        targets.period_grain,
        targets.period_start,
        targets.level,
        targets.member
    from targets
    inner join periods
        on targets.period_grain = periods.period_grain and targets.period_start = periods.period_start
),

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        listed.level,
        listed.member,
        {{ compared('revenue', 'decimal(38, 2)') }},
        {{ compared('won') }},
        coalesce(measures.lost, 0) as lost,
        coalesce(measures.won_amount, cast(0 as decimal(38, 2))) as won_amount,
        targets.amount as target,
        coalesce(measures.activities, 0) as activities,
        coalesce(measures.customers, 0) as customers,
        coalesce(measures.satisfied, 0) as satisfied,
        coalesce(measures.answers, 0) as answers
    from listed
    inner join periods
        on listed.period_grain = periods.period_grain and listed.period_start = periods.period_start
    left join measures
        on listed.period_grain = measures.period_grain
        and listed.period_start = measures.period_start
        and listed.level = measures.level
        and listed.member = measures.member
    left join targets
        on listed.period_grain = targets.period_grain
        and listed.period_start = targets.period_start
        and listed.level = targets.level
        and listed.member = targets.member
),

-- what nobody is credited with takes no place
ranked as (
    select
        period_grain,
        period_start,
        level,
        member,
        rank() over (partition by period_grain, period_start, level order by revenue desc nulls last) as place
    from filled
    where member <> '(unknown)'
),

final as (
    select
        filled.period_grain,
        filled.period_start,
        filled.period_end,
        filled.is_complete,
        filled.level,
        filled.member,
        filled.revenue,
        filled.revenue_previous,
        filled.revenue_last_year,
        filled.revenue_growth,
        filled.revenue_growth_yoy,
        filled.won,
        filled.won_previous,
        filled.won_last_year,
        filled.won_growth,
        filled.won_growth_yoy,
        filled.won_amount,
        {{ ratio('win_rate', 'filled.won', 'filled.won + filled.lost') }},
        filled.target,
        {{ ratio('attainment', 'case when filled.target is not null then filled.revenue end', 'filled.target') }},
        filled.activities,
        filled.customers,
        {{ ratio('csat', 'filled.satisfied', 'filled.answers') }},
        ranked.place as rank
    from filled
    left join ranked
        on filled.period_grain = ranked.period_grain
        and filled.period_start = ranked.period_start
        and filled.level = ranked.level
        and filled.member = ranked.member
)

select * from final
