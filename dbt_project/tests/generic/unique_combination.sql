{# Rows whose columns together are not a key: there twice, or with a part missing that is not `nullable`. #}
{% test unique_combination(model, columns, nullable=[]) %}
select
    {%- for column in columns %}
    {{ column }} as key_{{ loop.index }},
    {%- endfor %}
    count(*) as occurrences
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
