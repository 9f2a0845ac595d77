-- One row per order that is not deleted, with the sums of its lines that share its exclusion.
with

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

-- the customer's first order that counts, and every one after it
numbered as (
    select
        *,
        case
            when exclusion is null
                then row_number() over (
                    partition by customer_number, exclusion
                    order by ordered_at asc nulls last, source asc nulls last, order_id asc nulls last
                )
        end as purchase_number
    from judged
),

sums as (
    select
        order_key,
        exclusion,
        count(*) as lines,
        sum(quantity) as units,
        sum(revenue_transaction) as revenue_transaction,
        -- one line without a rate, and the whole is unknown
        case when count(*) = count(revenue) then sum(revenue) end as revenue,
        case when count(*) = count(shipping) then sum(shipping) end as shipping,
        sum(cost) as cost,
        sum(revenue) filter (where cost is not null) as costed_revenue
    from {{ ref('fct_order_lines') }}
    group by order_key, exclusion
),

final as (
    select
        numbered.order_key,
        numbered.source,
        numbered.order_id,
        numbered.account_id,
        numbered.customer_number,
        numbered.opportunity_id,
        owners.owner_user_id,
        numbered.owner_user_id as current_owner_user_id,
        owners.team_id,
        numbered.campaign_id,
        coalesce(numbered.channel, '(unknown)') as channel,
        case when folded.order_id is null then {{ order_place('country', 'numbered', 'customers') }} else '(other)' end
            as country,
        case when folded.order_id is null then {{ order_place('province', 'numbered', 'customers') }} else '(other)' end
            as province,
        numbered.ordered_at,
        numbered.ordered_on,
        numbered.shipped_at,
        numbered.promised_at,
        numbered.delivered_at,
        numbered.status,
        numbered.source_status,
        numbered.order_currency as currency,
        rates.rate as exchange_rate,
        coalesce(sums.lines, 0) as lines,
        coalesce(sums.units, 0) as units,
        coalesce(sums.revenue_transaction, 0) as revenue_transaction,
        -- nothing was sold without lines; with lines and without a rate the revenue is unknown, which fails the release
        case when sums.order_key is null then 0 else sums.revenue end as revenue,
        case when sums.order_key is null then 0 else sums.shipping end
        + {{ converted('coalesce(numbered.shipping_amount, 0)', 'rates.rate') }} as shipping,
        sums.cost,
        coalesce(sums.costed_revenue, 0) as costed_revenue,
        numbered.purchase_number,
        coalesce(numbered.purchase_number = 1, false) as is_first_purchase,
        numbered.is_test_order as is_test,
        numbered.exclusion,
        numbered.batch_id,
        numbered.row_number
    from numbered
    left join sums
        on numbered.order_key = sums.order_key and coalesce(numbered.exclusion, '') = coalesce(sums.exclusion, '')
    left join {{ ref('int_order_owner') }} as owners
        on numbered.source = owners.source and numbered.order_id = owners.order_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on numbered.order_currency = rates.from_currency
        and numbered.ordered_on >= rates.valid_from
        and numbered.ordered_on < rates.valid_to
    left join {{ ref('int_folded_order') }} as folded
        on numbered.source = folded.source and numbered.order_id = folded.order_id
    left join {{ ref('int_customer') }} as customers
        on numbered.customer_number = customers.customer_number
        and numbered.ordered_at >= customers.valid_from
        and numbered.ordered_at < customers.valid_to
)

select * from final
