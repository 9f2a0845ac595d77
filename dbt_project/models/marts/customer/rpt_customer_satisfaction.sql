with

surveys as (
    select * from {{ ref('fct_survey_responses') }} where exclusion is null
),

-- two date roles: what was sent, by the day it was sent; what was answered, by the day of the answer
events as (
    select
        sent_on as happened_on,
        survey_kind,
        dimension,
        1 as sent,
        case when is_answered then 1 else 0 end as sent_and_answered,
        0 as responses,
        0 as satisfied,
        cast(0 as decimal(18, 4)) as score
    from surveys
    where sent_on is not null
    union all
    select
        coalesce(responded_on, sent_on) as happened_on,
        survey_kind,
        dimension,
        0 as sent,
        0 as sent_and_answered,
        1 as responses,
        case when is_satisfied then 1 else 0 end as satisfied,
        score
    from surveys
    where is_answered and coalesce(responded_on, sent_on) is not null
),

{{ periods_between('events', 'happened_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.survey_kind,
        events.dimension,
        sum(events.sent) as sent,
        sum(events.sent_and_answered) as sent_and_answered,
        sum(events.responses) as responses,
        sum(events.satisfied) as satisfied,
        sum(events.score) as score_sum
    from events
    inner join {{ ref('dim_period_day') }} as p on events.happened_on = p.date_day
    where p.comparison = 'current'
    group by p.period_grain, p.period_start, events.survey_kind, events.dimension
),

{{ member_grid('events', 'happened_on', ['survey_kind', 'dimension'], whole_span=true) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.survey_kind,
        grid.dimension,
        cast(coalesce(measures.sent, 0) as bigint) as sent,
        cast(coalesce(measures.sent_and_answered, 0) as bigint) as sent_and_answered,
        cast(coalesce(measures.responses, 0) as bigint) as responses,
        cast(coalesce(measures.satisfied, 0) as bigint) as satisfied,
        cast(coalesce(measures.score_sum, 0) as decimal(38, 4)) as score_sum
    {{ from_grid(['survey_kind', 'dimension']) }}
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        survey_kind,
        dimension,
        sent,
        responses,
        {{ ratio('response_rate', 'sent_and_answered', 'sent') }},
        satisfied,
        {{ ratio('csat',
            "case when survey_kind = 'csat' then satisfied end",
            "case when survey_kind = 'csat' then responses end") }},
        {{ ratio('mean_score', 'score_sum', 'responses') }}
    from filled
)

select * from final
