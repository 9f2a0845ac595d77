-- One row per opportunity and span of time in which nothing we know of it changed.
{%- set attributes = ['stage', 'state', 'amount', 'probability', 'expected_close_on', 'owner_user_id'] %}
with

opportunities as (
    select
        opportunities.source,
        opportunities.opportunity_id,
        opportunities.created_at,
        {{ local_date('opportunities.created_at') }} as created_on,
        coalesce(opportunities.pipeline, '(unknown)') as pipeline,
        coalesce(opportunities.channel, '(unknown)') as channel,
        coalesce(opportunities.currency, opportunities.default_currency) as currency,
        case when opportunities.is_test or coalesce(accounts.is_test, false) then 'test' end as exclusion
    from {{ ref('int_opportunity') }} as opportunities
    left join {{ ref('int_account_keys') }} as accounts
        on opportunities.source = accounts.source and opportunities.account_id = accounts.account_id
),

log as (
    select
        *,
        max(changed_at) over (partition by source, opportunity_id) as last_change_at
    from {{ ref('int_opportunity_log') }}
),

-- with a log, a version speaks of what happened after the last change in it; the present one speaks of now
versions as (
    select
        versions.*,
        log.opportunity_id is null as is_unlogged,
        log.opportunity_id is null or versions.is_present or versions.known_from >= log.last_change_at as has_values,
        greatest(versions.known_from, coalesce(log.last_change_at, versions.known_from)) as values_from
    from {{ ref('int_opportunity_versions') }} as versions
    left join log on versions.source = log.source and versions.opportunity_id = log.opportunity_id and log.number = 1
),

-- Each row says something of some attributes; `place` and `number` order what was said of one instant. What is closed
-- says nothing of the stage and the probability that it had while it was open: they would know how it ended.
observations as (
    select
        opportunities.source,
        opportunities.opportunity_id,
        opportunities.created_at as observed_at,
        0 as place,
        0 as number,
        log.opportunity_id is not null or first_versions.outcome <> 'open' as has_stage,
        coalesce(log.from_stage, log.to_stage, '(unknown)') as stage,
        true as has_state,
        'open' as state,
        false as has_amount,
        cast(null as decimal(18, 2)) as amount,
        false as has_probability,
        cast(null as double) as probability,
        false as has_expected_close_on,
        cast(null as date) as expected_close_on,
        false as has_owner_user_id,
        cast(null as string) as owner_user_id
    from opportunities
    left join log
        on opportunities.source = log.source
        and opportunities.opportunity_id = log.opportunity_id
        and log.number = 1
    inner join versions as first_versions
        on opportunities.source = first_versions.source
        and opportunities.opportunity_id = first_versions.opportunity_id
        and first_versions.number = 1
    union all
    select
        source,
        opportunity_id,
        changed_at as observed_at,
        1 as place,
        number,
        true as has_stage,
        to_stage as stage,
        false as has_state,
        cast(null as string) as state,
        amount is not null as has_amount,
        amount,
        probability is not null and state = 'open' as has_probability,
        probability,
        expected_close_on is not null as has_expected_close_on,
        expected_close_on,
        false as has_owner_user_id,
        cast(null as string) as owner_user_id
    from log
    union all
    select
        source,
        opportunity_id,
        values_from as observed_at,
        2 as place,
        number,
        is_unlogged as has_stage,
        stage,
        false as has_state,
        cast(null as string) as state,
        true as has_amount,
        amount,
        outcome = 'open' as has_probability,
        probability,
        true as has_expected_close_on,
        expected_close_on,
        false as has_owner_user_id,
        cast(null as string) as owner_user_id
    from versions
    where has_values
    union all
    select
        source,
        opportunity_id,
        known_from as observed_at,
        3 as place,
        number,
        false as has_stage,
        cast(null as string) as stage,
        false as has_state,
        cast(null as string) as state,
        false as has_amount,
        cast(null as decimal(18, 2)) as amount,
        false as has_probability,
        cast(null as double) as probability,
        false as has_expected_close_on,
        cast(null as date) as expected_close_on,
        true as has_owner_user_id,
        owner_user_id
    from versions
    union all
    select
        source,
        opportunity_id,
        started_at as observed_at,
        4 as place,
        row_number() over (partition by source, opportunity_id order by started_at asc nulls last) as number,
        false as has_stage,
        cast(null as string) as stage,
        true as has_state,
        state,
        false as has_amount,
        cast(null as decimal(18, 2)) as amount,
        false as has_probability,
        cast(null as double) as probability,
        false as has_expected_close_on,
        cast(null as date) as expected_close_on,
        false as has_owner_user_id,
        cast(null as string) as owner_user_id
    from {{ ref('int_opportunity_states') }}
),

