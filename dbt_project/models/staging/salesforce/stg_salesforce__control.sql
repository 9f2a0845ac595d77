-- One row per landed row and figure it contributes: what Salesforce itself says, read off its files a second time, past
-- the models that the reconciliation checks.
with

orders as (
    {{ newest_live(source('salesforce', 'order'), ['id'], '_fivetran_synced') }}
),

order_states as (
    select
        orders.*,
        {{ guarded('date', day_text('orders.effective_date')) }} as occurred_on,
        case
            when {{ is_gone('orders') }} then 'deleted'
            when coalesce(orders.status_code, orders.status) = 'Draft' then 'draft'
            when coalesce(orders.status_code, orders.status) in ('Canceled', 'Cancelled') then 'cancelled'
        end as exclusion
    from orders
),

items as (
    {{ newest_live(source('salesforce', 'order_item'), ['id'], '_fivetran_synced') }}
),

line_rows as (
    select
        items.order_id as document,
        order_states.occurred_on,
        order_states.currency_iso_code as currency,
        {{ guarded('quantity', 'items.quantity', 'items._decimal_mark') }} as units,
        {{ guarded('quantity', 'items.unit_price', 'items._decimal_mark') }} as price,
        -- what is left of an order that is no longer delivered goes with it
        case
            when {{ is_gone('items') }} or order_states.id is null then 'deleted'
            else order_states.exclusion
        end as exclusion,
        {{ landed_columns('items') }}
    from items
    left join order_states on items._source = order_states._source and items.order_id = order_states.id
    union all
    select
        order_states.id as document,
        order_states.occurred_on,
        order_states.currency_iso_code as currency,
        cast(1 as decimal(18, 4)) as units,
        {{ guarded('quantity', 'order_states.total_amount', 'order_states._decimal_mark') }} as price,
        order_states.exclusion,
        {{ landed_columns('order_states') }}
    from order_states
    left join (select distinct _source, order_id from items) as itemised
        on order_states._source = itemised._source and order_states.id = itemised.order_id
    where itemised.order_id is null and order_states.total_amount is not null
),

leads as (
    {{ newest_live(source('salesforce', 'lead'), ['id'], '_fivetran_synced') }}
),

deals as (
    {{ newest_live(source('salesforce', 'opportunity'), ['id'], '_fivetran_synced') }}
),

contacts as (
    {{ newest_live(source('salesforce', 'contact'), ['id'], '_fivetran_synced') }}
),

contact_accounts as (
    select
        _source,
        id,
        min(account_id) as account_id
    from contacts
    where not {{ is_gone('contacts') }}
    group by _source, id
),

deleted_parents as (
    select distinct
        _source,
        id
    from deals
    where {{ is_gone('deals') }}
    union all
    select distinct
        _source,
        id
    from leads
    where {{ is_gone('leads') }}
    union all
    select
        _source,
        id
    from {{ source('salesforce', 'opportunity') }}
    group by _source, id
    having not bool_or(_is_live)
    union all
    select
        _source,
        id
    from {{ source('salesforce', 'lead') }}
    group by _source, id
    having not bool_or(_is_live)
),

tasks as (
    {{ newest_live(source('salesforce', 'task'), ['id'], '_fivetran_synced') }}
),

events as (
    {{ newest_live(source('salesforce', 'event'), ['id'], '_fivetran_synced') }}
),

touches as (
    select
        id,
        account_id,
        who_id,
        what_id,
        case
            when not {{ says_yes('tasks.is_closed') }}
                then coalesce({{ day_text('activity_date') }}, {{ utc_text('created_date') }})
            else coalesce({{ utc_text('completed_date_time') }}, {{ day_text('activity_date') }})
        end as happened,
        {{ is_gone('tasks') }} as is_deleted_itself,
        {{ landed_columns() }}
    from tasks
    union all
    select
        id,
        account_id,
        who_id,
        what_id,
        case
            when {{ says_yes('is_all_day_event') }}
                then {{ day_text('coalesce(activity_date, start_date_time, activity_date_time)') }}
            else
                coalesce(
                    {{ utc_text('start_date_time') }}, {{ utc_text('activity_date_time') }},
                    {{ day_text('activity_date') }}
                )
        end as happened,
        {{ is_gone('events') }} as is_deleted_itself,
        {{ landed_columns() }}
    from events
),

-- what hangs on a deleted deal or lead goes with it, unless it belongs to an account of its own
touch_rows as (
    select
        'activities' as metric,
        touches.id as document,
        {{ local_date(instant_of('touches.happened', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when
                touches.is_deleted_itself
                or (
                    coalesce(of_who.id, of_what.id) is not null
                    and coalesce(touches.account_id, contact_accounts.account_id) is null
                )
                then 'deleted'
        end as exclusion,
        {{ landed_columns('touches') }}
    from touches
    {{ zone_of('touches.happened', 'zone', 'touches') }}
    left join contact_accounts
        on touches._source = contact_accounts._source and touches.who_id = contact_accounts.id
    left join deleted_parents as of_who
        on touches._source = of_who._source and touches.who_id = of_who.id
    left join deleted_parents as of_what
        on touches._source = of_what._source and touches.what_id = of_what.id
),

contributions as (
    select
        'orders' as metric,
        id as document,
        occurred_on,
        currency_iso_code as currency,
        cast(1 as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_columns() }}
    from order_states
    union all
    select
        'revenue' as metric,
        document,
        occurred_on,
        currency,
        case
            when abs({{ product('units', 'price') }}) < 100000000000000
                then cast(cast({{ product('units', 'price') }} as decimal(19, 4)) as decimal(38, 12))
        end as amount,
        exclusion,
        {{ landed_columns() }}
    from line_rows
    union all
    select
        'units' as metric,
        document,
        occurred_on,
        currency,
        cast(units as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_columns() }}
    from line_rows
    union all
    select
        'leads' as metric,
        leads.id as document,
        {{ local_date(instant_of(utc_text('leads.created_date'), 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case when {{ is_gone('leads') }} then 'deleted' end as exclusion,
        {{ landed_columns('leads') }}
    from leads
    {{ zone_of('leads.created_date', 'zone', 'leads') }}
    union all
    select
        'won' as metric,
        id as document,
        {{ guarded('date', day_text('close_date')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case when {{ is_gone('deals') }} then 'deleted' end as exclusion,
        {{ landed_columns() }}
    from deals
    where {{ says_yes('is_won') }}
    union all
    select * from touch_rows
),

final as (
    select
        metric,
        document,
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        occurred_on,
        coalesce(currency, _currency) as currency,
        coalesce(amount, 0) as amount,
        exclusion
    from contributions
)

select * from final
