-- Publications and decisions by the day that they are counted on, each looked for anew.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_report_adoption'}}}) }}

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

abouts as (
    select
        decisions.decision_key,
        decisions.decided_on,
        publications.publication_key,
        publications.published_on
    from decisions
    inner join publications
        on decisions.report = publications.report
        and (
            decisions.release_id is null
            or publications.release_id is null
            or decisions.release_id = publications.release_id
        )
        and decisions.decided_on >= publications.published_on
),

last_days as (
    select
        decision_key,
        max(published_on) as published_on
    from abouts
    group by decision_key
),

chosen as (
    select
        abouts.decision_key,
        abouts.decided_on,
        abouts.published_on,
        min(abouts.publication_key) as publication_key
    from abouts
    inner join last_days
        on abouts.decision_key = last_days.decision_key and abouts.published_on = last_days.published_on
    group by abouts.decision_key, abouts.decided_on, abouts.published_on
),

adopted as (
    select distinct publication_key
    from chosen
    where {{ days_between('published_on', 'decided_on') }} <= 30
),

counted as (
    select
        publications.report,
        publications.published_on as happened_on,
        1 as published,
        case when adopted.publication_key is not null then 1 else 0 end as adopted,
        0 as decisions,
        0 as due,
        0 as done
    from publications
    left join adopted on publications.publication_key = adopted.publication_key
    union all
    select
        report,
        decided_on as happened_on,
        0 as published,
        0 as adopted,
        1 as decisions,
        case when coalesce(done_on <= due_on, false) or due_on < {{ as_of_date() }} then 1 else 0 end as due,
        case when done_on <= due_on then 1 else 0 end as done
    from decisions
),

expected as (
    select
        report,
        happened_on,
        sum(published) as published,
        sum(adopted) as adopted,
        sum(decisions) as decisions,
        sum(due) as due,
        sum(done) as done
    from counted
    group by report, happened_on
),

found as (
    select * from {{ ref('rpt_report_adoption') }} where period_grain = 'day'
)

select
    coalesce(found.report, expected.report) as report,
    coalesce(found.period_start, expected.happened_on) as happened_on
from found
full outer join expected
    on found.report = expected.report and found.period_start = expected.happened_on
where
    coalesce(found.published, 0) <> coalesce(expected.published, 0)
    or coalesce(found.adopted_numerator, 0) <> coalesce(expected.adopted, 0)
    or coalesce(found.decisions, 0) <> coalesce(expected.decisions, 0)
    or coalesce(found.actions_done_denominator, 0) <> coalesce(expected.due, 0)
    or coalesce(found.actions_done_numerator, 0) <> coalesce(expected.done, 0)
