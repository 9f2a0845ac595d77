-- One row per campaign of a source system.
select
    {{ surrogate_key(['source', 'campaign_id']) }} as campaign_key,
    source,
    campaign_id,
    name as campaign_name,
    coalesce(channel, '(unknown)') as channel,
    kind,
    starts_on,
    ends_on,
    budget,
    coalesce(currency, default_currency) as currency,
    owner_user_id,
    status,
    holdout_share,
    is_test
from {{ ref('int_campaign') }}
