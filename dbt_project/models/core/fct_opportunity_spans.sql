-- One row per opportunity and span of time in which nothing we know of it changed.
with

opportunities as (
    select
        {{ surrogate_key(['opportunities.source', 'opportunities.opportunity_id']) }} as opportunity_key,
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
        max(changed_at) over (partition by opportunity_key) as last_change_at
    from {{ ref('int_opportunity_log') }}
),

-- with a log, a version speaks of what happened after the last change in it; the present one speaks of now
versions as (
    select
        versions.*,
        log.opportunity_key is null as is_unlogged,
        log.opportunity_key is null or versions.is_present or versions.known_from >= log.last_change_at as has_values,
        greatest(versions.known_from, coalesce(log.last_change_at, versions.known_from)) as values_from
    from {{ ref('int_opportunity_versions') }} as versions
    left join log on versions.opportunity_key = log.opportunity_key and log.number = 1
),

-- each row says something of some attributes; `place` and `number` order what was said of one instant
observations as (
    select
        opportunities.opportunity_key,
        opportunities.created_at as observed_at,
        0 as place,
        0 as number,
        log.opportunity_key is not null as has_stage,
        coalesce(log.from_stage, log.to_stage) as stage,
        true as has_state,
        'open' as state,
        false as has_amount,
        cast(null as decimal(18, 2)) as amount,
        false as has_probability,
        cast(null as double) as probability,
        false as has_expected_close_on,
        cast(null as date) as expected_close_on,
        false as has_owner,
        cast(null as varchar) as owner_user_id
    from opportunities
    left join log on opportunities.opportunity_key = log.opportunity_key and log.number = 1
    union all
    select
        opportunity_key,
        changed_at as observed_at,
        1 as place,
        number,
        true as has_stage,
        to_stage as stage,
        false as has_state,
        cast(null as varchar) as state,
        amount is not null as has_amount,
        amount,
        probability is not null as has_probability,
        probability,
        expected_close_on is not null as has_expected_close_on,
        expected_close_on,
        false as has_owner,
        cast(null as varchar) as owner_user_id
    from log
    union all
    select
        opportunity_key,
        values_from as observed_at,
        2 as place,
        number,
        is_unlogged as has_stage,
        stage,
        false as has_state,
        cast(null as varchar) as state,
        true as has_amount,
        amount,
        true as has_probability,
        probability,
        true as has_expected_close_on,
        expected_close_on,
        false as has_owner,
        cast(null as varchar) as owner_user_id
    from versions
    where has_values
    union all
    select
        opportunity_key,
        known_from as observed_at,
        3 as place,
        number,
        false as has_stage,
        cast(null as varchar) as stage,
        false as has_state,
        cast(null as varchar) as state,
        false as has_amount,
        cast(null as decimal(18, 2)) as amount,
        false as has_probability,
        cast(null as double) as probability,
        false as has_expected_close_on,
        cast(null as date) as expected_close_on,
        true as has_owner,
        owner_user_id
    from versions
    union all
    select
        opportunity_key,
        started_at as observed_at,
        4 as place,
        row_number() over (partition by opportunity_key order by started_at asc nulls last) as number,
        false as has_stage,
        cast(null as varchar) as stage,
        true as has_state,
        state,
        false as has_amount,
        cast(null as decimal(18, 2)) as amount,
        false as has_probability,
        cast(null as double) as probability,
        false as has_expected_close_on,
        cast(null as date) as expected_close_on,
        false as has_owner,
        cast(null as varchar) as owner_user_id
    from {{ ref('int_opportunity_states') }}
),

-- nothing is known of an opportunity before it was created
clamped as (
    select
        observations.*,
        greatest(observations.observed_at, opportunities.created_at) as valid_from
    from observations
    inner join opportunities on observations.opportunity_key = opportunities.opportunity_key
),

-- which observation of each attribute is the last one; before the first, the first is taken to have been so
numbered as (
    select
        *,
        {% for attribute in ['stage', 'state', 'amount', 'probability', 'expected_close_on', 'owner'] %}
        greatest(sum(case when has_{{ attribute }} then 1 else 0 end) over so_far, 1) as {{ attribute }}_said,
        {% endfor %}
        row_number() over (
            partition by opportunity_key, valid_from
            order by place desc nulls last, number desc nulls last
        ) as from_last
    from clamped
    window so_far as (
        partition by opportunity_key
        order by valid_from asc nulls last, place asc nulls last, number asc nulls last
        rows between unbounded preceding and current row
    )
),

filled as (
    select
        opportunity_key,
        valid_from,
        from_last,
        {% for attribute, column in [('stage', 'stage'), ('state', 'state'), ('amount', 'amount'),
            ('probability', 'probability'), ('expected_close_on', 'expected_close_on'), ('owner', 'owner_user_id')] %}
        max(case when has_{{ attribute }} then {{ column }} end)
            over (partition by opportunity_key, {{ attribute }}_said) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from numbered
),

instants as (
    select
        *,
        case when lag(state) over (partition by opportunity_key order by valid_from asc nulls last) = state then 0 else 1 end
            as is_turn
    from filled
    where from_last = 1
),

segmented as (
    select
        *,
        sum(is_turn) over (
            partition by opportunity_key order by valid_from asc nulls last
            rows between unbounded preceding and current row
        ) as segment
    from instants
),

-- an amount that is corrected when or after it is closed was that of the closing
settled as (
    select
        opportunity_key,
        valid_from,
        stage,
        state,
        case
            when state = 'open' then amount
            else
                last_value(amount) over (
                    partition by opportunity_key, segment order by valid_from asc nulls last
                    rows between unbounded preceding and unbounded following
                )
        end as amount,
        probability,
        expected_close_on,
        owner_user_id
    from segmented
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
        lag(content) over (partition by opportunity_key order by valid_from asc nulls last) as previous_content
    from compared
),

-- a clock that is set back over midnight does not put a change on a day before the one that it follows
dated as (
    select
        *,
        row_number() over (partition by opportunity_key order by valid_from asc nulls last) as span_number,
        max({{ local_date('valid_from') }}) over (
            partition by opportunity_key order by valid_from asc nulls last
            rows between unbounded preceding and current row
        ) as valid_from_on
    from changed
    where previous_content is null or previous_content <> content
),

spans as (
    select
        *,
        lead(valid_from) over (partition by opportunity_key order by valid_from asc nulls last) as next_from,
        lead(valid_from_on) over (partition by opportunity_key order by valid_from asc nulls last) as next_from_on
    from dated
),

final as (
    select
        {{ surrogate_key(['opportunities.source', 'opportunities.opportunity_id', 'spans.span_number']) }} as span_key,
        opportunities.opportunity_key,
        opportunities.source,
        opportunities.opportunity_id,
        spans.span_number,
        spans.valid_from,
        coalesce(spans.next_from, timestamp '9999-12-31 00:00:00') as valid_to,
        spans.valid_from_on,
        coalesce(spans.next_from_on, date '9999-12-31') as valid_to_on,
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
        {{ cents('spans.amount * rates.rate') }} as amount,
        spans.probability,
        spans.expected_close_on,
        spans.owner_user_id,
        opportunities.exclusion
    from spans
    inner join opportunities on spans.opportunity_key = opportunities.opportunity_key
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on opportunities.currency = rates.from_currency
        and opportunities.created_on >= rates.valid_from
        and opportunities.created_on < rates.valid_to
)

select * from final
