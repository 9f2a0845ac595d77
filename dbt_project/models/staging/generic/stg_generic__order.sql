{{ generic_staging('order') }}
