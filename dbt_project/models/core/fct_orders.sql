-- One row per order that is not deleted, with the sums of its lines that share its exclusion.
with

lines as (
    select * from {{ ref('fct_order_lines') }}
),

orders as (
    select
        orders.*,
        {{ surrogate_key(['orders.source', 'orders.order_id']) }} as order_key,
        {{ local_date('orders.ordered_at') }} as ordered_on,
        coalesce(orders.currency, orders.default_currency) as order_currency,
        accounts.customer_number,
        orders.is_test or coalesce(accounts.is_test, false) as is_test_order
    from {{ ref('int_order') }} as orders
    left join {{ ref('int_customer_account') }} as accounts
        on orders.source = accounts.source and orders.account_id = accounts.account_id
),

judged as (
    select
        *,
        {{ exclusion('is_test_order', 'status') }} as exclusion
    from orders
),

sums as (
    select
        lines.order_key,
        count(*) as lines,
        sum(lines.quantity) as units,
        sum(lines.revenue_transaction) as revenue_transaction,
        -- one line without a rate, and the whole is unknown
        case when count(*) = count(lines.revenue) then sum(lines.revenue) end as revenue,
        case when count(*) = count(lines.shipping) then sum(lines.shipping) end as shipping,
        sum(lines.cost) as cost,
        sum(lines.revenue) filter (where lines.cost is not null) as costed_revenue
    from lines
    inner join judged on lines.order_key = judged.order_key
    where coalesce(lines.exclusion, '') = coalesce(judged.exclusion, '')
    group by lines.order_key
),

-- the customer's first order that counts, and every one after it
purchases as (
    select
        order_key,
        row_number() over (
            partition by customer_number
            order by ordered_at asc nulls last, source asc nulls last, order_id asc nulls last
        ) as purchase_number
    from judged
    where exclusion is null
),

final as (
    select
        judged.order_key,
        judged.source,
        judged.order_id,
        judged.account_id,
        judged.customer_number,
        judged.opportunity_id,
        owners.owner_user_id,
        judged.owner_user_id as current_owner_user_id,
        owners.team_id,
        judged.campaign_id,
        coalesce(judged.channel, '(unknown)') as channel,
        case when folded.order_id is null then {{ order_place('country', 'judged', 'customers') }} else '(other)' end
            as country,
        case when folded.order_id is null then {{ order_place('province', 'judged', 'customers') }} else '(other)' end
            as province,
        judged.ordered_at,
        judged.ordered_on,
        judged.shipped_at,
        judged.promised_at,
        judged.delivered_at,
        judged.status,
        judged.source_status,
        judged.order_currency as currency,
        rates.rate as exchange_rate,
        coalesce(sums.lines, 0) as lines,
        coalesce(sums.units, 0) as units,
        coalesce(sums.revenue_transaction, 0) as revenue_transaction,
        -- nothing was sold without lines; with lines and without a rate the revenue is unknown, which fails the release
        case when sums.order_key is null then 0 else sums.revenue end as revenue,
        case when sums.order_key is null then 0 else sums.shipping end
        + {{ converted('coalesce(judged.shipping_amount, 0)', 'rates.rate') }} as shipping,
        sums.cost,
        coalesce(sums.costed_revenue, 0) as costed_revenue,
        purchases.purchase_number,
        coalesce(purchases.purchase_number = 1, false) as is_first_purchase,
        judged.is_test_order as is_test,
        judged.exclusion,
        judged.batch_id,
        judged.row_number
    from judged
    left join sums on judged.order_key = sums.order_key
    left join purchases on judged.order_key = purchases.order_key
    left join {{ ref('int_order_owner') }} as owners
        on judged.source = owners.source and judged.order_id = owners.order_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on judged.order_currency = rates.from_currency
        and judged.ordered_on >= rates.valid_from
        and judged.ordered_on < rates.valid_to
    left join {{ ref('int_folded_order') }} as folded
        on judged.source = folded.source and judged.order_id = folded.order_id
    left join {{ ref('int_customer') }} as customers
        on judged.customer_number = customers.customer_number
        and judged.ordered_at >= customers.valid_from
        and judged.ordered_at < customers.valid_to
)

select * from final
