-- One row per customer and day on which customers are classed; what too few persons share is folded. The classes stay:
-- they say no more than the figures beside them.
{%- set kinds = attribute_kinds() + [('age_band', 'age_band')] %}
with

classes as (
    select * from {{ ref('int_customer_classes') }}
),

{{ folded_kinds(kinds | map('first') | list) }},

final as (
    select
        classes.customer_number,
        classes.assigned_on,
        classes.is_month_end,
        classes.valid_until,
        classes.recency_days,
        classes.frequency,
        classes.monetary,
        classes.r_score,
        classes.f_score,
        classes.m_score,
        classes.rfm_score,
        classes.rfm_segment,
        classes.value_tier,
        classes.abc_class,
        {{ shown('age_band', 'classes.age_band') }} as age_band,
        {{ shown('gender', 'classes.gender') }} as gender,
        {{ shown('region', 'classes.region') }} as region,
        {{ shown('industry', 'classes.industry') }} as industry,
        {{ shown('tag', 'classes.tag') }} as tag
    from classes
    {{ join_folded('classes', {
        'age_band': 'classes.age_band',
        'gender': 'classes.gender',
        'region': 'classes.region',
        'industry': 'classes.industry',
        'tag': 'classes.tag',
    }) }}
)

select * from final
