-- One row per user of a source system, without name or address.
select
    {{ surrogate_key(['source', 'user_id']) }} as user_key,
    source,
    user_id,
    team_id,
    role,
    manager_user_id,
    is_active,
    hired_on,
    left_on,
    weekly_hours,
    is_test
from {{ ref('int_user') }}
