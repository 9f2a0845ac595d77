with

invoices as (
    select
        due_on,
        amount as due,
        paid_amount as paid,
        case
            when days_late <= 0 then '0'
            when days_late <= 30 then '1-30'
            when days_late <= 60 then '31-60'
            when days_late <= 90 then '61-90'
            else '91+'
        end as age_bucket
    from {{ ref('fct_invoices') }}
    where exclusion is null
),

{{ periods_between('invoices', 'due_on') }},

buckets as (
    select '0' as age_bucket
    union all
    select '1-30' as age_bucket
    union all
    select '31-60' as age_bucket
    union all
    select '61-90' as age_bucket
    union all
    select '91+' as age_bucket
),

measures as (
    select
        p.period_grain,
        p.period_start,
        invoices.age_bucket,
        count(*) as invoices,
        sum(invoices.due) as due,
        sum(invoices.paid) as paid
    from invoices
    inner join {{ ref('dim_period_day') }} as p
        on invoices.due_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, invoices.age_bucket
),

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        buckets.age_bucket,
        coalesce(measures.invoices, 0) as invoices,
        coalesce(measures.due, cast(0 as decimal(38, 2))) as due,
        coalesce(measures.paid, cast(0 as decimal(38, 2))) as paid
    from periods
    cross join buckets
    left join measures
        on periods.period_grain = measures.period_grain
        and periods.period_start = measures.period_start
        and buckets.age_bucket = measures.age_bucket
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        age_bucket,
        invoices,
        due,
        paid,
        cast(due - paid as decimal(38, 2)) as outstanding,
        {{ ratio('collection_rate', 'paid', 'due') }}
    from filled
)

select * from final
