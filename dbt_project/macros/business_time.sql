{# Business time: when a schedule is open, as UTC instants. Local times become instants here and nowhere else. #}

{# Minutes after midnight of a clock time HH:MM, which is 24:00 at most. #}
{% macro clock_minutes(text) -%}
    cast(substr({{ text }}, 1, 2) as integer) * 60 + cast(substr({{ text }}, 4, 2) as integer)
{%- endmacro %}

{# The day and the minutes after its midnight as a wall-clock time. #}
{% macro wall_time(day, minutes) -%}
    {{ minus_minutes('cast(' ~ day ~ ' as timestamp)', '-(' ~ minutes ~ ')') }}
{%- endmacro %}

{# The UTC instant of a wall-clock time if its zone were as far from UTC as it is `days` later. #}
{% macro zone_candidate(local, zone, days) -%}
    {%- set near = minus_minutes(local, -1440 * days) -%}
    {{ plus_seconds(local, seconds_between(utc_to_zone(near, zone), near)) }}
{%- endmacro %}

{# Of the two candidates of a wall-clock time, the one that its zone shows as that time: of an hour that comes twice the
   first, of an hour that is missing the moment as long after its begin (clocks are put forward, nobody waits). #}
{% macro settled_instant(local, zone, earlier, later) -%}
    case
        when {{ utc_to_zone(earlier, zone) }} = {{ local }} then {{ earlier }}
        when {{ utc_to_zone(later, zone) }} = {{ local }} then {{ later }}
        else {{ earlier }}
    end
{%- endmacro %}

{# The second in which an instant lies, counted from 1970: differences of it add up, whatever lies between. #}
{% macro second_of(instant) -%}
    {{ seconds_between("timestamp '1970-01-01 00:00:00'", instant) }}
{%- endmacro %}
