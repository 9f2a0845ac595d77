-- One row per subscription that is not deleted, with the first day on which it no longer runs.
with

subscriptions as (
    select
        {{ surrogate_key(['subscriptions.source', 'subscriptions.subscription_id']) }} as subscription_key,
        subscriptions.*,
        accounts.customer_number,
        -- it covers its last day, and not the day of its cancellation
        least({{ plus_days('subscriptions.ends_on', 1) }}, subscriptions.cancelled_on) as ended_on,
        coalesce(subscriptions.currency, subscriptions.default_currency) as subscription_currency,
        case when subscriptions.is_test or coalesce(accounts.is_test, false) then 'test' end as exclusion
    from {{ ref('int_subscription') }} as subscriptions
    left join {{ ref('int_customer_account') }} as accounts
        on subscriptions.source = accounts.source and subscriptions.account_id = accounts.account_id
),

-- what was cancelled before its first day never ran
running as (
    select
        subscription_key,
        customer_number,
        starts_on,
        ended_on
    from subscriptions
    where exclusion is null and (ended_on is null or ended_on > starts_on)
),

renewals as (
    select
        ended.subscription_key,
        min(following.starts_on) as renewed_on
    from running as ended
    inner join running as following
        on ended.customer_number = following.customer_number
        and following.starts_on <= {{ plus_days('ended.ended_on', var('renewal_grace_days')) }}
        and coalesce(following.ended_on, date '9999-12-31') > ended.ended_on
    group by ended.subscription_key
),

final as (
    select
        subscriptions.subscription_key,
        subscriptions.source,
        subscriptions.subscription_id,
        subscriptions.customer_number,
        subscriptions.starts_on,
        subscriptions.ends_on,
        subscriptions.cancelled_on,
        subscriptions.ended_on,
        subscriptions.cancel_reason,
        renewals.renewed_on,
        renewals.renewed_on is not null as is_renewed,
        subscriptions.subscription_currency as currency,
        subscriptions.monthly_amount as monthly_amount_transaction,
        subscriptions.exclusion,
        subscriptions.batch_id,
        subscriptions.row_number
    from subscriptions
    left join renewals on subscriptions.subscription_key = renewals.subscription_key
)

select * from final
