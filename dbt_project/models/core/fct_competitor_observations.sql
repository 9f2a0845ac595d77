-- One row per observation of a competitor that is not deleted. What was noted in words is in the restricted edition.
with

observations as (
    select
        *,
        coalesce(currency, default_currency) as observation_currency
    from {{ ref('int_competitor_observation') }}
),

final as (
    select
        {{ surrogate_key(['observations.source', 'observations.observation_id']) }} as observation_key,
        observations.source,
        observations.observation_id,
        coalesce(nullif(trim(observations.competitor), ''), '(unknown)') as competitor,
        observations.observed_on,
        observations.kind,
        observations.product_id,
        observations.country,
        observations.province,
        observations.observation_currency as currency,
        rates.rate as exchange_rate,
        observations."value" as value_transaction,
        {{ converted('observations."value"', 'rates.rate') }} as "value",
        nullif(trim(observations.note), '') is not null as has_note,
        case when observations.is_test then 'test' end as exclusion,
        observations.batch_id,
        observations.row_number
    from observations
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on observations.observation_currency = rates.from_currency
        and observations.observed_on >= rates.valid_from
        and observations.observed_on < rates.valid_to
)

select * from final
