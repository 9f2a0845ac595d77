-- One row per landed row and figure it contributes: what the source itself says, read off its files a second time,
-- past the models that the reconciliation checks. Only the newest version of a key speaks; its copies are kept, to be
-- found in quarantine.
with

accounts as (
    {{ newest_landed('account', ['account_id']) }}
),

account_flags as (
    select
        _source,
        account_id,
        bool_or({{ says_yes('is_test') }}) as is_test
    from accounts
    group by _source, account_id
),

orders as (
    {{ newest_landed('order', ['order_id']) }}
),

dated_orders as (
    select
        orders.*,
        {{ local_date(instant_of('orders.ordered_at', 'zone')) }} as ordered_on,
        case
            when orders.is_gone or {{ says_yes('orders.is_deleted') }} then 'deleted'
            when {{ says_yes('orders.is_test') }} or account_flags.is_test then 'test'
            when orders.status in ('cancelled', 'unavailable', 'draft') then orders.status
        end as exclusion
    from orders
    {{ zone_of('orders.ordered_at', 'zone', 'orders') }}
    left join account_flags
        on orders._source = account_flags._source and orders.account_id = account_flags.account_id
),

-- one row per order, for what hangs on it
order_states as (
    select
        _source,
        order_id,
        min(ordered_on) as ordered_on,
        min(exclusion) as exclusion,
        min(currency) as currency,
        min(account_id) as account_id
    from dated_orders
    group by _source, order_id
),

order_rows as (
    select
        'orders' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(1 as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_columns() }}
    from dated_orders
    where not is_gone
    union all
    select
        'shipping' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast({{ guarded('money', 'shipping_amount', '_decimal_mark') }} as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_columns() }}
    from dated_orders
    where not is_gone
),

lines as (
    {{ newest_landed('order_line', ['order_line_id']) }}
),

valued_lines as (
    select
        lines.*,
        {{ guarded('quantity', 'lines.quantity', 'lines._decimal_mark') }} as units,
        {{ guarded('quantity', 'lines.unit_price', 'lines._decimal_mark') }} as price,
        coalesce({{ guarded('quantity', 'lines.discount_amount', 'lines._decimal_mark') }}, 0) as discount,
        {{ guarded('quantity', 'lines.shipping_amount', 'lines._decimal_mark') }} as line_shipping,
        order_states.ordered_on,
        order_states.currency as order_currency,
        case
            when lines.is_gone or {{ says_yes('lines.is_deleted') }} or order_states.exclusion = 'deleted'
                then 'deleted'
            when {{ says_yes('lines.is_test') }} then 'test'
            else order_states.exclusion
        end as exclusion
    from lines
    left join order_states on lines._source = order_states._source and lines.order_id = order_states.order_id
),

line_rows as (
    select
        'revenue' as metric,
        order_id as document,
        ordered_on as occurred_on,
        order_currency as currency,
        case
            when abs({{ product('units', 'price') }} - discount) < 100000000000000
                then cast(cast({{ product('units', 'price') }} - discount as decimal(19, 4)) as decimal(38, 12))
        end as amount,
        exclusion,
        {{ landed_columns() }}
    from valued_lines
    where not is_gone
    union all
    select
        'units' as metric,
        order_id as document,
        ordered_on as occurred_on,
        order_currency as currency,
        cast(units as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_columns() }}
    from valued_lines
    where not is_gone
    union all
    select
        'shipping' as metric,
        order_id as document,
        ordered_on as occurred_on,
        order_currency as currency,
        cast(line_shipping as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_columns() }}
    from valued_lines
    where not is_gone
),

-- one row per line, for what is returned of it
line_states as (
    select
        _source,
        order_line_id,
        min(units) as units,
        min(
            case
                when abs({{ product('units', 'price') }} - discount) < 100000000000000
                    then cast({{ product('units', 'price') }} - discount as decimal(19, 4))
            end
        ) as worth,
        min(order_currency) as currency,
        min(exclusion) as exclusion
    from valued_lines
    group by _source, order_line_id
),

returned as (
    {{ newest_landed('return_line', ['return_id']) }}
),

