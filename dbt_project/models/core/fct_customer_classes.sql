-- One row per customer and day on which customers are classed; what few persons share is folded.
{%- set kinds = class_kinds() + attribute_kinds() + [('age_band', 'age_band')] %}
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
        {{ shown('rfm', 'classes.rfm_segment') }} as rfm_segment,
        {{ shown('value_tier', 'classes.value_tier') }} as value_tier,
        {{ shown('abc', 'classes.abc_class') }} as abc_class,
        {{ shown('age_band', 'classes.age_band') }} as age_band,
        {{ shown('gender', 'classes.gender') }} as gender,
        {{ shown('region', 'classes.region') }} as region,
        {{ shown('industry', 'classes.industry') }} as industry,
        {{ shown('tag', 'classes.tag') }} as tag
    from classes
    {{ join_folded('classes', {
        'rfm': 'classes.rfm_segment',
        'value_tier': 'classes.value_tier',
        'abc': 'classes.abc_class',
        'age_band': 'classes.age_band',
        'gender': 'classes.gender',
        'region': 'classes.region',
        'industry': 'classes.industry',
        'tag': 'classes.tag',
    }) }}
)

select * from final
