-- Spans of an opportunity have no gap, begin when it was created, and end with its present row.
{{ config(meta={'dagster': {'ref': {'name': 'fct_opportunity_spans'}}}) }}

with

spans as (
    select
        *,
        lag(valid_to) over (partition by opportunity_key order by span_number asc nulls last) as previous_valid_to
    from {{ ref('fct_opportunity_spans') }}
),

current_spans as (
    select * from spans where is_current
)

select
    opportunities.opportunity_key,
    'present' as broken
from {{ ref('fct_opportunities') }} as opportunities
left join current_spans on opportunities.opportunity_key = current_spans.opportunity_key
where
    current_spans.state is null
    or current_spans.state <> opportunities.outcome
    or current_spans.amount_transaction is distinct from opportunities.amount_transaction
    or current_spans.expected_close_on is distinct from opportunities.expected_close_on
    or current_spans.owner_user_id is distinct from opportunities.current_owner_user_id
    or (current_spans.is_open and current_spans.probability is distinct from opportunities.probability)
union all
select
    spans.opportunity_key,
    'past' as broken
from spans
inner join {{ ref('fct_opportunities') }} as opportunities
    on spans.opportunity_key = opportunities.opportunity_key
where
    spans.valid_from <> coalesce(spans.previous_valid_to, opportunities.created_at)
    or spans.is_current <> (spans.valid_to = timestamp '9999-12-31 00:00:00')
