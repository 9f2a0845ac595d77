with

final as (
    select
        month,
        method,
        cast(round(forecast, 2) as decimal(38, 2)) as forecast,
        cast(round(lower, 2) as decimal(38, 2)) as lower,
        cast(round(upper, 2) as decimal(38, 2)) as upper,
        backtest_wape,
        backtest_bias,
        backtest_months as backtest_forecasts,
        is_best_method
    from {{ ref('sales_forecast') }}
)

select * from final
