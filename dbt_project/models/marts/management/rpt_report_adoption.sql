with

publications as (
    select
        *,
        {{ surrogate_key(['source', 'publication_id']) }} as publication_key
    from {{ ref('int_report_publication') }}
    where not is_test
),

decisions as (
    select
        *,
        {{ surrogate_key(['source', 'decision_id']) }} as decision_key
    from {{ ref('int_report_decision') }}
    where not is_test
),

-- as long as no source lists them, nobody knows what was published, and when it was looked at
landed as (
    select
        count(*) > 0 as has_publications,
        count(first_viewed_on) > 0 as has_views
    from publications
),

-- a decision is about the publication that it names or, where it names no release, the last one before it
linked as (
    select
        decisions.decision_key,
        publications.publication_key,
        publications.published_on,
        row_number() over (
            partition by decisions.decision_key
            order by publications.published_on desc nulls last, publications.publication_key asc nulls last
        ) as from_last
    from decisions
    inner join publications
        on decisions.report = publications.report
        and coalesce(decisions.release_id, publications.release_id, '') = coalesce(publications.release_id, '')
        and publications.published_on <= decisions.decided_on
),

adopted as (
    select distinct linked.publication_key
    from linked
    inner join decisions on linked.decision_key = decisions.decision_key
    where linked.from_last = 1 and decisions.decided_on <= {{ plus_days('linked.published_on', 30) }}
),

events as (
    select
        publications.published_on as happened_on,
        publications.report,
        1 as published,
        case when publications.first_viewed_on is not null then 1 else 0 end as viewed,
        case when adopted.publication_key is not null then 1 else 0 end as with_decision,
        0 as decisions,
        0 as due,
        0 as done_in_time
    from publications
    left join adopted on publications.publication_key = adopted.publication_key
    union all
    select
        decided_on as happened_on,
        report,
        0 as published,
        0 as viewed,
        0 as with_decision,
        1 as decisions,
        case when due_on < {{ as_of_date() }} or done_on <= due_on then 1 else 0 end as due,
        case when done_on <= due_on then 1 else 0 end as done_in_time
    from decisions
),

{{ periods_between('events', 'happened_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.report,
        {% for figure in ['published', 'viewed', 'with_decision', 'decisions', 'due', 'done_in_time'] -%}
        cast(sum(events.{{ figure }}) as bigint) as {{ figure }}{% if not loop.last %},
        {% endif %}
        {%- endfor %}
    from events
    inner join {{ ref('dim_period_day') }} as p
        on events.happened_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, events.report
),

{{ member_grid('events', 'happened_on', ['report'], whole_span=true) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.report,
        case when landed.has_publications then coalesce(measures.published, 0) end as published,
        case when landed.has_views then coalesce(measures.viewed, 0) end as viewed,
        case when landed.has_publications then coalesce(measures.with_decision, 0) end as with_decision,
        coalesce(measures.decisions, 0) as decisions,
        coalesce(measures.due, 0) as due,
        coalesce(measures.done_in_time, 0) as done_in_time
    {{ from_grid(['report']) }}
    cross join landed
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        report,
        published,
        viewed,
        decisions,
        {{ ratio('view_rate', 'viewed', 'case when viewed is not null then published end') }},
        {{ ratio('adopted', 'with_decision', 'published') }},
        {{ ratio('actions_done', 'done_in_time', 'due') }},
        {{ plus_days('period_end', 30) }} <= {{ as_of_date() }} as is_mature
    from filled
)

select * from final
