-- One row per survey that was sent, answered or not, without its comment.
with

surveys as (
    select * from {{ ref('int_survey_response') }}
),

orders as (
    select * from {{ ref('int_order') }}
),

-- an order that was deleted takes its surveys with it
deleted_orders as (
    select distinct
        _source as source,
        order_id
    from {{ ref('int_order_rows') }}
    where disposition = 'deleted'
),

attributed as (
    select
        surveys.*,
        coalesce(surveys.account_id, orders.account_id) as person_account_id,
        surveys.is_test or coalesce(orders.is_test, false) as is_test_survey
    from surveys
    left join orders
        on surveys.source = orders.source and surveys.order_id = orders.order_id
    left join deleted_orders
        on surveys.source = deleted_orders.source and surveys.order_id = deleted_orders.order_id
    where deleted_orders.order_id is null
),

-- top two boxes of a 1 to 5 scale, promoters of 0 to 10, 5 and more of 1 to 7; other scales by the same share of it
final as (
    select
        {{ surrogate_key(['attributed.source', 'attributed.response_id']) }} as response_key,
        attributed.source,
        attributed.response_id,
        attributed.survey_kind,
        coalesce(attributed.dimension, '(unknown)') as dimension,
        attributed.score,
        attributed.scale_min,
        attributed.scale_max,
        accounts.customer_number,
        attributed.order_id,
        attributed.ticket_id,
        attributed.user_id,
        users.team_id,
        attributed.sent_at,
        {{ local_date('attributed.sent_at') }} as sent_on,
        attributed.responded_at,
        {{ local_date('attributed.responded_at') }} as responded_on,
        attributed.score is not null as is_answered,
        case attributed.survey_kind
            when 'csat'
                then
                    (attributed.score - coalesce(attributed.scale_min, 1)) * 4
                    >= (coalesce(attributed.scale_max, 5) - coalesce(attributed.scale_min, 1)) * 3
            when 'nps'
                then
                    (attributed.score - coalesce(attributed.scale_min, 0)) * 10
                    >= (coalesce(attributed.scale_max, 10) - coalesce(attributed.scale_min, 0)) * 9
            else
                (attributed.score - coalesce(attributed.scale_min, 1)) * 6
                >= (coalesce(attributed.scale_max, 7) - coalesce(attributed.scale_min, 1)) * 4
        end as is_satisfied,
        case when attributed.is_test_survey or coalesce(accounts.is_test, false) then 'test' end as exclusion,
        attributed.batch_id,
        attributed.row_number
    from attributed
    left join {{ ref('int_customer_account') }} as accounts
        on attributed.source = accounts.source and attributed.person_account_id = accounts.account_id
    left join {{ ref('dim_user') }} as users
        on attributed.source = users.source
        and attributed.user_id = users.user_id
        and coalesce(attributed.responded_at, attributed.sent_at) >= users.valid_from
        and coalesce(attributed.responded_at, attributed.sent_at) < users.valid_to
)

select * from final
