with

final as (
    select
        review_id || '-' || order_id as response_id,
        'csat' as survey_kind,
        'overall' as dimension,
        review_score as score,
        '1' as scale_min,
        '5' as scale_max,
        cast(null as string) as account_id,
        cast(null as string) as contact_id,
        order_id,
        cast(null as string) as ticket_id,
        cast(null as string) as user_id,
        review_creation_date as sent_at,
        review_answer_timestamp as responded_at,
        coalesce(review_comment_title || '. ', '') || review_comment_message as comment,
        'pt' as language,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        review_id || '-' || order_id as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'order_reviews') }}
)

select * from final
