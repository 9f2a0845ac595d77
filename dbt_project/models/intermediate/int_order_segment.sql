-- One row per order that counts: what the customer was when it ordered, a column for each kind of segment. Classes are
-- those of the last month end before the day of the order, so that an order does not class its own customer.
with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

final as (
    select
        orders.order_key,
        orders.customer_number,
        {% for kind, column in class_kinds() -%}
        coalesce(classes.{{ column }}, '(new)') as {{ kind }},
        {% endfor -%}
        {% for _, column in attribute_kinds() -%}
        attributes.{{ column }},
        {% endfor -%}
        {{ age_band('attributes.birth_date', 'orders.ordered_on') }} as age_band
    from orders
    left join {{ ref('int_customer_classes') }} as classes
        on orders.customer_number = classes.customer_number
        and classes.assigned_on = {{ plus_days(month_of('orders.ordered_on'), -1) }}
    left join {{ ref('int_customer_attributes') }} as attributes
        on orders.customer_number = attributes.customer_number
        and orders.ordered_at >= attributes.valid_from
        and orders.ordered_at < attributes.valid_to
)

select * from final
