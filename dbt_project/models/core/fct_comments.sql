-- One row per comment and topic, without its text. A comment of several topics has a row for each.
with

readings as (
    select * from {{ ref('int_comment_readings') }}
),

commented as (
    select
        source,
        'survey' as kind,
        response_id as comment_id,
        customer_number,
        coalesce(responded_on, sent_on) as commented_on,
        exclusion,
        batch_id,
        row_number
    from {{ ref('fct_survey_responses') }}
    union all
    select
        source,
        'ticket' as kind,
        ticket_id as comment_id,
        customer_number,
        created_on as commented_on,
        exclusion,
        batch_id,
        row_number
    from {{ ref('fct_tickets') }}
),

final as (
    select
        {{ surrogate_key(['readings.source', 'readings.kind', 'readings.comment_id', 'readings.topic']) }}
            as comment_topic_key,
        {{ surrogate_key(['readings.source', 'readings.kind', 'readings.comment_id']) }} as comment_key,
        readings.source,
        readings.kind,
        readings.comment_id,
        commented.customer_number,
        commented.commented_on,
        readings.language,
        readings.sentiment,
        readings.topic,
        readings.words,
        commented.exclusion,
        commented.batch_id,
        commented.row_number
    from readings
    inner join commented
        on readings.source = commented.source
        and readings.kind = commented.kind
        and readings.comment_id = commented.comment_id
)

select * from final
