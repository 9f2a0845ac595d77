{{ generic_staging('order_line') }}
