-- One row per target that a ticket was given: by the policy in force when it was created or its priority changed.
with

tickets as (
    select * from {{ ref('fct_tickets') }}
),

metrics as (
    select 'first_reply' as metric
    union all
    select 'resolution' as metric
),

priorities as (
    select
        source,
        ticket_id,
        value as priority,
        valid_from,
        valid_to
    from {{ ref('int_ticket_spans') }}
    where attribute = 'priority'
),

-- nothing is promised any more once it was kept, or the ticket was merged into another
occasions as (
    select
        tickets.source,
        tickets.ticket_id,
        tickets.ticket_key,
        tickets.exclusion,
        metrics.metric,
        priorities.priority,
        priorities.valid_from as applied_at,
        tickets.created_at,
        case when metrics.metric = 'first_reply' then tickets.first_replied_at else tickets.first_solved_at end
            as kept_at,
        tickets.removed_at
    from tickets
    cross join metrics
    inner join priorities
        on tickets.source = priorities.source and tickets.ticket_id = priorities.ticket_id
),

policies as (
    select * from {{ ref('int_sla_policy') }} where not is_test
),

-- of several policies the one that names the priority, then the first by id
chosen as (
    select
        occasions.*,
        policies.policy_id,
        policies.name as policy,
        policies.clock,
        policies.schedule_id,
        policies.target_minutes,
        row_number() over (
            partition by occasions.source, occasions.ticket_id, occasions.metric, occasions.applied_at
            order by policies.priority is null asc nulls last, policies.policy_id asc nulls last
        ) as choice
    from occasions
    left join policies
        on occasions.source = policies.source
        and occasions.metric = policies.metric
        and coalesce(policies.priority, occasions.priority, '') = coalesce(occasions.priority, '')
        and occasions.applied_at >= coalesce(policies.valid_from, timestamp '1900-01-01 00:00:00')
        and occasions.applied_at < coalesce(policies.valid_to, timestamp '9999-12-31 00:00:00')
    where
        occasions.applied_at = occasions.created_at
        or (
            occasions.applied_at < coalesce(occasions.kept_at, timestamp '9999-12-31 00:00:00')
            and occasions.applied_at < coalesce(occasions.removed_at, timestamp '9999-12-31 00:00:00')
        )
),

followed as (
    select
        *,
        lag(policy_id) over (partition by source, ticket_id, metric order by applied_at asc nulls last)
            as policy_before
    from chosen
    where choice = 1
),

-- a target holds until another takes its place
applied as (
    select
        *,
        lead(applied_at) over (partition by source, ticket_id, metric order by applied_at asc nulls last)
            as replaced_at
    from followed
    where applied_at = created_at or coalesce(policy_id, '') <> coalesce(policy_before, '')
),

targets as (
    select
        {{ surrogate_key(['source', 'ticket_id', 'metric', 'applied_at']) }} as sla_target_key,
        *,
        target_minutes * 60 as target_seconds
    from applied
    where policy_id is not null
),

-- when the clock of a target runs: from the creation on, for a resolution not while the ticket is pending; and from
-- the moment in which the promise was kept it is let run on, to see when it would have been due
stretches as (
    select
        targets.sla_target_key,
        greatest(spans.valid_from, targets.created_at) as starts_at,
        least(spans.valid_to, coalesce(targets.kept_at, spans.valid_to)) as ends_at
    from targets
    inner join {{ ref('int_ticket_spans') }} as spans
        on targets.source = spans.source and targets.ticket_id = spans.ticket_id
    where
        targets.metric = 'resolution'
        and spans.attribute = 'status'
        and spans.value in ('new', 'open', 'on_hold')
        and spans.valid_from < coalesce(targets.kept_at, timestamp '9999-12-31 00:00:00')
    union all
    select
        sla_target_key,
        kept_at as starts_at,
        timestamp '9999-12-31 00:00:00' as ends_at
    from targets
    where metric = 'resolution' and kept_at is not null
    union all
    select
        sla_target_key,
        created_at as starts_at,
        timestamp '9999-12-31 00:00:00' as ends_at
    from targets
    where metric = 'first_reply'
),

read as (
    select
        targets.sla_target_key,
        targets.source,
        targets.clock,
        targets.schedule_id,
        targets.target_seconds,
        stretches.starts_at,
        stretches.ends_at,
        case when targets.clock = 'calendar' then {{ second_of('stretches.starts_at') }} else starts.open_seconds end
            as starts_reading,
        case
            when stretches.ends_at = timestamp '9999-12-31 00:00:00' then null
            when targets.clock = 'calendar' then {{ second_of('stretches.ends_at') }}
            else ends.open_seconds
        end as ends_reading
    from stretches
    inner join targets on stretches.sla_target_key = targets.sla_target_key
    left join {{ ref('int_business_clock') }} as starts
        on targets.source = starts.source
        and targets.schedule_id = starts.schedule_id
        and stretches.starts_at = starts.instant
    left join {{ ref('int_business_clock') }} as ends
        on targets.source = ends.source
        and targets.schedule_id = ends.schedule_id
        and stretches.ends_at = ends.instant
),

consumed as (
    select
        *,
        coalesce(
            sum(ends_reading - starts_reading) over (
                partition by sla_target_key
                order by starts_at asc nulls last, ends_at asc nulls last
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as seconds_before
    from read
),

-- the reading of its clock at which a target is used up
used_up as (
    select
        *,
        starts_reading + target_seconds - seconds_before as due_reading
    from consumed
    where
        starts_reading is not null
        and seconds_before < target_seconds
        and (ends_reading is null or seconds_before + ends_reading - starts_reading >= target_seconds)
),

dues as (
    select
        used_up.sla_target_key,
        case
            when used_up.clock = 'calendar'
                then
                    {{ plus_seconds("timestamp '1970-01-01 00:00:00'", 'used_up.due_reading') }}
            else {{ plus_seconds('pieces.opens_at', 'used_up.due_reading - pieces.open_seconds_before') }}
        end as due_at
    from used_up
    left join {{ ref('int_business_pieces') }} as pieces
        on used_up.clock = 'business'
        and used_up.source = pieces.source
        and used_up.schedule_id = pieces.schedule_id
        and used_up.due_reading > pieces.open_seconds_before
        and used_up.due_reading <= pieces.open_seconds_before + pieces.open_seconds
),

-- nothing can be due before it was promised, and what is due after as_of is not known to be
dated as (
    select
        targets.*,
        case
            when greatest(dues.due_at, targets.applied_at) <= {{ as_of() }} and dues.due_at is not null
                then greatest(dues.due_at, targets.applied_at)
        end as due_at
    from targets
    left join dues on targets.sla_target_key = dues.sla_target_key
),

judged as (
    select
        *,
        case
            when replaced_at is not null and coalesce(due_at >= replaced_at, true) then 'replaced'
            when {{ second_of('kept_at') }} <= {{ second_of('coalesce(due_at, ' ~ as_of() ~ ')') }} then 'achieved'
            when kept_at is null and removed_at is not null and coalesce(due_at >= removed_at, true) then 'replaced'
            when due_at is not null then 'breached'
            else 'running'
        end as outcome
    from dated
),

final as (
    select
        sla_target_key,
        source,
        ticket_key,
        ticket_id,
        metric,
        policy_id,
        coalesce(policy, policy_id) as policy,
        coalesce(priority, '(unknown)') as priority,
        clock,
        schedule_id,
        target_minutes,
        applied_at,
        replaced_at,
        kept_at,
        due_at,
        {{ local_date('due_at') }} as due_on,
        outcome,
        exclusion
    from judged
)

select * from final
