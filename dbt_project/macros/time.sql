{# Instants are UTC without zone. Local time exists only where a calendar is needed, and only through these macros. #}

{% macro as_of() -%}
    cast('{{ var("as_of") }}' as timestamp)
{%- endmacro %}

{% macro utc_to_local(instant) -%}
    {{ return(adapter.dispatch('utc_to_local')(instant)) }}
{%- endmacro %}

{% macro default__utc_to_local(instant) -%}
    timezone('{{ var("time_zone") }}', timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro spark__utc_to_local(instant) -%}
    from_utc_timestamp({{ instant }}, '{{ var("time_zone") }}')
{%- endmacro %}

{# The same in a time zone that a row names. #}
{% macro utc_to_zone(instant, zone) -%}
    {{ return(adapter.dispatch('utc_to_zone')(instant, zone)) }}
{%- endmacro %}

{% macro default__utc_to_zone(instant, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro spark__utc_to_zone(instant, zone) -%}
    from_utc_timestamp({{ instant }}, {{ zone }})
{%- endmacro %}

{% macro is_time_zone(zone) -%}
    {{ return(adapter.dispatch('is_time_zone')(zone)) }}
{%- endmacro %}

{% macro default__is_time_zone(zone) -%}
    {{ zone }} in (select name from pg_timezone_names())
{%- endmacro %}

{# Spark has no list of its zones: only the form is looked at. #}
{% macro spark__is_time_zone(zone) -%}
    {{ matches(zone, '^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$') }}
{%- endmacro %}

{% macro local_date(instant) -%}
    cast({{ utc_to_local(instant) }} as date)
{%- endmacro %}

{# The first local day that has not ended at `as_of`. #}
{% macro as_of_date() -%}
    {{ local_date(as_of()) }}
{%- endmacro %}

{# A timestamp text: its wall-clock part, or NULL where it is not ISO 8601. A date alone is its midnight. #}
{% macro wall_clock(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then try_cast(trim({{ text }}) as timestamp)
        when {{ matches('trim(' ~ text ~ ')', '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$') }}
            then try_cast(substr(regexp_replace(trim({{ text }}), '(Z|[+-][0-9]{2}(:?[0-9]{2})?)$', ''), 1, 26) as timestamp)
    end
{%- endmacro %}

{# Minutes east of UTC that the text itself names, or NULL where it names none. A date alone has no offset. #}
{% macro written_offset_minutes(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', 'Z$') }} then 0
        when {{ matches('trim(' ~ text ~ ')', ':[0-9.]+[+-][0-9]{2}(:?[0-9]{2})?$') }}
            then
                case when regexp_extract(trim({{ text }}), '([+-])[0-9]{2}(:?[0-9]{2})?$', 1) = '-' then -1 else 1 end
                * (
                    cast(regexp_extract(trim({{ text }}), '[+-]([0-9]{2})(:?[0-9]{2})?$', 1) as integer) * 60
                    + cast(coalesce(nullif(regexp_extract(trim({{ text }}), '[+-][0-9]{2}:?([0-9]{2})$', 1), ''), '0') as integer)
                )
    end
{%- endmacro %}

{% macro minus_minutes(instant, minutes) -%}
    {{ return(adapter.dispatch('minus_minutes')(instant, minutes)) }}
{%- endmacro %}

{% macro default__minus_minutes(instant, minutes) -%}
    {{ instant }} - to_minutes(cast({{ minutes }} as bigint))
{%- endmacro %}

{% macro spark__minus_minutes(instant, minutes) -%}
    timestampadd(minute, -cast({{ minutes }} as int), {{ instant }})
{%- endmacro %}

{% macro plus_days(day, days) -%}
    {{ return(adapter.dispatch('plus_days')(day, days)) }}
{%- endmacro %}

{% macro default__plus_days(day, days) -%}
    cast({{ day }} + to_days(cast({{ days }} as integer)) as date)
{%- endmacro %}

{% macro spark__plus_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{% macro plus_months(day, months) -%}
    {{ return(adapter.dispatch('plus_months')(day, months)) }}
{%- endmacro %}

{% macro default__plus_months(day, months) -%}
    cast({{ day }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro spark__plus_months(day, months) -%}
    add_months({{ day }}, cast({{ months }} as int))
{%- endmacro %}

{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch('days_between')(first, last)) }}
{%- endmacro %}

{% macro default__days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{% macro spark__days_between(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}

{# Whole seconds between two instants. #}
{% macro seconds_between(first, last) -%}
    {{ return(adapter.dispatch('seconds_between')(first, last)) }}
{%- endmacro %}

{% macro default__seconds_between(first, last) -%}
    (epoch_us({{ last }}) - epoch_us({{ first }})) // 1000000
{%- endmacro %}

{% macro spark__seconds_between(first, last) -%}
    (unix_micros({{ last }}) - unix_micros({{ first }})) div 1000000
{%- endmacro %}

{# The instant so many seconds later. #}
{% macro plus_seconds(instant, seconds) -%}
    {{ return(adapter.dispatch('plus_seconds')(instant, seconds)) }}
{%- endmacro %}

{% macro default__plus_seconds(instant, seconds) -%}
    {{ instant }} + to_seconds(cast({{ seconds }} as bigint))
{%- endmacro %}

{% macro spark__plus_seconds(instant, seconds) -%}
    timestampadd(second, cast({{ seconds }} as int), {{ instant }})
{%- endmacro %}

{# Every day from first to last, both included, as one column `date_day`. #}
{% macro date_spine(first, last, relation) -%}
    {{ return(adapter.dispatch('date_spine')(first, last, relation)) }}
{%- endmacro %}

{% macro default__date_spine(first, last, relation) -%}
    select cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date) as date_day
    from {{ relation }}
{%- endmacro %}

{% macro spark__date_spine(first, last, relation) -%}
    select explode(sequence({{ first }}, {{ last }}, interval 1 day)) as date_day
    from {{ relation }}
{%- endmacro %}

{# An instant of a system whose instants are UTC (Salesforce, Zendesk), which a connector does not write: it says so. #}
{% macro utc_text(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+$') }} then trim({{ text }}) || 'Z'
        else {{ text }}
    end
{%- endmacro %}

{# The day of a date that a connector writes with a time: a day of the company's calendar, which no time zone shifts. #}
{% macro day_text(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?$') }}
            then substr(trim({{ text }}), 1, 10)
        else {{ text }}
    end
{%- endmacro %}

{# UTC instant of a timestamp text: by the offset it names, else by the source's zone as joined with `zone_of`. #}
{% macro instant_of(text, zone) -%}
    {{ minus_minutes(wall_clock(text), 'coalesce(' ~ written_offset_minutes(text) ~ ', ' ~ zone ~ '.offset_minutes)') }}
{%- endmacro %}

{# The join that `instant_of` needs: the span of the row's time zone that a timestamp text lies in. #}
{% macro zone_of(text, zone, relation) -%}
    left join {{ source('landing', 'time_zone_offsets') }} as {{ zone }}
        on {{ relation }}._time_zone = {{ zone }}.time_zone
        and {{ wall_clock(text) }} >= {{ zone }}.local_from
        and {{ wall_clock(text) }} < {{ zone }}.local_until
{%- endmacro %}

{# Whether a day is one from Monday to Friday. #}
{% macro is_weekday(day) -%}
    mod({{ days_between("date '1900-01-01'", day) }}, 7) < 5
{%- endmacro %}
