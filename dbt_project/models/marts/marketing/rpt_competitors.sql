with

closed as (
    select
        closed_on,
        outcome,
        coalesce(nullif(trim(competitor), ''), '(unknown)') as competitor
    from {{ ref('fct_opportunities') }}
    where exclusion is null and outcome in ('won', 'lost') and closed_on is not null
),

observations as (
    select * from {{ ref('fct_competitor_observations') }} where exclusion is null
),

events as (
    select
        closed_on as happened_on,
        competitor,
        outcome = 'won' as is_won,
        outcome = 'lost' as is_lost,
        false as is_observation
    from closed
    union all
    select
        observed_on as happened_on,
        competitor,
        false as is_won,
        false as is_lost,
        true as is_observation
    from observations
),

{{ periods_between('events', 'happened_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.competitor,
        count(*) filter (where events.is_won) as won_against,
        count(*) filter (where events.is_lost) as lost_to,
        count(*) filter (where events.is_observation) as observations
    from events
    inner join {{ ref('dim_period_day') }} as p
        on events.happened_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, events.competitor
),

{{ member_grid('events', 'happened_on', ['competitor']) }},

-- how often a competitor is written down at all: where it seldom is, the win rate says little
wholes as (
    select
        period_grain,
        period_start,
        sum(won_against + lost_to) as all_closed,
        sum(won_against + lost_to) filter (where competitor <> '(unknown)') as recorded
    from measures
    group by period_grain, period_start
),

-- an observation is the latest until the next
prices as (
    select
        *,
        lead(observed_on) over (
            partition by competitor
            order by observed_on asc nulls last, source asc nulls last, observation_id asc nulls last
        ) as next_on
    from observations
    where kind = 'price' and value_transaction is not null
),

notes as (
    select
        *,
        lead(observed_on) over (
            partition by competitor
            order by observed_on asc nulls last, source asc nulls last, observation_id asc nulls last
        ) as next_on
    from observations
    where has_note
),

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.competitor,
        coalesce(measures.won_against, 0) + coalesce(measures.lost_to, 0) as encounters,
        coalesce(measures.won_against, 0) as won_against,
        coalesce(measures.lost_to, 0) as lost_to,
        coalesce(measures.observations, 0) as observations,
        cast(coalesce(wholes.recorded, 0) as bigint) as recorded,
        cast(coalesce(wholes.all_closed, 0) as bigint) as all_closed,
        prices."value" as latest_price,
        prices.value_transaction as latest_price_transaction,
        prices.currency as latest_price_currency,
        prices.product_id as latest_price_product,
        prices.observed_on as latest_price_on,
        notes.kind as latest_note_kind,
        notes.observed_on as latest_note_on
    {{ from_grid(['competitor']) }}
    left join wholes
        on grid.period_grain = wholes.period_grain and grid.period_start = wholes.period_start
    left join prices
        on grid.competitor = prices.competitor
        and prices.observed_on < periods.period_end
        and (prices.next_on is null or prices.next_on >= periods.period_end)
    left join notes
        on grid.competitor = notes.competitor
        and notes.observed_on < periods.period_end
        and (notes.next_on is null or notes.next_on >= periods.period_end)
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        competitor,
        encounters,
        won_against,
        lost_to,
        {{ ratio('win_rate', 'won_against', 'encounters') }},
        {{ ratio('coverage', 'recorded', 'all_closed') }},
        observations,
        latest_price,
        latest_price_transaction,
        latest_price_currency,
        latest_price_product,
        latest_price_on,
        latest_note_kind,
        latest_note_on
    from filled
)

select * from final
