-- What the models use of DuckDB's SQL and PostgreSQL lacks. Types first.
create domain string as text;
create domain double as double precision;

create function try_date(value text) returns date language plpgsql immutable as $$
begin
    return cast(value as date);
exception when others then
    return null;
end $$;

create function try_timestamp(value text) returns timestamp language plpgsql immutable as $$
begin
    return cast(value as timestamp);
exception when others then
    return null;
end $$;

create function regexp_extract(value text, pattern text, which integer) returns text language sql immutable as $$
    select coalesce((regexp_match(value, pattern))[which], '')
$$;

create function to_days(days integer) returns interval language sql immutable as $$ select make_interval(days => days) $$;
create function to_months(months integer) returns interval language sql immutable as $$
    select make_interval(months => months)
$$;
create function last_day(day date) returns date language sql immutable as $$
    select cast(date_trunc('month', day) + interval '1 month' - interval '1 day' as date)
$$;
create function year(day timestamp) returns bigint language sql immutable as $$
    select cast(extract(year from day) as bigint)
$$;
create function month(day timestamp) returns bigint language sql immutable as $$
    select cast(extract(month from day) as bigint)
$$;
create function day(day timestamp) returns bigint language sql immutable as $$
    select cast(extract(day from day) as bigint)
$$;
create function hour(moment timestamp) returns bigint language sql immutable as $$
    select cast(extract(hour from moment) as bigint)
$$;
create function round(value double precision, digits integer) returns double precision language sql immutable as $$
    select cast(round(cast(value as numeric), digits) as double precision)
$$;

-- max_by: the value of the row with the greatest key; rows without a key do not count
create type rate_of_day as (value numeric, key date);
create function max_by_step(state rate_of_day, value numeric, key date) returns rate_of_day language sql immutable as $$
    select case when key is not null and ((state).key is null or key > (state).key) then row(value, key)::rate_of_day
        else state end
$$;
create function max_by_end(state rate_of_day) returns numeric language sql immutable as $$ select (state).value $$;
create aggregate max_by(numeric, date) (sfunc = max_by_step, stype = rate_of_day, finalfunc = max_by_end);

create type flow_of_number as (value text, key bigint);
create function max_by_step(state flow_of_number, value text, key bigint)
returns flow_of_number language sql immutable as $$
    select case when key is not null and ((state).key is null or key > (state).key)
        then row(value, key)::flow_of_number else state end
$$;
create function max_by_end(state flow_of_number) returns text language sql immutable as $$ select (state).value $$;
create aggregate max_by(text, bigint) (sfunc = max_by_step, stype = flow_of_number, finalfunc = max_by_end);