-- a return without an amount is worth its share of the line
return_rows as (
    select
        'returns' as metric,
        returned.return_id as document,
        {{ local_date(instant_of('returned.returned_at', 'zone')) }} as occurred_on,
        line_states.currency,
        cast(coalesce(
            {{ guarded('money', 'returned.amount', 'returned._decimal_mark') }},
            {{ worth_of_part(
                guarded('quantity', 'returned.quantity', 'returned._decimal_mark'),
                'line_states.units', 'line_states.worth'
            ) }}
        ) as decimal(38, 12)) as amount,
        case
            when {{ says_yes('returned.is_deleted') }} or line_states.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('returned.is_test') }} then 'test'
            else line_states.exclusion
        end as exclusion,
        {{ landed_columns('returned') }}
    from returned
    {{ zone_of('returned.returned_at', 'zone', 'returned') }}
    left join line_states
        on returned._source = line_states._source and returned.order_line_id = line_states.order_line_id
    where not returned.is_gone
),

payments as (
    {{ newest_landed('payment', ['payment_id']) }}
),

-- a payment counts whatever became of its order, unless that was deleted or a test: it is money that was received
payment_rows as (
    select
        'payments' as metric,
        payments.payment_id as document,
        coalesce({{ local_date(instant_of('payments.paid_at', 'zone')) }}, order_states.ordered_on) as occurred_on,
        coalesce(payments.currency, order_states.currency) as currency,
        cast({{ guarded('money', 'payments.amount', 'payments._decimal_mark') }} as decimal(38, 12)) as amount,
        case
            when {{ says_yes('payments.is_deleted') }} or order_states.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('payments.is_test') }} or order_states.exclusion = 'test' or account_flags.is_test
                then 'test'
        end as exclusion,
        {{ landed_columns('payments') }}
    from payments
    {{ zone_of('payments.paid_at', 'zone', 'payments') }}
    left join order_states on payments._source = order_states._source and payments.order_id = order_states.order_id
    left join account_flags
        on payments._source = account_flags._source and payments.account_id = account_flags.account_id
    where not payments.is_gone
),

leads as (
    {{ newest_landed('lead', ['lead_id']) }}
),

