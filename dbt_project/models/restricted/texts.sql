-- One row per text that somebody wrote freely: it may name anybody.
{%- set texts = [
    ('opportunity', 'opportunity_id', 'name'),
    ('activity', 'activity_id', 'subject'),
    ('ticket', 'ticket_id', 'subject'),
    ('ticket', 'ticket_id', 'resolution'),
    ('survey_response', 'response_id', 'comment'),
    ('report_decision', 'decision_id', 'decision'),
    ('report_decision', 'decision_id', 'outcome'),
    ('competitor_observation', 'observation_id', 'note'),
    ('project', 'project_id', 'name'),
    ('project_task', 'task_id', 'name'),
] %}
with

final as (
    {%- for entity, id, text in texts %}
    select
        source,
        '{{ entity }}' as entity,
        {{ id }} as entity_id,
        {% if 'account_id' not in var('contract')[entity]['columns'] %}cast(null as string) as {% endif %}account_id,
        '{{ text }}' as kind,
        {{ text }} as content
    from {{ ref('int_' ~ entity) }}
    where {{ text }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
