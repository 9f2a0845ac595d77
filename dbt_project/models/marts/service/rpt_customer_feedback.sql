with

comments as (
    select
        comment_key,
        commented_on,
        topic,
        sentiment,
        words
    from {{ ref('fct_comments') }}
    where exclusion is null
),

{{ periods_between('comments', 'commented_on') }},

placed as (
    select
        p.period_grain,
        p.period_start,
        comments.comment_key,
        comments.topic,
        comments.sentiment,
        comments.words
    from comments
    inner join {{ ref('dim_period_day') }} as p
        on comments.commented_on = p.date_day and p.comparison = 'current'
),

measures as (
    select
        period_grain,
        period_start,
        topic,
        sentiment,
        count(*) as comments
    from placed
    group by period_grain, period_start, topic, sentiment
),

-- a comment of several topics is one comment of the period
totals as (
    select
        period_grain,
        period_start,
        count(distinct comment_key) as comments
    from placed
    group by period_grain, period_start
),

word_counts as (
    select
        period_grain,
        period_start,
        topic,
        sentiment,
        words,
        row_number() over (
            partition by period_grain, period_start, topic, sentiment
            order by count(*) desc nulls last, words asc nulls last
        ) as place
    from placed
    where words is not null
    group by period_grain, period_start, topic, sentiment, words
),

examples as (
    select
        period_grain,
        period_start,
        topic,
        sentiment,
        words
    from word_counts
    where place = 1
),

{{ member_grid('comments', 'commented_on', ['topic', 'sentiment'], whole_span=true) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.topic,
        grid.sentiment,
        coalesce(measures.comments, 0) as comments
    {{ from_grid(['topic', 'sentiment']) }}
),

counted as (
    select
        filled.*,
        coalesce(totals.comments, 0) as all_comments,
        examples.words as example
    from filled
    left join totals
        on filled.period_grain = totals.period_grain and filled.period_start = totals.period_start
    left join examples
        on filled.period_grain = examples.period_grain
        and filled.period_start = examples.period_start
        and filled.topic = examples.topic
        and filled.sentiment = examples.sentiment
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        topic,
        sentiment,
        comments,
        {{ ratio('share', 'comments', 'all_comments') }},
        example
    from counted
)

select * from final