-- nothing is known of an opportunity before it was created
clamped as (
    select
        observations.*,
        greatest(observations.observed_at, opportunities.created_at) as valid_from
    from observations
    inner join opportunities
        on observations.source = opportunities.source
        and observations.opportunity_id = opportunities.opportunity_id
),

-- which observation of each attribute is the last one; before the first, the first is taken to have been so
numbered as (
    select
        *,
        {% for attribute in attributes -%}
        greatest(sum(case when has_{{ attribute }} then 1 else 0 end) over so_far, 1) as {{ attribute }}_said,
        {% endfor -%}
        row_number() over (
            partition by source, opportunity_id, valid_from
            order by place desc nulls last, number desc nulls last
        ) as from_last
    from clamped
    window so_far as (
        partition by source, opportunity_id
        order by valid_from asc nulls last, place asc nulls last, number asc nulls last
        rows between unbounded preceding and current row
    )
),

filled as (
    select
        source,
        opportunity_id,
        valid_from,
        {% for attribute in attributes -%}
        max(case when has_{{ attribute }} then {{ attribute }} end)
            over (partition by source, opportunity_id, {{ attribute }}_said) as {{ attribute }},
        {% endfor -%}
        from_last
    from numbered
),

instants as (
    select
        *,
        case
            when lag(state) over (partition by source, opportunity_id order by valid_from asc nulls last) = state then 0
            else 1
        end as is_turn
    from filled
    where from_last = 1
),

segmented as (
    select
        *,
        sum(is_turn) over (
            partition by source, opportunity_id order by valid_from asc nulls last
            rows between unbounded preceding and current row
        ) as segment
    from instants
),

-- what is said of the stage or corrected in the amount when or after it is closed was so at the closing
settled as (
    select
        source,
        opportunity_id,
        valid_from,
        state,
        {% for attribute in ['stage', 'amount'] -%}
        case
            when state = 'open' then {{ attribute }}
            else last_value({{ attribute }}) over whole_segment
        end as {{ attribute }},
        {% endfor -%}
        probability,
        expected_close_on,
        owner_user_id
    from segmented
    window whole_segment as (
        partition by source, opportunity_id, segment order by valid_from asc nulls last
        rows between unbounded preceding and unbounded following
    )
),

compared as (
    select
        *,
        {{ surrogate_key(['stage', 'state', 'amount', 'cast(probability as decimal(18, 15))', 'expected_close_on',
            'owner_user_id']) }} as content
    from settled
),

changed as (
    select
        *,
        lag(content) over (partition by source, opportunity_id order by valid_from asc nulls last) as previous_content
    from compared
),

spans as (
    select
        *,
        row_number() over (partition by source, opportunity_id order by valid_from asc nulls last) as span_number,
        lead(valid_from) over (partition by source, opportunity_id order by valid_from asc nulls last) as next_from
    from changed
    where previous_content is null or previous_content <> content
),

final as (
    select
        {{ surrogate_key(['opportunities.source', 'opportunities.opportunity_id', 'spans.span_number']) }} as span_key,
        {{ surrogate_key(['opportunities.source', 'opportunities.opportunity_id']) }} as opportunity_key,
        opportunities.source,
        opportunities.opportunity_id,
        spans.span_number,
        spans.valid_from,
        coalesce(spans.next_from, timestamp '9999-12-31 00:00:00') as valid_to,
        {{ local_date('spans.valid_from') }} as valid_from_on,
        coalesce({{ local_date('spans.next_from') }}, date '9999-12-31') as valid_to_on,
        spans.next_from is null as is_current,
        opportunities.pipeline,
        opportunities.channel,
        {{ surrogate_key(['opportunities.source', 'opportunities.pipeline', 'spans.stage']) }} as stage_key,
        spans.stage,
        spans.state,
        spans.state = 'open' as is_open,
        opportunities.currency,
        rates.rate as exchange_rate,
        spans.amount as amount_transaction,
        {{ converted('spans.amount', 'rates.rate') }} as amount,
        spans.probability,
        spans.expected_close_on,
        spans.owner_user_id,
        opportunities.exclusion
    from spans
    inner join opportunities
        on spans.source = opportunities.source
        and spans.opportunity_id = opportunities.opportunity_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on opportunities.currency = rates.from_currency
        and opportunities.created_on >= rates.valid_from
        and opportunities.created_on < rates.valid_to
)

select * from final