lead_rows as (
    select
        'leads' as metric,
        leads.lead_id as document,
        {{ local_date(instant_of('leads.created_at', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when {{ says_yes('leads.is_deleted') }} then 'deleted'
            when {{ says_yes('leads.is_test') }} or account_flags.is_test then 'test'
        end as exclusion,
        {{ landed_columns('leads') }}
    from leads
    {{ zone_of('leads.created_at', 'zone', 'leads') }}
    left join account_flags
        on leads._source = account_flags._source and leads.account_id = account_flags.account_id
    where not leads.is_gone
),

opportunities as (
    {{ newest_landed('opportunity', ['opportunity_id']) }}
),

won_rows as (
    select
        'won' as metric,
        opportunities.opportunity_id as document,
        {{ local_date(instant_of('opportunities.closed_at', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when {{ says_yes('opportunities.is_deleted') }} then 'deleted'
            when {{ says_yes('opportunities.is_test') }} or account_flags.is_test then 'test'
        end as exclusion,
        {{ landed_columns('opportunities') }}
    from opportunities
    {{ zone_of('opportunities.closed_at', 'zone', 'opportunities') }}
    left join account_flags
        on opportunities._source = account_flags._source and opportunities.account_id = account_flags.account_id
    where not opportunities.is_gone and opportunities.outcome = 'won'
),

surveys as (
    {{ newest_landed('survey_response', ['response_id']) }}
),

survey_rows as (
    select
        'responses' as metric,
        surveys.response_id as document,
        {{ local_date(instant_of('coalesce(surveys.responded_at, surveys.sent_at)', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when {{ says_yes('surveys.is_deleted') }} or order_states.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('surveys.is_test') }} or order_states.exclusion = 'test' or account_flags.is_test
                then 'test'
        end as exclusion,
        {{ landed_columns('surveys') }}
    from surveys
    {{ zone_of('coalesce(surveys.responded_at, surveys.sent_at)', 'zone', 'surveys') }}
    left join order_states on surveys._source = order_states._source and surveys.order_id = order_states.order_id
    left join account_flags
        on surveys._source = account_flags._source
        and coalesce(surveys.account_id, order_states.account_id) = account_flags.account_id
    where
        not surveys.is_gone
        and trim(surveys.score) <> ''
        and coalesce(surveys.responded_at, surveys.sent_at) is not null
),

invoices as (
    {{ newest_landed('invoice', ['invoice_id']) }}
),

-- an invoice of a cancelled order is still owed, unless it is cancelled itself
invoice_rows as (
    select
        'invoices' as metric,
        invoices.invoice_id as document,
        {{ guarded('date', 'invoices.issued_on') }} as occurred_on,
        coalesce(invoices.currency, order_states.currency) as currency,
        cast({{ guarded('money', 'invoices.amount', 'invoices._decimal_mark') }} as decimal(38, 12)) as amount,
        case
            when {{ says_yes('invoices.is_deleted') }} or order_states.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('invoices.is_test') }} or order_states.exclusion = 'test' or account_flags.is_test
                then 'test'
            when lower(trim(invoices.status)) in ('cancelled', 'canceled', 'void', 'voided') then 'cancelled'
            when lower(trim(invoices.status)) = 'draft' then 'draft'
        end as exclusion,
        {{ landed_columns('invoices') }}
    from invoices
    left join order_states on invoices._source = order_states._source and invoices.order_id = order_states.order_id
    left join account_flags
        on invoices._source = account_flags._source and invoices.account_id = account_flags.account_id
    where not invoices.is_gone
),

campaigns as (
    {{ newest_landed('campaign', ['campaign_id']) }}
),

test_campaigns as (
    select distinct
        _source,
        campaign_id
    from campaigns
    where {{ says_yes('is_test') }} and not is_gone and not {{ says_yes('is_deleted') }}
),

costs as (
    {{ newest_landed('campaign_cost', ['cost_id']) }}
),

cost_rows as (
    select
        'campaign_cost' as metric,
        costs.cost_id as document,
        {{ guarded('date', 'costs.spent_on') }} as occurred_on,
        costs.currency,
        cast({{ guarded('money', 'costs.amount', 'costs._decimal_mark') }} as decimal(38, 12)) as amount,
        case
            when {{ says_yes('costs.is_deleted') }} then 'deleted'
            when {{ says_yes('costs.is_test') }} or test_campaigns.campaign_id is not null then 'test'
        end as exclusion,
        {{ landed_columns('costs') }}
    from costs
    left join test_campaigns
        on costs._source = test_campaigns._source and costs.campaign_id = test_campaigns.campaign_id
    where not costs.is_gone
),

contacts as (
    {{ newest_landed('contact', ['contact_id']) }}
),

-- one row per contact, for whom somebody was in touch with
contact_accounts as (
    select
        _source,
        contact_id,
        min(account_id) as account_id
    from contacts
    where not is_gone and not {{ says_yes('is_deleted') }}
    group by _source, contact_id
),

tickets as (
    {{ newest_landed('ticket', ['ticket_id']) }}
),

ticket_rows as (
    select
        'tickets' as metric,
        tickets.ticket_id as document,
        {{ local_date(instant_of('tickets.created_at', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when {{ says_yes('tickets.is_deleted') }} or order_states.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('tickets.is_test') }} or order_states.exclusion = 'test' or account_flags.is_test
                then 'test'
        end as exclusion,
        {{ landed_columns('tickets') }}
    from tickets
    {{ zone_of('tickets.created_at', 'zone', 'tickets') }}
    left join order_states on tickets._source = order_states._source and tickets.order_id = order_states.order_id
    left join contact_accounts
        on tickets._source = contact_accounts._source and tickets.contact_id = contact_accounts.contact_id
    left join account_flags
        on tickets._source = account_flags._source
        and account_flags.account_id
        = coalesce(tickets.account_id, contact_accounts.account_id, order_states.account_id)
    where not tickets.is_gone
),

opportunity_states as (
    select
        _source,
        opportunity_id,
        bool_or(is_gone or {{ says_yes('is_deleted') }}) as is_deleted,
        bool_or({{ says_yes('is_test') }}) as is_test,
        min(account_id) as account_id
    from opportunities
    group by _source, opportunity_id
),

lead_states as (
    select
        _source,
        lead_id,
        bool_or(is_gone or {{ says_yes('is_deleted') }}) as is_deleted,
        bool_or({{ says_yes('is_test') }}) as is_test,
        min(account_id) as account_id
    from leads
    group by _source, lead_id
),

activities as (
    {{ newest_landed('activity', ['activity_id']) }}
),

-- a deleted opportunity or lead takes the activities with it that name no account of their own
activity_rows as (
    select
        'activities' as metric,
        activities.activity_id as document,
        {{ local_date(instant_of('activities.occurred_at', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when
                {{ says_yes('activities.is_deleted') }}
                or (
                    (opportunity_states.is_deleted or lead_states.is_deleted)
                    and coalesce(activities.account_id, contact_accounts.account_id) is null
                )
                then 'deleted'
            when
                {{ says_yes('activities.is_test') }}
                or (opportunity_states.is_test and not opportunity_states.is_deleted)
                or (lead_states.is_test and not lead_states.is_deleted)
                or account_flags.is_test
                then 'test'
        end as exclusion,
        {{ landed_columns('activities') }}
    from activities
    {{ zone_of('activities.occurred_at', 'zone', 'activities') }}
    left join contact_accounts
        on activities._source = contact_accounts._source and activities.contact_id = contact_accounts.contact_id
    left join opportunity_states
        on activities._source = opportunity_states._source
        and activities.opportunity_id = opportunity_states.opportunity_id
    left join lead_states
        on activities._source = lead_states._source and activities.lead_id = lead_states.lead_id
    left join account_flags
        on activities._source = account_flags._source
        and coalesce(
            activities.account_id,
            contact_accounts.account_id,
            case when not opportunity_states.is_deleted then opportunity_states.account_id end,
            case when not lead_states.is_deleted then lead_states.account_id end
        ) = account_flags.account_id
    where not activities.is_gone
),

projects as (
    {{ newest_landed('project', ['project_id']) }}
),

test_projects as (
    select distinct
        projects._source,
        projects.project_id
    from projects
    left join account_flags
        on projects._source = account_flags._source and projects.account_id = account_flags.account_id
    where
        not projects.is_gone
        and not {{ says_yes('projects.is_deleted') }}
        and ({{ says_yes('projects.is_test') }} or account_flags.is_test)
),

other_costs as (
    {{ newest_landed('cost', ['cost_id']) }}
),

other_cost_rows as (
    select
        'other_cost' as metric,
        other_costs.cost_id as document,
        {{ guarded('date', 'other_costs.incurred_on') }} as occurred_on,
        other_costs.currency,
        cast({{ guarded('money', 'other_costs.amount', 'other_costs._decimal_mark') }} as decimal(38, 12)) as amount,
        case
            when {{ says_yes('other_costs.is_deleted') }} then 'deleted'
            when
                {{ says_yes('other_costs.is_test') }}
                or account_flags.is_test
                or test_projects.project_id is not null
                then 'test'
        end as exclusion,
        {{ landed_columns('other_costs') }}
    from other_costs
    left join account_flags
        on other_costs._source = account_flags._source and other_costs.account_id = account_flags.account_id
    left join test_projects
        on other_costs._source = test_projects._source and other_costs.project_id = test_projects.project_id
    where not other_costs.is_gone
),

service_costs as (
    {{ newest_landed('service_cost', ['service_cost_id']) }}
),

service_cost_rows as (
    select
        'service_cost' as metric,
        service_cost_id as document,
        {{ guarded('date', 'period_start') }} as occurred_on,
        currency,
        cast({{ guarded('money', 'amount', '_decimal_mark') }} as decimal(38, 12)) as amount,
        case
            when {{ says_yes('is_deleted') }} then 'deleted'
            when {{ says_yes('is_test') }} then 'test'
        end as exclusion,
        {{ landed_columns() }}
    from service_costs
    where not is_gone
),

contributions as (
    select * from order_rows
    union all
    select * from line_rows
    union all
    select * from payment_rows
    union all
    select * from lead_rows
    union all
    select * from won_rows
    union all
    select * from survey_rows
    union all
    select * from return_rows
    union all
    select * from invoice_rows
    union all
    select * from cost_rows
    union all
    select * from ticket_rows
    union all
    select * from activity_rows
    union all
    select * from other_cost_rows
    union all
    select * from service_cost_rows
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
