{# Where nothing is kept from one night to the next. #}
{% materialization conformed, adapter='postgres', supported_languages=['sql'] %}
    {{ return(materialization_table_default()) }}
{% endmaterialization %}
